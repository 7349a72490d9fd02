"""Makes a report of what was counted: figures with their intervals, where enough people have a part in them."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from recsys.loop.comparing import Comparisons
from recsys.loop.intervals import STARS_STEP, Figure, Resamples
from recsys.loop.outcomes import OUTCOMES, Period
from recsys.loop.privacy import Cells, people_rounded, rounded, shown_cells, union
from recsys.loop.report import Part, Report, Row
from recsys.loop.tallies import BINS, COLUMNS, MOST_KINDS, N_COLUMNS, NO_VERSION, PLACES, Tallies, counted
from recsys.results.metrics import RMSE

if TYPE_CHECKING:
    from recsys.store.evidence.pasts import Past
    from recsys.store.evidence.reading import Evidence
    from recsys.versions.comparison import Days

OTHERS = "others"
NOT_KNOWN: "Mapping[str, Days]" = MappingProxyType({})
LEAST_REST = 0.005  # seconds
Cell = tuple[int, int | None]  # people for whom a column is above 0, or above another one
FIRST = {name: columns.start for name, columns in COLUMNS.items()}
N_STARS = FIRST["stars"]
GIVEN, EXPECTED, SQUARED = N_STARS + 1, N_STARS + 2, N_STARS + 3


def report_of(
    evidence: "Evidence",
    period: Period,
    now: datetime,
    *,
    gently: bool = False,
    days: "Mapping[str, Days]" = NOT_KNOWN,
) -> Report:
    """Read and count what there is; it may take a minute, and nobody waits for it.

    Args:
        evidence: has it.
        period: that it is to be about.
        now: when it is made.
        gently: whether others work in this process, who are to have half of the time at least.
        days: when comparisons were made, by their ids, as far as that is known.
    """
    with evidence.snapshot(period.reads_from, period.ends) as snapshot:
        people = with_rests(snapshot.people()) if gently else snapshot.people()
        tallies = Tallies(snapshot.versions(), snapshot.catalogues())
        comparisons = Comparisons(tallies.catalogues)
        counted(comparisons.watching(people, period), period, tallies)
    return replace(Making(tallies).report(period, now), comparisons=comparisons.found(days))


def with_rests(people: "Iterable[Past]") -> "Iterator[Past]":
    """Yield the same, and sleep as long as the work on them takes."""
    began = time.perf_counter()
    for past in people:
        yield past
        if (took := time.perf_counter() - began) > LEAST_REST:
            time.sleep(took)
            began = time.perf_counter()


class Making:
    """Makes a report of what was counted. What belongs to a line of the tables, a version or all together, is in lists
    that have all together at the end.
    """

    def __init__(self, tallies: Tallies):
        self._tallies = tallies
        pairs = np.array(tallies.of, dtype=np.int64).reshape(-1, 2)
        self._people, versions = pairs[:, 0], pairs[:, 1]
        self._counts = np.array(tallies.counts, dtype=np.float64).reshape(-1, N_COLUMNS)
        self._n_versions = len(tallies.lines)
        of_version = [versions == number for number in range(self._n_versions)]
        self._rows = [*of_version, np.ones(len(pairs), dtype=bool)]
        self._resamples = Resamples(tallies.n_people)
        self._totals = [self._resamples.totals(self._people[of], self._counts[of]) for of in self._rows]

    def report(self, period: Period, now: datetime) -> Report:
        """All of it."""
        heads, pending = (self._numbers(name) for name in ("films", "pending"))
        figures, tables = self._figures(), self._tables()
        parts = [
            Part(
                version=version,
                is_older=version is None and line < self._n_versions,
                people=self._n_people(line) if heads[line] is not None else None,
                lists=self._count(line, "lists") if heads[line] is not None else None,
                films=heads[line],
                pending=pending[line],
                figures={name: each[line] for name, each in figures.items()},
                **{name: table[line] for name, table in tables.items()},
            )
            for line, version in enumerate([*self._tallies.lines, None])
        ]
        return Report(period=period, made_at=now, together=parts[-1], versions=parts[:-1])

    # ---- who, and how much

    def _who(self, line: int, cell: Cell) -> np.ndarray:
        """(n,) people of a cell."""
        rows, (column, other) = self._rows[line], cell
        least = 0.0 if other is None else self._counts[rows, other]
        return np.unique(self._people[rows][self._counts[rows, column] > least])

    def _shown(self, cells: Sequence[Cell]) -> list[list[bool]]:
        """Which cells of a table are shown, of each line."""
        return decided([[self._who(line, cell) for cell in cells] for line in range(self._n_versions)], len(cells))

    def _n_people(self, line: int) -> int:
        return people_rounded(len(self._who(line, (FIRST["films"], None))))

    def _count(self, line: int, name: str) -> int:
        return rounded(float(self._totals[line].real[FIRST[name]]))

    def _numbers(self, name: str) -> list[int | None]:
        """How much there is of something, of each line."""
        shown = self._shown([(FIRST[name], None)])
        return [self._count(line, name) if shows else None for line, (shows,) in enumerate(shown)]

    def _ratios(self, shown: Sequence[bool], above: int, below: int, minus: int | None = None) -> list[Figure | None]:
        """One column by another, of each line; in stars."""
        return [
            totals.ratio(above, below, step=STARS_STEP, minus=minus) if shows else None
            for totals, shows in zip(self._totals, shown, strict=True)
        ]

    # ---- figures that stand alone

    def _figures(self) -> dict[str, list[Figure | None]]:
        """By name, each of all lines."""
        has_stars = [shows for (shows,) in self._shown([(N_STARS, None)])]
        stars = zip(self._totals, has_stars, strict=True)
        return {
            "hits": [shares[0] for shares in self._shares([FIRST["hits"]], [FIRST["lists"]])],
            "given": self._ratios(has_stars, GIVEN, N_STARS),
            "expected": self._ratios(has_stars, EXPECTED, N_STARS),
            "bias": self._ratios(has_stars, EXPECTED, N_STARS, minus=GIVEN),
            RMSE.key: [totals.root(SQUARED, N_STARS) if shows else None for totals, shows in stars],
            "coverage": self._coverage(),
            "returned": self._returned(),
        }

    def _coverage(self) -> list[Figure | None]:
        """Films that were shown, of those that are known."""
        shown = [self._tallies.shown.get(line, []) for line in range(self._n_versions)]
        people = [[np.array([person for person, _ in of], dtype=np.int64)] for of in shown]
        together = [each for of in shown for each in of]
        return [
            self._covered(of) if shows else None
            for of, (shows,) in zip([*shown, together], decided(people, 1), strict=True)
        ]

    def _covered(self, shown: Sequence[tuple[int, np.ndarray]]) -> Figure | None:
        """The share of films that somebody was shown; None: nobody knows how many there are."""
        dataset_of = [dataset for dataset, _ in self._tallies.films]
        datasets = {dataset_of[film] for film in union([films for _, films in shown]).tolist()}
        if not datasets <= self._tallies.catalogues.keys():
            return None
        return self._resamples.coverage(shown, sum(self._tallies.catalogues[dataset][0] for dataset in datasets))

    def _returned(self) -> list[Figure | None]:
        """Newcomers who came back; of a version, those who were shown one of its lists first."""
        lines = [*range(self._n_versions), NO_VERSION]
        newcomers = self._tallies.newcomers
        cells = [
            [
                np.array([who for who, version, came in newcomers if (version, came) == (line, back)], dtype=np.int64)
                for back in (True, False)
            ]
            for line in lines
        ]
        found = shown_cells(cells, never=self._n_versions)
        together = [union(column) for column in zip(*cells, strict=True)]
        wanted = zip([*cells[:-1], together], [*found.versions[:-1], found.together], strict=True)
        return [self._share_of(*cells_of) if all(shows) else None for cells_of, shows in wanted]

    def _share_of(self, yes: np.ndarray, no: np.ndarray) -> Figure:
        """How many of some people say yes."""
        counts = np.ones((len(yes) + len(no), 2))
        counts[len(yes) :, 0] = 0
        return self._resamples.totals(np.concatenate([yes, no]), counts).ratio(0, 1)

    # ---- tables

    def _tables(self) -> dict[str, list[list[Row]]]:
        """By name, each of all lines."""
        kinds = [*self._tallies.kinds]
        if len(kinds) > MOST_KINDS:
            kinds[MOST_KINDS - 1 :] = [OTHERS]
        return {
            "outcomes": self._outcomes(),
            "places": self._by("place", [name for _, name in PLACES]),
            "kinds": self._by("kind", kinds),
            "calibration": self._calibration(),
        }

    def _outcomes(self) -> list[list[Row]]:
        """What became of films."""
        columns = range(FIRST["outcomes"], FIRST["outcomes"] + len(OUTCOMES))
        shown = self._shown([(column, None) for column in columns])
        return [
            [
                Row(name, {"share": totals.ratio(column, FIRST["films"]) if shows else None})
                for name, column, shows in zip(OUTCOMES, columns, shows_of, strict=True)
            ]
            for totals, shows_of in zip(self._totals, shown, strict=True)
        ]

    def _by(self, what: str, names: Sequence[str]) -> list[list[Row]]:
        """Films that were liked or saved, and of which anything was said, by place or by kind."""
        films = columns_of(f"{what}_films", len(names))
        liked, said = (self._shares(columns_of(f"{what}_{of}", len(names)), films) for of in ("liked", "said"))
        return [
            [Row(name, {"liked": liked[line][number], "said": said[line][number]}) for number, name in enumerate(names)]
            for line in range(self._n_versions + 1)
        ]

    def _shares(self, some: Sequence[int], of: Sequence[int]) -> list[list[Figure | None]]:
        """Columns that are a part of others; where enough people have such a part, and enough have another."""
        pairs = [*zip(some, of, strict=True)]
        yes: list[Cell] = [(above, None) for above, _ in pairs]
        no: list[Cell] = [(below, above) for above, below in pairs]
        shown = self._shown([*yes, *no])
        return [
            [
                totals.ratio(*pair) if shows[number] and shows[len(pairs) + number] else None
                for number, pair in enumerate(pairs)
            ]
            for totals, shows in zip(self._totals, shown, strict=True)
        ]

    def _calibration(self) -> list[list[Row]]:
        """Stars that were given where so many were expected."""
        films, given, expected = (columns_of(f"bin_{what}", len(BINS)) for what in ("films", "given", "expected"))
        shown = self._shown([(column, None) for column in films])
        found = [
            {
                "given": self._ratios([shows[number] for shows in shown], given[number], films[number]),
                "expected": self._ratios([shows[number] for shows in shown], expected[number], films[number]),
            }
            for number in range(len(BINS))
        ]
        return [
            [
                Row(name, {what: figures[line] for what, figures in of_bin.items()})
                for (_, name), of_bin in zip(BINS, found, strict=True)
            ]
            for line in range(self._n_versions + 1)
        ]


def decided(lines: Sequence[Cells], n_cells: int) -> list[list[bool]]:
    """Which cells are shown, of each version and of all together."""
    if not lines:
        return [[False] * n_cells]
    found = shown_cells(lines)
    return [*found.versions, found.together]


def columns_of(name: str, number: int) -> list[int]:
    """The first columns of a name."""
    return [*range(FIRST[name], FIRST[name] + number)]
