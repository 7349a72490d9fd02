"""Lists of several models, in turns.

Legend: B histories, I items.
"""

import numpy as np

from recsys.data.interactions import Histories
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.hybrids.config import MixedConfig
from recsys.models.hybrids.members import Together, ranks


class Mixed(Together):
    """Members take turns, and each puts on the list what it has next that no other has put there (Burke 2002, 3.3).

    What a member finds alike is ordered by what the others think of it together.
    """

    config: MixedConfig

    def __init__(self, config: MixedConfig = MixedConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)

    def put_together(self, scores: list[np.ndarray], people: Histories) -> np.ndarray:
        """(B, I): minus the place on the list, what is rated last."""
        is_rated = np.zeros(scores[0].shape)
        is_rated[people.stars.nonzero()] = 1
        together = np.round(np.sum(scores, axis=0), 4)
        orders = [np.argsort(ranks(-is_rated, score, together), axis=1, kind="stable") for score in scores]
        return -in_turns(orders)


def in_turns(orders: list[np.ndarray]) -> np.ndarray:
    """(B, I) the place of every film, of members' orders, (B, I) item_idx from the best, each."""
    n_people, n_items = orders[0].shape
    places = np.full((n_people, n_items), -1)
    people, at = np.arange(n_people), np.zeros((len(orders), n_people), dtype=np.int64)
    for turn in range(n_items):
        order, own = orders[turn % len(orders)], at[turn % len(orders)]
        late = people
        while late.size:  # those whose next film another has put there
            late = late[places[late, order[late, own[late]]] >= 0]
            own[late] += 1
        places[people, order[people, own]] = turn
    return places
