"""Pages about children."""
