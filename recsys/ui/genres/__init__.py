"""The tab in which genres are picked."""
