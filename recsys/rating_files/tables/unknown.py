"""Tables that are not known here, read as somebody says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from recsys.errors import DataError
from recsys.rating_files.choices import ColumnChoice, Question, UnclearTableError
from recsys.rating_files.dates import moment, order_of
from recsys.rating_files.entries import Entry, shown
from recsys.rating_files.films import FilmFinder
from recsys.rating_files.given import given_of
from recsys.rating_files.tables.guessing import Column, columns_of, is_sure, kinds_of, n_zeros, question_of
from recsys.rating_files.tables.known import column, no_film, too_long, year_of
from recsys.rating_files.tables.rows import Table, delimiter_of, heads_of, table_of, unknown_columns, without_head

SOURCE = "a table of titles and stars"


def entries_of_unknown(text: str, finder: FilmFinder, choice: ColumnChoice | None) -> Iterator[Entry]:
    """Read a table, one row after the other.

    Args:
        text: all of it.
        finder: knows films, by which titles are recognised.
        choice: what its columns are; None: nobody has said it yet.

    Raises:
        UnclearTableError: it has to be said.
        DataError: it is no table of titles and ratings, the choice names no columns of it, or a rating is higher than
            it says.
    """
    if not any(heads_of(text).values()):
        raise unknown_columns(text, "the file")
    table = without_head(table_of(text, delimiter_of(text)))
    columns = columns_of(table)
    if choice is None:
        if not any(found.may_be_rating for found in columns) or len(columns) < 2:
            raise unknown_columns(text, "the file", ", and no column of it has ratings" if table.rows else "")
        question = question_of(table, columns, finder)
        choice = question.choice if is_sure(columns) else None
        if choice is None:
            raise UnclearTableError(question)
    places = _places(columns, choice)
    if choice.zero_is_rating is None and (zeros := n_zeros(columns[places["rating"]])):
        raise UnclearTableError(_about_zeros(table, columns, choice, zeros, finder))
    kinds = kinds_of([found for found in columns if found.name not in (choice.title, choice.rating)])
    return _entries(table, places | ({"kind": columns.index(kinds)} if kinds else {}), choice)


def _places(columns: Sequence[Column], choice: ColumnChoice) -> dict[str, int]:
    """Where in a row the chosen columns stand, from 0."""
    places = {found.name: place for place, found in enumerate(columns)}
    named = {what: getattr(choice, what) for what in ("title", "rating", "year", "date")}
    for name in filter(None, named.values()):
        if name not in places:
            there = ", ".join(shown(name) for name in [*places][:6])
            raise DataError(f"the table has no column {shown(name)}; expected one of {there}: choose again.")
    return {what: places[name] for what, name in named.items() if name}


def _about_zeros(
    table: Table, columns: Sequence[Column], choice: ColumnChoice, zeros: int, finder: FilmFinder
) -> Question:
    """The question what a rating of 0 means, where the rest is said."""
    times = "once" if zeros == 1 else f"{zeros} times"
    why = f"“{choice.rating}” is 0 {times}, which may be the lowest rating or mean that the film is not rated: choose."
    said = {what: getattr(choice, what) for what in ("title", "rating", "year", "date", "highest")}
    return replace(question_of(table, columns, finder), **said, n_zeros=zeros, why=(why,))


def _entries(table: Table, places: dict[str, int], choice: ColumnChoice) -> Iterator[Entry]:
    order = order_of(column(table, places.get("date")))
    for row in table.rows:
        line, cells = row
        said = {what: cells[place].strip() for what, place in places.items() if place < len(cells)}
        place = f"line {line}"
        stars, unreadable = _stars(said.get("rating", ""), choice.highest, place)
        title = said.get("title", "")
        yield Entry(
            place=place,
            titles=(title,) if title else (),
            year=year_of(said.get("year", "")),
            no_film=no_film(said.get("kind", "")),
            unreadable=too_long(row, table) or unreadable,
            stars=stars,
            highest=choice.highest,
            zero_is_rating=bool(choice.zero_is_rating),
            at=moment(said.get("date"), order),
        )


def _stars(text: str, highest: float, place: str) -> tuple[float | None, str]:
    """The rating of a cell, None if there is none, and why it cannot be read."""
    given = given_of(text)
    if given is None:
        return None, f"the rating is {shown(text)}" if text else ""
    if given.out_of not in (None, highest):
        return None, f"the rating is {shown(text)}, which is not out of {highest:g}"
    if given.value > highest:
        raise DataError(
            f"{place}: the rating is {shown(text)}; expected a number from 0 to {highest:g}, or nothing: say "
            "out of how many the ratings are, or correct it."
        )
    return given.value, ""
