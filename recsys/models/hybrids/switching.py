"""One model for each length of a history: a switching hybrid.

Legend: B histories, I items.
"""

from collections.abc import Iterator

import numpy as np

from recsys.data.interactions import Histories
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.hybrids.config import SwitchingConfig
from recsys.models.hybrids.members import Hybrid, Member


class Switching(Hybrid):
    """By how many ratings a person has, one member alone answers (Burke 2002, section 3.2).

    Who is near a threshold may have another list after one more rating, and scores of both sides are not alike in size.
    """

    config: SwitchingConfig

    def __init__(self, config: SwitchingConfig = SwitchingConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config, scale)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32, of the member that is in charge of each."""
        found = np.empty(people.stars.shape, dtype=np.float32)
        for member, rows in in_charge(people, self.config.lists, self.config.lists_from):
            found[rows] = self.fitted_as(member).score(people[rows])
        return found

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) float32, likewise."""
        found = np.empty(people.stars.shape, dtype=np.float32)
        for member, rows in in_charge(people, self.config.stars, self.config.stars_from):
            found[rows] = self.fitted_as(member).predict(people[rows])
        return found


def in_charge(
    people: Histories, members: tuple[Member, ...], starts: tuple[int, ...]
) -> Iterator[tuple[Member, np.ndarray]]:
    """Members that are in charge of anybody, each with the rows of those people.

    starts: ratings from which each member but the first is in charge.
    """
    places = np.searchsorted(starts, np.diff(people.stars.indptr), side="right")
    for place, member in enumerate(members):
        rows = np.flatnonzero(places == place)
        if rows.size:
            yield member, rows
