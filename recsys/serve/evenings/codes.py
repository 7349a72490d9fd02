"""What evenings are found by: codes as they are typed, and how many wrong ones somebody may try."""

from recsys.errors import DataError
from recsys.serve.evenings.books import Entries
from recsys.serve.security.visitors import Visitor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that look like another
CODE_LENGTH = 6  # 890 million codes: 30 tries in ten minutes find one of 1,000 evenings in 200 days on average
LONGEST_TYPED = 40  # characters of a code that are looked at
WRONG_OF_VISITOR, WRONG_OF_ADDRESS = 10, 30  # codes that may be tried within WINDOW
WINDOW = 600.0  # seconds
TOO_MANY_WRONG = "Too many wrong codes came from here: wait ten minutes, then try again."


class Tries:
    """How many wrong codes have come, of each visitor and each address, since a moment of at most WINDOW ago."""

    def __init__(self, entries: Entries, now: float):
        """Ask nothing yet.

        Args:
            entries: remember the tries.
            now: by the clock of their book.
        """
        self._entries, self._now = entries, now

    def require_some_left(self, visitor: Visitor) -> None:
        """DataError if this visitor, or their address, has none left."""
        if any(self._so_far(key)[1] >= most for key, most in limits_of(visitor).items()):
            raise DataError(TOO_MANY_WRONG)

    def note(self, visitor: Visitor) -> None:
        """Count one more."""
        for key in limits_of(visitor):
            first, number = self._so_far(key)
            self._entries.note_wrong_codes(key, first, number + 1)

    def _so_far(self, key: str) -> tuple[float, int]:
        """Since when, and how many; those that came before the window count no more."""
        first, number = self._entries.wrong_codes(key)
        return (first, number) if number and self._now - first < WINDOW else (self._now, 0)


def limits_of(visitor: Visitor) -> dict[str, int]:
    """What wrong codes are counted by, and how many may come."""
    return {f"visitor {visitor.who}": WRONG_OF_VISITOR, f"address {visitor.address}": WRONG_OF_ADDRESS}


def code_in(typed: object) -> str:
    """A code as it may have been typed: in lower case, with blanks or hyphens; "" for what can be none.

    >>> code_in(" abc-234 "), code_in("abc 23"), code_in(7)
    ('ABC234', '', '')
    """
    if not isinstance(typed, str) or len(typed) > LONGEST_TYPED:
        return ""
    code = "".join(sign for sign in typed.upper() if sign not in " -\u00a0\u2013\t")
    return code if len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) else ""
