"""Posters of films, where the operator has a key of TMDB's: fetched by the server, and kept on its disk."""
