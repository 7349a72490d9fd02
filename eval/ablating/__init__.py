"""The flagship with and without its ingredients."""
