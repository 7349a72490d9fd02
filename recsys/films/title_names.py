"""What a film may be called, and what somebody who types a title may mean.

A name is what a film may be called, folded to plain words: "cite des enfants perdus".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np

from recsys.films.catalog import Catalog, Film, articles_first, split_year
from recsys.films.loose_names import loosened, released_as

QUOTED = 40  # characters of a wrong title that a message repeats

BARE_YEAR = re.compile(r"[\s,\[(-]+((?:18|19|20)\d\d)[\s\])]*$")  # "matrix 1999", "Matrix, The [1999]"
ALTERNATE = re.compile(r" \(((?:[^()]|\([^()]*\))*)\)$")  # another title, in parentheses at the end
ALSO_KNOWN_AS = re.compile(r"\ba\.?k\.?a\.?:? ")
SLASH = re.compile(r"(?<!\d)/(?!\d)")  # between two titles, not in a fraction
FIRST_WORD = re.compile(r"(L'|\S+ )(.+)")
SUBTITLE = re.compile(r"(?:,? or)?\s*:\s+|\s+[-–—]\s+", re.IGNORECASE)
ACCENTS = re.compile("[\u0300-\u036f]")  # once they stand beside their letters
WORD = re.compile(r"[^\W_]+")
PLAIN = str.maketrans(  # what case and accents leave
    {"&": " and ", "+": " and ", "'": "", "’": "", "‘": "", "`": ""}
    | {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)


@dataclass(frozen=True)
class Names:
    """What films may be called.

    Attributes:
        called: for each rank of names_of, key -> item_idx of the films called so.
        loose: key of a name that is loosened -> item_idx of the films with such a title, or one in parentheses.
        of: item_idx -> the names of the films that may be listed, without parts of titles; the first is without spaces.
    """

    called: tuple[dict[str, list[int]], ...]
    loose: dict[str, list[int]]
    of: dict[int, list[str]]

    @classmethod
    def of_films(cls, catalog: Catalog, items: Iterable[int], offered: np.ndarray) -> Self:
        """Collect the names of some items; their order is kept everywhere."""
        names = cls(({}, {}, {}, {}, {}), {}, {})
        for item in items:
            by_rank = names_of(catalog.titles[item])
            for called, ranked in zip(names.called, by_rank, strict=True):
                note(called, ranked, item)
            whole = [*by_rank[0], *by_rank[1]]
            note(names.loose, filter(None, map(loosened, whole)), item)
            if offered[item]:
                names.of[item] = [*dict.fromkeys([key_of(whole[0]), *whole, *by_rank[2]])]
        return names

    def called_so(self, name: str) -> list[list[int]]:
        """Films called so, rank by rank."""
        key = key_of(folded(name))
        return [called.get(key, []) for called in self.called]

    def alike(self, name: str) -> list[int]:
        """Films with a title, or one in parentheses, that is written another way."""
        return self.loose.get(key_of(loosened(folded(name))), [])


def note(called: dict[str, list[int]], names: Iterable[str], item: int) -> None:
    """Add a film to those that are called by some folded names."""
    for key in set(map(key_of, names)):
        called.setdefault(key, []).append(item)


def names_of(written: str) -> tuple[list[str], ...]:
    """What a film may be called, rank by rank.

    Its title; those in parentheses; both without articles; other names that the title has in it; parts of them all.

    >>> names_of("City of Lost Children, The (Cité des enfants perdus, La)")[1:3]
    (['la cite des enfants perdus'], ['city of lost children', 'cite des enfants perdus'])
    >>> names_of("Terminator 2: Judgment Day")[4]
    ['terminator 2', 'judgment day']
    """
    whole = articles_first(written)
    title, alternates = split_alternates(whole)
    called = [title, *alternates]
    parts = [part for name in called for part in parts_of(name)]

    def bare(names: list[str]) -> list[str]:
        return [rest for name in names if (rest := without_article(name, written))]

    released = [other for name in called for other in released_as(name)]
    ranks = ([title, whole], alternates, bare(called), [*released, *bare(released)], [*parts, *bare(parts)])
    return tuple([folded(name) for name in dict.fromkeys(names)] for names in ranks)


def split_alternates(title: str) -> tuple[str, list[str]]:
    """Take the titles in parentheses off the end.

    >>> split_alternates("I Am Cuba (a.k.a. The Cuba) (Soy Cuba/Ya Kuba)")
    ('I Am Cuba', ['The Cuba', 'Soy Cuba/Ya Kuba', 'Soy Cuba', 'Ya Kuba'])
    """
    alternates: list[str] = []
    while found := ALTERNATE.search(title):
        title, name = title[: found.start()], ALSO_KNOWN_AS.sub("", found[1])
        alternates = [*dict.fromkeys([name, *SLASH.split(name)]), *alternates]
    return title, alternates


def parts_of(name: str) -> list[str]:
    """Runs of what stands between colons and dashes, but not all of it."""
    pieces = SUBTITLE.split(name)
    runs = combinations(range(len(pieces) + 1), 2) if len(pieces) > 1 else ()
    return [" ".join(pieces[start:end]) for start, end in runs if end - start < len(pieces)]


def without_article(name: str, written: str) -> str:
    """The name without an English article, or one that the data writes after it; "" if it has none."""
    found = FIRST_WORD.match(name)
    if found is None:
        return ""
    article, rest = found[1].strip(), found[2]
    return rest if article in ("The", "A", "An") or f"{rest}, {article}" in written else ""


def readings_of(text: str) -> Iterator[tuple[str, int | None]]:
    """Yield the ways to take a text as a title and a year, the likeliest first.

    >>> list(readings_of("Blade Runner 2049"))
    [('Blade Runner 2049', None), ('Blade Runner', 2049)]
    >>> list(readings_of("Seven (Se7en) (1995)"))
    [('Seven (Se7en)', 1995), ('Seven', 1995)]
    """
    title, year = split_year(Film(text))
    readings = [(title, year)]
    if year is not None:
        readings += [(split_alternates(title)[0], year)]
    elif bare := BARE_YEAR.search(text):
        readings += [(text[: bare.start()], int(bare[1]))]
    for name, year in dict.fromkeys(readings):
        yield name, year
        capitals = name.title().replace("’", "'")
        if (moved := articles_first(capitals)) != capitals:
            yield moved, year


def folded(text: str) -> str:
    """A title in lower case without accents and punctuation, one space between two words.

    >>> folded("Aimée & Jaguar")
    'aimee and jaguar'
    """
    lower = text.lower() if text.isascii() else ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    bare = ALSO_KNOWN_AS.sub("", lower).translate(PLAIN)
    return " ".join(WORD.findall(bare)) or " ".join(text.casefold().split())


def key_of(name: str) -> str:
    """A name without its spaces: "Spider-Man" and "Spiderman" are one."""
    return name.replace(" ", "")


def quoted(text: str) -> str:
    """A title as a message repeats it: in quotes, and cut where it is long."""
    return repr(text if len(text) <= QUOTED else f"{text[:QUOTED]}…")
