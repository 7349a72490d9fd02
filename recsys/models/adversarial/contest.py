"""How long two players are let play: until people whom they did not learn from are no longer served better.

Games have no loss that says when to stop, and who plays on learns to say what was told. So a game is played twice:
first without some people, of whom a part is told and the rest is to be found, and then, for as many epochs as were best
for them, with everybody.

Legend: R people who are learned from, A people kept aside, I items.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, Self, TypeVar

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import keep_entries
from recsys.models.adversarial.game import Length, Losses
from recsys.models.base import entry_rows
from recsys.models.numeric.rankings import whole_ndcg
from recsys.models.numeric.threads import one_thread
from recsys.training import Training

FEWEST = 5  # people who are kept aside; fewer say nothing
ROOM = 0.5  # of what people kept aside like, to be found


class Contest(Protocol):
    """Players, and what they learn from."""

    def epochs(self) -> Iterator[Losses]:
        """Losses after each epoch."""

    def scores(self, profiles: sp.csr_array) -> np.ndarray:
        """What the player who answers says at that time, (A, I) -> (A, I)."""


class Patience(Length, Protocol):
    """When a game ends."""

    @property
    def aside(self) -> float:
        """Share of the people who are kept aside; 0: nobody, and all epochs are played."""

    @property
    def patience(self) -> int:
        """Epochs without a better one before the first game ends."""


C = TypeVar("C", bound=Contest)
Begin = Callable[[sp.csr_array, np.random.Generator], C]  # (R, I) profiles, what is drawn from


@dataclass(frozen=True, eq=False)
class Aside:
    """People kept aside.

    Attributes:
        told: (A, I) what is known of them.
        found: (A, I) bool, what is to be found.
        others: (R, I) of those who are learned from.
    """

    told: sp.csr_array
    found: sp.csr_array
    others: sp.csr_array

    @classmethod
    def of(cls, profiles: sp.csr_array, share: float, rng: np.random.Generator) -> Self:
        """Some people, drawn, and half of what each likes, drawn."""
        order = rng.permutation(profiles.shape[0])
        n_aside = int(share * len(order))
        theirs = profiles[order[:n_aside]]
        hidden = rng.random(theirs.nnz) < ROOM
        found = keep_entries(theirs, hidden)
        return cls(keep_entries(theirs, ~hidden), found.astype(bool), profiles[np.sort(order[n_aside:])])

    def quality(self, scores: np.ndarray) -> float:
        """Mean nDCG of the whole ranking of what they were not told."""
        unseen = scores.copy()
        unseen[entry_rows(self.told), self.told.indices] = -np.inf
        return float(np.mean(whole_ndcg(unseen, self.found)))


def played(begin: Begin[C], profiles: sp.csr_array, config: Patience, training: Training) -> C:
    """A contest that is over.

    Args:
        begin: a contest between new players, of some people.
        profiles: (R, I) of all; whoever has nothing in it is left out.
        config: how long.
        training: told of the epochs of both games.
    """
    profiles = profiles[np.diff(profiles.indptr) > 0]
    with one_thread():
        n_epochs = best_epoch(begin, profiles, config, training)
        contest = begin(profiles, np.random.default_rng(training.seed))
        for epoch, losses in enumerate(islice(contest.epochs(), n_epochs), 1):
            training.on_progress("epoch", epoch, n_epochs, **losses)
    return contest


def best_epoch(begin: Begin[C], profiles: sp.csr_array, config: Patience, training: Training) -> int:
    """After how many epochs people who are kept aside are served best; all of them if there are too few."""
    aside = Aside.of(profiles, config.aside, np.random.default_rng(training.seed))
    if np.count_nonzero(np.diff(aside.found.indptr)) < FEWEST:
        return config.epochs
    contest, best, found = begin(aside.others, np.random.default_rng(training.seed)), 0, -np.inf
    for epoch, _ in enumerate(contest.epochs(), 1):
        quality = aside.quality(contest.scores(aside.told))
        training.on_progress("rehearsal", epoch, config.epochs, ndcg=quality)
        if quality > found:
            best, found = epoch, quality
        elif epoch - best >= config.patience:
            break
    return best
