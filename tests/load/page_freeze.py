"""The database hangs while guests and members rate.

    python tests/load/page_freeze.py --seconds 60 --database postgresql

PostgreSQL is stopped as by SIGSTOP; the file of SQLite is locked by another program. Prints how long guests and members
waited, what members were told, when they went on, and whether anything that was acknowledged is lost.
"""

import argparse
import asyncio
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

sys.path.append(str(Path(__file__).parents[2]))
from eval.rehearsing.visitor import RefusedError, ready
from tests.load.page_load import Load, Person, titles_of

TOLD = re.compile(r"<span[^>]*>([^<]*)</span>")
BEGAN_AGAIN = 10.0  # seconds in which members must go on
Database = tuple[str, Callable[[], Any], Callable[[], Any]]  # its URL, what lets it hang, and what lets it go on


class Guest(Person):
    """Somebody without an account, whose browser keeps what was said."""

    def brought(self) -> dict[str, Any]:
        return {"ratings": self.said.ratings()}


@dataclass
class Course:
    """What became of everybody's acts while the database hung.

    Attributes:
        guests, members: seconds that each act took.
        told: to members, how often.
        open: member -> film -> stars, of acts of which nobody knows whether they were kept.
        again: seconds until a member's act was kept again, of each.
        arrival: seconds until somebody new had the page.
        wrong: what must not be, in sentences.
    """

    guests: list[float] = field(default_factory=list)
    members: list[float] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    open: dict[str, dict[str, set[float]]] = field(default_factory=dict)
    again: list[float] = field(default_factory=list)
    arrival: float = float("nan")
    wrong: list[str] = field(default_factory=list)


async def hung(url: str, titles: dict[int, str], database: Database, load: Load) -> Course:
    """Let guests and members rate, all the time, and let the database hang in the middle of it, for load.seconds."""
    _, freeze, thaw = database
    course = Course()
    n_guests = load.people // 2
    people = [Guest(number, load) for number in range(n_guests)]
    people += [Person(number, load) for number in range(n_guests, load.people)]
    async with AsyncExitStack() as browsers:
        await ready(url)
        for person in people:
            await browsers.enter_async_context(person.browsing(url))
            await (person.client.get("/") if isinstance(person, Guest) else person.register())
            await person.arrive()
        await rated(people, load.warm_up, Course())
        freeze()
        try:
            await asyncio.gather(rated(people, load.seconds, course), comes(url, Guest(len(people), load), course))
        finally:
            thaw()
        members = [person for person in people if not isinstance(person, Guest)]
        course.again = await asyncio.gather(*(goes_on(person, course) for person in members))
        await rated(people, load.warm_up, after := Course(open=course.open))
        course.wrong += [f"afterwards: {sentence}" for sentence in after.told]
        for person in members:
            await person.export()
            course.wrong += lost(person, titles, course.open.get(person.name, {}))
    return course


async def comes(url: str, guest: Person, course: Course) -> None:
    """Open the page while the database hangs."""
    began = time.monotonic()
    async with guest.browsing(url):
        await guest.client.get("/")
        await guest.arrive()
    course.arrival = time.monotonic() - began


async def rated(people: Sequence[Person], seconds: float, course: Course) -> None:
    """Let people rate for so long, each after a pause, and note what they get."""
    end = time.monotonic() + seconds
    await asyncio.gather(*(rates(person, end, course) for person in people))


async def rates(person: Person, end: float, course: Course) -> None:
    while time.monotonic() + (pause := person.chance.expovariate(1 / person.load.pause)) < end:
        await asyncio.sleep(pause)
        await one(person, course)


async def one(person: Person, course: Course) -> bool:
    """An act; whether it was kept."""
    act, began = person.next_act(), time.perf_counter()
    try:
        await person.act(act)
        return True
    except (RefusedError, httpx.HTTPError) as reason:
        if isinstance(person, Guest):
            course.wrong.append(f"a guest was refused: {reason}")
        sentence = next(iter(TOLD.findall(str(reason))), str(reason))
        course.told[sentence] += 1
        if not sentence.startswith("Not kept: "):  # the list could not be made, or nobody knows
            course.open.setdefault(person.name, {}).setdefault(str(act.film), set()).add(float(act.stars or 0))
        return False
    finally:
        taken = course.guests if isinstance(person, Guest) else course.members
        taken.append(time.perf_counter() - began)


