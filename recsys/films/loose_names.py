"""What may differ between two ways to write one title: numbers, labels, spelling, little words, a series before it.

All of it works on names that are folded: "rocky iv". A film that is found so only by these rules is to be of the very
year that was asked for, and the only one.
"""

import re
from collections.abc import Iterator

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen")
ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii")
SINGLE = frozenset("ivx")
LABELS = frozenset(["part", "pt", "vol", "volume", "chapter", "episode"])
NUMBER_OF = {word: str(n) for words in (WORDS, ROMAN) for n, word in enumerate(words, start=1)}
SPELLINGS = (
    ("our", re.compile(r"(?<=[a-z]{3})our(s?)\b"), r"or\1"),  # colour, neighbours
    ("grey", re.compile(r"\bgrey"), "gray"),
    ("tre", re.compile(r"\b(cent|theat)re\b"), r"\1er"),
)
ARTICLES = frozenset(["the", "a", "an"])
LITTLE = ARTICLES | frozenset(["and", "or", "of", "in", "on", "to", "with", "at", "for"])
SHORTEST = 8  # letters of one word that tells a film from others, whatever stands around it
EPISODE = re.compile(r"(.+?):? episode [ivx\d]+ ?[-–:] (.+)", re.IGNORECASE)  # "Star Wars: Episode V - The Empire …"
MAKER = re.compile(r"(?!The |An? )[A-Z][\w.]*(?: [A-Z][\w.]*)+['’]s? (.+ .+)")  # "Monty Python's Life of Brian"
WORD = re.compile(r"\w+")
SUBTITLE = re.compile(r".+?(?::| [-–—]) (.+)")
LONG_NAME, LONG_PART = 10, 12  # letters of two words or more, which no other film of that year is likely to have


def loosened(name: str) -> str:
    """A folded name as all ways to write it have in common; "" if that tells too little.

    >>> loosened("back to the future part ii"), loosened("twelve angry men"), loosened("the intouchables")
    ('back future 2', '12 angry men', 'intouchables')
    >>> loosened("three colours red"), loosened("the mask")
    ('3 colors red', '')
    """
    words = [number or word for word, number in with_numbers(in_one_spelling(name).split())]
    numbered = [word for word, after in zip(words, [*words[1:], ""], strict=True) if not is_label(word, after)]
    without_article = numbered[1:] if numbered and numbered[0] in ARTICLES else numbered
    telling = [word for word in without_article if word not in LITTLE]
    kept = telling if len(telling) > 2 else without_article
    tells = len(kept) > 1 or any(len(word) >= SHORTEST or word.isdigit() for word in kept)
    return " ".join(kept) if tells else ""


def in_one_spelling(name: str) -> str:
    """A folded name in American English, as far as words go that titles have."""
    for sign, british, american in SPELLINGS:
        if sign in name:
            name = british.sub(american, name)
    return name


def is_label(word: str, after: str) -> bool:
    """Whether a word only says that a number follows."""
    return word in LABELS and after.isdigit()


def with_numbers(words: list[str]) -> Iterator[tuple[str, str | None]]:
    """Yield the words, each with the number that it may be.

    >>> list(with_numbers(["i", "rocky", "ii"]))
    [('i', None), ('rocky', None), ('ii', '2')]
    """
    for at, word in enumerate(words):
        number = word if word.isdecimal() else NUMBER_OF.get(word)
        yield word, None if word in SINGLE and not is_numeral(words, at) else number


def is_numeral(words: list[str], at: int) -> bool:
    """Whether a letter among words is a number: after a label, or (but for "i", who speaks) at the end."""
    is_last = words[at] != "i" and 0 < at == len(words) - 1
    return is_last or (at > 0 and words[at - 1] in LABELS)


def released_as(title: str) -> list[str]:
    """Other names under which a film of a title is known: without its series, its number in it, or its maker.

    >>> released_as("Star Wars: Episode V - The Empire Strikes Back")
    ['Star Wars', 'The Empire Strikes Back', 'Star Wars The Empire Strikes Back']
    >>> released_as("Monty Python's Life of Brian"), released_as("Wallace & Gromit: The Wrong Trousers")
    (['Life of Brian'], ['The Wrong Trousers'])
    >>> released_as("Tron: Legacy"), released_as("Pan's Labyrinth")
    ([], [])
    """
    if "pisode" in title and (episode := EPISODE.fullmatch(title)):
        series, name = episode.groups()
        return [series, name, f"{series} {name}"]
    if "s " in title and (maker := MAKER.fullmatch(title)):
        return [maker[1]] if is_telling(maker[1], LONG_NAME) else []
    subtitle = SUBTITLE.fullmatch(title) if " " in title else None
    return [subtitle[1]] if subtitle and is_telling(subtitle[1], LONG_PART) else []


def is_telling(name: str, least: int) -> bool:
    """Whether a part of a title has two words that count, and letters enough, to be taken for all of it."""
    words = WORD.findall(name.lower())
    return sum(word not in LITTLE for word in words) > 1 and sum(map(len, words)) >= least
