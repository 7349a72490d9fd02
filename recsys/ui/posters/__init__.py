"""Posters on the page, where the operator has a key of TMDB's: without one, nothing of this is sent."""
