"""The stars that a model foresees of one person, each film's worked out once however often they are asked for.

A list needs them twice, to leave out what is below the person's usual and to show them, and they take the longest.
"""

import numpy as np
import scipy.sparse as sp

from recsys.recommend.checked_model import CheckedModel


class ForeseenStars:
    """What one person would give.

    Attributes:
        history: (1, I) stars that were given.
    """

    def __init__(self, checked: CheckedModel, history: sp.csr_array):
        self.history = history
        self._checked = checked
        self._found: dict[int, np.ndarray] = {}  # item_idx -> (n_levels,)

    def chances(self, items: np.ndarray) -> np.ndarray | None:
        """(n, n_levels) probability of every star level of (n,) item_idx; None if the model gives none.

        Raises:
            DataError: one is no number.
        """
        new = [item for item in dict.fromkeys(items.tolist()) if item not in self._found]
        if not new and len(items):
            return np.stack([self._found[item] for item in items.tolist()])
        found = self._checked.chances(self.history, np.array(new, dtype=np.int64))
        if found is None or not new:
            return found
        self._found.update(zip(new, found, strict=True))
        return self.chances(items)

    def expected(self, items: np.ndarray) -> np.ndarray | None:
        """(n,) stars on the scale of (n,) item_idx; None if the model predicts none.

        Raises:
            DataError: one is no number.
        """
        levels = self.chances(items)
        if levels is None:
            return self._checked.expected_stars(self.history, items)
        return levels @ self._checked.scale.levels
