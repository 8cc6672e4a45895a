"""The database backend for PostgreSQL: Django's own, which lets the server keep its plans (`base`)."""
