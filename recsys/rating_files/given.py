"""Ratings as people and their spreadsheets write them: "8", "4,5", "8/10", "80 %", "★★★½"."""

import re
from dataclasses import dataclass

SIZES = (4, 5, 6, 10, 20, 100)  # numbers that are said to be the most that can be given
HALVES = {"½": 0.5, "¼": 0.25, "¾": 0.75}
OUT_OF = r"(?:/|of|out of|von|sur|de|su|из)"
NUMBER = re.compile(
    rf"(?:(?P<number>\d{{1,3}}(?:[.,]\d{{0,6}})?|[.,]\d{{1,6}}))?\s*(?P<part>[½¼¾])?\s*"
    rf"(?:{OUT_OF}\s*(?P<of>\d{{1,3}})|(?P<percent>%))?\s*(?:★|⭐|stars?|points?|pts\.?|Sterne?|étoiles?|estrellas?)?",
    re.ASCII | re.IGNORECASE,
)
DRAWN = re.compile(r"(?P<full>[★⭐✭✮*]{1,20})(?P<part>[½¼¾]?)(?P<empty>[☆✩]{0,20})")
NAMED = tuple(  # how the name of a column says the most that can be given
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"(?:{OUT_OF}|max\.?|up to)\s*(\d{{1,3}})\b",
        r"\b(?:0|0[.,]5|½|1)\s*(?:-|–|to|bis|\.\.)\s*(\d{1,3})\b",
        r"(?:rating|score|note|stars)_?(10|100)$",
        r"\b(\d{1,3})[ -](?:stars?|points?)\b",
    )
)


@dataclass(frozen=True)
class Given:
    """A rating as it is written.

    Attributes:
        value: the number.
        out_of: the most that can be given, where the text itself says it; else None.
    """

    value: float
    out_of: float | None = None


def given_of(text: str) -> Given | None:
    """What a cell says; None: it is no rating.

    >>> given_of("4,5"), given_of("8 / 10"), given_of("80%"), given_of("n/a")
    (Given(value=4.5, out_of=None), Given(value=8.0, out_of=10.0), Given(value=80.0, out_of=100.0), None)
    >>> given_of("★★★½"), given_of("★★★☆☆"), given_of("3½ stars")
    (Given(value=3.5, out_of=None), Given(value=3.0, out_of=5.0), Given(value=3.5, out_of=None))
    """
    written = text.strip().replace("\ufe0f", "")
    if not written or len(written) > 40:
        return None
    if drawn := DRAWN.fullmatch(written):
        return _drawn(drawn)
    found = NUMBER.fullmatch(written)
    if not found or not (found["number"] or found["part"]):
        return None
    value = float((found["number"] or "0").replace(",", ".")) + HALVES.get(found["part"] or "", 0.0)
    out_of = 100 if found["percent"] else int(found["of"] or 0)
    return Given(value, float(out_of) if out_of else None) if not out_of or out_of in SIZES else None


def _drawn(drawn: re.Match[str]) -> Given:
    n_full, n_empty = len(drawn["full"]), len(drawn["empty"])
    value = n_full + HALVES.get(drawn["part"], 0.0)
    return Given(value, float(n_full + bool(drawn["part"]) + n_empty) if n_empty else None)


def scale_named(name: str) -> float | None:
    """The most that can be given, as the name of a column says it; None: it does not.

    >>> scale_named("Rating /10"), scale_named("score (1-100)"), scale_named("rating10"), scale_named("stars")
    (10.0, 100.0, 10.0, None)
    """
    plain = name.casefold()
    found = {int(match[1]) for pattern in NAMED for match in pattern.finditer(plain)}
    found |= {100} if "%" in plain or "percent" in plain else set()
    return float(found.pop()) if len(found) == 1 and found <= set(SIZES) else None