async def goes_on(person: Person, course: Course) -> float:
    """Seconds until an act of a member is kept again."""
    began, trying = time.monotonic(), Course(open=course.open)
    while not await one(person, trying):
        if time.monotonic() - began > BEGAN_AGAIN:
            course.wrong.append(f"{person.name} cannot go on: {dict(trying.told)}")
            break
        await asyncio.sleep(0.2)
    return time.monotonic() - began


def lost(person: Person, titles: dict[int, str], open_: dict[str, set[float]]) -> list[str]:
    """What a member's export lacks of what was acknowledged, or has of what was not."""
    kept = {titles[row["item_id"]]: row["stars"] for row in person.exported["ratings"]}
    said = person.said.ratings()
    films = {film for film in kept.keys() | said.keys() if kept.get(film) != said.get(film)}
    return [
        f"{person.name}, {film}: {kept.get(film)} is kept, {said.get(film)} was acknowledged"
        for film in films
        if kept.get(film) not in open_.get(film, set())
    ]


# ---- databases that hang


@contextmanager
def postgresql() -> Iterator[Database]:
    """A server: its URL, what freezes it, and what lets it go on."""
    from tests.support.store_places import PostgreSQL, programs_of_postgresql

    if (programs := programs_of_postgresql()) is None:
        sys.exit("no PostgreSQL server is installed (apt-get install postgresql)")
    server = PostgreSQL(programs)
    try:
        yield server.url(), server.freeze, server.thaw
    finally:
        server.stop()


@contextmanager
def sqlite() -> Iterator[Database]:
    """A file: its URL, what locks it, and what frees it."""
    with tempfile.TemporaryDirectory(prefix="page-freeze-") as folder:
        file = Path(folder) / "people.sqlite3"
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            yield f"sqlite:///{file}", lambda: other.execute("BEGIN EXCLUSIVE"), lambda: other.execute("ROLLBACK")


DATABASES = {"postgresql": postgresql, "sqlite": sqlite}


# ---- the program


def quantile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    return 1000 * float(np.quantile(seconds, share)) if seconds else float("nan")


def main() -> None:
    """Measure, and say so; exits 1 if anything was lost, or somebody waited too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="that the database hangs")
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--pause", type=float, default=0.5, help="mean seconds between two acts of a person")
    options = parser.parse_args()
    from recsys.artifacts.artifact import save_artifact
    from recsys.data.movielens import load_dataset
    from tests.support.pages.page_server import fitted_on, served

    with tempfile.TemporaryDirectory(prefix="page-freeze-") as folder, DATABASES[options.database]() as database:
        save_artifact(Path(folder) / "model", fitted_on("ease", load_dataset("ml-100k")).artifact)
        asked = ["--model", str(Path(folder) / "model"), "--dataset", "ml-100k"]
        with served(Path(folder) / "log", *asked, database=database[0]) as url:
            load = Load(people=10, seconds=options.seconds, pause=options.pause, seldom=0.0)
            course = asyncio.run(hung(url, titles_of("ml-100k"), database, load))
        log = (Path(folder) / "log").read_text()
    for name, seconds in (("guests", course.guests), ("members", course.members)):
        figures = ", ".join(f"p{round(100 * share)} {quantile(seconds, share):.0f} ms" for share in (0.5, 0.95, 1.0))
        print(f"{name}: {len(seconds)} acts, {figures}")
    print(*(f"members were told {number} times: {sentence}" for sentence, number in course.told.items()), sep="\n")
    print(f"a guest who came had the page after {course.arrival:.1f} s")
    print(f"members went on after {', '.join(f'{seconds:.1f}' for seconds in course.again)} s")
    print(f"the log has {len(log.splitlines())} lines:", log, sep="\n")
    print(*course.wrong or ["Nothing that was acknowledged is lost."], sep="\n")
    sys.exit(bool(course.wrong) or quantile(course.guests, 0.95) > 500 or max(course.members) > 5)


if __name__ == "__main__":
    main()
