"""The store of the page, opened in the background: without it there are guests only, and the page says why."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from recsys.errors import DataError
from recsys.serve.accounts.downloads import Downloads
from recsys.serve.accounts.film_names import FilmNames
from recsys.serve.address import SPACE_VARIABLE

if TYPE_CHECKING:  # importing the store takes a second, which the first answer of the page need not wait for
    from recsys.store import Person, Store

RETRY_SECONDS = 10  # until the next attempt to open a store that could not be opened
OPENING = "The accounts are being opened: try again in a moment."
OUT_OF_REACH = "Accounts cannot be reached: try again in a moment."  # the store's own words, which take long to import
NOT_LASTING = (
    "This page runs on a disk that is emptied whenever it restarts, accounts and ratings with it: download what you "
    "want to keep."
)


def default_place() -> Path:
    """The file of SQLite that holds the accounts where nothing else is set up."""
    return platformdirs.user_data_path("movie-vae") / "people.sqlite3"


def is_shared(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether other processes may use the database of the accounts: a server, and no file of this machine."""
    return environment.get("DATABASE_URL", "").strip().startswith("postgres")


def open_default() -> "Store":
    """Open the database that DATABASE_URL names, or else the file at default_place.

    Raises:
        UnavailableError: it cannot be opened.
    """
    from recsys.store import database_place, open_store

    place = database_place(default_place())
    if isinstance(place, Path):
        place.parent.mkdir(parents=True, exist_ok=True)
    return open_store(place)


class NotOpenError(DataError):
    """There is no store, or not yet."""


class Members:
    """Opens the store once in a thread, and again where that failed and somebody asks for it.

    Attributes:
        problem: a sentence that says so where there are no accounts, else None; why, is for the log alone.
        opening: whether the answer is still to come.
        downloads: who takes something away.
        film_names: what the films are called, for the store.
    """

    def __init__(self, open_: Callable[[], "Store"] = open_default):
        self.problem: str | None = None
        self.opening = True
        self.downloads = Downloads()
        self.film_names = FilmNames()
        self._open = open_
        self._store: Store | None = None
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._failed_at = -float("inf")

    def start(self) -> None:
        """Begin to open the store, unless it is open, or this is under way, or it has just failed."""
        with self._lock:
            under_way = self._thread is not None and self._thread.is_alive()
            if self._store is None and not under_way and time.monotonic() - self._failed_at >= RETRY_SECONDS:
                self._thread = threading.Thread(target=self._run, name="members", daemon=True)
                self._thread.start()

    @property
    def store(self) -> "Store":
        """The store; NotOpenError while there is none."""
        if self._store is None:
            self.start()
            raise NotOpenError(self.problem or OPENING)
        return self._store

    def person(self, token: str | None) -> "Person | None":
        """Who is signed in with a token; None if nobody is.

        Raises:
            DataError: there is a token, but the store cannot be asked.
        """
        return None if token is None else self.store.accounts.person_of(token)

    @property
    def warning(self) -> str:
        """What to say of how long things are kept; nothing where they last."""
        is_file = self._store is not None and self._store.is_file
        return NOT_LASTING if is_file and os.environ.get(SPACE_VARIABLE) else ""

    def _run(self) -> None:
        try:
            self._store, self.problem = self._open(), None
        except DataError as error:
            self._fail(getattr(error, "about", str(error)))
        except OSError as error:
            self._fail(f"the folder of the accounts cannot be made ({error}); make it, or set DATABASE_URL")
        except Exception as error:
            logging.getLogger(__name__).exception("the accounts could not be opened")
            self._fail(f"the accounts could not be opened ({type(error).__name__}): see the log of the server")
        finally:
            self.opening = False

    def _fail(self, reason: str) -> None:
        self.problem, self._failed_at = OUT_OF_REACH, time.monotonic()
        logging.getLogger(__name__).warning("There are no accounts, only guests: %s.", reason)
