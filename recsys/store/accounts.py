"""Who may sign in, and who is signed in."""

import hashlib
import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from recsys.store.attempts import Attempts
from recsys.store.base import Base, Clock
from recsys.store.config import StoreConfig
from recsys.store.database import Database
from recsys.store.errors import StoreError
from recsys.store.names import LONGEST_TEXT, checked_password, key_if_any, name_key, password_bytes, shown_name
from recsys.store.people import Person
from recsys.store.schema import accounts, sessions
from recsys.store.secret_keys import secret_key

TOKEN_SIZE = 32  # bytes
NOT_RIGHT = "name or password is not right; check both, or register"  # the same sentence, whichever of them it is


class Accounts(Base):
    """Accounts and their sessions; a part of Store.

    Passwords are hashed and checked outside of transactions, since that is slow on purpose.
    """

    def __init__(self, database: Database, config: StoreConfig, now: Clock):
        super().__init__(database, config, now)
        self._attempts = Attempts(database, config.attempts, now, secret_key(database, "attempts"))

    def register(self, name: str, password: str, address: str) -> str:
        """Make an account and sign in.

        Args:
            name: what the person would like to be called; see recsys.store.names.
            password: likewise.
            address: where the request comes from, such as an IP address.

        Returns:
            The token of a session, for `person_of`.

        Raises:
            StoreError: the name or the password is against the rules, or the name is taken.
            TooManyAttemptsError: too many accounts from this address.
        """
        shown = shown_name(name)
        key = name_key(shown)
        chosen = checked_password(password, key)
        self._attempts.count(self._attempts.registering(address))
        values = {"name": shown, "name_key": key, "password_hash": self._passwords.hash(chosen)}
        try:
            with self._database.writing() as connection:
                row = accounts.insert().values(**values, registered_at=self._now()).returning(accounts.c.id)
                return self._start_session(connection, connection.execute(row).scalar_one())
        except IntegrityError:
            raise StoreError(f"name: {shown!r} is taken; expected another one, or sign in if it is you") from None

    def sign_in(self, name: str, password: str, address: str) -> str:
        """Start a session; takes the same work and says the same, whether or not there is somebody of that name.

        Returns:
            The token of the session, for `person_of`.

        Raises:
            StoreError: name or password is not right.
            TooManyAttemptsError: too many wrong passwords for this name, or from this address.
        """
        key = key_if_any(name)
        numbers = self._attempts.count(self._attempts.signing_in(key, address))
        account = self._account(key)
        typed = password_bytes(password)
        if not self._passwords.is_right(typed, account.password_hash if account else None) or not account:
            raise StoreError(NOT_RIGHT)
        renewed = self._renewed_hash(account.password_hash, typed)
        with self._database.writing() as connection:
            if not self._replace_hash(connection, account, renewed):  # changed or deleted meanwhile
                raise StoreError(NOT_RIGHT)
            self._attempts.forgive(connection, numbers)
            return self._start_session(connection, account.id)

    def person_of(self, token: str | None) -> Person | None:
        """Who is signed in with a token; None if nobody is. Use renews the session, at most once a day."""
        if not isinstance(token, str) or len(token) > LONGEST_TEXT:
            return None
        digest, now = _digest(token), self._now()
        query = sa.select(accounts.c.id, accounts.c.name, sessions.c.expires_at).join_from(sessions, accounts)
        with self._database.reading() as connection:
            row = connection.execute(query.where(sessions.c.digest == digest, sessions.c.expires_at > now)).first()
        if row is None:
            return None
        expires_at = now + self._config.sessions.lasts
        if expires_at - row.expires_at >= self._config.sessions.renewed_after:
            with self._database.writing() as connection:
                connection.execute(sessions.update().where(sessions.c.digest == digest).values(expires_at=expires_at))
        return Person(row.id, row.name, digest)

    def sign_out(self, token: str | None) -> None:
        """End a session, if it is one."""
        if isinstance(token, str) and len(token) <= LONGEST_TEXT:
            with self._database.writing() as connection:
                connection.execute(sessions.delete().where(sessions.c.digest == _digest(token)))

    def sign_out_everywhere(self, person: Person) -> None:
        """End all sessions of a person, this one too."""
        with self._writing(person) as connection:
            connection.execute(sessions.delete().where(sessions.c.person_id == person.id))

    def change_password(self, person: Person, password: str, new_password: str) -> None:
        """Take another password, and end all sessions but this one.

        Raises:
            StoreError: the password is not right, or the new one is against the rules.
            TooManyAttemptsError: too many wrong passwords.
        """
        chosen = checked_password(new_password, name_key(person.name))
        account, numbers = self._confirmed(person, password)
        fresh = self._passwords.hash(chosen)
        with self._writing(person) as connection:
            if not self._replace_hash(connection, account, fresh):
                raise StoreError("the password was changed meanwhile; try again with the new one")
            others = sessions.c.digest != person.session
            connection.execute(sessions.delete().where(sessions.c.person_id == person.id, others))
            self._attempts.forgive(connection, numbers)

    def delete_account(self, person: Person, password: str) -> None:
        """Delete the account and all that belongs to it, for good.

        Raises:
            StoreError: the password is not right.
            TooManyAttemptsError: too many wrong passwords.
        """
        account, numbers = self._confirmed(person, password)
        with self._writing(person) as connection:
            connection.execute(accounts.delete().where(accounts.c.id == person.id))
            self._attempts.forgive(connection, numbers)
            self._attempts.forget(connection, account.name_key, person.id)
        self._database.forget_deleted()

    def _account(self, key: str) -> Row | None:
        """The account of a name."""
        with self._database.reading() as connection:
            return connection.execute(sa.select(accounts).where(accounts.c.name_key == key)).first()

    def _confirmed(self, person: Person, password: str) -> tuple[Row, list[int]]:
        """The account of a person who knows its password, and the numbers of the attempt."""
        with self._reading(person) as connection:
            account = connection.execute(sa.select(accounts).where(accounts.c.id == person.id)).one()
        numbers = self._attempts.count(self._attempts.confirming(person.id))
        if not self._passwords.is_right(password_bytes(password), account.password_hash):
            raise StoreError("the password is not right; type the present one again, and nothing is changed until then")
        return account, numbers

    def _renewed_hash(self, kept: str, password: bytes) -> str:
        """The hash of a password by today's settings."""
        return self._passwords.hash(password) if self._passwords.is_outdated(kept) else kept

    def _replace_hash(self, connection: Connection, account: Row, fresh: str) -> bool:
        """Put a hash in place of the one that was read; whether that was still there."""
        read = (accounts.c.id == account.id, accounts.c.password_hash == account.password_hash)
        return connection.execute(accounts.update().where(*read).values(password_hash=fresh)).rowcount == 1

    def _start_session(self, connection: Connection, person_id: int) -> str:
        """A new token; sessions that have expired are swept."""
        token, now = secrets.token_urlsafe(TOKEN_SIZE), self._now()
        expires_at = now + self._config.sessions.lasts
        connection.execute(sessions.delete().where(sessions.c.expires_at <= now))
        row = {"digest": _digest(token), "person_id": person_id, "started_at": now, "expires_at": expires_at}
        connection.execute(sessions.insert().values(row))
        return token


def _digest(token: str) -> bytes:
    """What is kept of a token: who reads the database cannot sign in with it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
