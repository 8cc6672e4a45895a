"""The database backend for SQLite: Django's own, with quicker placeholders (`base`)."""
