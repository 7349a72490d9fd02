"""A page is killed while it takes another version over, again and again: `python -m tests.load.page_swap_kills DIR 20`.

Members rate all the while. Another version is promoted, and at a random moment between the page's first look at its
model and its first answer the page is killed as by kill -9. It is then started again, and must answer with the version
that was promoted, with a list, and with every rating that it had acknowledged; the registry must be whole.

Prints a line for every kill: how many acts were acknowledged, whether it fell into the swap, and what is wrong. Exits 1
if anything is.
"""

import argparse
import asyncio
import ctypes
import os
import random
import select
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx

from eval.rehearsing.pages import version_at
from recsys.artifacts.artifact import Artifact, load_artifact
from recsys.data.movielens import load_dataset
from recsys.versions.registry import Registry
from recsys.versions.writing import DRAFT, locked
from tests.load.page_load import Load, Person, settled, titles_of
from tests.load.page_swaps import promote_next, registry_of
from tests.load.test_page_kills import act_on, looked_up, n_answers, unclean
from tests.support.pages.page_server import PageProcess, fitted_on, page_process, wait_for, write_board
from tests.support.version_kills import is_whole

LOOK_EVERY = "0.1"  # seconds; the shortest that a page takes
PATIENCE = 60.0  # seconds until a version is taken over, or a page has one
LOAD = Load(people=2, seldom=0.2)
OPENED = 0x20  # as Linux has it
BEFORE = 0.5  # seconds, at most, that people rate before the promotion
HISTORY = 3  # films that somebody has rated who asks for a list


@dataclass
class Place:
    """What outlives the kills.

    Attributes:
        folder: of the pages' logs and accounts.
        registry: with two versions.
        dataset: of their films, a name or a folder.
        forked: whether pages are forked from a process that has imported them.
        people: who rate.
        swap: seconds that one takes, once that is known.
    """

    folder: Path
    registry: Registry
    dataset: str
    forked: bool
    people: list[Person] = field(default_factory=lambda: [Person(number, LOAD) for number in range(LOAD.people)])
    swap: float = 0.0

    @property
    def accounts(self) -> Path:
        """Where the pages keep people."""
        return self.folder / "people.sqlite3"

    @contextmanager
    def page(self) -> Iterator[PageProcess]:
        """A page with a version, ended at once afterwards if it is still there."""
        asked = ["--versions", str(self.registry.folder), "--dataset", self.dataset, "--look-every", LOOK_EVERY]
        page = page_process(self.folder / "log", *asked, database=f"sqlite:///{self.accounts}", forked=self.forked)
        try:
            page.wait_for_answer()
            wait_for(lambda: version_at(page.url), PATIENCE, "a model")
            yield page
        finally:
            page.process.kill()
            page.process.wait(30)


# ---- a swap


@contextmanager
def opening(folder: Path) -> Iterator[Callable[[], bool]]:
    """What says whether somebody has opened a file of a folder since, and waits a little for it."""
    system = ctypes.CDLL(None, use_errno=True)
    events = system.inotify_init1(0)
    assert events >= 0, os.strerror(ctypes.get_errno())
    try:
        assert system.inotify_add_watch(events, os.fsencode(folder), OPENED) >= 0, os.strerror(ctypes.get_errno())
        yield lambda: bool(select.select([events], [], [], 0.1)[0])
    finally:
        os.close(events)


def begun(registry: Registry, page: PageProcess) -> int:
    """Promote another version, and wait until the page reads its model, or has read it; which one."""
    number, deadline = promote_next(registry).number, time.monotonic() + PATIENCE
    with opening(registry.version(number).folder) as is_opened:
        while not is_opened() and not has_swapped(page, number):
            assert time.monotonic() < deadline, f"the page does not read version {number}: {page.log.read_text()}"
    return number


def has_swapped(page: PageProcess, number: int) -> bool:
    """Whether what a page has last said is that a version answers."""
    return page.log.read_text().rpartition("answers. It is version ")[2].startswith(f"{number}.")


def time_of_a_swap(place: Place, page: PageProcess) -> float:
    """Seconds from the first look at a model until it answers."""
    number, start = begun(place.registry, page), time.monotonic()
    while not has_swapped(page, number):
        assert time.monotonic() < start + PATIENCE, page.log.read_text()
        time.sleep(0.001)
    return time.monotonic() - start


