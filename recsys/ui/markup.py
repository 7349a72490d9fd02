"""HTML that is safe by type: a str that goes into Markup is escaped, so only what stands in the code is HTML."""

from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from typing import ParamSpec

from markupsafe import Markup

NOTHING = Markup("")
P = ParamSpec("P")
MOST_KEPT = 4096  # pieces of one sort, of a thousand characters or less


def kept(piece: Callable[P, Markup]) -> Callable[P, Markup]:
    """A function whose last pieces of HTML are kept: the same films are drawn again and again, and to draw is slow.

    Args:
        piece: takes values that can be hashed, and makes the same of the same.
    """
    last = lru_cache(MOST_KEPT, typed=True)(piece)  # a str is escaped, and a Markup that equals it is not

    @wraps(piece)
    def known(*args: P.args, **named: P.kwargs) -> Markup:
        return last(*args, **named)  # type: ignore[arg-type]

    return known


def joined(parts: Iterable[Markup]) -> Markup:
    """Parts one after the other."""
    return NOTHING.join(parts)
