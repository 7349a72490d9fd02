"""The Markov chain of Bayesian matrix factorization: where the sampler stands, and how it goes on.

Legend: U users, I items, n ratings, K factors, D = K + 1 (factors and an offset).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp

from recsys.models.base import with_values
from recsys.models.bayes.linked_prior import LinkedPrior, Parameters
from recsys.models.bayes.probit import draw_latent, improved_cutpoints
from recsys.models.bayes.shares import Crowd
from recsys.models.bayes.vectors import as_seen, draw_vectors
from recsys.models.numeric.row_groups import RowGroups
from recsys.models.numeric.shared import Shared, digest
from recsys.training.processes import ALONE, Processes

FIRST_SPREAD = 0.1  # standard deviation of the first vectors
ARRAYS = ("users", "items", "expected", "before", "cutpoints", "noise_precision")  # of a chain, that sweeps change
OF_PEOPLE = ("users", "expected")  # of these
ENTRIES_PER_LINK = 40  # ratings for each column that serves as a feature: those beyond tell little, and cost as much
FEW_LINKS = 200  # columns that serve in any case: so few cost next to nothing


@dataclass(frozen=True, eq=False)
class Sides:
    """The same ratings seen from both sides; their places are those of people's rows.

    Attributes:
        of_users: by person.
        of_items: by film.
    """

    of_users: RowGroups
    of_items: RowGroups

    @classmethod
    def of(cls, by_user: sp.csr_array, crowd: Crowd | None = None) -> "Sides":
        """Of a matrix, (U, I), rows in order of their columns; those of several processes are made anew."""
        crowd = crowd or Crowd.of(by_user)
        if crowd.is_alone:
            return SIDES.get(digest(by_user), lambda: cls(RowGroups(by_user), crowd.film_groups(by_user)))
        return cls(RowGroups(by_user), crowd.film_groups(by_user))


@dataclass(frozen=True, eq=False)
class State:
    """All that the next sweep of a chain depends on: see `Chain`."""

    users: np.ndarray
    items: np.ndarray
    user_prior: Parameters
    item_prior: Parameters
    cutpoints: np.ndarray
    noise_precision: float


SIDES: Shared[Sides] = Shared()  # chains of other likelihoods have the same ratings


@dataclass
class Chain:
    """Where the sampler stands.

    Attributes:
        by_user: (U, I) what is learned from, rows in order of their columns.
        users: (U, D) factors, then the offset.
        items: (I, D), likewise. Users see items as (factors, 1), and back.
        user_prior, item_prior: how vectors follow from features.
        targets: (n,) float32, what vectors must explain, in by_user's order.
        noise_precision: 1 / variance of a target around its prediction.
        places: where each level stands among the ratings, lowest first, where only levels are observed; else empty.
        cutpoints: (n_levels - 1,) between the levels; empty otherwise.
        crowd: the people of all processes; arrays of people and of ratings are of this process alone.
        expected: (U, D) means of the users, given the items as they were before the last sweep: `before`, (I, D).
        sides: the ratings of by_user, by person and by film.
        around: see `draw_latent`.
        predicted: (n,) float32 of the targets, by the vectors as they are.
    """

    by_user: sp.csr_array
    users: np.ndarray
    items: np.ndarray
    user_prior: LinkedPrior
    item_prior: LinkedPrior
    targets: np.ndarray
    crowd: Crowd
    noise_precision: float = 1.0
    places: list[np.ndarray] = field(default_factory=list)
    cutpoints: np.ndarray = field(default_factory=lambda: np.zeros(0))
    expected: np.ndarray = field(init=False)
    before: np.ndarray = field(init=False)
    sides: Sides = field(init=False)
    around: np.ndarray | None = field(init=False)
    predicted: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.expected, self.before = self.users, self.items
        self.sides = Sides.of(self.by_user, self.crowd)
        self.around = self.crowd.around(np.array([len(each) for each in self.places]))
        self.predicted = self.predictions(self.sides.of_users)

    def sweep(self, rng: np.random.Generator) -> float:
        """Draw everything once, each part given the rest; returns the training error, in units of the target."""
        if self.places:
            self.cutpoints = improved_cutpoints(self.cutpoints, self.predicted, self.places, self.crowd.processes)
            self.targets = draw_latent(self.predicted, self.places, self.cutpoints, rng, self.around)
        sides, given, crowd = self.sides, (self.noise_precision, rng), self.crowd
        drawn = draw_vectors(sides.of_users, self.targets, self.items, self.user_prior, *given, crowd.for_people)
        (self.expected, self.users), self.before = drawn, self.items
        self.user_prior.draw(self.users, rng)
        _, self.items = draw_vectors(sides.of_items, self.targets, self.users, self.item_prior, *given, crowd.for_films)
        self.item_prior.draw(self.items, rng)
        self.predicted = self.predictions(sides.of_users)
        return error(self.targets, self.predicted, crowd.processes)

    def end(self, rng: np.random.Generator) -> State:
        """Where it stands, for another to go on from there. It keeps by_user, cutpoints and the noise's precision."""
        by_user, by_item = self.user_prior.parameters(rng), self.item_prior.parameters(rng)
        state = State(self.users, self.items, by_user, by_item, self.cutpoints, self.noise_precision)
        del self.user_prior, self.item_prior, self.targets, self.places, self.predicted, self.sides
        return state

    def go_on_from(self, before: State) -> None:
        """Begin where a chain on other ratings of the same people and films stands."""
        self.users, self.items, self.cutpoints = before.users, before.items, before.cutpoints
        self.user_prior.take(before.user_prior)
        self.item_prior.take(before.item_prior)
        self.noise_precision = before.noise_precision
        self.predicted = self.predictions(self.sides.of_users)

    @property
    def state(self) -> dict[str, np.ndarray]:
        """All that sweeps change and that does not follow from the rest; of all people."""
        arrays = {name: np.asarray(getattr(self, name)) for name in ARRAYS}
        arrays |= {name: self.crowd.processes.gathered(arrays[name]) for name in OF_PEOPLE}
        priors = {"user": self.user_prior, "item": self.item_prior}
        return arrays | {f"{side} {name}": each for side, prior in priors.items() for name, each in prior.state.items()}

    def be_at(self, state: Mapping[str, np.ndarray]) -> None:
        """Be where a chain on the same ratings was: see `state`."""
        for name in ARRAYS:
            setattr(self, name, state[name][self.crowd.people] if name in OF_PEOPLE else state[name])
        self.noise_precision = float(self.noise_precision)
        for side, prior in (("user", self.user_prior), ("item", self.item_prior)):
            prior.go_on_from(part_of(state, f"{side} "))
        self.predicted = self.predictions(self.sides.of_users)

    def predictions(self, cells: RowGroups) -> np.ndarray:
        """(nnz,) float32 of cells, (U, I), by the vectors as they are."""
        return products(self.users, self.items, cells)

    def expectations(self, cells: RowGroups) -> np.ndarray:
        """The same by what is expected of people, given films as they were: how a fitted model folds people in."""
        return products(self.expected, self.before, cells)


