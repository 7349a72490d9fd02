"""What people take away, and what they bring: files of what is stored about them, and of ratings from elsewhere."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from recsys.errors import DataError
from recsys.recommend.film_keys import keys_of
from recsys.recommend.recommender import Recommender
from recsys.serve.accounts.downloads import Download, Text
from recsys.serve.accounts.film_names import title_of
from recsys.serve.accounts.forms import ImportQuery
from recsys.serve.accounts.request import AccountRequest

if TYPE_CHECKING:
    from recsys.rating_files import RatingFile

_reading, _reading_for_guests = threading.Lock(), threading.Lock()  # a large file takes seconds


def export_json(account: AccountRequest) -> Response:
    """All that is stored about the person, as a file."""
    person = account.person()
    account.note_films()

    def write(text: Text) -> None:
        account.store.exports.write_everything(person, text.write)

    return Download(write, account.downloads.begin(person.id), "application/json", "movie-vae.json")


def export_csv(account: AccountRequest) -> Response:
    """The person's ratings and marks, as a file."""
    from recsys.rating_files import rating_writer

    person, model = account.person(), account.engine.recommender

    def write(text: Text) -> None:
        text.write("\ufeff")  # Excel needs the mark
        account.store.exports.write_film_rows(person, rating_writer(text, lambda *film: title_of(model, *film)))

    return Download(write, account.downloads.begin(person.id), "text/csv; charset=utf-8", "movie-vae-ratings.csv")


def export_for_letterboxd(account: AccountRequest) -> Response:
    """The person's ratings in all data sets, as a file that Letterboxd imports."""
    from recsys.rating_files import letterboxd_writer

    person = account.person()
    account.note_films()

    def write(text: Text) -> None:  # without a mark, which Letterboxd would take for a part of the first column's name
        account.store.exports.write_film_rows(person, letterboxd_writer(text))

    return Download(write, account.downloads.begin(person.id), "text/csv; charset=utf-8", "movie-vae-letterboxd.csv")


def import_file(account: AccountRequest, query: ImportQuery, content: bytes) -> Response:
    """Store the ratings and marks of a file; the first undo takes them back.

    A table that is not known is asked about, and sent again with what its columns are. Only a preview is given, and
    nothing stored, if that is asked for.

    Args:
        account: whose ratings they become.
        query: how to read the file, and whether to show only a preview.
        content: the file.

    Raises:
        DataError: nobody is signed in, the file holds no ratings, or another file is being read.
    """
    person, model = account.person(), account.engine.ready()

    def kept(file: "RatingFile") -> dict[str, Any]:
        dataset, keys = keys_of(model).label, keys_of(model)
        stars, marks, when = keys.stored(file.stars), keys.stored(file.marks), keys.stored(file.when)
        before = account.store.ratings.of(person, dataset)
        n_changed = sum(film in before and before[film].stars != value for film, value in stars.items())
        n_new, n_marked = account.store.ratings.set_many(person, dataset, stars, marks, when=when)
        return {"new": n_new, "changed": n_changed, "marked": n_marked}

    return answer_to(model, query, content, _reading, kept)


def read_file(account: AccountRequest, query: ImportQuery, content: bytes) -> Response:
    """Tell a guest's browser which films a file rates and marks; nothing is kept here. Takes and raises as import_file.

    Nobody need be signed in.
    """
    from recsys.serve.accounts.imported import for_browser

    model = account.engine.ready()
    return answer_to(model, query, content, _reading_for_guests, lambda file: for_browser(file, model))


def answer_to(
    model: Recommender,
    query: ImportQuery,
    content: bytes,
    turn: threading.Lock,
    keep: Callable[["RatingFile"], dict[str, Any]],
) -> Response:
    """What a file holds and what became of it, or a question about it, or a preview.

    Args:
        model: knows the films.
        query: how to read the file, and whether to show only a preview.
        content: the file.
        turn: held while the file is read.
        keep: keeps what the file holds, and says what there is to say of that.
    """
    from recsys.rating_files import UnclearTableError, read_rating_file
    from recsys.serve.accounts.imported import column_choice, file_as_json, question_as_json

    choice = column_choice(query)
    try:
        with one_file_at_a_time(turn):
            file = read_rating_file(content, model, choice=choice, name=query.file_name)
    except UnclearTableError as unclear:
        return JSONResponse({"question": question_as_json(unclear.question)})
    outcome = file_as_json(file, model)
    return JSONResponse({"preview": outcome} if query.preview else outcome | keep(file))


@contextmanager
def one_file_at_a_time(turn: threading.Lock) -> Iterator[None]:
    """Read a file while nobody else does; DataError otherwise, since to wait would keep a thread from others."""
    if not turn.acquire(blocking=False):
        raise DataError("Another file is being read at this moment: try again.")
    try:
        yield
    finally:
        turn.release()
