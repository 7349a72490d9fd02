"""What the columns of an unknown table may be. What is guessed here is asked, unless the table says it itself."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from recsys.films.title_names import folded
from recsys.rating_files.choices import Question
from recsys.rating_files.dates import moment
from recsys.rating_files.entries import Entry, printable
from recsys.rating_files.films import FilmFinder
from recsys.rating_files.given import Given, given_of, scale_named
from recsys.rating_files.tables.known import column, year_of
from recsys.rating_files.tables.rows import Table

SAMPLE = 200  # cells of a column that are looked at
TRIED = 30  # rows whose titles are looked for
MOST_TRIED = 20  # columns in which they are
MOST_ASKED = 60  # columns of a question
FIRST_ROWS = 5  # of a question
LONGEST_CELL = 60  # characters of a cell, or of a column's name, that a question repeats
ENOUGH = 0.5  # share of a column's cells that are of a kind for the column to be of it
LARGEST = 100.0  # rating
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # in imdbRating


def _words(names: str) -> re.Pattern[str]:
    """Any of some words."""
    return re.compile(rf"\b(?:{names})\b")


# words in the names of columns, without accents
TITLE = re.compile(
    r"(?:film|movie)?\s?(?:title|name)|film|movie|titel|filmtitel|titre|titulo|titolo|tytul|nazwa|filme|pelicula"
)  # is all of the name
OWN = _words("your|you|my|mine|own|user|personal|mein|meine|eigene|mon|ma|mi|mia|moja|minha")
RATING = _words(
    "rating|rated|stars|star|score|grade|vote|points|bewertung|wertung|punkte|sterne|note|nota|voto|ocena|puntuacion|"
    "calificacion|valoracion"
)
PUBLIC = _words(
    "average|avg|mean|imdb|tmdb|trakt|community|public|critics?|metascore|metacritic|tomatometer|rotten|tomatoes|global|"
    "overall|others|predicted|expected|popularity"
)
NO_RATING = _words(
    "year|runtime|minutes|mins|duration|length|votes|count|id|position|rank|no|nr|number|season|episode|plays|times|"
    "rewatch|rewatches|age|budget|jahr|laufzeit|annee|ano|anno|rok|duree"
)
YEAR = _words("year|released|release|jahr|annee|ano|anno|rok")
DATE = _words("date|rated|watched|seen|when|datum|gesehen|bewertet|fecha|data|vu|vista|visto|timestamp|created|added")
KIND = _words("type|kind|typ|tipo|category|media")


@dataclass(frozen=True)
class Column:
    """A column of an unknown table.

    Attributes:
        name: as a choice names it.
        written: its name as the table has it.
        cells: all that are not blank.
    """

    name: str
    written: str
    cells: tuple[str, ...]

    @cached_property
    def plain(self) -> str:
        """The name folded to words."""
        return folded(HUMP.sub(" ", self.written.replace("_", " ")))

    def is_called(self, words: re.Pattern[str]) -> bool:
        """Whether one of some words is in its name."""
        return bool(words.search(self.plain))

    @cached_property
    def given(self) -> tuple[Given, ...]:
        """The ratings among all cells."""
        return tuple(given for cell in self.cells if (given := given_of(cell)) is not None)

    def mostly(self, kind: Iterable[object]) -> bool:
        """Whether enough of what is found in the first cells, in their order, is of a kind."""
        n_cells = len(self.cells[:SAMPLE])
        return n_cells > 0 and sum(bool(found) for found in kind) >= ENOUGH * n_cells

    @cached_property
    def may_be_rating(self) -> bool:
        """Whether it holds numbers that can be ratings, whatever its name."""
        found = [given_of(cell) for cell in self.cells[:SAMPLE]]
        values = [given.value for given in found if given is not None]
        counts_up = len(values) > 3 and all(b - a == 1 for a, b in pairwise(values))
        return self.mostly(given is not None and given.value <= LARGEST for given in found) and not counts_up

    @cached_property
    def declared(self) -> float | None:
        """The most that can be given, as the name says it or every cell; None: neither does, or they disagree."""
        sizes = {given.out_of for given in self.given}
        named = scale_named(self.written)
        said = {size for size in (*sizes, named) if size is not None}
        is_said = named is not None or None not in sizes
        return said.pop() if is_said and len(said) == 1 else None

    @property
    def most(self) -> float:
        """The highest rating in it; 0 if there is none."""
        return max((given.value for given in self.given), default=0.0)


def columns_of(table: Table) -> tuple[Column, ...]:
    """The columns, named so that no two names are the same."""
    seen: dict[str, int] = {}
    columns = []
    for place, written in enumerate(table.head):
        name = printable(written)[:LONGEST_CELL] or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        cells = tuple(cell.strip() for cell in column(table, place) if cell.strip())
        columns.append(Column(unique, written, cells))
    return tuple(columns)


def question_of(table: Table, columns: Sequence[Column], finder: FilmFinder) -> Question:
    """What the columns are likely to be, and why."""
    title, why_title = _title(table, columns, finder)
    rating, why_rating = _rating([found for found in columns if found is not title])
    highest, why_highest = (None, "") if rating is None else _highest(rating)
    rest = [found for found in columns if found not in (title, rating)]
    year = _named(rest, YEAR, lambda cell: year_of(cell) is not None)
    date = _named([found for found in rest if found is not year], DATE, lambda cell: moment(cell) is not None)
    return Question(
        columns=tuple(found.name for found in columns[:MOST_ASKED]),
        rows=tuple(_shown(cells, len(table.head)) for _, cells in table.rows[:FIRST_ROWS]),
        title=title.name if title else "",
        rating=rating.name if rating else "",
        year=year.name if year else "",
        date=date.name if date else "",
        highest=highest,
        n_zeros=n_zeros(rating) if rating else 0,
        why=tuple(reason for reason in (why_title, why_rating, why_highest) if reason),
    )


def is_sure(columns: Sequence[Column]) -> bool:
    """Whether a table says itself what it holds: one title, one column of ratings, not the public's, and its scale."""
    titles = [found for found in columns if TITLE.fullmatch(found.plain)]
    ratings = [found for found in columns if found.may_be_rating]
    if len(titles) != 1 or len(ratings) != 1 or titles[0] is ratings[0]:
        return False
    (rating,) = ratings
    return bool(
        rating.declared
        and rating.most <= rating.declared
        and not rating.is_called(PUBLIC)
        and not rating.is_called(NO_RATING)
    )


