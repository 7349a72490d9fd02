"""Pages behind nginx share PostgreSQL, and one of them is killed while people rate, again and again.

    python tests/load/page_replicas.py --kills 20

Prints a line for every kill: how many acts were acknowledged, how many were under way, how many of these are kept, how
long it took until everybody's next act was kept, and what is wrong.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

sys.path.append(str(Path(__file__).parents[2]))
from eval.rehearsing.visitor import RefusedError, ready
from tests.load.page_freeze import Guest
from tests.load.page_load import Load, Person, database, settled, titles_of

PATIENCE = 20.0  # seconds in which everybody must go on
LED_BACK = 3.0  # seconds after which nginx takes a page for alive that answers again


@dataclass
class Course:
    """What became of everybody's acts.

    Attributes:
        n_kept: acts that were acknowledged.
        broken: what people were told whose act was under way, or who were led elsewhere.
        n_kept_unsaid: acts that were not acknowledged, and are kept.
        again: seconds from the kill until the next act of each was acknowledged.
        wrong: what must not be, in sentences.
    """

    n_kept: int = 0
    broken: list[str] = field(default_factory=list)
    n_kept_unsaid: int = 0
    again: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Round:
    """One kill: who rates, at what address, and what is known so far."""

    url: str
    titles: Mapping[int, str]
    course: Course = field(default_factory=Course)
    killed_at: float | None = None

    async def rates(self, person: Person, until: float) -> None:
        """Let somebody rate as fast as they are answered, and load the page again where an act failed."""
        while time.monotonic() < until or person.name not in self.course.again:
            began = time.monotonic()
            try:
                await person.act(person.next_act())
            except (RefusedError, httpx.HTTPError) as reason:
                self.course.broken.append(f"{type(reason).__name__}: {reason}"[:120])
                await self.comes_back(person)
                continue
            self.course.n_kept += 1
            if self.killed_at is not None and began >= self.killed_at:
                self.course.again.setdefault(person.name, time.monotonic() - self.killed_at)

    async def comes_back(self, person: Person) -> None:
        """Load the page again, and see whether what was under way is kept; who cannot is told of at the end."""
        assert self.killed_at is not None, f"before anything was killed: {self.course.broken}"
        if time.monotonic() - self.killed_at > PATIENCE:
            raise TimeoutError(f"{person.name} cannot go on")
        await person.reload()
        self.look_after(person)

    def look_after(self, person: Person) -> None:
        """Compare what a member has taken away with what was acknowledged."""
        if isinstance(person, Guest):
            person.sent = None
            return
        beyond, wrong = settled(person, self.titles)
        self.course.n_kept_unsaid += beyond
        self.course.wrong += wrong


async def killed(about: Round, people: Sequence[Person], kill: Callable[[], None], load: Load) -> Course:
    """Let people rate, kill a page in the middle of it, and look afterwards what is kept; people know the page."""
    async with AsyncExitStack() as browsers:
        await ready(about.url)
        for person in people:
            await browsers.enter_async_context(person.browsing(about.url))
            await person.comes()
        until = time.monotonic() + load.seconds
        rating = [asyncio.create_task(about.rates(person, until)) for person in people]
        await asyncio.sleep(load.seconds / 2)
        about.killed_at = time.monotonic()
        kill()
        await asyncio.gather(*rating)
        for person in people:
            await person.reload()
            about.look_after(person)
    return about.course


class Member(Person):
    """Somebody with an account, made when they first come."""

    async def comes(self) -> None:
        """Open the page, and make an account if there is none."""
        if not self.cookies:
            await self.register()
        await self.arrive()

    async def reload(self) -> None:
        """Load the page again, and take all away that is kept."""
        self.session = f"{self.chance.getrandbits(64):016x}"
        await self.arrive()
        await self.export()


class Passerby(Guest):
    """Somebody without one."""

    async def comes(self) -> None:
        """Open the page."""
        await self.client.get("/")
        await self.arrive()

    async def reload(self) -> None:
        """Load the page again, which shows what the browser has kept."""
        self.session = f"{self.chance.getrandbits(64):016x}"
        await self.arrive()


def people_of(load: Load) -> list[Person]:
    """Members, and one guest, who only rates."""
    guest = Passerby(load.people, replace(load, seldom=0.0))
    return [*(Member(number, load) for number in range(load.people - 1)), guest]


def main() -> None:
    """Kill, look, start again; exits 1 if anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--people", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=3.0, help="that people rate around each kill")
    options = parser.parse_args()
    from tests.support.pages.page_server import small_page
    from tests.support.pages.replicas import replicas

    load, wrong, waits = Load(people=options.people, seconds=options.seconds, seldom=0.2), [], []
    people, asked = people_of(load), small_page()
    titles = titles_of(asked[-1])
    with (
        tempfile.TemporaryDirectory(prefix="page-replicas-") as folder,
        database("postgresql") as place,
        replicas(Path(folder), place, *asked) as pages,
    ):
        for number in range(options.kills):
            at = number % len(pages.pages)
            course = asyncio.run(killed(Round(pages.url, titles), people, lambda at=at: pages.kill(at), load))
            pages.start_again(at)
            time.sleep(LED_BACK)
            print(course.n_kept, len(course.broken), course.n_kept_unsaid, f"{max(course.again.values()):.2f} s")
            print(*course.wrong, sep="\n", end="", flush=True)
            wrong += course.wrong
            waits += course.again.values()
    print(f"until the next act was kept: median {statistics.median(waits):.2f} s, at most {max(waits):.2f} s")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
