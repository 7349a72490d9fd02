"""Two rankings in one list, so that who reads it tells which is better: team-draft interleaving.

Radlinski, Kurup & Joachims (2008), "How does clickthrough data reflect retrieval quality?", algorithm 2: as two
captains pick their teams. In every round each ranking picks its best film that is not taken yet; who picks first is
drawn by lot, anew in each round. A film that both would pick goes to whose turn comes first, so neither ranking is
preferred, whatever they are. What somebody likes of the list counts for the ranking that picked it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Pick(NamedTuple):
    """A film of a drafted list.

    Attributes:
        film: what the rankings call it.
        team: 0 or 1, the ranking that picked it; None: neither, since one had nothing left to pick.
    """

    film: int
    team: int | None


def team_draft(first: Sequence[int], second: Sequence[int], k: int, seed: bytes) -> list[Pick]:
    """Draft a list of two rankings.

    The list of fewer films is the beginning of that of more. Once one ranking has nothing left, what the other has
    follows in its order, and is nobody's pick: teams differ by one film at most.

    Args:
        first: films, best first, each once.
        second: likewise.
        k: films at most.
        seed: decides who picks first in each round; the same seed, the same list.
    """
    rankings, picks, taken, lots = (first, second), list[Pick](), set[int](), rounds(seed)
    order: list[int] = []
    while len(picks) < k:
        order = order or [starts := next(lots), 1 - starts]
        team = order.pop(0)
        film = best_left(rankings[team], taken)
        if film is None:
            break
        picks.append(Pick(film, team))
        taken.add(film)
    left = [film for ranking in rankings for film in ranking if film not in taken]
    return [*picks, *(Pick(film, None) for film in dict.fromkeys(left))][:k]


def best_left(ranking: Sequence[int], taken: set[int]) -> int | None:
    """The best film of a ranking that is not taken; None: all are."""
    return next((film for film in ranking if film not in taken), None)


def rounds(seed: bytes) -> Iterator[int]:
    """Yield without end which team picks first, 0 or 1: the bits of SHA-256 of the seed and a counter."""
    number = 0
    while True:
        for byte in hashlib.sha256(seed + number.to_bytes(8, "big")).digest():
            yield from (byte >> bit & 1 for bit in range(8))
        number += 1
