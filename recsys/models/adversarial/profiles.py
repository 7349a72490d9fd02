"""What somebody likes as zeros and ones, and as the models of this family are told of it.

Legend: B people, I items.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import keep_entries
from recsys.data.scale import RatingScale
from recsys.liking import least_stars, liked
from recsys.settings import Liking


def profiles_of(history: sp.csr_array, liked_from: Liking, scale: RatingScale) -> sp.csr_array:
    """(B, I) stars -> (B, I) float32: 1 where somebody likes a film; nothing else is stored."""
    return liked(history, least_stars(liked_from, scale, history)).astype(np.float32)


def without_some(profiles: sp.csr_array, forgets: float, rng: np.random.Generator) -> sp.csr_array:
    """The same without likes that are drawn, each with that probability."""
    return keep_entries(profiles, rng.random(profiles.nnz) >= forgets)


def log_odds(profiles: sp.csr_array, prior: float) -> np.ndarray:
    """(I,) float32 of a film being liked by somebody, as if each film had so many more likes and as many dislikes."""
    likes = np.bincount(profiles.indices, minlength=profiles.shape[1]) + prior
    others = profiles.shape[0] + 2 * prior - likes
    return np.log(likes / others).astype(np.float32)
