"""The films of an evening: worked out once for all who take part, and put in order by their votes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from recsys.recommend import answers
from recsys.recommend.answers import GroupSuggestion
from recsys.recommend.group.listing import FEWEST_PEOPLE, HEAD, GroupList, GroupWishes, histories_of, list_for
from recsys.recommend.group.votes import by_votes
from recsys.recommend.recommender import Recommender
from recsys.serve.evenings.evening import MOST_LISTED, Evening, Seat

WORKED_OUT, LOCK = "films", "lock"  # in Evening.worked_out


@dataclass(frozen=True, eq=False)
class FoundFilms:
    """Films for all who take part, as many as may be listed or voted on.

    Attributes:
        model: that has found them.
        how: they were found, one of HOWS.
        ratings: number of a seat -> title -> stars, of those who have rated films that the model knows.
        films: best first, HEAD at most.
        reasons: number of a seat -> why each film is there by the ratings of whoever sits there, of those who have seen
            the list.
    """

    model: Recommender
    how: str
    ratings: Mapping[int, dict[str, float]]
    films: GroupList
    reasons: dict[int, list[str]] = field(default_factory=dict)

    @property
    def titles(self) -> list[str]:
        """What the films are called."""
        return [self.model.display_titles[item] for item in self.films.items]

    def reasons_of(self, seat: Seat) -> list[str]:
        """Why each film is there, by the ratings of whoever sits in a seat, who alone may read it; "" for no reason."""
        if seat.number not in self.reasons:
            ratings = self.ratings.get(seat.number, {})
            said = self.model.reasons(self.model.history(ratings), self.films.items) if ratings else []
            own = [
                "" if title in ratings else reason for title, reason in zip(self.titles, said, strict=False)
            ]  # its own stars are no reason
            self.reasons[seat.number] = own or [""] * len(self.titles)
        return self.reasons[seat.number]


@dataclass(frozen=True)
class ShownFilms:
    """A list as one of those who take part sees it.

    Attributes:
        names: of the people, in the order of each one's stars.
        films: in their order.
        goes_on: whether there are more.
    """

    names: list[str]
    films: list[GroupSuggestion]
    goes_on: bool


def shown_to(seat: Seat, evening: Evening, model: Recommender) -> ShownFilms | None:
    """The list as whoever sits in a seat sees it; None while too few have rated anything that the model knows."""
    found = found_for(evening, model)
    if found is None:
        return None
    places = by_votes(found.titles, evening.tallies, evening.n_films)
    reasons = found.reasons_of(seat)
    films = answers.group_suggestions(model, found.films.at(places), found.how, [reasons[place] for place in places])
    names = [each.name for each in evening.seats if each.number in found.ratings]
    return ShownFilms(names, films, evening.n_films < min(len(found.titles), MOST_LISTED))


def found_for(evening: Evening, model: Recommender) -> FoundFilms | None:
    """The films of an evening, which are worked out anew only for other people, ratings or settings; None as above.

    Whoever asks meanwhile waits for the same.
    """
    with evening.worked_out.setdefault(LOCK, threading.Lock()):
        found: FoundFilms | None = evening.worked_out.get(WORKED_OUT)
        if found is None or found.model is not model:
            found = evening.worked_out[WORKED_OUT] = found_anew(evening, model)
        return found


def found_anew(evening: Evening, model: Recommender) -> FoundFilms | None:
    """Likewise, by what each has rated that the model knows."""
    known = {seat.number: answers.known_ratings(model, seat.taste.ratings) for seat in evening.seats}
    ratings = {number: rated for number, rated in known.items() if rated}
    if len(ratings) < FEWEST_PEOPLE:
        return None
    films = list_for(model, histories_of(model, [*ratings.values()]), wishes_of(evening, model))
    return FoundFilms(model, evening.how, ratings, films)


def wishes_of(evening: Evening, model: Recommender) -> GroupWishes:
    """What is wanted of the films, of which none is listed that one of the people does not want."""
    hidden = {title for seat in evening.seats for title in seat.taste.hidden if title in model.titles.item_of}
    filters = evening.filters
    return GroupWishes(k=HEAD, how=evening.how, exclude=hidden, seen_too=filters.seen_too, filters=filters)
