"""The store: all that is stored about people, in parts."""

from pathlib import Path
from typing import Self

from recsys.store.accounts import Accounts
from recsys.store.config import Clock, StoreConfig
from recsys.store.consenting import Consents
from recsys.store.database.connection import Database
from recsys.store.database.migrating import migrate
from recsys.store.evenings import Evenings
from recsys.store.evidence.reading import Evidence
from recsys.store.exports import Exports
from recsys.store.films import Films
from recsys.store.history import History
from recsys.store.other_sets import OtherSets
from recsys.store.part import utc_now
from recsys.store.ratings import Ratings
from recsys.store.signing_in.secret_keys import secret_key
from recsys.store.turns import Turns


class Store:
    """All that is stored about people.

    Whose data a call is about is said by a Person, which comes from `accounts.person_of` and is checked against its
    session in the same transaction: SignedOutError if that has ended. What was acknowledged is on disk. Safe to use
    from many threads and by many processes. Any call may raise UnavailableError.

    Attributes:
        accounts: who may sign in, and who is signed in.
        ratings: what people gave films, and how they marked them.
        history: lists that were shown.
        exports: what people can take away.
        films: what films are called.
        other_sets: what people rated in other data sets than a page's.
        consents: whose ratings may improve everybody's recommendations, and these.
        evidence: what is kept of everybody who agrees, to be counted.
        evenings: of several people, for processes that share the database.
        turns: work that one of these processes does at a time.
    """

    def __init__(self, database: Database, config: StoreConfig, now: Clock):
        self._database = database
        self.accounts = Accounts(database, config, now)
        self.ratings = Ratings(database, config, now)
        self.history = History(database, config, now)
        self.exports = Exports(database, config, now)
        self.films = Films(database)
        self.other_sets = OtherSets(database, config, now)
        self.consents = Consents(database, config, now)
        self.evidence = Evidence(database)
        self.evenings = Evenings(database)
        self.turns = Turns(database)

    @property
    def place(self) -> str:
        """What the database is called; without its password."""
        return self._database.place

    @property
    def is_file(self) -> bool:
        """Whether everything lies in a file here, which lasts as long as this disk."""
        return self._database.is_sqlite

    def secret(self, name: str) -> bytes:
        """A random key of 32 bytes, such as one that signs cookies: made once, the same for all processes."""
        return secret_key(self._database, name)

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_store(place: str | Path, *, config: StoreConfig = StoreConfig(), now: Clock = utc_now) -> Store:
    """Open a database, and bring it to the present schema.

    Args:
        place: a file of SQLite, made if it is missing, or a URL; see database_place.
        config: settings.
        now: tells the time, with its zone.

    Raises:
        UnavailableError: the database cannot be reached, read or written, or is of a newer schema.
    """
    database = Database(place, config.answers)
    try:
        migrate(database)
        return Store(database, config, now)
    except BaseException:
        database.close()
        raise