async def killed(place: Place, page: PageProcess, chance: random.Random) -> bool:
    """Let people act, promote a version and kill the page; whether it was taking the version over."""
    async with AsyncExitStack() as browsers:
        for person in place.people:
            await browsers.enter_async_context(person.browsing(page.url))
        await place.people[0].act(place.people[0].next_act())
        acting = [asyncio.create_task(act_on(person)) for person in place.people]
        await asyncio.sleep(chance.uniform(0, BEFORE))
        number = await asyncio.to_thread(begun, place.registry, page)
        await asyncio.sleep(chance.uniform(0, place.swap))
        page.process.kill()
        await asyncio.to_thread(page.process.wait, 30)
        await asyncio.gather(*acting)
    return not has_swapped(page, number)


# ---- what must hold afterwards


def wrong_with_page(url: str, registry: Registry, titles: Mapping[int, str]) -> list[str]:
    """What is wrong with the answers of a page that has been started again, in sentences."""
    promoted = registry.current()
    asked = {"ratings": dict.fromkeys([*titles.values()][:HISTORY], 4)}
    answer = httpx.post(f"{url}/api/v1/recommend", json=asked, timeout=PATIENCE, trust_env=False)
    wanted = None if promoted is None else promoted.record.fingerprint
    came = answer.headers.get("Model-Version")
    found = [] if came == wanted else [f"version {came} answers, and {wanted} was promoted"]
    return found if answer.status_code == 200 and answer.json() else [*found, f"no list came, but {answer.text[:200]}"]


def wrong_with_registry(registry: Registry) -> list[str]:
    """What is wrong with the versions, in sentences."""
    found = [f"version {version.number} is not whole" for version in registry.versions() if not is_whole(version)]
    with locked(registry.folder):
        found += [f"{draft.name} is left" for draft in registry.folder.glob(f"{DRAFT}*")]
    return found if len(registry.versions()) == 2 else [*found, "a version is lost"]


def looked_at(place: Place, page: PageProcess, titles: Mapping[int, str]) -> list[str]:
    """All that is wrong, in sentences; the people then know what is kept of what they were not told."""
    found = wrong_with_page(page.url, place.registry, titles) + wrong_with_registry(place.registry)
    asyncio.run(looked_up(page.url, place.people))
    return found + [fault for person in place.people for fault in settled(person, titles)[1]]


# ---- all of it


@dataclass(frozen=True)
class Kill:
    """One of them: acts acknowledged before, whether it fell into the swap, and what was wrong afterwards."""

    n_acknowledged: int
    in_swap: bool
    wrong: Sequence[str] = ()


def kills(place: Place, rounds: int) -> Iterator[Kill]:
    """Kill, start again and look, so many times."""
    chance, titles, last = random.Random(0), titles_of(place.dataset), None
    for number in range(rounds + 1):
        wrong = unclean(place.accounts) if last else []
        with place.page() as page:
            wrong += looked_at(place, page, titles)
            if last:
                yield replace(last, wrong=wrong)
            else:
                assert wrong == [], wrong
                place.swap = min(time_of_a_swap(place, page) for _ in range(2))
            if number < rounds:
                before = n_answers(place.people)
                in_swap = asyncio.run(killed(place, page, chance))
                last = Kill(n_answers(place.people) - before, in_swap)


def small_models(folder: Path) -> tuple[list[Artifact], str]:
    """Two of the same films, and the folder of these."""
    board = write_board(folder / "board")
    films = load_dataset(board)
    return [fitted_on("ease", films, l2=l2).artifact for l2 in (1.0, 50.0)], str(board)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="an empty one")
    parser.add_argument("rounds", type=int, help="kills")
    parser.add_argument("--models", nargs=2, type=Path, help="folders of two models (default: two small ones)")
    parser.add_argument("--dataset", default="ml-100k", help="the films of --models, a name or a folder")
    parser.add_argument("--forked", action="store_true", help="pages of a process that has imported them, sooner there")
    return parser.parse_args()


def main() -> None:
    """Kill, look, and say so."""
    options, found = arguments(), []
    if options.models:
        models, dataset = [load_artifact(folder) for folder in options.models], options.dataset
    else:
        models, dataset = small_models(options.folder)
    folder = options.folder.absolute()
    place = Place(folder, registry_of(folder, models), dataset, options.forked)
    for kill in kills(place, options.rounds):
        print(kill.n_acknowledged, "in the swap" if kill.in_swap else "after it", *kill.wrong, sep="  ", flush=True)
        found.append(kill)
    n_in_swap, n_wrong = sum(kill.in_swap for kill in found), sum(bool(kill.wrong) for kill in found)
    print(f"{len(found)} kills, {n_in_swap} in a swap of {place.swap:.2f} s; wrong after {n_wrong}")
    sys.exit(bool(n_wrong))


if __name__ == "__main__":
    main()
