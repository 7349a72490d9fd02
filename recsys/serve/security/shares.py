"""How much of something everybody has at once, in all, of one address and of one visitor."""

from collections import Counter
from dataclasses import dataclass

from recsys.serve.security.visitors import Visitor


class NoRoomError(Exception):
    """There are more bodies already than there is room for."""


class OwnRoomError(NoRoomError):
    """There are more of one visitor, or of one address, than these may have."""


@dataclass(frozen=True)
class Room:
    """What bodies may take at once: in all, of one address, of one visitor."""

    in_all: int
    of_address: int
    of_visitor: int


class Shares:
    """How much of something everybody has, so that nobody has too much."""

    def __init__(self, room: Room):
        self._room, self._taken = room, Counter[str]()

    def take(self, visitor: Visitor, amount: int) -> None:
        """Have so much more; NoRoomError, and nothing is taken, if that is too much.

        It is an OwnRoomError where the visitor or the address has too much, and others still have room.
        """
        room, keys = self._room, keys_of(visitor)
        for key, most in zip(keys, (room.in_all, room.of_address, room.of_visitor), strict=True):
            if self._taken[key] + amount > most:
                raise OwnRoomError if key else NoRoomError
        for key in keys:
            self._taken[key] += amount

    def give_back(self, visitor: Visitor, amount: int) -> None:
        """Have so much less."""
        for key in keys_of(visitor):
            self._taken[key] -= amount
            if not self._taken[key]:
                del self._taken[key]

    def __len__(self) -> int:
        """How many visitors and addresses have something."""
        return len(self._taken)


def keys_of(visitor: Visitor) -> tuple[str, str, str]:
    """What is counted: all, the address, the visitor."""
    return "", f"address {visitor.address}", f"visitor {visitor.who}"
