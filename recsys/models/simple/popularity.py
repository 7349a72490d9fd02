"""Popularity: the same list for everyone."""

from typing import ClassVar, Self

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, likes
from recsys.models.finite import learns_numbers
from recsys.models.simple.config import PopularityConfig
from recsys.progress import OnProgress, silent


class Popularity:
    """Ranks items by how many training users liked them. Deterministic, so it is the first canary of a harness."""

    uses_validation: ClassVar[bool] = False
    keeps_ratings: ClassVar[bool] = False

    def __init__(self, config: PopularityConfig = PopularityConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    @learns_numbers
    def fit(
        self,
        train: sp.csr_array,
        validation: sp.csr_array | None = None,
        *,
        seed: int = 0,
        on_progress: OnProgress = silent,
    ) -> Self:
        """Count each item's likes."""
        liked = train.indices[likes(train, least_stars(self.config.liked_from, self.scale, train))]
        self.n_likes = np.bincount(liked, minlength=train.shape[1]).astype(np.float32)
        return self

    def score(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 number of likes, the same row for everybody."""
        return np.broadcast_to(self.n_likes, history.shape).copy()

    def arrays(self) -> dict[str, np.ndarray]:
        """The counts."""
        return {"n_likes": self.n_likes}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        return {"n_likes": "I in 0..1e9"}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        self.n_likes = arrays["n_likes"]
        return self
