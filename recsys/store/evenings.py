"""Evenings of several people, for the processes that share a database: rows, of which the page knows what they say.

All changes come one after the other, of whatever process: an evening is small, and people are not that fast.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.database.connection import Database
from recsys.store.database.schema import evenings, farewells, seats, wrong_codes
from recsys.store.signing_in.secret_keys import secret_key

LOCK = b"evenings"  # what two processes that change evenings must not pass at once
KEY = "evenings"  # the secret that digests of addresses are made with

OWN_CODE = sa.select(seats.c.code).where(seats.c.owner == sa.bindparam("owner"), sa.not_(seats.c.by_file))
HEAD = sa.select(evenings.c.code, evenings.c.version, evenings.c.began)
HEAD_OF_CODE = HEAD.where(evenings.c.code == sa.bindparam("code"))
HEAD_OF_OWNER = HEAD.where(evenings.c.code.in_(OWN_CODE))
SAID = sa.select(evenings.c.said).where(evenings.c.code == sa.bindparam("code"))
SEATS = (
    sa.select(seats.c.number, seats.c.owner, seats.c.by_file, seats.c.said)
    .where(seats.c.code == sa.bindparam("code"))
    .order_by(seats.c.number)
)


class EveningHead(NamedTuple):
    """Which evening, in which version."""

    code: str
    version: int
    began: datetime


class EveningSeat(NamedTuple):
    """A seat; what is said of who sits there is the page's own."""

    number: int
    owner: str
    by_file: bool
    said: str


class EveningRows:
    """The rows of all evenings, within one transaction."""

    def __init__(self, connection: Connection, key: bytes):
        self._connection, self._key = connection, key

    def number(self) -> int:
        """How many evenings there are."""
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(evenings)).scalar_one())

    def head(self, code: str) -> EveningHead | None:
        """The evening of a code."""
        return self._first_head(HEAD_OF_CODE, {"code": code})

    def head_of(self, owner: str) -> EveningHead | None:
        """The evening in which somebody sits themselves."""
        return self._first_head(HEAD_OF_OWNER, {"owner": owner})

    def whole(self, code: str) -> tuple[str, list[EveningSeat]]:
        """What is said of an evening, and its seats in their order."""
        said = self._connection.execute(SAID, {"code": code}).scalar_one()
        return said, [EveningSeat(*row) for row in self._connection.execute(SEATS, {"code": code})]

    def codes_begun_at(self, address: str) -> list[str]:
        """The evenings that were begun from an address."""
        query = sa.select(evenings.c.code).where(evenings.c.address == self._digest(address))
        return [*self._connection.execute(query).scalars()]

    def begin(self, head: EveningHead, address: str, said: str) -> None:
        """Keep a new evening, in which nobody sits yet."""
        row = {**head._asdict(), "address": self._digest(address), "used_at": head.began, "said": said}
        self._connection.execute(evenings.insert(), row)

    def change(self, code: str, version: int, said: str) -> None:
        """Keep what is said of an evening from now on."""
        self._connection.execute(evenings.update().where(evenings.c.code == code), {"version": version, "said": said})

    def use(self, code: str, at: datetime) -> None:
        """Note that somebody looks at an evening."""
        self._connection.execute(evenings.update().where(evenings.c.code == code), {"used_at": at})

    def seat(self, code: str, seat: EveningSeat) -> None:
        """Keep a seat as it is now."""
        self.leave(code, seat.number)
        self._connection.execute(seats.insert(), {"code": code, **seat._asdict()})

    def leave(self, code: str, number: int) -> None:
        """Take a seat away."""
        self._connection.execute(seats.delete().where(seats.c.code == code, seats.c.number == number))

    def end(self, code: str) -> None:
        """Forget an evening."""
        self._connection.execute(evenings.delete().where(evenings.c.code == code))

    def longest_idle(self) -> str:
        """The code of the evening that was used longest ago."""
        query = sa.select(evenings.c.code).order_by(evenings.c.used_at).limit(1)
        return str(self._connection.execute(query).scalar_one())

    def forget_before(self, began: datetime, tried: datetime) -> None:
        """Forget evenings and farewells of a moment or before, and wrong codes likewise."""
        for column, moment in ((evenings.c.began, began), (farewells.c.at, began), (wrong_codes.c.first_at, tried)):
            self._connection.execute(sa.delete(column.table).where(column <= moment))

    def is_to_be_told(self, owner: str) -> bool:
        """Whether somebody is still to be told that they have left."""
        query = sa.select(farewells.c.owner).where(farewells.c.owner == owner)
        return self._connection.execute(query).first() is not None

    def note_to_tell(self, owner: str, at: datetime, most: int) -> None:
        """Remember that; of many, the newest."""
        self.tell(owner)
        self._connection.execute(farewells.insert(), {"owner": owner, "at": at})
        newest = sa.select(farewells.c.owner).order_by(farewells.c.at.desc()).limit(most)
        self._connection.execute(farewells.delete().where(farewells.c.owner.not_in(newest)))

    def tell(self, owner: str) -> bool:
        """Forget that; whether it was remembered."""
        return self._connection.execute(farewells.delete().where(farewells.c.owner == owner)).rowcount > 0

    def wrong_codes(self, subject: str) -> tuple[datetime, int] | None:
        """When the first of somebody's wrong codes came, and how many; None: none is remembered."""
        row = self._connection.execute(
            sa.select(wrong_codes.c.first_at, wrong_codes.c.number).where(
                wrong_codes.c.subject == self._digest(subject)
            )
        ).first()
        return None if row is None else (row.first_at, row.number)

    def note_wrong_codes(self, subject: str, first_at: datetime, number: int) -> None:
        """Remember that."""
        digest = self._digest(subject)
        self._connection.execute(wrong_codes.delete().where(wrong_codes.c.subject == digest))
        self._connection.execute(wrong_codes.insert(), {"subject": digest, "first_at": first_at, "number": number})

    def _first_head(self, query: sa.Select[Any], asked: Mapping[str, str]) -> EveningHead | None:
        row = self._connection.execute(query, asked).first()
        return None if row is None else EveningHead(*row)

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)


class Evenings:
    """Transactions about evenings. They are nobody's, so no person is asked for."""

    def __init__(self, database: Database):
        self._database, self._key = database, secret_key(database, KEY)

    @contextmanager
    def reading(self) -> Iterator[EveningRows]:
        """One that sees one state of all of them."""
        with self._database.reading() as connection:
            yield EveningRows(connection, self._key)

    @contextmanager
    def writing(self) -> Iterator[EveningRows]:
        """One that changes some, while no other process does."""
        with self._database.writing() as connection:
            self._database.lock(connection, LOCK)
            yield EveningRows(connection, self._key)
