"""Which of two versions that were compared live people prefer, and how sure that is.

By list: of a drafted list, that version wins of whose picks more were liked or saved. What counts of a person is how
many more of their lists the challenger has won than the champion, as a share of those with a film that was liked or
saved, so that who is shown many lists counts no more than others. By person: the difference between those who see one
version and those who see the other, also in whether they come on another day within a week of the first list of the
comparison that they see. In both, an impression is as everywhere in the report, but what a list showed that
does not belong to the comparison is left aside: for either version, the first list of the comparison counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, Self

import numpy as np

from recsys.loop.intervals import SHARE_STEP, STARS_STEP, Figure, Resamples
from recsys.loop.outcomes import RATED, Impression, Period, came_again, impressions
from recsys.loop.privacy import LEAST_PEOPLE, people_rounded, rounded
from recsys.loop.tallies import LIKED, OF_FIVE
from recsys.store.evidence.pasts import KeptList, Past
from recsys.versions.comparison import STOOD_IN, Days

BY_LIST, BY_PERSON = "list", "person"
NORMAL_95, NORMAL_80 = 1.96, 0.84  # standard deviations: of a 95 % interval, and to see a difference four times in five
PREFERENCE, HITS, GIVEN, RETURNED = "preference", "hits", "given", "returned"
ARM = ("lists", "hits", "films", "stars", "weeks", "returned")  # columns of each version: the challenger's come first


class Sides(NamedTuple):
    """What the label of a comparison says.

    Attributes:
        by: BY_LIST or BY_PERSON.
        id: of the comparison.
        champion: fingerprint of the version that answered.
        challenger: of the other one.
    """

    by: str
    id: str
    champion: str
    challenger: str

    @classmethod
    def of(cls, label: str | None) -> Self | None:
        """Those of a label; None: it is none."""
        parts = (label or "").removesuffix(STOOD_IN).split(":")
        return cls(*parts) if len(parts) == len(cls._fields) and parts[0] in (BY_LIST, BY_PERSON) else None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What there is to say of a comparison. Whatever is None is of too few people.

    Attributes:
        sides: which versions.
        people: who tell something; the tens that are full.
        figures: the challenger's less the champion's, by name: preference, or hits, given and returned.
        more_people: how many more may be needed to tell the two apart; None also where nobody can say, or need not.
        days: when it was made; None: nobody knows.
    """

    sides: Sides
    people: int | None
    figures: dict[str, Figure | None]
    more_people: int | None = None
    days: Days | None = None

    @property
    def main(self) -> Figure | None:
        """The figure that decides."""
        return next(iter(self.figures.values()))

    @property
    def preferred(self) -> str | None:
        """The version that people prefer for sure; None: nobody can tell."""
        if self.main is None or self.main.low <= 0 <= self.main.high:
            return None
        return self.sides.challenger if self.main.low > 0 else self.sides.champion

    def as_json(self) -> dict[str, Any]:
        """The same in JSON values."""
        said = {**asdict(self), "sides": self.sides._asdict(), "preferred": self.preferred, "days": None}
        return said if self.days is None else said | {"days": days_as_json(self.days)}


@dataclass(eq=False)
class Comparisons:
    """What was counted.

    Attributes:
        catalogues: as Tallies has them.
        of: of each comparison, a row for each person who had a part in it.
        first: of each, when the first of its lists that are known was shown; tells nothing but their order.
    """

    catalogues: Mapping[str, tuple[int, float]]
    of: dict[Sides, list[np.ndarray]] = field(default_factory=dict)
    first: dict[Sides, datetime] = field(default_factory=dict)

    def watching(self, people: Iterable[Past], period: Period) -> Iterator[Past]:
        """Yield the same people, and count what they tell."""
        for past in people:
            self.add(past, period)
            yield past

    def add(self, past: Past, period: Period) -> None:
        """Count a person."""
        for sides in dict.fromkeys(filter(None, (Sides.of(each.comparison) for each in past.lists))):
            lists = [each for each in past.lists if Sides.of(each.comparison) == sides]
            found = [each for each in impressions(past._replace(lists=lists), period) if each.outcome is not None]
            teams = [self._team(sides, lists[each.place], each) for each in found]
            if sides.by == BY_LIST:
                counted = self._of_lists(found, teams)
            else:
                counted = self._of_person(found, teams) + of_weeks(sides, lists[0], past, period)
            self.of.setdefault(sides, []).append(counted)
            self.first[sides] = min(self.first.get(sides, lists[0].at), lists[0].at)

    def found(self, days: Mapping[str, Days]) -> list[Comparison]:
        """All that there is to say, the newest comparison first; days: of each, by its id, as far as they are known."""

        def began(sides: Sides) -> datetime:
            return days[sides.id].began if sides.id in days else self.first[sides]

        newest_first = sorted(self.of, key=began, reverse=True)
        return [replace(compared(sides, np.array(self.of[sides])), days=days.get(sides.id)) for sides in newest_first]

    def _team(self, sides: Sides, made: KeptList, impression: Impression) -> int | None:
        """0: the challenger's film; 1: the champion's; None: neither's."""
        if sides.by == BY_PERSON:
            return side_of(sides, made)
        return {sides.challenger: 0, sides.champion: 1}.get(made.picks[impression.rank] or "")

    def _stars(self, impression: Impression) -> float | None:
        """That were given, of five."""
        highest = self.catalogues.get(impression.film[0], (0, OF_FIVE))[1]
        return None if impression.stars is None else impression.stars * OF_FIVE / highest

    def _is_liked(self, impression: Impression) -> bool:
        return impression.outcome == "saved" or (self._stars(impression) or 0.0) >= LIKED

    def _of_lists(self, found: Sequence[Impression], teams: Sequence[int | None]) -> np.ndarray:
        """(2,) lists that the challenger won, less those that the champion did, and lists with a film that counts."""
        credit: dict[int, Counter[int]] = {}
        for impression, team in zip(found, teams, strict=True):
            if team is not None and self._is_liked(impression):
                credit.setdefault(impression.place, Counter())[team] += 1
        return np.array([sum(np.sign(each[0] - each[1]) for each in credit.values()), len(credit)], dtype=np.float64)

    def _of_person(self, found: Sequence[Impression], teams: Sequence[int | None]) -> np.ndarray:
        """(12,) columns as ARM has them, but for weeks; those of the version that a person does not see are 0."""
        row = np.zeros((2, len(ARM)))
        for team in {each for each in teams if each is not None}:
            own = [each for each, of in zip(found, teams, strict=True) if of == team]
            stars = [self._stars(each) or 0.0 for each in own if each.outcome == RATED]
            hits = {each.place for each in own if self._is_liked(each)}
            row[team, :4] = len({each.place for each in own}), len(hits), len(stars), sum(stars)
        return row.ravel()


