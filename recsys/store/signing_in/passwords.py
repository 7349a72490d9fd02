"""Passwords as argon2id hashes; a check takes the same work whether or not there is anybody to check."""

import base64
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from recsys.store.config import PasswordConfig


class Passwords:
    """Hashes and checks passwords, a few at a time, since each takes much memory on purpose."""

    def __init__(self, config: PasswordConfig):
        self._hasher = PasswordHasher(config.time_cost, config.memory_cost, config.parallelism)
        self._turns = threading.BoundedSemaphore(config.at_once)
        self._nobody = _hash_of_nothing(self._hasher)

    def hash(self, password: bytes) -> str:
        """A salted hash, which says itself how it was made."""
        with self._turns:
            return self._hasher.hash(password)

    def is_right(self, password: bytes, stored: str | None) -> bool:
        """Whether a password has this hash; without one, the answer is no, after the same work."""
        with self._turns:
            try:
                return self._hasher.verify(stored or self._nobody, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other settings."""
        return self._hasher.check_needs_rehash(stored)


def _hash_of_nothing(hasher: PasswordHasher) -> str:
    """What looks like a hash of the present settings, and is that of no known password."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, digest = (_base64(secrets.token_bytes(size)) for size in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode().rstrip("=")
