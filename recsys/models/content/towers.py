"""A network with a tower for each branch of what is known of films, which learns from ratings which films are alike.

Whoever rates stands as two free vectors, which are given up afterwards: what stays is a code for each film, a function
of its features alone. Legend: U people, B of a batch, I items, N branches, M features of a branch, H units of a tower,
K numbers of a code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.models.base import rated
from recsys.models.content.config import TowersConfig
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import descend
from recsys.training import Training

PERSON_SCALE = 0.1  # standard deviation of a person's first numbers


@dataclass(frozen=True, eq=False)
class Told:
    """What the network is to explain.

    Attributes:
        beyond: (U, I) csr float32, what offsets leave of the stars, in stars of five.
        chosen: (U, I) csr float32, 1 where a film was chosen.
        popularity: (I,) float32 nats.
    """

    beyond: sp.csr_array
    chosen: sp.csr_array
    popularity: np.ndarray


@dataclass(frozen=True, eq=False)
class Towers:
    """Branches -> code: code = [tower(branch) of each] joined.

    Attributes:
        branches: N of (I, M) float32 each.
        towers: N of one layer each.
        joint: of all towers' units.
    """

    branches: Sequence[np.ndarray]
    towers: Sequence[DenseStack]
    joint: DenseStack

    @classmethod
    def drawn(cls, branches: Sequence[np.ndarray], config: TowersConfig, rng: np.random.Generator) -> Self:
        """A network that has learned nothing."""
        towers = [DenseStack.drawn((each.shape[1], config.width), ("selu",), rng) for each in branches]
        joint = DenseStack.drawn((len(branches) * config.width, config.n_code), ("linear",), rng)
        return cls([each.astype(np.float32) for each in branches], towers, joint)

    @property
    def parameters(self) -> list[np.ndarray]:
        """Of the towers, then of what joins them."""
        return [each for stack in (*self.towers, self.joint) for each in stack.parameters]

    def outputs(self) -> tuple[list[list[np.ndarray]], list[np.ndarray]]:
        """Of each tower what goes in and comes out, and the same of what joins them; its last is (I, K)."""
        up = [tower.outputs(branch) for tower, branch in zip(self.towers, self.branches, strict=True)]
        return up, self.joint.outputs(np.concatenate([each[-1] for each in up], axis=1))

    def codes(self) -> np.ndarray:
        """(I, K)."""
        return self.outputs()[1][-1]

    def gradient(self, outputs: tuple[list[list[np.ndarray]], list[np.ndarray]], slope: np.ndarray) -> list[np.ndarray]:
        """That of a loss, given its gradient by the codes, (I, K); in the order of `parameters`."""
        up, joined = outputs
        below = np.split(slope @ self.joint.kernels[0].T, len(self.towers), axis=1)
        found = [tower.gradient(*pair) for tower, pair in zip(self.towers, zip(up, below, strict=True), strict=True)]
        return [each for of_tower in found for each in of_tower] + self.joint.gradient(joined, slope)


@dataclass(frozen=True, eq=False)
class Lesson:
    """The loss of a network and of people's vectors, and its gradient.

        sum over ratings of (beyond - raters . code)^2 / 2
        - choice_weight sum over choices of log softmax(popularity + choosers . code)
        + l2_person / 2 |vectors|^2 + l2 / 2 |kernels|^2

    Attributes:
        raters, choosers: (U, K) each.
    """

    network: Towers
    raters: np.ndarray
    choosers: np.ndarray
    told: Told
    config: TowersConfig

    @property
    def parameters(self) -> list[np.ndarray]:
        """Of the network, then the people's."""
        return [*self.network.parameters, self.raters, self.choosers]

    def steps(self, rows: np.ndarray) -> Iterator[tuple[list[np.ndarray], float]]:
        """The gradient of some people's part of the loss, and their mean square error."""
        loss, gradient = self.of(rows)
        yield gradient, loss / max(self.told.beyond[rows].nnz, 1)

    def of(self, rows: np.ndarray) -> tuple[float, list[np.ndarray]]:
        """Squares that are missed, and the gradient of the people's part of the loss; (B,) int."""
        outputs, config = self.network.outputs(), self.config
        codes, raters, choosers = outputs[1][-1], self.raters[rows], self.choosers[rows]
        beyond, chosen = self.told.beyond[rows], self.told.chosen[rows].toarray()
        missed = rated(beyond).toarray().astype(np.float32) * (raters @ codes.T) - beyond.toarray()
        chances = softmax(self.told.popularity + choosers @ codes.T)
        wrong = np.float32(config.choice_weight) * (chances * chosen.sum(axis=1, keepdims=True) - chosen)
        people = [np.zeros_like(self.raters), np.zeros_like(self.choosers)]
        people[0][rows] = missed @ codes + np.float32(config.l2_person) * raters
        people[1][rows] = wrong @ codes + np.float32(config.l2_person) * choosers
        slopes = self.network.gradient(outputs, missed.T @ raters + wrong.T @ choosers)
        decay = np.float32(config.l2 * len(rows) / len(self.raters))
        held = [
            slope + decay * each if each.ndim > 1 else slope
            for slope, each in zip(slopes, self.network.parameters, strict=True)
        ]
        return float(np.sum(missed**2)), held + people


def softmax(logits: np.ndarray) -> np.ndarray:
    """Chances that sum to 1 in each row."""
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def film_codes(branches: Sequence[np.ndarray], told: Told, config: TowersConfig, training: Training) -> np.ndarray:
    """(I, K) float64 codes that were learned, around 0, of length 1 in the mean; 0 where nothing is known of films."""
    known = [each for each in branches if each.size]
    if not known:
        return np.zeros((len(told.popularity), config.n_code))
    rng = np.random.default_rng(training.seed)
    network = Towers.drawn(known, config, rng)
    raters, choosers = (
        rng.normal(0, PERSON_SCALE, (told.beyond.shape[0], config.n_code)).astype(np.float32) for _ in range(2)
    )
    lesson = Lesson(network, raters, choosers, told, config)
    descend(lesson.parameters, len(raters), lesson.steps, config, rng, training)
    codes = network.codes().astype(np.float64)
    codes -= codes.mean(axis=0)
    length = np.sqrt(np.sum(codes**2) / len(codes))
    return codes / length if length > 0 else codes