def kinds_of(columns: Sequence[Column]) -> Column | None:
    """The column that tells films from the rest; None: there is none."""
    found = [column for column in columns if column.is_called(KIND) and not column.may_be_rating]
    return found[0] if len(found) == 1 else None


def n_zeros(rating: Column) -> int:
    """How often a rating is 0."""
    return sum(given.value == 0 for given in rating.given)


def _title(table: Table, columns: Sequence[Column], finder: FilmFinder) -> tuple[Column | None, str]:
    texts = [
        found for found in columns if not found.may_be_rating and not found.mostly(map(year_of, found.cells[:SAMPLE]))
    ]
    called = [found for found in texts if TITLE.fullmatch(found.plain)]
    if len(called) == 1:
        return called[0], f"“{called[0].name}” holds the titles, by its name."
    n_known = {found.name: _n_known(found, finder) for found in (called or texts)[:MOST_TRIED]}
    best = max((called or texts)[:MOST_TRIED], key=lambda found: n_known[found.name], default=None)
    if best is None or not n_known[best.name]:
        return None, "Which column holds the titles cannot be told: choose."
    n_tried = min(len(best.cells), TRIED)
    return best, f"“{best.name}” holds the titles: {n_known[best.name]} of its first {n_tried} are known here."


def _n_known(titles: Column, finder: FilmFinder) -> int:
    return sum(finder.find(Entry(place="", titles=(cell,))) is not None for cell in titles.cells[:TRIED])


def _rating(columns: Sequence[Column]) -> tuple[Column | None, str]:
    candidates = [found for found in columns if found.may_be_rating and not found.is_called(NO_RATING)]
    personal = [found for found in candidates if not found.is_called(PUBLIC)]
    own = [found for found in personal if found.is_called(OWN)]
    named = [found for found in personal if found.is_called(RATING)]
    chosen = next((few[0] for few in (own, named, personal) if len(few) == 1), None)
    if chosen is None:
        names = " or ".join(f"“{found.name}”" for found in candidates[:4])
        return None, f"Which column is your rating cannot be told{f' ({names})' if names else ''}: choose."
    others = ", ".join(f"“{found.name}”" for found in candidates[:4] if found is not chosen)
    return chosen, f"“{chosen.name}” is likely to be your rating{f', and not {others}' if others else ''}."


def _highest(rating: Column) -> tuple[float | None, str]:
    """Out of how many a rating is."""
    if rating.declared and rating.most <= rating.declared:
        return rating.declared, f"“{rating.name}” says that it is out of {rating.declared:g}."
    most = f"The numbers in “{rating.name}” go up to {rating.most:g}"
    if 5 < rating.most <= 10:
        return 10.0, f"{most}, so they are likely to be out of 10."
    if 20 < rating.most <= LARGEST:
        return LARGEST, f"{most}, so they are likely to be out of 100."
    return None, f"{most}, and it is not said out of how many: choose."


def _named(columns: Sequence[Column], words: re.Pattern[str], is_one: Callable[[str], bool]) -> Column | None:
    """The only column with one of some words in its name whose cells are of a kind."""
    found = [
        column for column in columns if column.is_called(words) and column.mostly(map(is_one, column.cells[:SAMPLE]))
    ]
    return found[0] if len(found) == 1 else None


def _shown(cells: Sequence[str], n_columns: int) -> tuple[str, ...]:
    """A row of a question."""
    padded = [*cells, *[""] * n_columns][: min(n_columns, MOST_ASKED)]
    return tuple(printable(cell)[:LONGEST_CELL] for cell in padded)
