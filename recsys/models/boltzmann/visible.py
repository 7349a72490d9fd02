"""Three kinds of visible units.

Legend: B people, I films, F hidden units.
"""

import math
from dataclasses import dataclass

import numpy as np

from recsys.models.boltzmann.machine import Batch, Parameters


@dataclass(frozen=True)
class GaussianUnits:
    """Real numbers, v | h ~ N(b + W h, variance): E = sum (v - b)^2 / (2 variance) - (v - b)' W h / variance - c' h.

    Welling, Rosen-Zvi and Hinton 2005, "Exponential family harmoniums", with v measured from b in both terms.
    """

    variance: float
    draws: bool = False  # whether learning draws numbers, or takes their means

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, I) how far units are from their biases, in variances."""
        return (batch.values - machine["visible_bias"]) * batch.is_unit / np.float32(self.variance)

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) half of the squares of these distances."""
        apart = (batch.values - machine["visible_bias"]) * batch.is_unit
        return np.sum(apart**2, axis=1) / np.float32(2 * self.variance)

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, I) b + W h where there is a unit."""
        return (hidden @ machine["weights"].T + machine["visible_bias"]) * batch.is_unit

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """The mean, or draws."""
        mean = self.expected(hidden, batch, machine)
        if not self.draws:
            return mean
        noise = rng.standard_normal(mean.shape, dtype=np.float32) * np.float32(math.sqrt(self.variance))
        return mean + noise * batch.is_unit

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """By b: what is missed of each unit, in variances."""
        missed = (batch.values - self.expected(hidden, batch, machine)) / np.float32(self.variance)
        return {"visible_bias": missed.sum(axis=0)}


@dataclass(frozen=True)
class CountUnits:
    """How often each film is chosen: as many softmax units over all films as somebody made choices, of equal weights.

    The replicated softmax (Salakhutdinov and Hinton 2009): E = -v' b - v' W h - c' h, where v counts. There c stands
    times the number of choices; here it does not, which leaves somebody with few choices nearer to everybody's taste.
    Counts may be fractions.
    """

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, I) the counts."""
        return batch.values

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) minus the biases of what was chosen."""
        return -(batch.values @ machine["visible_bias"])

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, I) chances of all films, times the number of choices."""
        return softmax(hidden @ machine["weights"].T + machine["visible_bias"]) * batch.is_unit

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """The mean."""
        return self.expected(hidden, batch, machine)

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """By b: the counts."""
        return {"visible_bias": batch.values.sum(axis=0)}


def softmax(logits: np.ndarray, axis: int = -1) -> np.ndarray:
    """Chances that sum to 1 along an axis, of the same shape and type."""
    chances = np.exp(logits - logits.max(axis=axis, keepdims=True))
    chances /= chances.sum(axis=axis, keepdims=True)
    return chances


@dataclass(frozen=True, eq=False)
class SoftmaxUnits:
    """A softmax over star levels for each film that was rated, E = -v' b - v' W h - c' h, where v has one 1 per film.

    Salakhutdinov, Mnih and Hinton 2007, section 2. Units lie level by level: D = K I, the first I of the lowest level.
    What is known of a person besides may lean their levels: b of level k becomes b + a o t_k, with o the person's
    generosity, t_k the level and a learned.
    """

    levels: np.ndarray  # (K,) float32, in stars of five from the middle of the scale
    draws: bool = False  # whether learning draws levels, or takes their chances

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) the levels."""
        return batch.values

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) minus the biases of the levels that were given."""
        own = -(batch.values @ machine["visible_bias"])
        return own if batch.generosity is None else own - machine["generosity"] * self.leaning(batch)

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) chances of the levels where there is a unit."""
        chances = softmax(self.log_odds(hidden, batch, machine), axis=1)
        return chances.reshape(batch.values.shape) * batch.is_unit

    def log_odds(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, K, I) of every level of every film, rated or not."""
        odds = hidden @ machine["weights"].T + machine["visible_bias"]
        return self.leant(odds.reshape(len(odds), len(self.levels), odds.shape[1] // len(self.levels)), batch, machine)

    def leant(self, odds: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """Log odds, (B, K, I), with what the person's generosity adds; changed in place."""
        if batch.generosity is not None:
            odds += (machine["generosity"] * batch.generosity * self.levels)[:, :, None]
        return odds

    def leaning(self, batch: Batch) -> np.ndarray:
        """(B,) sum of the levels that somebody gave, times their generosity."""
        assert batch.generosity is not None, "only where it is known"
        given = batch.values.reshape(len(batch.values), len(self.levels), -1).sum(axis=2)  # (B, K)
        return given @ self.levels * batch.generosity[:, 0]

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """The mean, or draws."""
        chances = self.expected(hidden, batch, machine)
        if not self.draws:
            return chances
        chances = chances.reshape(len(chances), len(self.levels), -1)
        below = np.cumsum(chances, axis=1)
        dice = rng.random((len(chances), 1, chances.shape[2]), dtype=np.float32) * below[:, -1:]
        drawn = np.diff(dice < below, axis=1, prepend=False)
        return drawn.reshape(batch.values.shape).astype(batch.values.dtype)

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """By b: the levels; by a: what leans to them."""
        found = {"visible_bias": batch.values.sum(axis=0)}
        return found if batch.generosity is None else {**found, "generosity": self.leaning(batch).sum(keepdims=True)}

    def log_chances(self, chances: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, K, I) log P(level | history) of every film by itself, but for a number that all its levels share.

        All states of the hidden units are summed over: equation 8 of the paper, in O(K F) for a film. With p the
        chances of the hidden units, (B, F), given the history, it is b + sum over j of log(1 + p_j (exp(W_j) - 1)).
        """
        growth = np.expm1(machine["weights"].T)  # (F, D)
        found = np.tile(machine["visible_bias"], (len(chances), 1))
        product, factor = np.ones_like(found), np.empty_like(found)
        for unit, grown in enumerate(growth):
            np.multiply(chances[:, unit, None], grown, out=factor)
            factor += 1
            product *= factor
            if unit % 8 == 7 or unit == len(growth) - 1:  # seldom, since logarithms take long; never too large
                found += np.log(product)
                product[:] = 1
        return self.leant(
            found.reshape(len(found), len(self.levels), found.shape[1] // len(self.levels)), batch, machine
        )
