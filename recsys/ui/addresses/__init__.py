"""Addresses of places on the page: tab, settings, film; and what copies a list or a link."""
