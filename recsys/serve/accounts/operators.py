"""Who may see the operator's page: accounts that a setting names, each with a code that no other account has.

A name alone would not do: somebody else may have registered it first, or register it once its account is deleted, or
where the disk of a page is emptied. The code is made of the account's number, of the moment when it was registered, and
of a random key that lies in the database: a database that is restored from a backup may give a number again, and has
the same key. It is no secret: whoever knows it must still be signed in as that account.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from recsys.errors import DataError

if TYPE_CHECKING:
    from recsys.store import Person

VARIABLE = "MOVIE_VAE_OPERATORS"
SECRET = "operators"  # what the key is called
DIGITS = 16  # of a code
ENTRY = re.compile(rf"\s*([^\s].*?)\s*#\s*([0-9a-f]{{{DIGITS}}})\s*(?:,|$)", re.DOTALL)
LONGEST_SHOWN = 60  # characters


class Operators:
    """Accounts that the setting names; with none of them, nobody asks the database."""

    def __init__(self, entries: frozenset[tuple[str, str]], key: Callable[[], bytes]):
        """Ask for nothing yet.

        Args:
            entries: name and code of each.
            key: gives the database's key; asked once somebody of such a name comes.
        """
        self._entries, self._key = entries, key

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._entries)

    def has(self, person: "Person") -> bool:
        """Whether a person is one of them; DataError if the database cannot be asked."""
        if not self._entries:
            return False
        from recsys.store.signing_in.names import key_if_any, name_key

        mine = name_key(person.name)
        codes = {code for name, code in self._entries if key_if_any(name) == mine}
        return bool(codes) and code_of(person.id, person.registered_at, self._key()) in codes


def code_of(person_id: int, registered_at: datetime, key: bytes) -> str:
    """The code of an account, by its number, when it was registered, and the database's key."""
    account = f"{person_id} {registered_at.astimezone(UTC).isoformat(timespec='microseconds')}"
    return blake2b(account.encode(), key=key, digest_size=DIGITS // 2).hexdigest()


def operators_in(environment: Mapping[str, str], key: Callable[[], bytes]) -> Operators:
    """Those whom the setting names.

    Args:
        environment: has the setting, or not.
        key: as Operators has it.

    Raises:
        DataError: the setting is no list of names with codes.
    """
    rest = environment.get(VARIABLE, "").strip()
    entries: set[tuple[str, str]] = set()
    while rest:
        found = ENTRY.match(rest)
        if found is None:
            raise DataError(
                f"{VARIABLE}: got {rest[:LONGEST_SHOWN]!r}; expected names of accounts with their codes, separated by "
                "commas, such as Ann#0123456789abcdef, as `python -m recsys.loop operator Ann` prints them"
            )
        entries.add((found[1], found[2]))
        rest = rest[found.end() :].strip()
    return Operators(frozenset(entries), key)


NO_OPERATORS = Operators(frozenset(), lambda: b"")
