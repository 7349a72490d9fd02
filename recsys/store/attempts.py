"""How often somebody may try: kept in the database, so that it holds for all processes and after a restart."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from recsys.store.base import Clock
from recsys.store.config import AttemptConfig
from recsys.store.database import Database
from recsys.store.errors import TooManyAttemptsError
from recsys.store.schema import attempts

Limits = Mapping[bytes, int]  # subject -> how many attempts within the window


class Attempts:
    """Counts attempts by subject: a keyed digest of a name or an address, from which neither can be read."""

    def __init__(self, database: Database, config: AttemptConfig, now: Clock, key: bytes):
        self._database, self._config, self._now, self._key = database, config, now, key

    def signing_in(self, name_key: str, address: str) -> Limits:
        """The limits of who tries a password for a name; "" stands for what can be nobody's name."""
        by_address = {self._subject("sign in from", address): self._config.per_address}
        return by_address | ({self._subject("sign in as", name_key): self._config.per_name} if name_key else {})

    def confirming(self, person_id: int) -> Limits:
        """The limits of who is signed in and is asked for the password again."""
        return {self._subject("confirm", str(person_id)): self._config.per_name}

    def registering(self, address: str) -> Limits:
        """The limits of who makes an account."""
        return {self._subject("register from", address): self._config.registrations}

    def count(self, limits: Limits) -> list[int]:
        """Count an attempt before it is made.

        Returns:
            What `forgive` takes, should the attempt turn out well.

        Raises:
            TooManyAttemptsError: a limit is reached; an attempt that is refused is not counted.
        """
        with self._database.writing() as connection:
            self._database.lock(connection, *limits)
            self._sweep(connection)
            wait = max(self._wait(connection, subject, limit) for subject, limit in limits.items())
            if wait > timedelta(0):
                raise TooManyAttemptsError(wait)
            return [self._write_down(connection, subject) for subject in limits]

    def forgive(self, connection: Connection, numbers: list[int]) -> None:
        """Count an attempt no longer."""
        connection.execute(attempts.delete().where(attempts.c.id.in_(numbers)))

    def forget(self, connection: Connection, name_key: str, person_id: int) -> None:
        """Remove all attempts at an account."""
        subjects = [self._subject("sign in as", name_key), *self.confirming(person_id)]
        connection.execute(attempts.delete().where(attempts.c.subject.in_(subjects)))

    def _sweep(self, connection: Connection) -> None:
        """Remove what has left the window."""
        connection.execute(attempts.delete().where(attempts.c.at <= self._start()))

    def _wait(self, connection: Connection, subject: bytes, limit: int) -> timedelta:
        """How long until there are fewer attempts than the limit."""
        newest = sa.select(attempts.c.at).where(attempts.c.subject == subject, attempts.c.at > self._start())
        moment = connection.execute(newest.order_by(attempts.c.at.desc()).offset(limit - 1).limit(1)).scalar()
        return moment - self._start() if moment else timedelta(0)

    def _write_down(self, connection: Connection, subject: bytes) -> int:
        row = attempts.insert().values(subject=subject, at=self._now()).returning(attempts.c.id)
        return connection.execute(row).scalar_one()

    def _start(self) -> datetime:
        """Where the window begins."""
        return self._now() - self._config.window

    def _subject(self, kind: str, text: str) -> bytes:
        return hmac.digest(self._key, f"{kind} {text}".encode("utf-8", "surrogatepass"), hashlib.sha256)
