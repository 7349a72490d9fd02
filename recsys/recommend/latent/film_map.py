"""A map of all films: who chooses one of two neighbours is likely to choose the other.

Legend: I items, L latent dimensions, n films that are laid out first.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from recsys.recommend.latent.film_tastes import FilmTastes, directions
from recsys.recommend.latent.tsne import embed

N_FIRST = 1000  # films laid out together, those most chosen; the time grows with the square
BLOCK = 2048  # of the others, whose likeness to these is in memory at once
N_NEAR = 3  # of these among which any other film is put
N_KINDRED = 50  # films that say where a taste lies
SHARPNESS = 20.0  # of a film's weight, exp(sharpness * cosine): .05 less in likeness and it counts 1 / e
REACH = 0.1  # of a film in the search for where a taste lies; the map is 2 wide


@dataclass(frozen=True, eq=False)
class FilmMap:
    """Where every film lies, in a square from -1 to 1.

    The films' tastes (their mean taken off, as directions) are laid out by t-SNE, which keeps neighbours together; how
    far apart distant films lie, and which way is up, means nothing. Of the 10 nearest among the films of MovieLens 100K
    with 20 ratings or more, 64 % share a genre on the map, 70 % in all dimensions, 42 % on two principal components and
    37 % at random (hybrid-vae, fitted on all ratings).

    Attributes:
        tastes: of the films.
        coordinates: (I, 2) float64.
    """

    tastes: FilmTastes
    coordinates: np.ndarray

    @classmethod
    def of(cls, tastes: FilmTastes) -> Self:
        """Lay the films out: once per model, a few seconds; the same every time."""
        points = directions(tastes.vectors - tastes.vectors.mean(axis=0))
        first = np.sort(np.argsort(-tastes.chances, kind="stable")[:N_FIRST])
        rest = np.setdiff1d(np.arange(len(points)), first)
        coordinates = np.zeros((len(points), 2))
        coordinates[first] = embed(points[first])
        for start in range(0, len(rest), BLOCK):
            some = rest[start : start + BLOCK]
            coordinates[some] = among(coordinates[first], points[some] @ points[first].T)
        return cls(tastes, in_square(coordinates))

    def place(self, taste: np.ndarray) -> np.ndarray:
        """Where a person of a taste lies, (L,) -> (2,): where most of the films lie that are like it.

        The films nearest to the taste are weighed by their likeness; the answer is the mean of those around the film
        that has most weight around it. A mean of all would lie between their groups, where nothing is.
        """
        likeness = self.tastes.likeness(taste)
        kindred = np.argsort(-likeness, kind="stable")[:N_KINDRED]
        where, weights = self.coordinates[kindred], weights_of(likeness[kindred])
        around = np.exp(-np.sum((where[:, None] - where) ** 2, axis=2) / (2 * REACH**2)) * weights  # (n, n)
        densest = around[around.sum(axis=1).argmax()]
        return densest @ where / densest.sum()


def among(coordinates: np.ndarray, likeness: np.ndarray) -> np.ndarray:
    """Put films among those that lie somewhere already.

    Args:
        coordinates: (n, 2).
        likeness: (m, n) cosines of m films with them.

    Returns:
        (m, 2) weighted means of the N_NEAR most alike.
    """
    near = np.argpartition(-likeness, min(N_NEAR, likeness.shape[1]) - 1, axis=1)[:, :N_NEAR]  # (m, N_NEAR)
    weights = weights_of(np.take_along_axis(likeness, near, axis=1))
    return np.einsum("mk,mkd->md", weights / weights.sum(axis=1, keepdims=True), coordinates[near])


def weights_of(likeness: np.ndarray) -> np.ndarray:
    """(..., n) cosines -> (..., n) weights, 1 for the most alike."""
    return np.exp(SHARPNESS * (likeness - likeness.max(axis=-1, keepdims=True)))


def in_square(coordinates: np.ndarray) -> np.ndarray:
    """(n, 2) -> (n, 2), centred and shrunk alike in both directions until they fit into a square from -1 to 1."""
    middle = (coordinates.max(axis=0) + coordinates.min(axis=0)) / 2
    centred = coordinates - middle
    return centred / max(np.abs(centred).max(), 1e-12)
