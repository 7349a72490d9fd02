"""Ratings, films and people: where they come from, how they are read, checked and cleaned."""
