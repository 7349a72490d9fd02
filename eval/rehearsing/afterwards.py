"""What a rehearsal came to: for people of the data set, and for whoever wanted to push a film, with limits and without.

Legend: N ratings of people.
"""

from dataclasses import dataclass

import numpy as np

from eval.rehearsing.judging import Jury, Standing
from eval.retraining.gate import Rival, Row, compared
from eval.retraining.limits import LimitsConfig, limited
from eval.retraining.order import Order
from eval.retraining.people import Given, film_keys, joined, matched
from eval.retraining.trial import measured, stand_in, trial_of
from recsys.artifacts.fitting import fit_all
from recsys.data.movielens import Dataset
from recsys.progress import OnProgress, silent
from recsys.store.store import Store
from recsys.training import Training

OPEN = LimitsConfig(least_ratings=1, most_per_day=10**6, contrary=0.0, surplus=0.0)


@dataclass(frozen=True, kw_only=True)
class Push:
    """Where a pushed film is for people who never come, by whether those who push it are there.

    Attributes:
        without, with_: of the model that knows all but them, and of the one that knows them too.
    """

    without: Standing
    with_: Standing

    @property
    def moved(self) -> float:
        """Places upwards."""
        return self.without.rank - self.with_.rank


@dataclass(frozen=True, eq=False)
class Afterwards:
    """The same ratings, other models.

    Attributes:
        dataset: beside which people rated.
        given: all that consenting people gave.
        order: how versions were made.
        on_progress: told of epochs.
    """

    dataset: Dataset
    given: Given
    order: Order
    on_progress: OnProgress = silent

    @classmethod
    def of(cls, dataset: Dataset, store: Store, order: Order, on_progress: OnProgress = silent) -> "Afterwards":
        """By what the store has."""
        keys = film_keys(dataset)
        return cls(dataset, matched(dataset, keys, store.consents.ratings(keys.label)).given, order, on_progress)

    def base(self) -> list[Row]:
        """People of the data set: the model without the town's ratings, and the one with them, on the base protocol."""
        given = limited(self.dataset, self.given, self.order.limits).given
        trial = trial_of(self.dataset, joined(self.dataset, given), given, self.order.settings)
        values = [
            measured(self.order.model, stand_in(self.order.model, learned, trial, self.on_progress), trial)
            for learned in (trial.learned(people=False), trial.learned())
        ]
        rival = Rival(name="the frozen model", per_user=values[0], trial=trial)
        rows = compared(rival, values[1], self.order.gate)
        return [row for row in rows if row.group == "people of the data set"]

    def pushes(self, jury: Jury, film: int) -> dict[str, Push]:
        """A pushed film, by limits."""
        return {
            name: Push(
                without=self.standing(self.without_pushers(film), limits, jury, film),
                with_=self.standing(self.given, limits, jury, film),
            )
            for name, limits in (("with limits", self.order.limits), ("without", OPEN))
        }

    def without_pushers(self, film: int) -> Given:
        """As if nobody had come who rated a film that nobody else rates."""
        theirs = self.given.person_idx[self.given.item_idx == film]
        return self.given.only(~np.isin(self.given.person_idx, theirs))

    def standing(self, given: Given, limits: LimitsConfig, jury: Jury, film: int) -> Standing:
        """Where a film is for a model that is made of some ratings."""
        whole = joined(self.dataset, limited(self.dataset, given, limits).given)
        training = Training(seed=self.order.seed, on_progress=self.on_progress)
        return jury.standing(fit_all(self.order.model, whole, training, epochs=self.order.epochs), film)
