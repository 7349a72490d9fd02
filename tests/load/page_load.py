"""Many people at the page at once: `python tests/load/page_load.py --people 50 --seconds 60 --database sqlite`.

Prints how long it took from an act to the new list, and whether all that was acknowledged is kept, by whom it was said.
"""

import argparse
import asyncio
import os
import random
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import httpx
import numpy as np

sys.path.append(str(Path(__file__).parents[2]))  # for eval and recsys, where this is run as a program
from eval.rehearsing.visitor import Act, RefusedError, Visitor, ready

ROOT = Path(__file__).parents[2]
REGISTERING_AT_ONCE = 4  # a password takes a while to digest, on purpose
N_SHOWN = 20  # ratings that the page shows beside the list
LISTED = re.compile(r'<li data-film="([^"]*)"')
RATED = re.compile(r'<li data-film="([^"]*)" class="rating">.*?<input type="range"[^>]* value="([^"]*)"')
KINDS = {"rate": "stars", "hidden": "marks", "later": "marks"}


@dataclass(frozen=True, kw_only=True)
class Load:
    """What people do.

    Attributes:
        people: who are there at once.
        seconds: that are measured.
        warm_up: seconds of the same before, in which the page fills its caches.
        pause: mean seconds that somebody thinks before the next act; exponentially distributed.
        seldom: share of acts that mark a film, or undo the last act.
        seed: of who does what when.
    """

    people: int = 50
    seconds: float = 60.0
    warm_up: float = 5.0
    pause: float = 2.0
    seldom: float = 0.1
    seed: int = 0


# ---- what was said, and what should be kept of it


@dataclass
class Said:
    """Ratings and marks as they follow from acts, by another way than the store's.

    Attributes:
        stars, marks: film -> (value, number of the act).
        changes: what the acts replaced, for undo.
    """

    stars: dict[str, tuple[Any, int]] = field(default_factory=dict)
    marks: dict[str, tuple[Any, int]] = field(default_factory=dict)
    changes: list[tuple[str, str, Any]] = field(default_factory=list)
    n_acts: int = 0

    def follow(self, act: Act) -> None:
        """Do what an act does."""
        self.n_acts += 1
        if act.do != "undo":
            kind, film = KINDS[act.do], str(act.film)
            before = getattr(self, kind).get(film)
            if before is None or before[0] != act.value:
                self.changes.append((kind, film, before))
                getattr(self, kind)[film] = (act.value, self.n_acts)
        elif self.changes:
            kind, film, before = self.changes.pop()
            getattr(self, kind).pop(film)
            if before is not None:
                getattr(self, kind)[film] = before

    def ratings(self) -> dict[str, float]:
        """Film -> stars, the newest first."""
        newest_first = sorted(self.stars.items(), key=lambda pair: -pair[1][1])
        return {film: stars for film, (stars, _) in newest_first}

    def marked(self) -> dict[str, str]:
        """Film -> mark."""
        return {film: mark for film, (mark, _) in self.marks.items()}


@dataclass(frozen=True)
class Kept:
    """What is kept about somebody; films are titles. Lists are those that differ from the one before."""

    ratings: Mapping[str, float]
    marks: Mapping[str, str]
    lists: Sequence[tuple[str, ...]]

    @classmethod
    def of(cls, ratings: Mapping[str, float], marks: Mapping[str, str], lists: Sequence[tuple[str, ...]]) -> Self:
        """Without empty lists and repeated ones."""
        return cls(ratings, marks, [films for films, _ in groupby(filter(None, lists))])

    @classmethod
    def of_export(cls, export: Mapping[str, Any], titles: Mapping[int, str]) -> Self:
        """From what a person can take away."""
        ratings = {titles[row["item_id"]]: row["stars"] for row in export["ratings"]}
        marks = {titles[row["item_id"]]: row["mark"] for row in export["marks"]}
        lists = [tuple(titles[film["item_id"]] for film in shown["films"]) for shown in export["lists"]]
        return cls.of(ratings, marks, lists)

    @classmethod
    def of_store(cls, store: Any, person: Any, dataset: str, titles: Mapping[int, str]) -> Self:
        """From the calls of the store that the page itself uses."""
        ratings = {titles[item]: rating.stars for item, rating in store.ratings.of(person, dataset).items()}
        marks = {titles[item]: mark for item, mark in store.ratings.marks_of(person, dataset).items()}
        oldest_first = reversed(store.history.lists(person, limit=10**6))
        opened = [store.history.open_list(person, shown.id).films for shown in oldest_first]
        return cls.of(ratings, marks, [tuple(titles[film.item_id] for film in films) for films in opened])

    def differences(self, expected: "Kept") -> list[str]:
        """How it differs from what it should be, in sentences."""
        found = []
        for kind in ("ratings", "marks"):
            here, there = getattr(self, kind), getattr(expected, kind)
            lost = {film: there[film] for film in there if here.get(film) != there[film]}
            foreign = {film: here[film] for film in here if film not in there}
            if lost or foreign:
                found.append(f"{kind}: lost or changed {lost}, not theirs {foreign}")
        if self.lists != expected.lists:
            found.append(f"lists: {len(self.lists)} are kept, {len(expected.lists)} were shown, or their films differ")
        return found


