"""Every default of the store, written here once and checked when an object is made."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from recsys.settings import require

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class PasswordConfig:
    """How costly it is to try a password: argon2id with the second choice of RFC 9106, section 4."""

    time_cost: int = 3  # passes over the memory
    memory_cost: int = 65536  # KiB
    parallelism: int = 4  # lanes
    at_once: int = 2  # passwords that a process works on at a time; each takes memory_cost

    def __post_init__(self) -> None:
        require(min(self.time_cost, self.parallelism, self.at_once) >= 1, self, "whole numbers >= 1")
        require(self.memory_cost >= 8 * self.parallelism, self, "memory_cost >= 8 KiB for each lane")


@dataclass(frozen=True, kw_only=True)
class AttemptConfig:
    """How often a password may be tried, or an account be made, within a window."""

    window: timedelta = timedelta(minutes=15)
    per_place: int = 10  # wrong passwords for one name from one address
    per_name: int = 100  # wrong passwords for one name, from wherever; not where its owner has signed in before
    per_address: int = 50  # wrong passwords from one address, which a school or a company may share; likewise
    registrations: int = 20  # new accounts, or names that were taken, from one address
    places: int = 20  # addresses that are remembered of a person, as a digest of name and address

    def __post_init__(self) -> None:
        limits = (self.per_place, self.per_name, self.per_address, self.registrations, self.places)
        require(min(limits) >= 1 and self.window > timedelta(0), self, "limits >= 1 and a window above 0")


@dataclass(frozen=True, kw_only=True)
class SessionConfig:
    """How long a person stays signed in."""

    lasts: timedelta = timedelta(days=30)  # since the last renewal
    renewed_after: timedelta = timedelta(days=1)  # use renews a session at most this often
    swept_after: timedelta = timedelta(days=400)  # after its end, lest a clock that jumps ahead ends what goes on
    most: int = 100  # of one person; a further one ends the oldest

    def __post_init__(self) -> None:
        require(timedelta(0) < self.renewed_after < self.lasts, self, "0 < renewed_after < lasts")
        require(self.swept_after >= timedelta(0) and self.most >= 1, self, "swept_after >= 0 and most >= 1")


@dataclass(frozen=True, kw_only=True)
class HistoryConfig:
    """How much is kept of a person's past; older things go. Ratings and marks stay, as many as there are films."""

    changes: int = 50_000  # more than the largest import, which can so be undone
    lists: int = 1_000

    def __post_init__(self) -> None:
        require(min(self.changes, self.lists) >= 1, self, "whole numbers >= 1")


@dataclass(frozen=True, kw_only=True)
class AnswerConfig:
    """How long a database is waited for before people are told to try again, in seconds.

    A server that is alive ends a statement, or the wait for a lock, by itself before it is taken for silent, so that
    it is known that nothing was changed.
    """

    connect: int = 2  # the least that libpq knows
    statement: float = 2.5  # that one statement may take
    silence: float = 3.0  # without a word; then the connection is given up
    lock: float = 2.0  # that SQLite waits for another program, and PostgreSQL for another transaction
    turn: float = 30.0  # for all who write before in this process, while they get on with it
    patient: float = 60.0  # instead of connect, statement and silence, where nobody waits: when the database is opened

    def __post_init__(self) -> None:
        require(0 < self.lock < self.statement < self.silence < self.patient, self, "lock < statement < silence")
        require(2 <= self.connect <= self.patient and self.turn > 0, self, "connect >= 2 and turn > 0")


@dataclass(frozen=True, kw_only=True)
class StoreConfig:
    """All settings of a store."""

    passwords: PasswordConfig = PasswordConfig()
    attempts: AttemptConfig = AttemptConfig()
    sessions: SessionConfig = SessionConfig()
    history: HistoryConfig = HistoryConfig()
    answers: AnswerConfig = AnswerConfig()
