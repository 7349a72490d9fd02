"""What evenings are found by: codes as they are typed, and how many wrong ones somebody may try."""

import time
from collections import OrderedDict
from collections.abc import Callable

from recsys.errors import DataError
from recsys.serve.security.visitors import Visitor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that look like another
CODE_LENGTH = 6  # 890 million codes: 30 tries in ten minutes find one of 1,000 evenings in 200 days on average
LONGEST_TYPED = 40  # characters of a code that are looked at
WRONG_OF_VISITOR, WRONG_OF_ADDRESS = 10, 30  # codes that may be tried within WINDOW
WINDOW = 600.0  # seconds
MOST_REMEMBERED = 10_000  # who has tried wrong codes
TOO_MANY_WRONG = "Too many wrong codes came from here: wait ten minutes, then try again."


class Tries:
    """How many wrong codes have come, of each visitor and each address, since a moment of at most WINDOW ago."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[float, int]] = OrderedDict()  # first moment, number

    def require_some_left(self, visitor: Visitor) -> None:
        """DataError if this visitor, or their address, has none left."""
        if any(self._number(key) >= most for key, most in limits_of(visitor).items()):
            raise DataError(TOO_MANY_WRONG)

    def note(self, visitor: Visitor) -> None:
        """Count one more."""
        for key in limits_of(visitor):
            number = self._number(key)
            first = self._wrong[key][0] if number else self._clock()
            self._wrong[key] = first, number + 1
        while len(self._wrong) > MOST_REMEMBERED:
            self._wrong.popitem(last=False)

    def _number(self, key: str) -> int:
        first, number = self._wrong.get(key, (0.0, 0))
        return number if self._clock() - first < WINDOW else 0


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
