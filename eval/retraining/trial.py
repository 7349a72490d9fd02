"""Models that are measured against each other: fitted without what they are then asked, and asked the same.

Neither the version that answers nor the one that is made for use can be asked: both have learned from what would be the
answers. So each has a stand-in, fitted in its way on its ratings without those that are held out.

Legend: R ratings of the data set and of people, U users of both.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import scipy.sparse as sp

from eval.measures.per_user import PerUser
from eval.protocols.random import random_mask
from eval.retraining.limits import places_within
from eval.retraining.people import Given
from eval.running.experiment import Settings, measure
from recsys.artifacts.fitting import fit_on
from recsys.data.interactions import Interactions
from recsys.data.movielens import Dataset
from recsys.models import MODELS, create
from recsys.models.base import Model
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.privacy.config import within
from recsys.progress import OnProgress, silent
from recsys.split import Newcomers, Split
from recsys.training import Training

LENGTH = 10  # of the lists
RECENT = 0.2  # so many of each person's ratings, rounded up, are held out, those that were entered last
HELD_OUT = "held out"


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """What is asked, of whom, and what may be learned from.

    Attributes:
        whole: the data set with people's ratings.
        n_base: ratings of the data set alone, which come first.
        n_base_users: likewise.
        held_out: (R,) bool, which ratings are asked for.
        shown: (U, I) float32, sparse, above 0 where a list has shown somebody a film that is not asked for.
        known_from: (R - n_base,) float64 seconds since 1970, from when on a model could learn from people's ratings.
        settings: seed, epochs, and of which films models are told.
        epsilon: within which private models hide people; None: their own.
    """

    whole: Dataset
    n_base: int
    n_base_users: int
    held_out: np.ndarray
    shown: sp.csr_array
    known_from: np.ndarray
    settings: Settings
    epsilon: float | None = None

    @property
    def is_base(self) -> np.ndarray:
        """(U,) bool, who is of the data set."""
        return np.arange(self.whole.ratings.n_users) < self.n_base_users

    @property
    def n_told(self) -> np.ndarray:
        """(U,) int, ratings that are known of each when they are asked."""
        return np.bincount(self.whole.ratings.user_idx[~self.held_out], minlength=self.whole.ratings.n_users)

    def learned(self, until: datetime | None = None, *, people: bool = True) -> Interactions:
        """What a stand-in learns from.

        Args:
            until: when a version read people's ratings: it knew those that had come to hold before, of those who had
                agreed before. Of one that was changed since it knew other stars, which are kept nowhere: it counts as
                unknown. None: it knows all that are not held out.
            people: whether it knows any of theirs.
        """
        keep = ~self.held_out
        if until is not None:
            keep[self.n_base :] &= self.known_from < until.timestamp()
        if not people:
            keep[self.n_base :] = False
        data = self.whole.interactions(keep)
        return data.of_people(np.flatnonzero(np.diff(data.stars.indptr)))

    def of_base(self, base: Dataset) -> "Trial":
        """The same of the data set alone, as it would be if there were nobody else."""
        shown = self.shown[: self.n_base_users]
        return replace(
            self, whole=base, held_out=self.held_out[: self.n_base], shown=shown, known_from=self.known_from[:0]
        )

    def split(self) -> Split:
        """What is known of everybody, and asked of them.

        No list may hold what lists have shown somebody: those were chosen by the version that made them, which would
        else be charged for each of its films that nobody rated, while those that were rated are not asked for.
        """
        known = self.whole.interactions(~self.held_out)
        asked = self.whole.ratings.matrix(self.held_out)
        people = np.arange(asked.shape[0])
        return Split(HELD_OUT, known, asked, newcomers=Newcomers(people, known.histories, untold=self.shown))


def trial_of(base: Dataset, whole: Dataset, given: Given, settings: Settings) -> Trial:
    """Hold out a fifth of the data set's ratings, as the protocol `random` does, and the newest of each person.

    Args:
        base: the data set.
        whole: with people's ratings.
        given: these.
        settings: of the trial.
    """
    recent = newest(given)
    held_out = np.concatenate([random_mask(base, settings.seed)["random"], recent])
    return Trial(
        whole=whole,
        n_base=base.ratings.n_ratings,
        n_base_users=base.ratings.n_users,
        held_out=held_out,
        shown=not_asked(given.shown, whole.ratings.matrix(held_out)),
        known_from=given.known_from,
        settings=settings,
    )


def not_asked(shown: sp.csr_array, asked: sp.csr_array) -> sp.csr_array:
    """(U, I) float32, sparse: 1 where people, the last of U, were shown, (P, I), what is not asked for, (U, I)."""
    nobody = sp.csr_array((asked.shape[0] - shown.shape[0], shown.shape[1]), dtype=np.float32)
    found = sp.csr_array(sp.vstack([nobody, shown.astype(np.float32)]))
    found = sp.csr_array(found - found.multiply(asked > 0))
    found.eliminate_zeros()
    return found


def newest(given: Given) -> np.ndarray:
    """(N,) bool: which ratings somebody entered last, one by one, and not all of them.

    Only of films that no list had shown them: who rates what they were shown gives right to the version that showed it,
    and none of the films that another version would have shown can be among what they rated. What came with others at
    once may be what lists had shown a guest, of whom nothing is kept.
    """
    may_be_asked = ~given.was_shown & given.came_alone
    order = np.lexsort((-given.entered, ~may_be_asked, given.person_idx))
    n = np.bincount(given.person_idx, minlength=given.n_people)[given.person_idx]
    return (places_within(order, given.person_idx) < np.minimum(np.ceil(RECENT * n), n - 1)) & may_be_asked


def stand_in(name: str, learned: Interactions, trial: Trial, on_progress: OnProgress = silent) -> Model:
    """A model fitted without what is held out; DataError if it cannot be."""
    settings = trial.settings
    config = within(MODELS[name].config, trial.epsilon)
    of_all_films = create(name, trial.whole.ratings.scale, epochs=settings.epochs, config=config)
    unfitted = with_vocabulary(of_all_films, settings.min_film_ratings)
    return fit_on(learned, unfitted, Training(seed=settings.seed, on_progress=on_progress))


def measured(name: str, model: Model, trial: Trial, on_progress: OnProgress = silent) -> PerUser:
    """(U,) values of everybody, by name; NotFiniteError if the model answers what is no number."""
    ranks_by = MODELS[name].ranks_by
    return measure(model, trial.split(), trial.settings, ranks_by=ranks_by, on_progress=on_progress)[0]