def of_weeks(sides: Sides, first: KeptList, past: Past, period: Period) -> np.ndarray:
    """(12,) columns as ARM has them, of which weeks and returned may be more than 0.

    Args:
        sides: of a comparison.
        first: the first list of it that somebody was shown.
        past: theirs.
        period: that counts.
    """
    row, came, side = np.zeros((2, len(ARM))), came_again(past, first.at, period), side_of(sides, first)
    if came is not None and side is not None:
        row[side, -2:] = 1, came
    return row.ravel()


def side_of(sides: Sides, made: KeptList) -> int | None:
    """On whose side somebody is who was shown a list of a comparison by person, as _team has it.

    Where the champion stood in for the challenger, on the challenger's.
    """
    if made.comparison is not None and made.comparison.endswith(STOOD_IN):
        return 0
    return {sides.challenger: 0, sides.champion: 1}.get(made.version.fingerprint)


def compared(sides: Sides, rows: np.ndarray) -> Comparison:
    """What people tell of a comparison.

    Args:
        sides: of it.
        rows: (n, columns) of people, as Comparisons counts them.
    """
    return by_list(sides, rows) if sides.by == BY_LIST else by_person(sides, rows)


def by_list(sides: Sides, rows: np.ndarray) -> Comparison:
    """By which version wins people's lists; who liked nothing tells nothing."""
    telling = rows[rows[:, 1] > 0]
    n_people = len(telling)
    if n_people < LEAST_PEOPLE:
        return Comparison(sides=sides, people=None, figures={PREFERENCE: None})
    shares = np.column_stack([telling[:, 0] / telling[:, 1], np.ones(n_people)])
    figure = Resamples(n_people).totals(np.arange(n_people), shares).ratio(0, 1)
    people = people_rounded(n_people)
    return Comparison(sides=sides, people=people, figures={PREFERENCE: figure}, more_people=more_of(figure, people))


def by_person(sides: Sides, rows: np.ndarray) -> Comparison:
    """By hit rates, stars and returns of those who see one version and of those who see the other."""
    arms = np.moveaxis(rows.reshape(len(rows), 2, len(ARM)), 2, 0)  # (columns, n, 2)
    lists, hits, films, _, weeks, returned = arms
    totals, n_people = Resamples(len(rows)).totals(np.arange(len(rows)), rows), int((lists.sum(axis=1) > 0).sum())

    def difference(above: str, below: str, step: float, enough: bool) -> Figure | None:
        one, other = ((ARM.index(above) + arm, ARM.index(below) + arm) for arm in (0, len(ARM)))
        return totals.difference(one, other, step) if enough else None

    figures = {
        HITS: difference("hits", "lists", SHARE_STEP, many(hits > 0) and many(lists > hits)),
        GIVEN: difference("stars", "films", STARS_STEP, many(films > 0)),
        RETURNED: difference("returned", "weeks", SHARE_STEP, many(returned > 0) and many(weeks > returned)),
    }
    people = people_rounded(n_people) if many(lists > 0) else None
    more = None if people is None or figures[HITS] is None else more_of(figures[HITS], people)
    return Comparison(sides=sides, people=people, figures=figures, more_people=more)


def days_as_json(days: Days) -> dict[str, str | bool | None]:
    """When a comparison was made, in JSON values."""
    ended = None if days.ended is None else days.ended.isoformat()
    return {"began": days.began.isoformat(), "ended": ended, "goes_on": days.goes_on}


def many(who: np.ndarray) -> bool:
    """Whether something, (n, 2) bool, is so of enough people of either version."""
    return bool((who.sum(axis=0) >= LEAST_PEOPLE).all())


def more_of(figure: Figure | None, people: int) -> int | None:
    """How many more people may be needed until a difference is sure, if it is as it seems; None: nobody can say.

    >>> more_of(Figure(0.1, -0.1, 0.3), 100), more_of(Figure(0.0, -0.1, 0.1), 100), more_of(Figure(0.3, 0.1, 0.5), 100)
    (720, None, None)
    """
    if figure is None or figure.value == 0 or not figure.low <= 0 <= figure.high:
        return None
    error = (figure.high - figure.low) / (2 * NORMAL_95)
    needed = people * ((NORMAL_95 + NORMAL_80) * error / figure.value) ** 2
    return max(rounded(needed - people), LEAST_PEOPLE)