def part_of(state: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, without that."""
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}


def error(targets: np.ndarray, predicted: np.ndarray, processes: Processes = ALONE) -> float:
    """Root of the mean squared difference, (n,) each and those of the other processes; 0 of none."""
    missed = targets - predicted
    squares, n_missed = processes.sum(np.vdot(missed, missed)), int(processes.sum(len(missed)))
    return float(np.sqrt(squares / max(n_missed, 1)))


def products(whose: np.ndarray, whats: np.ndarray, cells: RowGroups) -> np.ndarray:
    """(nnz,) float32 of cells, (U, I), by vectors, (U, D) and (I, D).

    Worked out in float32, which is finer than the noise of a draw.
    """
    ones = np.ones((len(whose), 1))
    return cells.products(np.hstack([whose, ones]).astype(np.float32), as_seen(whats).astype(np.float32))


def first_vectors(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """(N, D) small random vectors."""
    return rng.normal(0.0, FIRST_SPREAD, shape)


def sorted_rows(matrix: Any) -> sp.csr_array:
    """The same as csr, rows in order of their columns; a copy if it is not so yet."""
    rows = sp.csr_array(matrix)
    if rows.has_sorted_indices:
        return rows
    rows = rows.copy()
    rows.sort_indices()
    return rows


def most_rated(counts: np.ndarray, n: int) -> np.ndarray:
    """The n columns with most entries, counts of all of them, as an increasing int array; fewer if there are few."""
    n_carried = max(int(counts.sum()) // ENTRIES_PER_LINK, FEW_LINKS)
    return np.sort(np.argsort(-counts, kind="stable")[: min(n, n_carried)])


def membership(matrix: sp.csr_array, columns: np.ndarray) -> sp.csr_array:
    """(rows, len(columns)) float32: 1 / sqrt(entries of the row) where there is an entry, else 0."""
    lengths = np.diff(matrix.indptr)
    weights = (1.0 / np.sqrt(np.maximum(lengths, 1))).astype(np.float32)
    return with_values(matrix, np.repeat(weights, lengths))[:, columns]
