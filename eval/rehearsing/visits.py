"""What made-up people do at a real page: register, look, tell of films that they know, rate what they are shown."""

import asyncio
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import unescape

import httpx
import numpy as np

from eval.rehearsing.town import Town, Townsperson
from eval.rehearsing.visitor import Act, RefusedError, Visitor, ready
from recsys.errors import DataError
from recsys.settings import require

LISTED = re.compile(r'<li data-film="([^"]*)"')


@dataclass(frozen=True, kw_only=True)
class VisitConfig:
    """How much people do.

    Raises:
        ValueError: a number is below what makes a visit.
    """

    told: int = 8  # films that somebody new tells of
    told_again: int = 3  # further ones, by somebody who comes again
    looked_at: int = 10  # places of a list
    watched: int = 4  # at most, of these
    by_longing: float = 2.5  # a film of the list is watched if its longing is that high
    at_once: int = 8  # people at the pages

    def __post_init__(self) -> None:
        require(min(self.told, self.looked_at, self.at_once) >= 1, self, "at least 1 of each")


@dataclass(eq=False)
class Resident:
    """Somebody with an account, or with the wish to have one.

    Attributes:
        visitor: who asks the page.
        truth: about them.
        consent: "yes" or "no".
        kind: "honest", or "attacker".
        rated: film -> stars, as the page acknowledged them.
        shown: how many films of lists they have looked at; liked: how many of these they would like.
    """

    visitor: Visitor
    truth: Townsperson
    consent: str
    kind: str = "honest"
    rated: dict[int, float] = field(default_factory=dict)
    shown: int = 0
    liked: int = 0


@dataclass(frozen=True, eq=False)
class Street:
    """The way to the pages.

    Attributes:
        town: whose films these are.
        urls: of the pages; everybody always goes to the same one.
        config: of visits.
    """

    town: Town
    urls: Sequence[str]
    config: VisitConfig

    def title(self, film: int) -> str:
        """What the page calls a film."""
        return self.town.dataset.catalog.display_title(film)

    def url_of(self, person: Resident) -> str:
        """The page where somebody goes."""
        return self.urls[int(person.visitor.address.rpartition(".")[2]) % len(self.urls)]


def resident(number: int, truth: Townsperson, consent: str, seed: int, kind: str = "honest") -> Resident:
    """Somebody who has not come yet."""
    visitor = Visitor(f"Person {number}", number, random.Random(f"{seed} {number}"))
    return Resident(visitor, truth, consent, kind)


def visit(street: Street, newcomers: Sequence[Resident], again: Sequence[Resident]) -> None:
    """Let people come, some at once; returns when all have gone.

    Raises:
        DataError: a page did not do what somebody asked.
    """
    try:
        asyncio.run(all_visits(street, newcomers, again))
    except (RefusedError, httpx.HTTPError) as reason:
        raise DataError(f"a page did not do what a visitor asked: {type(reason).__name__}, {reason}") from reason


async def all_visits(street: Street, newcomers: Sequence[Resident], again: Sequence[Resident]) -> None:
    """As visit."""
    films = {street.title(film): film for film in reversed(range(street.town.dataset.catalog.n_items))}
    turns = asyncio.Semaphore(street.config.at_once)
    for url in street.urls:
        await ready(url)

    async def one(person: Resident, *, is_new: bool) -> None:
        async with turns, person.visitor.browsing(street.url_of(person)):
            await (first_visit if is_new else next_visit)(street, person, films)

    first = (one(person, is_new=True) for person in newcomers)
    await asyncio.gather(*first, *(one(person, is_new=False) for person in again))


async def first_visit(street: Street, person: Resident, films: dict[str, int]) -> None:
    """Register, tell of films, look at the list, rate what of it one watched."""
    await person.visitor.register(person.consent)
    shown = await person.visitor.arrive()
    told = person.truth.to_tell
    if person.kind == "honest":
        told = told[: street.config.told]
    list_ = await rate(street, person, told, str(shown["for-you"]))
    if person.kind == "honest":
        await look(street, person, list_, films)


async def next_visit(street: Street, person: Resident, films: dict[str, int]) -> None:
    """Rate again what one thinks otherwise of by now, look at the list, tell of further films."""
    shown = await person.visitor.arrive()
    changed = [film for film, stars in person.rated.items() if person.truth.stars[film] != stars]
    list_ = await rate(street, person, changed, str(shown["for-you"]))
    await look(street, person, list_, films)
    untold = [film for film in person.truth.to_tell if film not in person.rated]
    await rate(street, person, untold[: street.config.told_again], list_)


async def rate(street: Street, person: Resident, chosen: Iterable[int], list_: str) -> str:
    """Rate films; the list that is shown then, as HTML."""
    for film in map(int, chosen):
        stars = float(person.truth.stars[film])
        list_ = (await person.visitor.say(Act("rate", street.title(film), stars)))["for-you"]
        person.rated[film] = stars
    return list_


async def look(street: Street, person: Resident, list_: str, films: dict[str, int]) -> None:
    """Watch what one longs for among the films of a list, and rate it; what is kept back is never told."""
    named = [films[title] for title in map(unescape, LISTED.findall(list_)) if title in films]
    seen = [film for film in named if film not in person.rated][: street.config.looked_at]
    liked_from = street.town.dataset.ratings.scale.liked_from
    person.shown += len(seen)
    person.liked += int(np.count_nonzero(person.truth.stars[seen] >= liked_from)) if seen else 0
    watched = [
        film
        for film in seen
        if person.truth.longing[film] >= street.config.by_longing and film not in person.truth.kept_back
    ]
    await rate(street, person, watched[: street.config.watched], list_)
