"""What the page draws on: the films, each once, what the data says about them, and the fitted models.

Shapes: I items, the columns of the ratings matrix.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.catalog import Catalog
from recsys.data.movielens import Dataset, load_dataset
from recsys.data.scale import RatingScale
from recsys.models import create
from recsys.models.base import RatingModel
from recsys.models.ease import EASE
from recsys.progress import OnProgress, silent


@dataclass(frozen=True, eq=False, kw_only=True)
class Library:
    """Films and models, ready to answer.

    Attributes:
        name: of the data set.
        ranker: orders films, and its weights say why.
        rater: predicts stars.
        n_likes: (I,) float, how many people rated the film highly.
        n_ratings: (I,) int64.
        mean_stars: (I,) float64, 0 without ratings. All three count every id of a film together.
        item_of: display title -> item_idx, most rated film first. Of a film's several ids it is the most rated one.
    """

    name: str
    catalog: Catalog
    scale: RatingScale
    ranker: EASE
    rater: RatingModel
    n_likes: np.ndarray
    n_ratings: np.ndarray
    mean_stars: np.ndarray
    item_of: dict[str, int]

    @classmethod
    def load(cls, dataset: str, on_progress: OnProgress = silent) -> Self:
        """Fetch a data set by its name, or read it from a folder, and train on it.

        Raises:
            DataError: the data cannot be had or used.
        """
        return cls.train(load_dataset(dataset, on_progress=on_progress), on_progress)

    @classmethod
    def train(cls, dataset: Dataset, on_progress: OnProgress = silent) -> Self:
        """Fit the models on all ratings; tells on_progress of "rank", then of every "epoch"."""
        ratings, scale, catalog = dataset.ratings.matrix(), dataset.ratings.scale, dataset.catalog
        on_progress("rank", 0, None)
        ranker, popularity = (
            create(name, scale).fit(ratings, seed=0, on_progress=on_progress) for name in ("ease", "popularity")
        )
        same = catalog.first_with_same_title
        n_ratings = np.bincount(same[ratings.indices], minlength=catalog.n_items)[same]
        sum_of_stars = np.bincount(same[ratings.indices], ratings.data, minlength=catalog.n_items)[same]
        n_likes = popularity.score(sp.csr_array((1, catalog.n_items)))[0]
        assert isinstance(ranker, EASE)
        rater = create("als", scale).fit(ratings, seed=0, on_progress=on_progress)
        assert isinstance(rater, RatingModel)
        return cls(
            name=dataset.name,
            catalog=catalog,
            scale=scale,
            ranker=ranker,
            rater=rater,
            n_likes=np.bincount(same, n_likes, minlength=catalog.n_items)[same],
            n_ratings=n_ratings,
            mean_stars=sum_of_stars / np.maximum(n_ratings, 1),
            item_of=items_by_title(catalog, np.bincount(ratings.indices, minlength=catalog.n_items)),
        )

    @cached_property
    def offered(self) -> np.ndarray:
        """(I,) bool: whether the page may list the item; one id of each film."""
        return np.isin(np.arange(self.catalog.n_items), list(self.item_of.values()))


def items_by_title(catalog: Catalog, n_ratings: np.ndarray) -> dict[str, int]:
    """Display title -> its most rated item_idx, the most rated title first; n_ratings is (I,), each id by itself.

    What has neither year nor genre is left out: MovieLens 100K calls such a film "unknown".
    """
    known = [item for item in range(catalog.n_items) if catalog.genres[item] or catalog.year[item] is not None]
    item_of: dict[str, int] = {}
    for item in sorted(known, key=lambda item: -n_ratings[item]):
        item_of.setdefault(catalog.display_title(item), item)
    return item_of
