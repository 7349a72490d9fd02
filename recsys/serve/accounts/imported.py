"""A file of ratings that somebody imports: how to read it, and what the page shows of it or has to ask first."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from recsys.data.sources.names import newer_than
from recsys.errors import DataError
from recsys.rating_files import ColumnChoice, LeftOut, Question, RatingFile
from recsys.rating_files.entries import shown
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.forms import ImportQuery
from recsys.serve.accounts.guest_changes import MOST_TAKEN, ms_of

MOST_NAMED = 20_000  # films of each reason for leaving them out; more than people rate
COLUMNS = ("title", "rating", "year", "date")
ZEROS = {"": None, "yes": True, "no": False}


def column_choice(query: ImportQuery) -> ColumnChoice | None:
    """The choice of columns that a request makes; None: it makes none.

    Raises:
        DataError: it makes half of one, or one that makes no sense.
    """
    if not query.title and not query.rating:
        return None
    if not query.title or not query.rating:
        raise DataError("Got one column; expected two: which one holds the titles, and which your ratings?")
    try:
        highest = float(query.highest.replace(",", "."))
    except ValueError:
        raise DataError("Got no number for the highest rating; expected one, such as 5, 10 or 100.") from None
    if query.zeros not in ZEROS:
        raise DataError(f"Got {shown(query.zeros)} for what 0 means; expected yes, if it is a rating, or no.")
    columns = {what: getattr(query, what) for what in COLUMNS}
    return ColumnChoice(**columns, highest=highest, zero_is_rating=ZEROS[query.zeros])


def file_as_json(file: RatingFile, model: Recommender) -> dict[str, Any]:
    """What a file holds, as JSON; the model knows the films."""

    def title_of(item_id: int) -> str:
        return model.display_titles[model.titles.find(item_id)]

    return {
        "source": file.source,
        "read": len(file.stars),
        "marks": len(file.marks),
        "later": sum(mark == "later" for mark in file.marks.values()),
        "seen": sum(mark == "seen" for mark in file.marks.values()),
        "newer": newer_as_json(file, model),
        "rounded": file.rounded,
        "notes": file.notes,
        "examples": [asdict(one) | {"title": title_of(one.item_id)} for one in file.examples],
        "left_out": by_reason(file.left_out),
    }


def for_browser(file: RatingFile, model: Recommender) -> dict[str, Any]:
    """What a guest's browser is to keep, by display title: the newest ratings with times, the first marks; bounded."""
    undated = datetime.min.replace(tzinfo=UTC)
    newest = sorted(file.stars, key=lambda film: file.when.get(film, undated), reverse=True)
    title_of = {film: model.display_titles[model.titles.find(film)] for film in {*newest, *file.marks}}
    taken = newest[:MOST_TAKEN]
    return {
        "ratings": {title_of[film]: file.stars[film] for film in taken},
        "times": {title_of[film]: ms_of(file.when[film]) for film in taken if film in file.when},
        "marked_films": {title_of[film]: mark for film, mark in [*file.marks.items()][:MOST_TAKEN]},
    }


def newer_as_json(file: RatingFile, model: Recommender) -> dict[str, Any]:
    """How many films came out after the newest that are here, of how many, and which data set has newer ones."""
    until = model.catalog.last_year
    dataset = newer_than(model.artifact.facts.get("dataset"), until)
    return {"n": file.n_newer, "of": file.n_films, "until": until, "dataset": dataset}


def question_as_json(question: Question) -> dict[str, Any]:
    """A question about a table, as JSON."""
    return {
        "columns": question.columns,
        "rows": question.rows,
        "why": question.why,
        "n_zeros": question.n_zeros,
        "guess": {what: getattr(question, what) for what in (*COLUMNS, "highest")},
    }


def by_reason(left_out: tuple[LeftOut, ...]) -> list[dict[str, Any]]:
    """How many are left out for each reason, and the first of them with their places."""
    reasons: dict[str, list[LeftOut]] = {}
    for one in left_out:
        reasons.setdefault(one.reason, []).append(one)
    return [
        {"reason": reason, "n": len(ones), "some": [named(one) for one in ones[:MOST_NAMED]]}
        for reason, ones in reasons.items()
    ]


def named(one: LeftOut) -> str:
    """A film and where it stands: "Fargo (2014), line 3 (tv show)"."""
    name = one.place if one.name.startswith(one.place) else f"{one.name}, {one.place}"
    return f"{name} ({one.detail})" if one.detail else name
