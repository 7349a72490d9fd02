"""Who of some people would watch a film, and in which order films come by that.

Legend: n films, k listed ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tally:
    """How many said of a film that they would watch it, and how many that they would rather not."""

    yes: int = 0
    no: int = 0

    @classmethod
    def of(cls, votes: Mapping[int, bool]) -> "Tally":
        """Of votes, person -> whether they would watch it."""
        return cls(sum(votes.values()), len(votes) - sum(votes.values()))

    @property
    def in_words(self) -> str:
        """Such as "2 would watch it, 1 rather not"; "" where nobody has said anything."""
        said = [f"{self.yes} would watch it"] * (self.yes > 0) + [f"{self.no} rather not"] * (self.no > 0)
        return ", ".join(said)


NOBODY = Tally()


def by_votes(titles: Sequence[str], tallies: Mapping[str, Tally], k: int) -> list[int]:
    """Places of the first k films, and of all that somebody has voted on: the most yes first, then the fewest no.

    Args:
        titles: (n,) of films, best first; equal votes keep this order.
        tallies: title -> votes.
        k: films that are listed in any case.

    >>> by_votes(["A", "B", "C", "D"], {"D": Tally(yes=1), "A": Tally(no=1)}, k=2)
    [3, 1, 0]
    """
    listed = [place for place, title in enumerate(titles) if place < k or tallies.get(title, NOBODY) != NOBODY]

    def rank(place: int) -> tuple[int, int]:
        tally = tallies.get(titles[place], NOBODY)
        return -tally.yes, tally.no

    return sorted(listed, key=rank)
