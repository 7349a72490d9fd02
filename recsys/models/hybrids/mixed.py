"""Lists of several models, in turns.

Legend: B histories, I items.
"""

import numpy as np

from recsys.data.interactions import Histories
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.hybrids.config import MixedConfig
from recsys.models.hybrids.members import Together, best_first

FAR = 1e6  # standard deviations; what is rated comes after all that is not


class Mixed(Together):
    """Members take turns, and each puts on the list what it has next that no other has put there (Burke 2002, 3.3).

    What a member finds alike is ordered by what the others think of it together.
    """

    config: MixedConfig

    def __init__(self, config: MixedConfig = MixedConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)

    def put_together(self, scores: list[np.ndarray], people: Histories) -> np.ndarray:
        """(B, I): minus the place on the list, what is rated last."""
        away = np.zeros(scores[0].shape)
        away[people.stars.nonzero()] = FAR
        together = np.round(np.sum(scores, axis=0), 4)
        return -in_turns([best_first(score - away, together) for score in scores], self.config.turns)


def in_turns(orders: list[np.ndarray], turns: tuple[int, ...]) -> np.ndarray:
    """(B, I) the place of every film, of members' orders, (B, I) item_idx from the best, each.

    Args:
        orders: of each member.
        turns: how many films each puts there before the next does.
    """
    n_people, n_items = orders[0].shape
    first = np.arange(n_people) * n_items  # of each person's cells, as if all were in one row
    cells = [np.append((order + first[:, None]).ravel(), n_people * n_items) for order in orders]
    places, at = np.full(n_people * n_items + 1, -1), [first.copy() for _ in orders]
    cycle = np.repeat(np.arange(len(orders)), turns)
    for place in range(n_items):
        member = cycle[place % len(cycle)]
        own, there = at[member], cells[member]
        chosen = there[own]
        while (late := np.flatnonzero(places[chosen] >= 0)).size:  # those whose next film another has put there
            own[late] += 1
            chosen[late] = there[own[late]]
        places[chosen] = place
    return places[:-1].reshape(n_people, n_items)
