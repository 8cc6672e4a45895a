"""Forms about children."""
