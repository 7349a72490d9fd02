"""Learning by gradients in NumPy: Adam, momentum, a rate that falls, rows in batches.

The same seed finds the same numbers.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

from recsys.models.numeric.threads import one_thread
from recsys.training import Training

MEAN_DECAY, SQUARE_DECAY, TINY = 0.9, 0.999, 1e-8
KEPT = 0.9  # of a velocity, from step to step

Gradient = Sequence[np.ndarray]
Steps = Callable[[np.ndarray], Iterator[tuple[Gradient, float]]]  # rows of a batch -> what is stepped along, and losses


class Pace(Protocol):
    """How long is learned, and how fast."""

    @property
    def epochs(self) -> int:
        """Passes over all rows."""

    @property
    def batch_size(self) -> int:
        """Rows that are looked at together."""

    @property
    def learning_rate(self) -> float:
        """Adam's at the first step."""


class Rule(Protocol):
    """What makes steps of gradients; it is made for the parameters that it changes, where they are."""

    def step(self, gradient: Gradient, rate: float) -> None:
        """Go down the gradient, (an array for each parameter), at this rate."""


class Adam:
    """Adaptive moments (Kingma and Ba 2015, algorithm 1)."""

    def __init__(self, parameters: Sequence[np.ndarray]):
        self.parameters = parameters
        self.means = [np.zeros_like(each) for each in parameters]
        self.squares = [np.zeros_like(each) for each in parameters]
        self.n_steps = np.zeros((), dtype=np.int64)

    def step(self, gradient: Gradient, rate: float) -> None:
        """Change the parameters themselves, each by the rate at most or little more."""
        self.n_steps += 1
        n_steps = int(self.n_steps)
        unbiased = math.sqrt(1 - SQUARE_DECAY**n_steps) / (1 - MEAN_DECAY**n_steps)
        for each, slope, mean, square in zip(self.parameters, gradient, self.means, self.squares, strict=True):
            mean += (1 - MEAN_DECAY) * (slope - mean)
            square += (1 - SQUARE_DECAY) * (slope * slope - square)
            each -= rate * unbiased * mean / (np.sqrt(square) + TINY)

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that steps change, by name."""
        kinds = {"parameter": self.parameters, "mean": self.means, "square": self.squares}
        arrays = {f"{kind} {place}": each for kind, all_ in kinds.items() for place, each in enumerate(all_)}
        return arrays | {"steps": self.n_steps}


class Momentum:
    """Steps that go on for a while: a velocity keeps nine tenths of itself, and gets a slope times the rate."""

    def __init__(self, parameters: Sequence[np.ndarray]):
        self.parameters = parameters
        self.velocities = [np.zeros_like(each) for each in parameters]

    def step(self, gradient: Gradient, rate: float) -> None:
        """Change the parameters themselves."""
        for each, slope, velocity in zip(self.parameters, gradient, self.velocities, strict=True):
            velocity *= KEPT
            velocity -= rate * slope
            each += velocity


def descend(
    parameters: Sequence[np.ndarray],
    n_rows: int,
    steps: Steps,
    pace: Pace,
    rng: np.random.Generator,
    training: Training,
) -> None:
    """Change parameters until the epochs are used up.

    Args:
        parameters: changed where they are.
        n_rows: how many rows there are; every epoch takes them in a new order.
        steps: for the rows of a batch, gradients and losses one after the other: each is worked out when that of
            before has been stepped along.
        pace: the rate falls to 0 by a cosine.
        rng: of the orders, and of all else that steps draw.
        training: told of every epoch, with the mean loss; its checkpoints keep parameters, steps and rng.
    """
    adam, n_batches = Adam(parameters), -(-n_rows // pace.batch_size)
    loop = training.checkpoints.loop("descent", adam.state, rng)
    with one_thread():
        for epoch in range(loop.done, pace.epochs):
            losses = [0.0] * (not n_rows)
            for number, rows in enumerate(shuffled(n_rows, pace.batch_size, rng)):
                rate = falling(pace.learning_rate, (epoch + number / n_batches) / pace.epochs)
                for gradient, loss in steps(rows):
                    adam.step(gradient, rate)
                    losses.append(loss)
            loop.reached(epoch + 1, adam.state)
            training.on_progress("epoch", epoch + 1, pace.epochs, loss=float(np.mean(losses)))


def shuffled(n_rows: int, batch_size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """All rows once, in a new order, at most `batch_size` at a time."""
    order = rng.permutation(n_rows)
    return (order[start : start + batch_size] for start in range(0, n_rows, batch_size))


def falling(rate: float, done: float) -> float:
    """The rate when a share of all, in [0, 1], is done.

    >>> [falling(2.0, done) for done in (0.0, 0.5, 1.0)]
    [2.0, 1.0, 0.0]
    """
    return rate * (1 + math.cos(math.pi * done)) / 2
