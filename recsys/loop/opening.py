"""Opens the database of a page: it is neither made nor brought to another schema, and nobody is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from recsys.errors import DataError
from recsys.serve.accounts.members import default_place
from recsys.serve.accounts.operators import SECRET, code_of
from recsys.store.database.connection import SQLITE, Database, database_place
from recsys.store.database.migrating import require_present
from recsys.store.database.schema import accounts
from recsys.store.errors import UnavailableError
from recsys.store.signing_in.names import key_if_any
from recsys.store.signing_in.secret_keys import secret_key


@contextmanager
def database_at(place: str | None) -> Iterator[Database]:
    """The database of a page.

    Args:
        place: a URL, or a file of SQLite; None: as the page finds it.

    Raises:
        DataError: there is none, or it cannot be read, or is of another schema. The sentence is for who runs it.
    """
    wanted = database_place(default_place()) if place is None else place
    if isinstance(wanted, str) and "://" not in wanted:
        wanted = Path(wanted)
    file = file_of(wanted)
    if file is not None and not file.is_file():
        raise DataError(f"there is no database {file}; name the one that the page has by --database")
    try:
        database = Database(wanted)
        try:
            require_present(database)
            yield database
        finally:
            database.close()
    except UnavailableError as error:
        raise DataError(error.about) from None


def file_of(place: str | Path) -> Path | None:
    """The file of a database that is one."""
    if isinstance(place, Path):
        return place
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        return None
    return Path(url.database) if url.drivername in SQLITE and url.database and not url.query else None


def entry_of(database: Database, name: str) -> tuple[str, datetime]:
    """An account as the setting of operators takes it, and when it was registered; its code is made if need be.

    Raises:
        DataError: there is no such account.
    """
    with database.reading() as connection:
        query = sa.select(accounts).where(accounts.c.name_key == key_if_any(name))
        account = connection.execute(query).first()
    if account is None:
        raise DataError(f"there is no account {name[:40]!r}; expected the name of one, as its owner signs in")
    code = code_of(account.id, account.registered_at, secret_key(database, SECRET))
    return f"{account.name}#{code}", account.registered_at
