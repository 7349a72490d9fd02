"""What becomes of people and lists while a recommender is trained, again and again, on what it made people watch.

Legend: U people, I films, G genres, n places of a visit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from recsys.data.interactions import Histories, Interactions
from recsys.models.base import Model
from recsys.ranking import top_k
from recsys.simulation.people import People
from recsys.simulation.session import Chances, VisitConfig, Visits, visit
from recsys.simulation.traits import genres_of
from recsys.split import merged

BATCH = 256  # people who are scored at a time
Refit = Callable[[Interactions, int], Model]  # ratings, times trained before -> a model of them


@dataclass(frozen=True, eq=False)
class Round:
    """What came of one visit of everybody.

    Attributes:
        coverage: share of all films that anybody was shown.
        pages: that were looked at, in the mean.
        share_watched: of the films that were shown.
        mean_joy: of what was watched, -1 to 1.
        satisfaction: (U,), see `Visits`.
        entropy: (U,) nats of the genres that were shown.
        n_ratings: that the model of this round had learned from.
    """

    coverage: float
    pages: float
    share_watched: float
    mean_joy: float
    satisfaction: np.ndarray
    entropy: np.ndarray
    n_ratings: int


@dataclass(frozen=True, eq=False)
class World:
    """Where rounds take place.

    Attributes:
        data: (U, I), what is known at first.
        people: the same, as they truly are.
        config: of visits.
        seed: of what decides visits; round by round the same for every recommender.
    """

    data: Interactions
    people: People
    config: VisitConfig
    seed: int = 0

    def visits(self, ranked: np.ndarray, number: int) -> Visits:
        """Of a round, counted from 0: everybody is shown films, (U, n)."""
        chances = Chances.drawn(self.people, self.config, self.seed + number)
        return visit(self.people, ranked, chances, self.config)

    def with_watched(self, data: Interactions, visits: Visits) -> Interactions:
        """The ratings, and those of what was watched; when they were given is not known of the latter, nor kept."""
        rows = np.repeat(np.arange(len(visits.pages)), visits.watched.sum(axis=1))
        films = visits.shown[visits.watched]
        given = np.zeros(data.shape, dtype=np.float32)
        given[rows, films] = self.people.stars[rows, films]
        return replace(data, stars=merged(data.stars, type(data.stars)(given)), times=None)


def rounds(world: World, model: Model, n_rounds: int, refit: Refit | None) -> Iterator[Round]:
    """Yield what comes of n_rounds + 1 visits.

    Args:
        world: where.
        model: fitted on the world's data.
        n_rounds: how often what was watched is added.
        refit: trains again on all there is, after every visit; None: the model stays, and only histories grow.
    """
    data, learned = world.data, world.data.n_ratings
    for number in range(n_rounds + 1):
        visits = world.visits(lists_of(model, data.histories, world.config.n_places), number)
        yield round_of(visits, data, learned)
        data = world.with_watched(data, visits)
        if refit is not None and number < n_rounds:
            model, learned = refit(data, number + 1), data.n_ratings


def round_of(visits: Visits, data: Interactions, n_ratings: int) -> Round:
    """The figures of visits."""
    return Round(
        coverage=visits.coverage(data.shape[1]),
        pages=float(visits.pages.mean()),
        share_watched=visits.share_watched,
        mean_joy=visits.mean_joy,
        satisfaction=visits.satisfaction,
        entropy=visits.entropy(genres_of(data)),
        n_ratings=n_ratings,
    )


def lists_of(model: Model, people: Histories, n_places: int) -> np.ndarray:
    """(U, n) the best films that somebody has not rated; -1 where there are no more."""
    found = [top_k(model.score(batch), batch.stars, n_places) for batch in people.batches(BATCH)]
    return np.concatenate(found)
