"""Which of two versions that were compared live people prefer, and how sure that is.

By list: of a drafted list, that version wins of whose picks more were liked or saved. What counts of a person is how
many more of their lists the challenger has won than the champion, as a share of those with a film that was liked or
saved, so that who is shown many lists counts no more than others. By person: the difference between those who see one
version and those who see the other. In both, an impression is as everywhere in the report, but what a list showed that
does not belong to the comparison is left aside: for either version, the first list of the comparison counts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple, Self

import numpy as np

from recsys.loop.intervals import SHARE_STEP, STARS_STEP, Figure, Resamples
from recsys.loop.outcomes import RATED, Impression, Period, impressions
from recsys.loop.privacy import LEAST_PEOPLE, people_rounded, rounded
from recsys.loop.tallies import LIKED, OF_FIVE
from recsys.store.evidence.pasts import Past

BY_LIST, BY_PERSON = "list", "person"
NORMAL_95, NORMAL_80 = 1.96, 0.84  # standard deviations: of a 95 % interval, and to see a difference four times in five
PREFERENCE, HITS, GIVEN = "preference", "hits", "given"
ARM = ("lists", "hits", "films", "stars")  # columns of each version, by person: the challenger's, then the champion's


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
        parts = (label or "").split(":")
        return cls(*parts) if len(parts) == len(cls._fields) and parts[0] in (BY_LIST, BY_PERSON) else None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What there is to say of a comparison. Whatever is None is of too few people.

    Attributes:
        sides: which versions.
        people: who tell something; the tens that are full.
        figures: the challenger's less the champion's, by name: preference, or hits and given.
        more_people: how many more may be needed to tell the two apart; None also where nobody can say, or need not.
    """

    sides: Sides
    people: int | None
    figures: dict[str, Figure | None]
    more_people: int | None = None

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
        return {**asdict(self), "sides": self.sides._asdict(), "preferred": self.preferred}


@dataclass(eq=False)
class Comparisons:
    """What was counted.

    Attributes:
        catalogues: as Tallies has them.
        of: of each comparison, a row for each person who had a part in it.
    """

    catalogues: Mapping[str, tuple[int, float]]
    of: dict[Sides, list[np.ndarray]] = field(default_factory=dict)

    def watching(self, people: Iterable[Past], period: Period) -> Iterator[Past]:
        """Yield the same people, and count what they tell."""
        for past in people:
            self.add(past, period)
            yield past

    def add(self, past: Past, period: Period) -> None:
        """Count a person."""
        for label in dict.fromkeys(each.comparison for each in past.lists if each.comparison):
            sides = Sides.of(label)
            if sides is None:
                continue
            lists = [each for each in past.lists if each.comparison == label]
            found = [each for each in impressions(past._replace(lists=lists), period) if each.outcome is not None]
            teams = [self._team(sides, lists[each.place].picks, each) for each in found]
            counted = self._of_lists(found, teams) if sides.by == BY_LIST else self._of_person(found, teams)
            self.of.setdefault(sides, []).append(counted)

    def found(self) -> list[Comparison]:
        """All that there is to say, the newest comparison last."""
        return [compared(sides, np.array(rows)) for sides, rows in self.of.items()]

    def _team(self, sides: Sides, picks: Sequence[str | None], impression: Impression) -> int | None:
        """0: the challenger's film; 1: the champion's; None: neither's."""
        version = picks[impression.rank] if sides.by == BY_LIST else impression.version.fingerprint
        return {sides.challenger: 0, sides.champion: 1}.get(version or "")

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
        """(8,) columns as ARM has them; those of the version that a person does not see are 0."""
        row = np.zeros((2, len(ARM)))
        for team in {each for each in teams if each is not None}:
            own = [each for each, of in zip(found, teams, strict=True) if of == team]
            stars = [self._stars(each) or 0.0 for each in own if each.outcome == RATED]
            hits = {each.place for each in own if self._is_liked(each)}
            row[team] = len({each.place for each in own}), len(hits), len(stars), sum(stars)
        return row.ravel()


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
    """By hit rates and stars of those who see one version and of those who see the other."""
    arms = rows.reshape(len(rows), 2, len(ARM))  # (n, 2, columns)
    lists, hits, films = arms[..., 0], arms[..., 1], arms[..., 2]
    totals, n_people = Resamples(len(rows)).totals(np.arange(len(rows)), rows), int((lists.sum(axis=1) > 0).sum())
    other = len(ARM)
    enough = (many(lists > 0), many(hits > 0) and many(lists > hits), many(films > 0))
    figures = {
        HITS: totals.difference((1, 0), (other + 1, other), SHARE_STEP) if enough[1] else None,
        GIVEN: totals.difference((3, 2), (other + 3, other + 2), STARS_STEP) if enough[2] else None,
    }
    people = people_rounded(n_people) if enough[0] else None
    more = None if people is None or figures[HITS] is None else more_of(figures[HITS], people)
    return Comparison(sides=sides, people=people, figures=figures, more_people=more)


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
