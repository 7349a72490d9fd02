"""A restricted Boltzmann machine of star levels.

Legend: B histories, I items, F hidden units, N star levels, K groups of neighbouring levels, D = K I visible units.
"""

from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows
from recsys.models.boltzmann.config import SoftmaxRBMConfig
from recsys.models.boltzmann.learning import learn
from recsys.models.boltzmann.machine import Batch, Parameters, first_machine, sigmoid, up
from recsys.models.boltzmann.restricted import MachineOnOffsets
from recsys.models.boltzmann.visible import SoftmaxUnits, softmax
from recsys.models.learned import learned
from recsys.models.numeric.level_groups import group_size, n_groups
from recsys.models.numeric.normal_levels import level_probabilities
from recsys.models.numeric.threads import by_blocks
from recsys.models.simple.plain_share import ASIDE, needs_plain_offsets, sure_share
from recsys.training import Training


class SoftmaxRBM(MachineOnOffsets):
    """P(level | history) of Salakhutdinov, Mnih and Hinton 2007, "RBMs for collaborative filtering".

    With `knows_generosity` levels also lean by how generous the person is, which binary units would have to find out
    for each film anew; where ratings are few, the machine then has a smaller share beside plain offsets. On a scale of
    many levels neighbours share a unit, and have the same chance.
    """

    predicts_means: ClassVar[bool] = True

    weights: np.ndarray = learned("K={n_groups} I F={n_hidden}")
    visible_bias: np.ndarray = learned("K={n_groups} I")
    generosity: float = learned("", default=0.0)
    rated_weights: np.ndarray | None = learned("I F={n_hidden}", default=None)
    share: float = learned(" in 0..1", default=1.0)  # in the distribution; plain offsets have the rest
    plain_noise: float = learned(" in 1e-6..1e9", default=1.0)  # standard deviation of stars around the plain offsets

    config: SoftmaxRBMConfig

    def __init__(self, config: SoftmaxRBMConfig = SoftmaxRBMConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale, self.offsets = config, scale, config.baseline
        self.groups = np.arange(len(scale.levels)) // group_size(len(scale.levels))  # (N,) of each level
        self.shares = 1 / np.bincount(self.groups)[self.groups]  # (N,) of a level in the chance of its group
        means = np.bincount(self.groups, scale.levels * self.shares)
        self.units = SoftmaxUnits(((means - scale.middle) / scale.unit).astype(np.float32), draws=config.draws)

    def sizes(self) -> dict[str, Any]:
        """What the settings fix, and how many levels the scale has."""
        return super().sizes() | {"n_groups": n_groups(len(self.scale.levels))}

    def learn(self, data: Interactions, training: Training) -> None:
        """Fit the machine; where ratings are few, find out before what it is worth beside plain offsets."""
        self.share, self.plain_noise = 1.0, 1.0
        trusted = self.trusted(data, training.seed)
        self.learn_machine(data, training)
        self.share, self.plain_noise = trusted

    def trusted(self, data: Interactions, seed: int) -> tuple[float, float]:
        """The share that surely helps to predict what was kept aside, and by how much plain offsets miss that.

        One who knows nothing of plain offsets has all.
        """
        is_aside = np.random.default_rng(seed).random(data.n_ratings) < ASIDE
        if not (self.config.knows_generosity and needs_plain_offsets(data.stars, int(is_aside.sum()))):
            return 1.0, 1.0
        known, aside = data.only(~is_aside), keep_entries(data.stars, is_aside)
        self.learn_machine(known, Training(seed=seed))
        plain = self.baseline.stars_of(known.stars, aside)
        missed, told = aside.data - plain, self.predict(known.histories)[entry_rows(aside), aside.indices]
        return sure_share(told - plain, missed), float(np.sqrt(np.mean(missed**2))) or 1.0

    def learn_machine(self, data: Interactions, training: Training) -> None:
        """Start from how often every film gets every level."""
        self.learn_offsets(data)
        machine, people = self.first_parameters(data, np.random.default_rng(training.seed)), data.histories
        learn(
            self.units,
            machine,
            lambda rows: self.batch_of(people[rows]),
            len(people),
            self.config.learning,
            training,
        )
        self.keep(machine)

    def first_parameters(self, data: Interactions, rng: np.random.Generator) -> Parameters:
        """Where learning starts."""
        train, config = data.stars, self.config
        machine = first_machine(self.log_rates(train).ravel(), config.n_hidden, config.learning.init_scale, rng)
        if config.knows_generosity:
            machine["generosity"] = np.ones(1, dtype=np.float32)
        if config.knows_rated:
            machine["rated_weights"] = np.zeros((train.shape[1], config.n_hidden), dtype=np.float32)
        return machine

    def keep(self, machine: Parameters) -> None:
        """Take what was learned, an axis for levels apart from that of films."""
        n_levels = len(self.units.levels)
        self.weights = machine["weights"].reshape(n_levels, -1, self.config.n_hidden)
        self.visible_bias = machine["visible_bias"].reshape(n_levels, -1)
        self.hidden_bias, self.rated_weights = machine["hidden_bias"], machine.get("rated_weights")
        self.generosity = float(machine["generosity"][0]) if "generosity" in machine else 0.0

    def log_rates(self, train: sp.csr_array) -> np.ndarray:
        """(K, I) log of how often every film gets every level."""
        n_levels, n_items = len(self.units.levels), train.shape[1]
        level = self.groups[self.scale.level_of(train.data)]
        counts = np.bincount(level * n_items + train.indices, minlength=n_levels * n_items).reshape(n_levels, n_items)
        everybodys = (counts.sum(axis=1) + 1) / (counts.sum() + n_levels)  # (K,)
        rates = counts + self.config.prior * everybodys[:, None]
        return np.log(rates / rates.sum(axis=0))

    @property
    def machine(self) -> Parameters:
        """What was learned, by the names of its parameters, with one axis for all visible units."""
        found = {
            "weights": self.weights.reshape(-1, self.weights.shape[-1]),
            "visible_bias": self.visible_bias.ravel(),
            "hidden_bias": self.hidden_bias,
            "generosity": np.array([self.generosity], dtype=np.float32),
        }
        return found if self.rated_weights is None else {**found, "rated_weights": self.rated_weights}

    def batch_of(self, people: Histories) -> Batch:
        """The units of people with these histories."""
        history = people.stars
        n_people, n_items = history.shape
        is_rated = np.zeros((n_people, n_items), dtype=np.float32)
        values = np.zeros((n_people, len(self.units.levels) * n_items), dtype=np.float32)
        rows, level = entry_rows(history), self.groups[self.scale.level_of(history.data)]
        is_rated[rows, history.indices] = 1
        values[rows, level * n_items + history.indices] = 1
        generosity = self.generosity_of(history) if self.config.knows_generosity else None
        is_unit = np.tile(is_rated, (1, len(self.units.levels)))
        return Batch(
            values=values,
            is_unit=is_unit,
            generosity=generosity,
            rated=is_rated if self.config.knows_rated else None,
        )

    def generosity_of(self, history: sp.csr_array) -> np.ndarray:
        """(B, 1) float32 stars of five that people give above what the films explain."""
        return (self.baseline.user_offset(history)[:, None] / self.scale.unit).astype(np.float32)

    def rating_distribution(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """Probability of every star level, lowest first: (B, I or n, N) float32."""
        return by_blocks(lambda block: self.distribution_of(block, items), people)

    def distribution_of(self, people: Histories, items: np.ndarray | None = None) -> np.ndarray:
        """The same for a block of people."""
        machine, batch = self.machine, self.batch_of(people)
        chances = sigmoid(up(self.units, batch, machine))
        if items is not None:
            machine = {**machine, "weights": self.weights[:, items].reshape(-1, chances.shape[1])}
            machine["visible_bias"] = self.visible_bias[:, items].ravel()
        log_odds = self.units.log_chances if self.config.exact else self.units.log_odds
        asked = self.asking(batch, people, items)
        groups = softmax(log_odds(chances, asked, machine), axis=1)  # (B, K, I)
        levels = (groups[:, self.groups] * self.shares[:, None]).transpose(0, 2, 1)
        if self.share < 1:
            levels = self.share * levels + (1 - self.share) * self.plain_levels(people, items)
        return np.ascontiguousarray(levels, dtype=np.float32)

    def plain_levels(self, people: Histories, items: np.ndarray | None) -> np.ndarray:
        """(B, I or n, N) the same by plain offsets."""
        stars = self.baseline.predict(people)
        stars = stars if items is None else stars[:, items]
        return level_probabilities(stars / self.plain_noise, self.scale.cutpoints / self.plain_noise)

    def asking(self, batch: Batch, people: Histories, items: np.ndarray | None) -> Batch:
        """The same people as they are asked for their stars of all films, or of some items."""
        return batch

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        return by_blocks(lambda block: self.scale.mean_of(self.distribution_of(block)), people)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)
