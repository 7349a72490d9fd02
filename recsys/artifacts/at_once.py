"""What answers while a model that takes minutes is being trained: others, fitted in seconds on the same data."""

import logging
from collections.abc import Callable, Iterator

from recsys.data.interactions import Interactions
from recsys.free_memory import free_memory
from recsys.models import create
from recsys.models.base import Model, StagedModel
from recsys.models.hybrids.config import POPULARITY_MEMBER, WeightedConfig
from recsys.models.hybrids.members import Member
from recsys.models.needs import Extent, bytes_needed
from recsys.models.simple.config import BaselineConfig
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.training import Training

LARGEST_SIDE = 4_000  # people or films, whichever are fewer: of more, a linear path is no matter of seconds
STARS = Member(name="baseline", config=BaselineConfig())
MOST_CHOSEN = WeightedConfig(lists=(POPULARITY_MEMBER,), stars=(STARS,), kept_aside=0.0)
LOG = logging.getLogger(__name__)

Way = Callable[[Interactions, Training], Model | None]


def models_at_once(
    wanted: StagedModel, data: Interactions, training: Training, min_film_ratings: int = 0
) -> Iterator[Model]:
    """Yield what answers at once, and what is better than that as soon as it is fitted; nothing if that fails.

    Args:
        wanted: is to be fitted afterwards.
        data: what it is to learn from.
        training: how.
        min_film_ratings: of a film that it is told of.
    """
    for fit in ways(wanted, data, min_film_ratings):
        try:
            model = fit(data, training)
        except Exception as reason:
            LOG.warning("What was to answer at once could not be fitted (%s: %s).", type(reason).__name__, reason)
            continue
        if model is not None:
            yield model


def ways(wanted: StagedModel, data: Interactions, min_film_ratings: int) -> list[Way]:
    """What is fitted ahead where memory has room for it beside what is wanted; before it what takes no time at all."""
    extent, free = Extent.of(data.stars), free_memory()
    has_room = free is None or 2 * bytes_needed(wanted, extent) <= free
    is_short = min(extent.n_people, extent.n_rated()) <= LARGEST_SIDE
    ahead: list[Way] = [wanted.fit_ahead] if has_room else []
    if ahead and is_short:
        return ahead

    def most_chosen(data: Interactions, training: Training) -> Model:
        model = create("weighted", wanted.scale, config=MOST_CHOSEN)
        return with_vocabulary(model, min_film_ratings).fit(data, training)

    return [most_chosen, *ahead]
