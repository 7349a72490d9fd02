"""Who may sign in, and who is signed in."""

import hashlib
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from recsys.store.config import Clock, StoreConfig
from recsys.store.consenting import Consent, checked_answer, keep_answer
from recsys.store.database.connection import Database
from recsys.store.database.schema import accounts, identities, sessions
from recsys.store.errors import StoreError
from recsys.store.part import StorePart
from recsys.store.people import Person, checked_label
from recsys.store.signing_in.attempts import Attempts
from recsys.store.signing_in.names import (
    LONGEST_NAME,
    LONGEST_TEXT,
    checked_password,
    key_if_any,
    name_key,
    password_bytes,
    shown_name,
)
from recsys.store.signing_in.passwords import Passwords
from recsys.store.signing_in.secret_keys import secret_key

TOKEN_SIZE = 32  # bytes
NOT_RIGHT = "name or password is not right; check both, or register"  # the same sentence, whichever of them it is
NAMELESS = "Somebody"  # who is called elsewhere what nobody can be called here
MOST_RETRIES = 100  # each because somebody else took the name or the identity at the same moment
SIGNED_IN = (
    sa.select(accounts.c.id, accounts.c.name, accounts.c.registered_at, sessions.c.expires_at)
    .join_from(sessions, accounts)
    .where(sessions.c.digest == sa.bindparam("digest"), sessions.c.expires_at > sa.bindparam("now"))
)


