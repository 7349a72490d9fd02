"""Restricted Boltzmann machines: binary hidden units, and visible ones of three kinds; energies and passes up and down.

A state of all units has an energy, and is the likelier the lower that is: P(v, h) = exp(-E(v, h)) / Z. There are no
weights between units of one layer, so given one layer the units of the other are independent. Whoever rated few films
has a machine with few visible units; all share their weights. What is not rated has no unit, and no part in any sum.

Legend: B people, D visible units, F hidden units.
"""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np

Parameters = dict[str, np.ndarray]  # "weights" (D, F), "visible_bias" (D,), "hidden_bias" (F,), and what a kind adds


@dataclass(frozen=True, eq=False, kw_only=True)
class Batch:
    """Some people's visible units.

    Attributes:
        values: (B, D) float32, 0 where there is no unit.
        is_unit: (B, D) float32, 1 where there is one, else 0; of counts (B, 1), how many choices were made.
        generosity: (B, 1) stars of five that the person gives above others; None: a machine that is not told of it.
        rated: (B, I) float32, 1 for every film that was rated; None likewise.
    """

    values: np.ndarray
    is_unit: np.ndarray
    generosity: np.ndarray | None = None
    rated: np.ndarray | None = None

    def with_values(self, values: np.ndarray) -> Self:
        """The same people and units in another state."""
        return replace(self, values=values)


class Units(Protocol):
    """A kind of visible units: what is particular to it."""

    def pull(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) what the weights multiply: the energy's part in both layers is -pull' weights hidden."""

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) the energy's part in the visible units alone."""

    def expected(self, hidden: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, D) the mean of the visible units of these people, given hidden ones, (B, F)."""

    def down(self, hidden: np.ndarray, batch: Batch, machine: Parameters, rng: np.random.Generator) -> np.ndarray:
        """(B, D) what learning puts in place of the visible units: draws, or their mean."""

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """Derivatives of minus the free energy, summed over people, by the kind's own parameters.

        Args:
            batch: B people.
            hidden: (B, F), the chances of their hidden units.
            machine: the parameters.
        """


def up(units: Units, batch: Batch, machine: Parameters) -> np.ndarray:
    """(B, F) log odds of the hidden units."""
    odds = units.pull(batch, machine) @ machine["weights"] + machine["hidden_bias"]
    return odds if batch.rated is None else odds + batch.rated @ machine["rated_weights"]


def energy(units: Units, batch: Batch, hidden: np.ndarray, machine: Parameters) -> np.ndarray:
    """(B,) the energy of the units' state; hidden: (B, F)."""
    return units.own_energy(batch, machine) - np.sum(up(units, batch, machine) * hidden, axis=1)


def free_energy(units: Units, batch: Batch, machine: Parameters) -> np.ndarray:
    """(B,) -log sum over h of exp(-E(v, h)), which takes no longer than a pass up."""
    return units.own_energy(batch, machine) - np.logaddexp(0, up(units, batch, machine)).sum(axis=1)


def slopes(units: Units, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
    """Derivatives of minus the free energy, summed over people; hidden: (B, F), the chances of their hidden units."""
    found = units.slopes(batch, hidden, machine)
    found["weights"] = units.pull(batch, machine).T @ hidden
    found["hidden_bias"] = hidden.sum(axis=0)
    if batch.rated is not None:
        found["rated_weights"] = batch.rated.T @ hidden
    return found


def sigmoid(odds: np.ndarray) -> np.ndarray:
    """Chances of log odds, of the same shape and type."""
    return 0.5 * np.tanh(0.5 * odds) + 0.5


def first_machine(visible_bias: np.ndarray, n_hidden: int, init_scale: float, rng: np.random.Generator) -> Parameters:
    """Where learning starts: small random weights, hidden units as likely on as off.

    Args:
        visible_bias: (D,) as it is to be.
        n_hidden: F.
        init_scale: standard deviation of the weights.
        rng: draws them.
    """
    weights = rng.normal(0, init_scale, (len(visible_bias), n_hidden))
    return {
        "weights": weights.astype(np.float32),
        "visible_bias": visible_bias.astype(np.float32),
        "hidden_bias": np.zeros(n_hidden, dtype=np.float32),
    }
