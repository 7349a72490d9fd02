"""How large the noise of ratings is, as ratings show from which nothing was learned.

Where people gave few ratings, vectors can follow every one of them, and what then remains says little of the noise. A
rating that the vectors have not seen says more: with f a draw of its prediction, m the mean of many and y the rating,

    E (y - f)^2 = noise + 2 v,   E (y - m)^2 = noise + (1 + c) v,

where v is how uncertain a prediction is, if the draws are as far from the truth as they are from their mean, and c is
the sum of the squares of the weights with which draws make up the mean.
"""

from collections.abc import Mapping

import numpy as np

from recsys.training.processes import ALONE, Processes, mean_of

FIRST = 5  # sweeps that are not averaged, since the chain has only begun
MEMORY = 0.1  # weight of the newest sweep in an average
SMALLEST = 1e-6  # variance, in units of the targets': somebody may give every film the same stars
LEAST = 0.25  # share of the error of the mean that the noise has at least


class HeldOutNoise:
    """A running estimate, from one draw of the predictions to the next.

    Attributes:
        variance: of the noise, above 0, in squared units of the targets.
    """

    def __init__(self, targets: np.ndarray, processes: Processes = ALONE):
        """Begin.

        Args:
            targets: (n,) held-out ratings, n > 0 in all processes together.
            processes: that have more of them.
        """
        self._processes = processes
        self.variance = max(mean_of(targets**2, processes), SMALLEST)
        self._targets, self._mean, self._n_draws, self._squares = targets, np.zeros(len(targets)), 0, 1.0

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that draws change, of all processes."""
        numbers = {"variance": self.variance, "draws": self._n_draws, "squares": self._squares}
        mean = self._processes.gathered(self._mean)
        return {f"noise {name}": np.array(each) for name, each in {**numbers, "mean": mean}.items()}

    def go_on_from(self, state: Mapping[str, np.ndarray], own: slice) -> None:
        """Be where one of the same targets was; own: which of those are of this process."""
        self.variance, self._squares = float(state["noise variance"]), float(state["noise squares"])
        self._n_draws, self._mean = int(state["noise draws"]), state["noise mean"][own]

    def add(self, predicted: np.ndarray) -> None:
        """Take another draw of the predictions, (n,), into account."""
        self._n_draws += 1
        newest = max(1.0 / max(self._n_draws - FIRST, 1), MEMORY)
        self._squares = (1 - newest) ** 2 * self._squares + newest**2
        self._mean += newest * (predicted - self._mean)
        of_mean, of_draw = (mean_of((self._targets - f) ** 2, self._processes) for f in (self._mean, predicted))
        if newest == 1.0:
            self.variance = max(of_mean, SMALLEST)
            return
        unsure = (of_draw - of_mean) / (1 - self._squares)
        newest_estimate = float(np.clip(of_draw - 2 * unsure, LEAST * of_mean, of_mean))
        self.variance = max(self.variance + MEMORY * (newest_estimate - self.variance), SMALLEST)