# ---- somebody with a browser


@dataclass(frozen=True)
class Answer:
    """What the page showed after an act to somebody of whom it had then acknowledged these ratings and marks."""

    ratings: Mapping[str, float]
    marks: Mapping[str, str]
    films: tuple[str, ...]  # of the list, best first
    seconds: float


class Person(Visitor):
    """A visitor, and all that the page acknowledged to them.

    Attributes:
        sent: the act that is not yet acknowledged.
        answers: one for each act that is.
    """

    def __init__(self, number: int, load: Load):
        super().__init__(f"Person {number} of {load.seed}", number, random.Random(f"{load.seed} {number}"))
        self.load, self.said = load, Said()
        self.sent: Act | None = None
        self.answers: list[Answer] = []
        self.refusals: list[str] = []

    async def arrive(self) -> Mapping[str, Any]:
        """Open the page until it has a model, and see which films there are."""
        shown = await super().arrive()
        self.films = await self.all_films()
        return shown

    async def act(self, act: Act) -> None:
        """Do one thing, and wait until it is acknowledged and the lists are new; RefusedError if it is not."""
        self.sent = act
        start = time.perf_counter()
        shown = await self.say(act)
        self.said.follow(act)
        self.sent = None
        self.note(shown, self.completed_at - start)

    def note(self, shown: Mapping[str, str], seconds: float) -> None:
        """Remember an answer; RefusedError if it shows ratings that are not this person's."""
        ratings = self.said.ratings()
        films = tuple(unescape(title) for title in LISTED.findall(shown["for-you"]))
        self.answers.append(Answer(ratings, self.said.marked(), films, seconds))
        beside = [(unescape(title), float(stars)) for title, stars in RATED.findall(shown["given"])]
        if beside != [*ratings.items()][:N_SHOWN]:
            raise RefusedError(f"{self.name} is shown the ratings {beside}; expected {ratings}")

    def next_act(self) -> Act:
        """Rate a film, one that is new as long as there are any; now and then mark a film, or undo."""
        if self.chance.random() < self.load.seldom:
            do = self.chance.choice(["hidden", "later", "undo"])
            return Act(do, None if do == "undo" else self.chance.choice(self.films))
        ratings = self.said.ratings()
        film = self.chance.choice([film for film in self.films if film not in ratings] or self.films)
        levels = [stars for stars in self.levels if stars != ratings.get(film)]
        return Act("rate", film, self.chance.choice(levels))

    async def rate(self, until: float) -> None:
        """Act and pause, until time.monotonic() says so."""
        while time.monotonic() + (pause := self.chance.expovariate(1 / self.load.pause)) < until:
            await asyncio.sleep(pause)
            try:
                await self.act(self.next_act())
            except (RefusedError, httpx.HTTPError) as reason:
                self.refusals.append(f"{type(reason).__name__}: {reason}"[:200])

    def kept(self) -> Kept:
        """What should be kept."""
        return Kept.of(
            self.said.ratings(), self.said.marked(), [answer.films for answer in self.answers if answer.ratings]
        )


