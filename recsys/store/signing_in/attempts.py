"""How often somebody may try: kept in the database, so that it holds for all processes and after a restart.

A password is tried for a name from an address, and three limits hold within a window of 15 minutes (see AttemptConfig):

    10 for a name and an address     of which nobody elsewhere can use up anything
    100 for a name                   from all addresses together; it takes ten of them to get there
    50 for an address                for all names together

Whoever has signed in from an address before is bound there by the first alone, so that nobody else can keep anybody out
of an account at home, neither by wrong passwords for the name, from a thousand machines, nor by made-up names from the
same address. Elsewhere, the first attempt of a name from an address has twice the other two limits, so that the right
password still gets in when they are used up, unless another hundred addresses (or fifty names) try as well.

What guessing comes to: 960 passwords a day for a name from one address, and at most 19,200 from however many (they take
110 addresses at any time). So the million most common passwords take 52 days; of the 10^15 and more that are four
random words, a year's 7 million are nothing.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.config import AttemptConfig, Clock
from recsys.store.database.connection import Database
from recsys.store.database.schema import attempts, places
from recsys.store.errors import TooManyAttemptsError
from recsys.store.signing_in.addresses import origin_of

Limits = Mapping[bytes, int]  # subject -> how many attempts within the window
HALF = 16  # bytes of a digest that tell one name, or one address, from all others


class Attempts:
    """Counts attempts by subject: a keyed digest of names and addresses, from which neither can be read."""

    def __init__(self, database: Database, config: AttemptConfig, now: Clock, key: bytes):
        self._database, self._config, self._now, self._key = database, config, now, key

    def place(self, name_key: str, address: str) -> bytes:
        """The subject of a name and an address; begins as that of the name."""
        return self._name(name_key)[:HALF] + self._address("sign in from", address)[:HALF]

    def signing_in(self, name_key: str, address: str) -> list[int]:
        """Count a password that is tried for a name; "" stands for what can be nobody's name. As `count`."""
        shared = {
            self._name(name_key): self._config.per_name,
            self._address("sign in from", address): self._config.per_address,
        }
        return self.count({self.place(name_key, address): self._config.per_place}, shared)

    def confirming(self, person_id: int) -> Limits:
        """The limits of who is signed in and is asked for the password again."""
        return {self._subject("confirm", str(person_id)): self._config.per_place}

    def registering(self, address: str) -> Limits:
        """The limits of who makes an account."""
        return {self._address("register from", address): self._config.registrations}

    def count(self, own: Limits, shared: Limits | None = None) -> list[int]:
        """Count an attempt before it is made; takes the same work whether or not there is somebody of a name.

        Args:
            own: limits that nobody else can use up.
            shared: those that others can; twice as many for a first attempt, and no limit where somebody is at home.

        Returns:
            What `forgive` takes, should the attempt turn out well.

        Raises:
            TooManyAttemptsError: a limit is reached; an attempt that is refused is not counted.
        """
        limits = {**own, **(shared or {})}
        with self._database.writing() as connection:
            self._database.lock(connection, *limits)
            self._sweep(connection)
            is_first = max(self._wait(connection, subject, 1) for subject in own) <= timedelta(0)
            most = {**own, **{subject: limit * (1 + is_first) for subject, limit in (shared or {}).items()}}
            waits = {subject: self._wait(connection, subject, limit) for subject, limit in most.items()}
            binding = own if self._is_home(connection, own) else limits
            wait = max(waits[subject] for subject in binding)
            numbers = [self._write_down(connection, subject) for subject in limits if wait <= timedelta(0)]
        if wait > timedelta(0):  # what was swept stays swept
            raise TooManyAttemptsError(wait)
        return numbers

    def forgive(self, connection: Connection, numbers: list[int]) -> None:
        """Count an attempt no longer."""
        connection.execute(attempts.delete().where(attempts.c.id.in_(numbers)))

    def come_home(self, connection: Connection, person_id: int, place: bytes) -> None:
        """Remember that a person has signed in at a place; of many, the newest."""
        others = places.c.person_id == person_id, places.c.digest != place
        newest = sa.select(places.c.digest).where(*others).order_by(places.c.at.desc()).limit(self._config.places - 1)
        gone = (places.c.digest == place) | sa.and_(*others, places.c.digest.not_in(newest))
        connection.execute(places.delete().where(gone))
        connection.execute(places.insert().values(digest=place, person_id=person_id, at=self._now()))

    def forget(self, connection: Connection, name_key: str, person_id: int) -> None:
        """Remove all attempts at an account."""
        name = self._name(name_key)[:HALF]
        of_name = attempts.c.subject.between(name + bytes(HALF), name + b"\xff" * HALF)
        connection.execute(attempts.delete().where(of_name | attempts.c.subject.in_([*self.confirming(person_id)])))

    def _is_home(self, connection: Connection, own: Limits) -> bool:
        """Whether somebody has signed in with this name from this address."""
        query = sa.select(places.c.digest).where(places.c.digest.in_([*own]))
        return connection.execute(query).first() is not None

    def _sweep(self, connection: Connection) -> None:
        """Remove what has left the window; what a clock that was wrong put into the future is of now."""
        now = self._now()
        connection.execute(attempts.delete().where(attempts.c.at <= self._start()))
        connection.execute(attempts.update().where(attempts.c.at > now).values(at=now))

    def _wait(self, connection: Connection, subject: bytes, limit: int) -> timedelta:
        """How long until there are fewer attempts than the limit: never longer than the window."""
        newest = sa.select(attempts.c.at).where(attempts.c.subject == subject, attempts.c.at > self._start())
        moment = connection.execute(newest.order_by(attempts.c.at.desc()).offset(limit - 1).limit(1)).scalar()
        return min(moment, self._now()) - self._start() if moment else timedelta(0)

    def _write_down(self, connection: Connection, subject: bytes) -> int:
        row = attempts.insert().values(subject=subject, at=self._now()).returning(attempts.c.id)
        return connection.execute(row).scalar_one()

    def _start(self) -> datetime:
        """Where the window begins."""
        return self._now() - self._config.window

    def _name(self, name_key: str) -> bytes:
        return self._subject("sign in as", name_key)

    def _address(self, kind: str, address: str) -> bytes:
        return self._subject(kind, origin_of(address))

    def _subject(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind} {text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
