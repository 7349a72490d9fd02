"""A small data set, and people with the same tastes who rate its films on a page."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import numpy as np
import pytest
import scipy.sparse as sp

from eval.retraining.people import Given, film_keys, is_alone
from recsys.data.movielens import Dataset, load_dataset
from recsys.store import open_store
from recsys.testing.synthetic import low_rank
from recsys.versions.registry import Registry
from tests.support.store_places import CHEAP, IN_MEMORY, PASSWORD, Clock

N_BASE, N_PEOPLE, N_FILMS = 150, 60, 80
FIRST_FILM = 100
LONG_AGO = 10**9
NOON = int(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())


@dataclass(frozen=True, eq=False)
class Town:
    """A data set, and people beside it.

    Attributes:
        dataset: of the first people.
        stars: (N_PEOPLE, N_FILMS) of the others.
    """

    dataset: Dataset
    stars: sp.csr_array


@pytest.fixture(scope="session")
def town(tmp_path_factory) -> Town:
    """Everybody in it has at least 12 ratings."""
    everybody = low_rank(N_BASE + N_PEOPLE, N_FILMS, 5000, seed=1, min_ratings=12)
    folder = written(tmp_path_factory.mktemp("town") / "town", everybody[:N_BASE])
    return Town(load_dataset(folder, min_ratings=1), everybody[N_BASE:])


def written(folder: Path, stars: sp.csr_array) -> Path:
    """Stars, (U, I), as the newer sets of MovieLens are written; every film has a rating, so that none is dropped."""
    folder.mkdir()
    stars = sp.lil_array(stars)
    for item in np.flatnonzero(np.bincount(stars.tocsr().indices, minlength=stars.shape[1]) == 0):
        stars[0, item] = 3.0
    cells = sp.coo_array(stars)
    rows = (f"{u + 1},{i + FIRST_FILM},{v},{1000 + u}\n" for u, i, v in zip(*cells.coords, cells.data, strict=True))
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "".join(rows))
    films = (
        f"{i + FIRST_FILM},Film {i} ({1950 + i % 60}),{'Comedy' if i % 2 else 'Drama'}\n" for i in range(stars.shape[1])
    )
    (folder / "movies.csv").write_text("movieId,title,genres\n" + "".join(films))
    return folder


def given(stars: sp.csr_array, entered: np.ndarray | None = None) -> Given:
    """What people gave long ago, (P, I) stars, and entered at moments, (nnz,); None: one after the other from noon."""
    owners = np.repeat(np.arange(stars.shape[0]), np.diff(stars.indptr))
    when = np.asarray(NOON + by_chance(stars.nnz) if entered is None else entered, dtype=np.float64)
    return Given(
        person_idx=owners,
        item_idx=stars.indices.astype(np.int64),
        stars=stars.data.astype(np.float32),
        times=np.full(owners.shape, LONG_AGO),
        entered=when.copy(),
        known_from=when.copy(),
        was_shown=np.zeros(len(owners), dtype=bool),
        came_alone=is_alone(owners, when),
        shown=sp.csr_array(stars.shape, dtype=bool),
        n_people=stars.shape[0],
    )


@pytest.fixture
def registry(tmp_path) -> Registry:
    """An empty registry of versions."""
    return Registry(tmp_path / "versions")


@pytest.fixture(scope="session")
def keys(town):
    """By which numbers the store knows the town's films."""
    return film_keys(town.dataset)


class Ticking(Clock):
    """Goes on by a millionth of a second whenever it is asked."""

    def __call__(self):
        self.advance(microseconds=1)
        return super().__call__()


@pytest.fixture
def store():
    """An empty store, in a file of SQLite."""
    with (
        tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder,
        open_store(Path(folder) / "people.sqlite", config=CHEAP, now=Ticking()) as opened,
    ):
        yield opened


def join(store, name: str, label: str, ratings, consent: str = "yes"):
    """A new member, with ratings by the store's numbers, given one by one, in an order of chance."""
    person = store.accounts.person_of(store.accounts.register(name, PASSWORD, f"address of {name}", consent))
    for number, stars in Random(name).sample([*ratings.items()], len(ratings)):
        store.ratings.set_rating(person, label, number, stars)
    return person


def settle(store, town, keys, rows, consent="yes"):
    """New members, some of the others."""
    return [join(store, f"Person {row}", keys.label, wished(town.stars, row, keys), consent) for row in rows]


def wished(stars: sp.csr_array, row: int, keys) -> dict[int, float]:
    """What one of the people gave, by the store's numbers."""
    one = stars[[row]]
    return {keys.key_of(int(i) + FIRST_FILM): float(v) for i, v in zip(one.indices, one.data, strict=True)}


def by_chance(n: int) -> np.ndarray:
    """(n,) numbers from 0, in an order of chance."""
    return np.random.default_rng(0).permutation(n)


class NaNs:
    """A model that answers what is no number."""

    def __init__(self, model):
        self._model, self.name, self.scale = model, "ease", model.scale

    def score(self, people):
        return np.full(people.shape, np.nan, dtype=np.float32)

    predict = score