class Accounts(StorePart):
    """Accounts and their sessions.

    Passwords are hashed and checked outside of transactions, since that is slow on purpose.
    """

    def __init__(self, database: Database, config: StoreConfig, now: Clock):
        super().__init__(database, config, now)
        self._passwords = Passwords(config.passwords)
        self._attempts = Attempts(database, config.attempts, now, secret_key(database, "attempts"))

    @property
    def session_lasts(self) -> timedelta:
        """How long somebody stays signed in, since the last renewal."""
        return self._config.sessions.lasts

    def register(self, name: object, password: object, address: str, consent: object = None) -> str:
        """Make an account and sign in.

        Args:
            name: what the person would like to be called; see recsys.store.signing_in.names.
            password: likewise.
            address: where the request comes from, such as an IP address.
            consent: what the person answers, as `Consents.answer` has it; None: nothing.

        Returns:
            The token of a session, for `person_of`.

        Raises:
            StoreError: the name or the password is against the rules, or the name is taken, or this is no answer.
            TooManyAttemptsError: too many accounts from this address.
        """
        shown = shown_name(name)
        key = name_key(shown)
        chosen = checked_password(password, key)
        agrees = None if consent is None else checked_answer(consent)
        self._attempts.count(self._attempts.registering(address))
        values = {"name": shown, "name_key": key, "password_hash": self._passwords.hash(chosen)}
        try:
            with self._database.writing() as connection:
                row = accounts.insert().values(**values, registered_at=self._now()).returning(accounts.c.id)
                person_id = connection.execute(row).scalar_one()
                if agrees is not None:
                    keep_answer(connection, person_id, Consent(agrees, self._now()))
                self._attempts.come_home(connection, person_id, self._attempts.place(key, address))
                return self._start_session(connection, person_id)
        except IntegrityError:
            raise StoreError(f"name: {shown!r} is taken; expected another one, or sign in if it is you") from None

    def sign_in(self, name: object, password: object, address: str) -> str:
        """Start a session; takes the same work and says the same, whether or not there is somebody of that name.

        Returns:
            The token of the session, for `person_of`.

        Raises:
            StoreError: name or password is not right.
            TooManyAttemptsError: too many wrong passwords; see recsys.store.signing_in.attempts.
        """
        key = key_if_any(name)
        numbers = self._attempts.signing_in(key, address)
        account = self._account(key)
        typed = password_bytes(password)
        if not self._passwords.is_right(typed, account.password_hash if account else None) or not account:
            raise StoreError(NOT_RIGHT)
        renewed = self._renewed_hash(account.password_hash, typed)
        with self._database.writing() as connection:
            if not self._replace_hash(connection, account, renewed):  # changed or deleted meanwhile
                raise StoreError(NOT_RIGHT)
            self._attempts.forgive(connection, numbers)
            self._attempts.come_home(connection, account.id, self._attempts.place(key, address))
            return self._start_session(connection, account.id)

    def sign_in_from(self, provider: str, subject: str, name: str) -> str:
        """Start a session of somebody for whom another site vouches; at first, make an account, without a password.

        Args:
            provider: the site, such as "huggingface".
            subject: what the site calls the person, for good.
            name: what the person is called there. The account's own is the nearest to it that the rules of
                recsys.store.signing_in.names allow and that nobody has; it stays when the one there changes.

        Returns:
            The token of the session, for `person_of`.

        Raises:
            StoreError: provider or subject is no line of text, or too many make such accounts at once.
        """
        identity = {"provider": checked_label("provider", provider), "subject": checked_label("subject", subject)}
        wanted = _acceptable(name)
        for _ in range(MOST_RETRIES):
            with suppress(IntegrityError), self._database.writing() as connection:
                known = sa.select(identities.c.person_id).filter_by(**identity)
                person_id = connection.execute(known).scalar() or self._vouched_for(connection, identity, wanted)
                return self._start_session(connection, person_id)
        raise StoreError(f"name: many want to be called {wanted!r} at this moment; try again")

    def has_password(self, person: Person) -> bool:
        """Whether a person can sign in by name and password."""
        with self._reading(person) as connection:
            query = sa.select(accounts.c.password_hash).where(accounts.c.id == person.id)
            return connection.execute(query).scalar_one() is not None

    def person_of(self, token: str | None) -> Person | None:
        """Who is signed in with a token; None if nobody is. Use renews the session, at most once a day."""
        if not isinstance(token, str) or len(token) > LONGEST_TEXT:
            return None
        digest, now = _digest(token), self._now()
        with self._database.reading() as connection:
            row = connection.execute(SIGNED_IN, {"digest": digest, "now": now}).first()
        if row is None:
            return None
        expires_at = now + self._config.sessions.lasts
        if expires_at - row.expires_at >= self._config.sessions.renewed_after:
            with self._database.writing() as connection:
                connection.execute(sessions.update().where(sessions.c.digest == digest).values(expires_at=expires_at))
        return Person(row.id, row.name, digest, row.registered_at)

    def sign_out(self, token: str | None) -> None:
        """End a session, if it is one."""
        if isinstance(token, str) and len(token) <= LONGEST_TEXT:
            with self._database.writing() as connection:
                connection.execute(sessions.delete().where(sessions.c.digest == _digest(token)))

    def sign_out_everywhere(self, person: Person) -> None:
        """End all sessions of a person, this one too."""
        with self._writing(person) as connection:
            connection.execute(sessions.delete().where(sessions.c.person_id == person.id))

    def change_password(self, person: Person, password: object, new_password: object) -> None:
        """Take another password, and end all sessions but this one.

        Raises:
            StoreError: the password is not right, the new one is against the rules, or the account has none.
            TooManyAttemptsError: too many wrong passwords.
        """
        if not self.has_password(person):
            raise StoreError("this account has no password to change; use Hugging Face to sign in, and to change yours")
        chosen = checked_password(new_password, name_key(person.name))
        account, numbers = self._confirmed(person, password)
        fresh = self._passwords.hash(chosen)
        with self._writing(person) as connection:
            if not self._replace_hash(connection, account, fresh):
                raise StoreError("the password was changed meanwhile; try again with the new one")
            others = sessions.c.digest != person.session
            connection.execute(sessions.delete().where(sessions.c.person_id == person.id, others))
            self._attempts.forgive(connection, numbers)

    def delete_account(self, person: Person, password: object) -> None:
        """Delete the account and all that belongs to it, for good.

        Args:
            person: whose account.
            password: of an account that has none, its name, as it is shown.

        Raises:
            StoreError: the password, or the name, is not right.
            TooManyAttemptsError: too many that were not right.
        """
        account, numbers = self._confirmed(person, password)
        with self._writing(person) as connection:
            connection.execute(accounts.delete().where(accounts.c.id == person.id))
            self._attempts.forgive(connection, numbers)
            self._attempts.forget(connection, account.name_key, person.id)
        self._database.forget_deleted()

    def _account(self, key: str) -> Row[Any] | None:
        """The account of a name."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(accounts).where(accounts.c.name_key == key)).first()

    def _confirmed(self, person: Person, password: object) -> tuple[Row[Any], list[int]]:
        """The account of a person who knows its password, or types its name if it has none; numbers of the attempt."""
        with self._reading(person) as connection:
            account = connection.execute(sa.select(accounts).where(accounts.c.id == person.id)).one()
        numbers = self._attempts.count(self._attempts.confirming(person.id))
        self._require_right(account, password)
        return account, numbers

    def _require_right(self, account: Row[Any], password: object) -> None:
        """Check the password of an account, or its name if it has no password."""
        typed = password_bytes(password)
        if account.password_hash is None:
            if typed.strip() != account.name.encode():
                raise StoreError(f"the name is not right; type {account.name!r}, and nothing is changed until then")
        elif not self._passwords.is_right(typed, account.password_hash):
            raise StoreError("the password is not right; type the present one again, and nothing is changed until then")

    def _vouched_for(self, connection: Connection, identity: dict[str, str], wanted: str) -> int:
        """The number of a new account, which has an identity and no password."""
        shown = _free_name(connection, wanted)
        values = {"name": shown, "name_key": name_key(shown), "registered_at": self._now()}
        row = accounts.insert().values(**values).returning(accounts.c.id)
        person_id = connection.execute(row).scalar_one()
        connection.execute(identities.insert().values(**identity, person_id=person_id))
        return person_id

    def _renewed_hash(self, stored: str, password: bytes) -> str:
        """The hash of a password by today's settings."""
        return self._passwords.hash(password) if self._passwords.is_outdated(stored) else stored

    def _replace_hash(self, connection: Connection, account: Row[Any], fresh: str) -> bool:
        """Put a hash in place of the one that was read; whether that was still there."""
        read = (accounts.c.id == account.id, accounts.c.password_hash == account.password_hash)
        return connection.execute(accounts.update().where(*read).values(password_hash=fresh)).rowcount == 1

    def _start_session(self, connection: Connection, person_id: int) -> str:
        """A new token; sessions that have expired for long are swept, and the oldest of too many."""
        token, now = secrets.token_urlsafe(TOKEN_SIZE), self._now()
        expires_at = now + self._config.sessions.lasts
        connection.execute(sessions.delete().where(sessions.c.expires_at <= now - self._config.sessions.swept_after))
        row = {"digest": _digest(token), "person_id": person_id, "started_at": now, "expires_at": expires_at}
        own, most = sessions.c.person_id == person_id, self._config.sessions.most - 1
        newest = sa.select(sessions.c.digest).where(own).order_by(sessions.c.started_at.desc()).limit(most)
        connection.execute(sessions.delete().where(own, sessions.c.digest.not_in(newest)))
        connection.execute(sessions.insert().values(row))
        return token


def _acceptable(name: object) -> str:
    """The nearest to a name that can be a name here."""
    given = unicodedata.normalize("NFKC", name[:LONGEST_TEXT]) if isinstance(name, str) else ""
    plain = "".join(character if character.isalnum() else " " for character in given)
    for one in (given, plain):
        with suppress(StoreError):
            return shown_name(" ".join(one.split())[:LONGEST_NAME])
    return NAMELESS


def _free_name(connection: Connection, wanted: str) -> str:
    """A name that nobody has: the one that is wanted, or else with the lowest number behind it, from 2."""
    return next(shown for shown in _numbered(wanted) if not _is_taken(connection, shown))


def _numbered(wanted: str) -> Iterator[str]:
    """Yield a name, then the same with 2, 3, ... behind it, none of them too long."""
    yield wanted
    for number in count(2):
        ending = f" {number}"
        yield wanted[: LONGEST_NAME - len(ending)].rstrip() + ending


def _is_taken(connection: Connection, shown: str) -> bool:
    query = sa.select(accounts.c.id).where(accounts.c.name_key == name_key(shown))
    return connection.execute(query).first() is not None


def _digest(token: str) -> bytes:
    """What is kept of a token: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
