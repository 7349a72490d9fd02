"""Star levels as slices of a normal variable."""

from itertools import pairwise

import numpy as np
from scipy.special import ndtr


def level_probabilities(latent: np.ndarray, cutpoints: np.ndarray, variance: np.ndarray | float = 0.0) -> np.ndarray:
    """Probability of every level.

    Args:
        latent: (...) mean of the latent variable.
        cutpoints: (n_levels - 1,) increasing.
        variance: (...) how uncertain the latent mean is, added to the 1 of the noise.

    Returns:
        (..., n_levels) summing to 1.
    """
    spread = np.sqrt(1.0 + np.asarray(variance))
    below = [0.0, *(ndtr((cutpoint - np.asarray(latent)) / spread) for cutpoint in cutpoints), 1.0]
    return np.stack([upper - lower for lower, upper in pairwise(below)], axis=-1)
