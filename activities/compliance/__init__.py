"""What programmes oblige to and what was done of it: a pure engine, its sources in the database, and its words."""
