"""What a model's latent space says about films: what lies further out, what lies between, and a map of it all."""

from recsys.latent.adventure import FARTHEST, adventurous, adventurous_scores
from recsys.latent.film_map import FilmMap
from recsys.latent.film_tastes import FilmTastes
from recsys.latent.path import path_between

__all__ = ["FARTHEST", "FilmMap", "FilmTastes", "adventurous", "adventurous_scores", "path_between"]