# ---- all of them at once


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was measured, but for the warm-up.

    Attributes:
        seconds: (n_calls,) from an act to the new list, of each act that was acknowledged.
        span: seconds that it went on.
        busy: seconds that a core was at work, by program.
    """

    seconds: np.ndarray
    span: float
    busy: Mapping[str, float]

    def row(self, people: Sequence[Person]) -> list[str]:
        """The cells of a table under HEAD."""
        quantiles = np.quantile(self.seconds, [0.5, 0.95, 0.99, 1]) if self.seconds.size else np.full(4, np.nan)
        refused = sum(len(person.refusals) for person in people)
        counts = [str(len(people)), str(self.seconds.size), f"{self.seconds.size / self.span:.1f}"]
        return [*counts, *(f"{1000 * value:.0f}" for value in quantiles), str(refused)]


HEAD = ["people", "calls", "per s", "median ms", "p95 ms", "p99 ms", "max ms", "refused"]


async def visited(url: str, people: Sequence[Person], load: Load) -> Figures:
    """Let people register, come, rate until the time is over, and take all away that is kept about them."""
    turns = asyncio.Semaphore(REGISTERING_AT_ONCE)

    async def come(person: Person) -> None:
        async with turns:
            await person.register()
            await person.arrive()

    await ready(url)
    async with AsyncExitStack() as browsers:
        for person in people:
            await browsers.enter_async_context(person.browsing(url))
        await asyncio.gather(*map(come, people))
        staying = [asyncio.create_task(person.stay()) for person in people]
        figures = await measured(people, load)
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
        for person in people:
            await person.export()
    return figures


async def measured(people: Sequence[Person], load: Load) -> Figures:
    """Let them all rate, and measure after the warm-up."""
    end = time.monotonic() + load.warm_up + load.seconds
    rating = asyncio.gather(*(person.rate(end) for person in people))
    await asyncio.sleep(load.warm_up)
    start, n_before, busy = time.monotonic(), [len(person.answers) for person in people], busy_seconds()
    await rating
    answers = [answer for person, n in zip(people, n_before, strict=True) for answer in person.answers[n:]]
    return Figures(
        seconds=np.array([answer.seconds for answer in answers]),
        span=time.monotonic() - start,
        busy={name: seconds - busy.get(name, 0.0) for name, seconds in busy_seconds().items()},
    )


def busy_seconds() -> dict[str, float]:
    """Seconds that a core was at work for this process, and for those that it started, by the names of programs."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    busy = {"people": usage.ru_utime + usage.ru_stime}
    parents, programs = {}, {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended
            name, after = re.findall(r"\((.*)\) (.*)", entry.read_text())[0]
            fields = after.split()
            parents[entry.parent.name] = fields[1]
            programs[entry.parent.name] = (name, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))
    for process, (name, seconds) in programs.items():
        if process != str(os.getpid()) and descends(process, str(os.getpid()), parents):
            busy[name] = busy.get(name, 0.0) + seconds
    return busy


def descends(process: str, ancestor: str, parents: Mapping[str, str]) -> bool:
    """Whether a process was started by another, or by one that was."""
    while process in parents and process != ancestor:
        process = parents[process]
    return process == ancestor


# ---- whether all is kept, by whom it was said


def titles_of(dataset: str | Path) -> dict[int, str]:
    """The store's number -> display title of the films of a data set."""
    from recsys.data.movielens import load_dataset
    from recsys.recommend.film_keys import key_of_title

    found = load_dataset(dataset)
    titles = [found.catalog.display_title(item) for item in range(found.catalog.n_items)]
    keys = found.catalog.item_ids.tolist() if found.is_published else map(key_of_title, titles)
    return dict(zip(keys, titles, strict=True))


def faults(people: Sequence[Person], titles: Mapping[int, str], place: str | Path | None = None) -> list[str]:
    """What is not kept as it was acknowledged: in what people took away, and in the database where it is at hand."""
    found = [f"{person.name}: {reason}" for person in people for reason in person.refusals]
    for person in people:
        kept = Kept.of_export(person.exported, titles)
        found += [f"{person.name}, taken away: {fault}" for fault in kept.differences(person.kept())]
    return found + ([] if place is None else faults_in_store(people, titles, place))


def settled(person: Person, titles: Mapping[int, str]) -> tuple[bool, list[str]]:
    """Whether the act that was not acknowledged is kept, and what else differs; the person then knows."""
    kept = Kept.of_export(person.exported, titles)
    beyond = person.sent is not None and (kept.ratings, kept.marks) != (person.said.ratings(), person.said.marked())
    if beyond:
        person.said.follow(person.sent)
    person.sent = None
    shown = Kept(person.said.ratings(), person.said.marked(), kept.lists)  # a list may be kept that nobody was sent
    return beyond, [f"{person.name}: {fault}" for fault in kept.differences(shown)]


