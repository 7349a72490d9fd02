"""Films for several people, as the page and its endpoints show them: plain values.

Legend: k listed films.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from recsys.recommend.answers import Suggestion, suggestions
from recsys.recommend.group.listing import FAIR, GroupList, GroupWishes, histories_of, list_for, reasons_for
from recsys.recommend.recommender import Recommender


@dataclass(frozen=True, kw_only=True)
class GroupSuggestion(Suggestion):
    """One film of a list for several people; its predicted stars are what they would give on average.

    Attributes:
        each_ones_stars: that each would give, in the order of the people; empty where the model predicts none.
        chosen_for: in a fair mix, the number of the person for whom the film is there, from 1; else None.
    """

    each_ones_stars: tuple[float, ...] = ()
    chosen_for: int | None = None


def films_for_group(
    model: Recommender, people: Sequence[Mapping[str, float]], wishes: GroupWishes, with_reasons: bool = True
) -> list[GroupSuggestion]:
    """Films for some people, by what each has rated.

    Args:
        model: what knows.
        people: title -> stars, of 2 to 8 people.
        wishes: what is wanted.
        with_reasons: whether to give reasons, which tell what somebody has rated.

    Raises:
        DataError: there are too few people or too many, one has rated nothing, or a film or its stars are unknown.
    """
    histories = histories_of(model, people)
    found = list_for(model, histories, wishes)
    reasons = reasons_for(model, histories, found) if with_reasons else [""] * len(found.items)
    films = suggestions(model, found.items, histories[0], reasons, says_stars=False)
    return [said_to_all(film, found, place, wishes.how) for place, film in enumerate(films)]


def said_to_all(film: Suggestion, found: GroupList, place: int, how: str) -> GroupSuggestion:
    """A film at a place of a list, with what is said of it to all of the people."""
    stars = () if found.stars is None else tuple(round(float(one), 2) for one in found.stars[:, place])
    mean = round(float(np.mean(found.stars[:, place])), 2) if found.stars is not None else None
    chosen_for = int(found.fondest[place]) + 1 if how == FAIR else None
    said = asdict(film) | {"predicted_stars": mean}
    return GroupSuggestion(**said, each_ones_stars=stars, chosen_for=chosen_for)
