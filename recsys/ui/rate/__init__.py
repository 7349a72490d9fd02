"""The tab in which films are rated."""