def faults_in_store(people: Sequence[Person], titles: Mapping[int, str], place: str | Path) -> list[str]:
    """What is not in the database as it was acknowledged."""
    from recsys.serve.security.cookies import SessionCookie
    from recsys.store import open_store

    found = []
    dataset = next((row["dataset"] for person in people for row in person.exported["changes"]), "of nobody")
    with open_store(place) as store:
        cookie = SessionCookie(lambda: store.secret("cookies"))
        for person in people:
            owner = store.accounts.person_of(cookie.token(person.cookies))
            if owner is None or owner.name != person.name:
                found.append(f"{person.name}: the session is of {owner}")
                continue
            kept = Kept.of_store(store, owner, dataset, titles)
            found += [f"{person.name}, in the database: {fault}" for fault in kept.differences(person.kept())]
    return found


# ---- the program


@contextmanager
def database(name: str) -> Iterator[str]:
    """The URL of a database: a new file of SQLite, a new server of PostgreSQL that need not last, or the one named."""
    if name == "postgresql":
        from tests.support.store_places import PostgreSQL, programs_of_postgresql

        if (programs := programs_of_postgresql()) is None:
            sys.exit("no PostgreSQL server is installed (apt-get install postgresql)")
        server = PostgreSQL(programs)
        try:
            yield server.url()
        finally:
            server.stop()
    elif name == "sqlite":
        with tempfile.TemporaryDirectory(prefix="page-load-") as folder:
            yield f"sqlite:///{folder}/people.sqlite3"
    else:
        yield name


@contextmanager
def page(options: argparse.Namespace, place: str) -> Iterator[str]:
    """The address of the page: one that is started, or one that is there."""
    if options.url:
        yield options.url
        return
    model = ["--model", str(Path(options.model).absolute())] if options.model else []
    with (
        tempfile.TemporaryDirectory(prefix="page-load-") as folder,
        several_pages(Path(folder), place, [*model, "--dataset", options.dataset], options.replicas) as (url, _),
    ):
        yield url


@contextmanager
def several_pages(
    folder: Path, place: str, asked: Sequence[str], number: int, *, forked: bool = False
) -> Iterator[tuple[str, list[int]]]:
    """The address of so many pages that share a database, behind nginx if they are several; and their processes.

    Args:
        folder: for their logs.
        place: the URL of the database.
        asked: of each, as its command takes it.
        number: of pages.
        forked: whether one page is there sooner, see page_process; several always are.
    """
    from tests.support.pages.page_server import page_process
    from tests.support.pages.replicas import replicas

    if number > 1:
        with replicas(folder, place, *asked, number=number) as pages:
            for page in pages.pages:
                asyncio.run(ready(page.url))
            yield pages.url, [page.process.pid for page in pages.pages]
        return
    page = page_process(folder / "log", *asked, database=place, forked=forked)
    try:
        page.wait_for_answer()
        yield page.url, [page.process.pid]
    finally:
        page.end()


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--people", type=int, default=Load.people, help="who are there at once")
    parser.add_argument("--seconds", type=float, default=Load.seconds, help="that are measured")
    parser.add_argument("--warm-up", type=float, default=Load.warm_up, help="seconds of the same before")
    parser.add_argument("--pause", type=float, default=Load.pause, help="mean seconds between two acts of a person")
    parser.add_argument("--seed", type=int, default=Load.seed, help="of who does what when")
    parser.add_argument(
        "--database", default="sqlite", help="sqlite, postgresql (in memory), or the URL of an empty one"
    )
    parser.add_argument("--model", help="folder of the model; default: what app.py finds")
    parser.add_argument("--dataset", default="ml-100k", help="the films, a name or a folder")
    parser.add_argument("--replicas", type=int, default=1, help="pages that share the database, behind nginx")
    parser.add_argument("--url", help="of a page that runs already; then --database names its database, if given")
    return parser.parse_args()


def main() -> None:
    """Measure, check, and say so; exits 1 if anything was refused, lost or crossed."""
    options = arguments()
    load = Load(**{name: getattr(options, name) for name in ("people", "seconds", "warm_up", "pause", "seed")})
    people = [Person(number, load) for number in range(load.people)]
    with database(options.database) as place, page(options, place) as url:
        figures = asyncio.run(visited(url, people, load))
        looked_into = place if not options.url or "://" in options.database else None
        found = faults(people, titles_of(options.dataset), looked_into)
    cells = [["database", *HEAD], [options.database.partition(":")[0], *figures.row(people)]]
    for row in cells:
        print("".join(f"{cell:>11}" for cell in row))
    print("of one core: " + ", ".join(f"{name} {busy / figures.span:.0%}" for name, busy in figures.busy.items()))
    n_kept = sum(len(person.exported["ratings"]) for person in people)
    print(*found or [f"All {n_kept} ratings are kept as they were acknowledged."], sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
