"""A restricted Boltzmann machine of star levels that hears when films were rated.

Legend: B histories, I items, F hidden units, K groups of neighbouring levels, D = K I, T numbers of a moment.
"""

from dataclasses import dataclass, replace

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.base import entry_rows
from recsys.models.boltzmann.config import TimedRBMConfig
from recsys.models.boltzmann.machine import Batch, Parameters
from recsys.models.boltzmann.moments import N_NUMBERS, Calendar
from recsys.models.boltzmann.rbm import SoftmaxRBM
from recsys.models.boltzmann.visible import SoftmaxUnits
from recsys.models.learned import learned


@dataclass(frozen=True, eq=False, kw_only=True)
class TimedBatch(Batch):
    """People's visible units, and when they rated; the mean moment of each, (B, T), stands in `rated`.

    Attributes:
        rows, columns: (n,) int, of each rating.
        moments: (n, T) float32, of each rating.
        lean: (B, I) of every film instead, or (B, 1) of all, where people are asked.
    """

    rows: np.ndarray
    columns: np.ndarray
    moments: np.ndarray
    lean: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class TimedUnits(SoftmaxUnits):
    """Softmax units whose levels lean by the moment, too: b of level k becomes b + a o t_k + (s . moment) t_k."""

    def own_energy(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B,) minus the biases of the levels that were given, and what leans to them."""
        leaning = np.sum(self.lean_of(batch, machine) * self.given(batch), axis=1)
        return np.asarray(super().own_energy(batch, machine) - leaning)

    def leant(self, odds: np.ndarray, batch: Batch, machine: Parameters) -> np.ndarray:
        """Log odds, (B, K, I), with what generosity and moments add; changed in place."""
        odds = super().leant(odds, batch, machine)
        odds += self.lean_of(batch, machine)[:, None] * self.levels[:, None]
        return odds

    def slopes(self, batch: Batch, hidden: np.ndarray, machine: Parameters) -> Parameters:
        """Those of other softmax units; and by s, the moments times what leans to them."""
        assert isinstance(batch, TimedBatch), "made by TimedRBM"
        given = self.given(batch)[batch.rows, batch.columns]
        return {**super().slopes(batch, hidden, machine), "moment_lean": batch.moments.T @ given}

    def given(self, batch: Batch) -> np.ndarray:
        """(B, I) the levels that were given, in stars of five from the middle."""
        by_level = batch.values.reshape(len(batch.values), len(self.levels), -1)
        return np.tensordot(by_level, self.levels, axes=(1, 0))

    def lean_of(self, batch: Batch, machine: Parameters) -> np.ndarray:
        """(B, I) s . moment of every rating, or of every film where people are asked, or (B, 1) of all."""
        assert isinstance(batch, TimedBatch), "made by TimedRBM"
        if batch.lean is not None:
            return batch.lean
        found = np.zeros((len(batch.values), batch.values.shape[1] // len(self.levels)), dtype=batch.values.dtype)
        found[batch.rows, batch.columns] = batch.moments @ machine["moment_lean"]
        return found


class TimedRBM(SoftmaxRBM):
    """UBMTR (Harshvardhan et al. 2022), as far as its abstract says: ratings and the time of each go in.

    Hidden units hear the mean moment of the ratings, P(h) = sigmoid(c + sum W + T' mean moment). With `leans_by_time`
    levels lean by the moment in which they were given, too; somebody is asked at the median of their times. A moment is
    hour, day of the week, month, time since the person's first rating, and how old the film was. Where times are
    unknown, all is usual.
    """

    moment_weights: np.ndarray = learned("T F={n_hidden}")
    moment_lean: np.ndarray = learned("T")
    usual_moment: np.ndarray = learned("T")
    years: np.ndarray = learned("I in 0..10000")  # of release; 0: unknown

    config: TimedRBMConfig

    def __init__(self, config: TimedRBMConfig = TimedRBMConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)
        self.units = TimedUnits(self.units.levels, self.units.draws)

    @property
    def calendar(self) -> Calendar:
        """What is known of films and moments in general."""
        return Calendar(self.years, self.usual_moment)

    def first_parameters(self, data: Interactions, rng: np.random.Generator) -> Parameters:
        """Where learning starts: moments say nothing."""
        self.years = years_of(data)
        self.usual_moment = np.zeros(N_NUMBERS)
        if data.n_ratings:
            self.usual_moment = self.calendar.of_ratings(data.histories).mean(axis=0, dtype=np.float64)
        machine = super().first_parameters(data, rng)
        machine["rated_weights"] = np.zeros((N_NUMBERS, self.config.n_hidden), dtype=np.float32)
        machine["moment_lean"] = np.zeros(N_NUMBERS, dtype=np.float32)
        return machine

    def keep(self, machine: Parameters) -> None:
        """Take what was learned."""
        super().keep({name: values for name, values in machine.items() if name != "rated_weights"})
        self.moment_weights, self.moment_lean = machine["rated_weights"], machine["moment_lean"]

    @property
    def machine(self) -> Parameters:
        """What was learned, by the names of its parameters."""
        return {**super().machine, "rated_weights": self.moment_weights, "moment_lean": self.moment_lean}

    def batch_of(self, people: Histories) -> TimedBatch:
        """The units of people with these histories, and their moments."""
        plain, moments = super().batch_of(people), self.calendar.of_ratings(people)
        return TimedBatch(
            values=plain.values,
            is_unit=plain.is_unit,
            generosity=plain.generosity,
            rated=self.calendar.means(people, moments) * np.float32(self.config.hears_time),
            rows=entry_rows(people.stars),
            columns=people.stars.indices,
            moments=moments * np.float32(self.config.leans_by_time),
        )

    def asking(self, batch: Batch, people: Histories, items: np.ndarray | None) -> TimedBatch:
        """The same people, asked at the median of their times."""
        assert isinstance(batch, TimedBatch), "made by batch_of"
        if not self.config.leans_by_time:
            return replace(batch, lean=np.zeros((len(people), 1), dtype=np.float32))
        return replace(batch, lean=self.calendar.leaning(people, self.moment_lean, items))


def years_of(data: Interactions) -> np.ndarray:
    """(I,) float64 when the films came out, 0 where it is unknown."""
    known = () if data.films is None else data.films.years
    years = np.array([year or 0 for year in known], dtype=np.float64)
    return years if len(years) else np.zeros(data.shape[1])
