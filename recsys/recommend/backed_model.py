"""A model that another one stands in for, answer by answer, so that nobody is left without where one of both has one.

Legend: I items, m tried ratings, n asked items, G genres.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import scipy.sparse as sp

from recsys.recommend.checked_model import CheckedModel

Answer = TypeVar("Answer")


class BackedModel(CheckedModel):
    """Answers as one model does, and as another one where that one fails and this one does not.

    What the model can be asked at all (stars, chances, a latent space) is what the first one can.
    """

    def __init__(self, first: CheckedModel, second: CheckedModel, on_failure: Callable[[Exception], object]):
        """Ask nothing yet.

        Args:
            first: answers.
            second: stands in; of the same films, in the same order, and the same stars.
            on_failure: is given what the first one raised, where the second one did not.
        """
        super().__init__(first.name, first.model, first.genres is not None)
        self._first, self._second, self._on_failure = first, second, on_failure

    def scores(self, history: sp.csr_array, genres: np.ndarray | None = None) -> np.ndarray:
        """(I,) scores, as CheckedModel has them, of which none is NaN or infinite."""
        return self._answer(lambda one: one.finite("scores", one.scores(history, genres)))

    def adventurous_scores(
        self,
        history: sp.csr_array,
        adventure: float,
        n_ratings: np.ndarray,
        crowd: np.ndarray,
        genres: np.ndarray | None = None,
    ) -> np.ndarray:
        """(I,) likewise, of an adventurous list."""
        given = history, adventure, n_ratings, crowd, genres
        return self._answer(lambda one: one.finite("scores", one.adventurous_scores(*given)))

    def support(self, history: sp.csr_array, tried: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(m, n) by how much each of some ratings supports some films."""
        return self._answer(lambda one: one.support(history, tried, items))

    def expected_stars(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(n,) stars of some items; None if the model predicts none."""
        return self._answer(lambda one: one.expected_stars(history, items))

    def stars_of_each(self, histories: sp.csr_array, items: np.ndarray) -> np.ndarray:
        """(n,) stars that each of n people, (n, I) stars, would give to one item."""
        return self._answer(lambda one: one.stars_of_each(histories, items))

    def chances(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(n, n_levels) probability of every star level of some items; None if the model gives none."""
        return self._answer(lambda one: one.chances(history, items))

    def lift(self, item: int, n_items: int) -> np.ndarray:
        """(I,) by how much a film's score rises once somebody loves an item; 0 where all rise alike."""
        return self._answer(lambda one: one.lift(item, n_items))

    def _answer(self, ask: Callable[[CheckedModel], Answer]) -> Answer:
        """What the first one answers; what the second one does, where the first one raises anything."""
        try:
            return ask(self._first)
        except Exception as reason:
            answer = ask(self._second)
            self._on_failure(reason)
            return answer
