"""Whose a file is, and its entries."""

from collections.abc import Iterable
from itertools import chain

from recsys.rating_files.choices import ColumnChoice
from recsys.rating_files.contents import ARCHIVE, json_of, text_of, unpacked
from recsys.rating_files.entries import Entry
from recsys.rating_files.films import FilmFinder
from recsys.rating_files.our_formats import THIS_PAGE, entries_of_export
from recsys.rating_files.tables.formats import LETTERBOXD, WATCHLIST
from recsys.rating_files.tables.known import entries_of, known_table
from recsys.rating_files.tables.rows import unknown_columns
from recsys.rating_files.tables.unknown import SOURCE, entries_of_unknown
from recsys.rating_files.trakt import entries_of_trakt

ARCHIVED = {  # files of an archive that are read -> the one instead of which they are
    **{"ratings.csv": "", "diary.csv": "ratings.csv", "reviews.csv": "diary.csv", "watchlist.csv": ""},
    "ratings-movies.json": "",
}


def entries_in(
    content: bytes, name: str, finder: FilmFinder, choice: ColumnChoice | None, notes: list[str]
) -> tuple[str, Iterable[Entry]]:
    """Where a file is from, and its entries, which are read one after the other.

    Args:
        content: the file.
        name: its name; "" if that is not known.
        finder: knows films, by which titles are recognised.
        choice: what the columns of an unknown table are.
        notes: is given what there is to say of the file.

    Raises:
        DataError: as read_rating_file; some of it once the entry is asked for.
    """
    if content.startswith(ARCHIVE):
        return _of_archive(content, notes)
    return _of_text(text_of(content), name, finder, choice)


def _of_text(text: str, name: str, finder: FilmFinder, choice: ColumnChoice | None) -> tuple[str, Iterable[Entry]]:
    """Where a text is from, and its entries."""
    if text.lstrip().startswith(("{", "[")):
        return _of_json(text)
    if choice is None and (found := known_table(text)) is not None:
        known, table = found
        if known is LETTERBOXD and "rating" not in table.plain_head and "watchlist" in name.casefold():
            known = WATCHLIST
        return known.source, entries_of(table, known)
    return SOURCE, entries_of_unknown(text, finder, choice)


def _of_json(text: str) -> tuple[str, Iterable[Entry]]:
    said = json_of(text)
    if isinstance(said, dict):
        return THIS_PAGE, entries_of_export(said)
    return "Trakt", entries_of_trakt(said)


def _of_archive(content: bytes, notes: list[str]) -> tuple[str, Iterable[Entry]]:
    """Letterboxd's ratings and watchlist, or Trakt's ratings, as far as an archive has them."""
    files = unpacked(content, ARCHIVED)
    read = [_of_archived(file, inside, notes) for file, inside in files.items() if not _is_empty(file, inside, notes)]
    notes.append(f"Of the archive, nothing was read but {' and '.join(files)}.")
    return (read[0][0] if read else LETTERBOXD.source), chain.from_iterable(entries for _, entries in read)


def _of_archived(file: str, content: bytes, notes: list[str]) -> tuple[str, Iterable[Entry]]:
    text = text_of(content, file)
    if file.endswith(".json"):
        return _of_json(text)
    found = known_table(text, (WATCHLIST,) if file == "watchlist.csv" else (LETTERBOXD,), file)
    if found is None:
        raise unknown_columns(text, file)
    known, table = found
    if not table.rows:
        notes.append(f"{file} has no films.")
    return known.source, entries_of(table, known)


def _is_empty(file: str, content: bytes, notes: list[str]) -> bool:
    """Whether a file of an archive has nothing in it, which is then noted."""
    is_empty = not content.strip()
    if is_empty:
        notes.append(f"{file} is empty.")
    return is_empty
