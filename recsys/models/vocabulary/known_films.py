"""The films that a model is told of, among all films of a catalogue.

Legend: B histories, I items, F known films.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions, keep_entries
from recsys.errors import DataError

FEWEST = 2  # films, that a model can tell from each other


@dataclass(frozen=True, eq=False)
class KnownFilms:
    """A vocabulary.

    Attributes:
        films: (F,) int64 item_idx, rising.
        n_items: I.
    """

    films: np.ndarray
    n_items: int

    @classmethod
    def of(cls, stars: sp.csr_array, least: int) -> Self:
        """The films with so many of (U, I) ratings at least.

        Raises:
            DataError: there are fewer than FEWEST.
        """
        counts = np.bincount(stars.indices, minlength=stars.shape[1])
        films = np.flatnonzero(counts >= least)
        if len(films) < FEWEST:
            most = int(np.sort(counts)[-min(FEWEST, len(counts))])
            raise DataError(
                f"{len(films)} of {len(counts):,} films have {least:,} training ratings or more, and a model needs "
                f"{FEWEST}: expected --min-film-ratings of at most {most:,}."
            )
        return cls(films, len(counts))

    @cached_property
    def rare(self) -> np.ndarray:
        """(I - F,) int64 item_idx of the others, rising."""
        return np.setdiff1d(np.arange(self.n_items), self.films)

    @cached_property
    def places(self) -> np.ndarray:
        """(I,) int32 place of each film in the vocabulary; -1: it is not in it."""
        places = np.full(self.n_items, -1, dtype=np.int32)
        places[self.films] = np.arange(len(self.films))
        return places

    def of_data(self, data: Interactions) -> Interactions:
        """The same people, of these films alone."""
        keep = self.places[data.stars.indices] >= 0
        films = None if data.films is None else facts_of(data.films, self.films)
        times = None if data.times is None else data.times[keep]
        return replace(data, stars=self.renumbered(data.stars, keep), times=times, films=films)

    def of_people(self, people: Histories) -> Histories:
        """What they said of these films alone."""
        keep = self.places[people.stars.indices] >= 0
        times = None if people.times is None else people.times[keep]
        return replace(people, stars=self.renumbered(people.stars, keep), times=times)

    def renumbered(self, stars: sp.csr_array, keep: np.ndarray) -> sp.csr_array:
        """(B, I) -> (B, F), given which stored entries, (nnz,) bool, are of these films."""
        kept = keep_entries(stars, keep)
        return sp.csr_array(
            (kept.data, self.places[kept.indices], kept.indptr), shape=(stars.shape[0], len(self.films))
        )


def facts_of(films: FilmFacts, chosen: np.ndarray) -> FilmFacts:
    """What is known of some films, (F,) item_idx."""
    return replace(
        films,
        features=None if films.features is None else films.features[chosen],
        genres=None if films.genres is None else films.genres[chosen],
        titles=tuple(films.titles[film] for film in chosen) if films.titles else (),
        years=tuple(films.years[film] for film in chosen) if films.years else (),
        tables={name: table[chosen] for name, table in films.tables.items()},
    )
