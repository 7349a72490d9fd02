"""What consenting people rated beside a data set: matched with its films, and joined to its ratings.

Legend: N ratings of people, P people, I films.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from recsys.artifacts.fitting import fit_all
from recsys.data.movielens import Dataset
from recsys.data.ratings import Ratings
from recsys.recommend.film_keys import FilmKeys
from recsys.recommend.recommender import Recommender
from recsys.store.consenting import ConsentingRatings
from recsys.training import Training

COLUMNS = (
    "item_idx",
    "stars",
    "times",
    "entered",
    "known_from",
    "was_shown",
    "came_alone",
)  # of Given, beside whose they are


@dataclass(frozen=True, eq=False, kw_only=True)
class Given:
    """What people rated, in the order in which they registered, of each by film.

    Attributes:
        person_idx: (N,) int64, rising: which of the people, from 0.
        item_idx: (N,) int64, which of the data set's films.
        stars: (N,) float32, on its scale.
        times: (N,) int64 seconds since 1970, when they were given, as whoever imports them says.
        entered: (N,) float64 seconds since 1970, when they came to hold on the page, which nobody can choose.
        known_from: (N,) float64 seconds since 1970, from when on a model could learn from them.
        was_shown: (N,) bool, whether a list had shown the film to whoever then rated it.
        came_alone: (N,) bool, whether it was given on the page, with no other rating of the person at that moment.
        shown: (P, I) bool, sparse: which films lists have shown to whom, rated or not.
        n_people: P.
    """

    person_idx: np.ndarray
    item_idx: np.ndarray
    stars: np.ndarray
    times: np.ndarray
    entered: np.ndarray
    known_from: np.ndarray
    was_shown: np.ndarray
    came_alone: np.ndarray
    shown: sp.csr_array
    n_people: int

    @property
    def n_ratings(self) -> int:
        """N."""
        return len(self.stars)

    def only(self, keep: np.ndarray) -> "Given":
        """Those where keep, (N,) bool, is true; of people who have any left, numbered without gaps."""
        people, person_idx = np.unique(self.person_idx[keep], return_inverse=True)
        rest = {name: getattr(self, name)[keep] for name in COLUMNS}
        shown = self.shown[people]
        return Given(person_idx=person_idx.astype(np.int64), n_people=len(people), shown=shown, **rest)


@dataclass(frozen=True, eq=False, kw_only=True)
class Matched:
    """What people gave the films of a data set, and what cannot be used.

    Attributes:
        given: the rest.
        n_unknown: ratings of films that the data set does not have.
        n_off_scale: ratings that its scale does not have.
    """

    given: Given
    n_unknown: int
    n_off_scale: int


def film_keys(dataset: Dataset) -> FilmKeys:
    """By which numbers the store knows the films of a data set: those of any model that knows all of them."""
    known = fit_all("popularity", dataset, Training())
    return FilmKeys(Recommender(known, dataset.catalog, films_from=dataset.folder or dataset.name))


def matched(dataset: Dataset, keys: FilmKeys, consenting: ConsentingRatings) -> Matched:
    """Ratings from the store as ratings of a data set's films."""
    place_of = {keys.key_of(item_id): place for place, item_id in enumerate(dataset.ratings.item_ids.tolist())}
    item_idx = np.array([place_of.get(key, -1) for key in consenting.item_ids.tolist()], dtype=np.int64)  # (N,)
    fits = dataset.ratings.scale.holds(consenting.stars)
    is_known = item_idx >= 0
    all_given = Given(
        person_idx=consenting.person_idx,
        item_idx=item_idx,
        stars=consenting.stars.astype(np.float32),
        times=consenting.times,
        entered=consenting.entered,
        known_from=consenting.known_from,
        was_shown=consenting.was_shown,
        came_alone=consenting.by_hand & is_alone(consenting.person_idx, consenting.entered),
        shown=shown_films(consenting, place_of, keys),
        n_people=len(consenting.people),
    )
    return Matched(
        given=by_film(all_given.only(is_known & fits)),
        n_unknown=int(np.sum(~is_known)),
        n_off_scale=int(np.sum(is_known & ~fits)),
    )


def is_alone(person_idx: np.ndarray, entered: np.ndarray) -> np.ndarray:
    """(N,) bool: which ratings came to hold at a moment at which no other of the same person's did."""
    _, which, n = np.unique(np.column_stack([person_idx, entered]), axis=0, return_inverse=True, return_counts=True)
    return n[which.reshape(-1)] == 1


def shown_films(consenting: ConsentingRatings, place_of: dict[int, int], keys: FilmKeys) -> sp.csr_array:
    """(P, I) bool, sparse: which films of a data set lists have shown to whom.

    Args:
        consenting: from the store.
        place_of: the place of a film in the data set, by the store's number.
        keys: knows these.
    """
    whose, item_ids = consenting.shown.T
    films = np.array([place_of.get(key, -1) for key in item_ids.tolist()], dtype=np.int64)
    is_known = films >= 0
    cells = (np.ones(int(is_known.sum()), dtype=bool), (whose[is_known], films[is_known]))
    return sp.csr_array(cells, shape=(len(consenting.people), len(place_of)))


def by_film(given: Given) -> Given:
    """The same, of each person by film, whatever the store's numbers are."""
    order = np.lexsort((given.item_idx, given.person_idx))
    return replace(given, **{name: getattr(given, name)[order] for name in ("person_idx", *COLUMNS)})


def joined(dataset: Dataset, given: Given) -> Dataset:
    """A data set with people's ratings after its own, and themselves after its people, of whom no more is told.

    It keeps the digest of its own ratings, by which its films are found.
    """
    base = dataset.ratings
    first = int(base.user_ids[-1]) + 1
    ratings = Ratings(
        user_idx=np.concatenate([base.user_idx, (base.n_users + given.person_idx).astype(np.int32)]),
        item_idx=np.concatenate([base.item_idx, given.item_idx.astype(np.int32)]),
        stars=np.concatenate([base.stars, given.stars]),
        timestamp=np.concatenate([base.timestamp.astype(np.int64), given.times]),
        row=np.concatenate([base.row, int(base.row.max()) + 1 + np.arange(given.n_ratings)]),
        user_ids=np.concatenate([base.user_ids, first + np.arange(given.n_people)]),
        item_ids=base.item_ids,
        scale=base.scale,
    )
    return replace(dataset, ratings=ratings, users=None, official_folds=False)


def digest_of(dataset: Dataset) -> str:
    """SHA-256 of all that a model learns from: stars and times of everybody, and the films."""
    data, digest = dataset.interactions(), hashlib.sha256()
    for part in (data.stars.data, data.stars.indices, data.stars.indptr, data.times):
        digest.update(np.ascontiguousarray(part).data)
    digest.update(f"{dataset.ratings.scale!r} {dataset.films_sha256}".encode())
    return digest.hexdigest()
