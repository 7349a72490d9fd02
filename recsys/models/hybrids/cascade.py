"""One model's classes of films, and another's order within each: a cascade.

Legend: B histories, I items.
"""

import numpy as np

from recsys.data.interactions import Histories
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.hybrids.config import CascadeListsConfig
from recsys.models.hybrids.members import Together, ranks


class Cascade(Together):
    """The first member says what is as good as alike, and the others refine that alone (Burke 2002, section 3.5).

    Classes are as wide as a share of the standard deviation of a person's scores, so those at the head of a list, where
    films are far apart, hold few films, and those of what hardly differs many. No film leaves its class.
    """

    config: CascadeListsConfig

    def __init__(self, config: CascadeListsConfig = CascadeListsConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)

    def put_together(self, scores: list[np.ndarray], people: Histories) -> np.ndarray:
        """(B, I): minus the place in the list."""
        first, *others = scores
        return -ranks(np.floor(first / self.config.width), *others, first)
