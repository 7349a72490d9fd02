"""What a model's latent space says about films: what lies further out, what lies between, and a map of it all."""

from recsys.recommend.latent.adventure import FARTHEST, adventurous, adventurous_scores
from recsys.recommend.latent.film_map import FilmMap
from recsys.recommend.latent.film_tastes import FilmTastes
from recsys.recommend.latent.path import path_between

__all__ = ["FARTHEST", "FilmMap", "FilmTastes", "adventurous", "adventurous_scores", "path_between"]
