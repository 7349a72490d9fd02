"""Connections to PostgreSQL that give up a server that says nothing.

A server that is frozen keeps no time limit of its own and hears no request to cancel, and on a socket of this machine
TCP keeps none either; so this process watches the time.
"""

import time
from collections.abc import Callable, Generator
from typing import Any

import psycopg

from recsys.store.config import AnswerConfig


class AnsweringConnection(psycopg.Connection[Any]):
    """A connection that is given up when the server says nothing for too long.

    Attributes:
        patience: seconds of silence within a call; what a statement may take is a setting of the server's.
        silent: is called with the reason when the connection is given up.
    """

    patience = float("inf")
    silent: Callable[[str], None]

    def wait(self, gen: Any, *options: Any, **named: Any) -> Any:
        """What a call waits for; psycopg.OperationalError after too long a silence."""
        return super().wait(self._while_it_answers(gen), *options, **named)

    def _while_it_answers(self, asked: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Pass on what psycopg waits for; every tenth of a second it says whether there was anything."""
        try:
            wanted, heard_at = next(asked), time.monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard_at = time.monotonic()
                elif time.monotonic() - heard_at > self.patience:
                    self._give_up()
                wanted = asked.send(ready)
        except StopIteration as end:
            return end.value

    def _give_up(self) -> None:
        reason = f"no answer within {self.patience:g} seconds"
        self.close()
        self.silent(reason)
        raise psycopg.OperationalError(reason)


def connected(arguments: Any, settings: Any, config: AnswerConfig, silent: Callable[[str], None]) -> Any:
    """A new connection; psycopg.OperationalError if there is none in time."""
    try:
        connection = AnsweringConnection.connect(*arguments, **settings)
    except psycopg.errors.ConnectionTimeout as error:
        silent(str(error))
        raise
    connection.silent = silent
    connection.patience = config.silence
    return connection


def options(config: AnswerConfig) -> dict[str, int]:
    """What libpq is told, unless the URL says it."""
    return {
        "connect_timeout": config.connect,
        "keepalives": 1,
        "keepalives_idle": 5,  # seconds
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": round(1000 * config.silence),  # ms
    }


def set_up(connection: Any, config: AnswerConfig) -> None:
    """Wait for the disk at every commit, whatever the server's own setting, and let it keep to the limits of time."""
    limits = {
        "statement_timeout": config.statement,
        "lock_timeout": config.lock,
        "idle_in_transaction_session_timeout": config.patient,
    }
    said = "".join(f"SET {name} TO {round(1000 * seconds)};" for name, seconds in limits.items())
    connection.execute(f"{said} SET synchronous_commit TO on")
    connection.commit()
