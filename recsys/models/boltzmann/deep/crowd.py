"""Whom a machine learns from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recsys.models.boltzmann.machine import Batch, Units
from recsys.models.numeric.threads import BLOCK


@dataclass(frozen=True, eq=False)
class Crowd:
    """People and their visible units.

    Attributes:
        units: of which kind these are.
        batch_of: those of some people, by their numbers, (B,) int.
        n_people: U, of all.
    """

    units: Units
    batch_of: Callable[[np.ndarray], Batch]
    n_people: int

    def each(self, answer: Callable[[Batch], np.ndarray]) -> np.ndarray:
        """(U, ...) what a function answers to everybody, some at a time, (B, ...)."""
        starts = range(0, max(self.n_people, 1), BLOCK)
        blocks = (np.arange(start, min(start + BLOCK, self.n_people)) for start in starts)
        return np.concatenate([answer(self.batch_of(people)) for people in blocks])
