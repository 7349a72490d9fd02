"""What people entrust to the page: accounts, ratings, marks and the lists they were shown, in SQLite or PostgreSQL."""

from recsys.store.config import AnswerConfig, AttemptConfig, HistoryConfig, PasswordConfig, SessionConfig, StoreConfig
from recsys.store.consenting import Consent, ConsentingRatings
from recsys.store.database.connection import database_place, file_of
from recsys.store.errors import OutcomeUnknownError, SignedOutError, StoreError, TooManyAttemptsError, UnavailableError
from recsys.store.evenings import EveningHead, EveningRows, EveningSeat
from recsys.store.other_sets import RatedFilm
from recsys.store.people import (
    MARKS,
    Change,
    FilmName,
    FilmRow,
    Gone,
    Mark,
    OpenedList,
    Person,
    Rating,
    Recommendations,
    ShownFilm,
    ShownList,
)
from recsys.store.store import Store, open_store

__all__ = [
    "MARKS",
    "AnswerConfig",
    "AttemptConfig",
    "Change",
    "Consent",
    "ConsentingRatings",
    "EveningHead",
    "EveningRows",
    "EveningSeat",
    "FilmName",
    "FilmRow",
    "Gone",
    "HistoryConfig",
    "Mark",
    "OpenedList",
    "OutcomeUnknownError",
    "PasswordConfig",
    "Person",
    "RatedFilm",
    "Rating",
    "Recommendations",
    "SessionConfig",
    "ShownFilm",
    "ShownList",
    "SignedOutError",
    "Store",
    "StoreConfig",
    "StoreError",
    "TooManyAttemptsError",
    "UnavailableError",
    "database_place",
    "file_of",
    "open_store",
]
