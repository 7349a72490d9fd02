"""Random keys, made once and shared by all processes that use the database."""

import secrets

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from recsys.store.database.connection import Database
from recsys.store.database.schema import secrets as table

SIZE = 32  # bytes


def secret_key(database: Database, name: str) -> bytes:
    """The key of this name; made at random when it is first asked for."""
    return _read(database, name) or _made(database, name)


def _read(database: Database, name: str) -> bytes | None:
    with database.reading() as connection:
        return connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()


def _made(database: Database, name: str) -> bytes:
    """A new key, or the one of another process that was faster."""
    try:
        with database.writing() as connection:
            connection.execute(table.insert().values(name=name, value=secrets.token_bytes(SIZE)))
    except IntegrityError:
        pass
    key = _read(database, name)
    assert key is not None
    return key
