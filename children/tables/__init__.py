"""Excel lists of things other than the roster: one engine, and a kind for each list (aid, results, staff …)."""
