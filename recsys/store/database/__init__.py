"""The database itself: SQLite or PostgreSQL, its tables, its versions, and whether it answers."""
