"""Impressions counted, by person and version: some 300 bytes for each pair, however many lists there are.

Stars are of five here, whatever a data set's scale is, and a like is a film that was given four or more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from recsys.loop.outcomes import OUTCOMES, RATED, Impression, Period, impressions, returned
from recsys.store.evidence.pasts import Film, Past, Version

MOST_VERSIONS, MOST_KINDS = 10, 6  # that have figures of their own; the others are one
OF_FIVE, LIKED = 5.0, 4.0
PLACES = ((0, "1st"), (1, "2nd and 3rd"), (3, "4th to 6th"), (6, "7th to 10th"), (10, "further down"))  # from this rank
BINS = ((0.0, "under 2.5"), (2.5, "2.5 to 3"), (3.0, "3 to 3.5"), (3.5, "3.5 to 4"), (4.0, "4 to 4.5"), (4.5, "over"))
NO_VERSION = -1  # of a newcomer who was shown no list

_widths = {
    "lists": 1,  # that showed a film whose window is over for the first time
    "hits": 1,  # of these, with a film that was liked or saved
    "films": 1,  # impressions whose window is over
    "outcomes": len(OUTCOMES),  # of these
    "liked": 1,  # or saved, of these
    "pending": 1,  # impressions whose window is not over
    "stars": 4,  # of rated films of which stars were expected: number, sums of given, expected, squared difference
    "place_films": len(PLACES),
    "place_liked": len(PLACES),
    "place_said": len(PLACES),
    "kind_films": MOST_KINDS,
    "kind_liked": MOST_KINDS,
    "kind_said": MOST_KINDS,
    "bin_films": len(BINS),
    "bin_given": len(BINS),
    "bin_expected": len(BINS),
}
_ends = np.cumsum([*_widths.values()])
COLUMNS = {name: slice(end - width, end) for (name, width), end in zip(_widths.items(), _ends.tolist(), strict=True)}
N_COLUMNS = int(_ends[-1])


@dataclass(eq=False)
class Tallies:
    """What was counted.

    Attributes:
        versions: those that have figures of their own, the newest first; their places here are their numbers below, and
            one more is the number of all others.
        catalogues: films that are known of a data set, and the most stars that it gives.
        kinds: of lists, each with its place among the columns.
        n_people: who have been counted.
        of: for each row of `counts`, the person's number and the version's.
        counts: columns as COLUMNS has them.
        films: numbers of films that were counted, each film's by data set and item.
        shown: by version: the person's number, and the numbers of the films that they were shown.
        newcomers: the person's number, the version's of the first list that they were shown, and whether they returned.
    """

    versions: list[Version]
    catalogues: Mapping[str, tuple[int, float]]
    kinds: dict[str, int] = field(default_factory=dict)
    n_people: int = 0
    of: list[tuple[int, int]] = field(default_factory=list)
    counts: list[np.ndarray] = field(default_factory=list)
    films: dict[Film, int] = field(default_factory=dict)
    shown: dict[int, list[tuple[int, np.ndarray]]] = field(default_factory=dict)
    newcomers: list[tuple[int, int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._number = {version: number for number, version in enumerate(self.versions[:MOST_VERSIONS])}

    def number(self, version: Version) -> int:
        """The number of a version."""
        return self._number.get(version, len(self._number))

    @property
    def lines(self) -> list[Version | None]:
        """What each number stands for; None: all others."""
        return [*self._number, *([None] if len(self.versions) > len(self._number) else [])]

    def add(self, past: Past, period: Period) -> None:
        """Count a person."""
        person, self.n_people = self.n_people, self.n_people + 1
        by_version: dict[int, list[Impression]] = {}
        for impression in impressions(past, period):
            by_version.setdefault(self.number(impression.version), []).append(impression)
        for version, found in by_version.items():
            self.of.append((person, version))
            self.counts.append(self._counted(found))
        self._add_shown(person, past, period)
        came_back = returned(past, period)
        if came_back is not None:
            first = next((each.version for each in past.lists if each.at >= past.registered_at), None)
            self.newcomers.append((person, NO_VERSION if first is None else self.number(first), came_back))

    def _add_shown(self, person: int, past: Past, period: Period) -> None:
        """Note which films a person was shown, at any time of the period."""
        shown: dict[int, set[int]] = {}
        for each in past.lists:
            if each.at >= period.begins:
                films = shown.setdefault(self.number(each.version), set())
                films |= {self._film((each.dataset, item_id)) for item_id, _ in each.films}
        for version, films in shown.items():
            self.shown.setdefault(version, []).append((person, np.array(sorted(films), dtype=np.int32)))

    def _film(self, film: Film) -> int:
        return self.films.setdefault(film, len(self.films))

    def _kind(self, kind: str) -> int:
        return min(self.kinds.setdefault(kind, len(self.kinds)), MOST_KINDS - 1)

    def _counted(self, found: Iterable[Impression]) -> np.ndarray:
        """(N_COLUMNS,) float32 of one person's impressions by one version."""
        row = np.zeros(N_COLUMNS, dtype=np.float32)
        lists: dict[int, bool] = {}
        for impression in found:
            if impression.outcome is None:
                row[COLUMNS["pending"]] += 1
                continue
            liked = self._add(row, impression)
            lists[impression.place] = lists.get(impression.place, False) or liked
        row[COLUMNS["lists"]], row[COLUMNS["hits"]] = len(lists), sum(lists.values())
        return row

    def _add(self, row: np.ndarray, impression: Impression) -> bool:
        """Count an impression whose window is over; whether it was liked or saved."""
        highest = self.catalogues.get(impression.film[0], (0, OF_FIVE))[1]
        given = None if impression.stars is None else impression.stars * OF_FIVE / highest
        liked = impression.outcome == "saved" or (given is not None and given >= LIKED)
        said = impression.outcome != OUTCOMES[-1]
        assert impression.outcome is not None
        row[COLUMNS["films"]] += 1
        row[COLUMNS["outcomes"]][OUTCOMES.index(impression.outcome)] += 1
        row[COLUMNS["liked"]] += liked
        rank = place_in(PLACES, impression.rank)
        for name, at in (("place", rank), ("kind", self._kind(impression.kind))):
            for what, value in (("films", 1), ("liked", liked), ("said", said)):
                row[COLUMNS[f"{name}_{what}"]][at] += value
        if impression.outcome == RATED and given is not None and impression.expected is not None:
            expected = impression.expected * OF_FIVE / highest
            row[COLUMNS["stars"]] += (1, given, expected, (given - expected) ** 2)
            for what, amount in (("films", 1.0), ("given", given), ("expected", expected)):
                row[COLUMNS[f"bin_{what}"]][place_in(BINS, expected)] += amount
        return liked


def place_in(steps: tuple[tuple[float, str], ...], value: float) -> int:
    """The last of some steps that a value has reached; the first where it has reached none.

    >>> place_in(PLACES, 2), place_in(BINS, 4.5), place_in(BINS, -1.0)
    (1, 5, 0)
    """
    return max(sum(begin <= value for begin, _ in steps) - 1, 0)


def counted(pasts: Iterable[Past], period: Period, tallies: Tallies) -> Tallies:
    """Count people, one after the other."""
    for past in pasts:
        tallies.add(past, period)
    return tallies
