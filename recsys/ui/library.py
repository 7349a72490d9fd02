"""What the page draws on: the films, each once, what the data says about them, and the fitted models.

Shapes: I items, the columns of the ratings matrix.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.catalog import Catalog
from recsys.data.movielens import Dataset, load_dataset
from recsys.data.scale import RatingScale
from recsys.data.titles import TitleIndex
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
        n_ratings: (I,) float.
        mean_stars: (I,) float64, 0 without ratings. All three count every id of a film together.
        titles: finds a film by its title.
    """

    name: str
    catalog: Catalog
    scale: RatingScale
    ranker: EASE
    rater: RatingModel
    n_likes: np.ndarray
    n_ratings: np.ndarray
    mean_stars: np.ndarray
    titles: TitleIndex

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

        def fitted(name: str) -> Any:
            return create(name, scale).fit(ratings, seed=0, on_progress=on_progress)

        def per_film(per_id: np.ndarray) -> np.ndarray:
            return np.bincount(catalog.first_with_same_title, per_id)[catalog.first_with_same_title]

        on_progress("rank", 0, None)
        ranker = fitted("ease")
        n_ratings = np.bincount(ratings.indices, minlength=catalog.n_items)  # (I,), each id by itself
        sum_of_stars = np.bincount(ratings.indices, ratings.data, minlength=catalog.n_items)
        return cls(
            name=dataset.name,
            catalog=catalog,
            scale=scale,
            ranker=ranker,
            rater=fitted("als"),
            n_likes=per_film(fitted("popularity").score(sp.csr_array((1, catalog.n_items)))[0]),
            n_ratings=per_film(n_ratings),
            mean_stars=per_film(sum_of_stars) / np.maximum(per_film(n_ratings), 1),
            titles=TitleIndex(catalog, n_ratings),
        )

    @property
    def item_of(self) -> dict[str, int]:
        """Display title -> item_idx, most rated film first. Of a film's several ids it is the most rated one."""
        return self.titles.item_of

    @property
    def offered(self) -> np.ndarray:
        """(I,) bool: whether the page may list the item; one id of each film."""
        return self.titles.offered
