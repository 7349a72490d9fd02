"""Versions change while many people are at the page: `python tests/load/page_swaps.py --people 50 --seconds 60`.

Three stretches: without a swap, with some (a version is promoted, rolled back, promoted again), and without again. For
each, how long it took from an act to the new list, how many acts were refused, and the memory of the page before, at
its peak and afterwards; beside them the acts that fell between a promotion and the first answer of its version. Exits 1
if an act was refused, lost or crossed, if a promotion was not taken over, if 95 of 100 acts took more than 1.5 times as
long as without swaps, or if memory is not back to within a tenth at the end.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

sys.path.append(str(Path(__file__).parents[2]))
from eval.rehearsing.visitor import browser, passed, ready
from tests.load.page_load import REGISTERING_AT_ONCE, Load, Person, database, faults, measured, several_pages, titles_of
from tests.load.page_siege import SAMPLE_SECONDS, memory_of

if TYPE_CHECKING:
    from recsys.artifacts.artifact import Artifact
    from recsys.versions.entries import Version
    from recsys.versions.registry import Registry

MOST_SLOWER = 1.5  # times
MOST_LEFT = 1.1  # times the memory of before
LOOK_EVERY = 5.0  # seconds between two looks of the page which version was promoted
PATIENCE = 60.0  # seconds until a version is taken over
HEAD = ["stretch", "acts", "refused", "p50 ms", "p95 ms", "p99 ms", "max ms", "MB before", "MB peak", "MB after"]


class Timed(Person):
    """Somebody of whom is known when each act was done.

    Attributes:
        spans: seconds of time.perf_counter() at the beginning and the end of each.
    """

    def __init__(self, number: int, load: Load):
        super().__init__(number, load)
        self.spans: list[tuple[float, float]] = []

    def note(self, shown: Mapping[str, str], seconds: float) -> None:
        """Remember an answer, and when it came."""
        self.spans.append((self.completed_at - seconds, self.completed_at))
        super().note(shown, seconds)


@dataclass(frozen=True)
class Page:
    """A page that answers with versions: its address, its process, its registry, and seconds between two looks."""

    url: str
    process: int
    registry: "Registry"
    look_every: float

    @property
    def memory(self) -> int:
        """Bytes that it holds."""
        return memory_of([self.process])


@dataclass
class Stretch:
    """What came of a while.

    Attributes:
        name: of it.
        seconds: (n_acts,) of each act that was acknowledged.
        refused: how many were not.
        memory: bytes before, at their peak and afterwards.
        swaps: seconds of time.perf_counter() between which each promotion was taken over.
        swapping: (n_acts,) seconds of the acts that fell between these.
    """

    name: str
    seconds: np.ndarray
    refused: int
    memory: tuple[int, int, int]
    swaps: list[tuple[float, float]] = field(default_factory=list)
    swapping: np.ndarray = field(default_factory=lambda: np.empty(0))

    @property
    def p95(self) -> float:
        """Seconds in which 95 of 100 acts were done."""
        return float(quantiles(self.seconds)[1])

    def rows(self) -> Iterator[list[str]]:
        """The cells under HEAD, and those of the acts during swaps where there were any."""
        memory = [f"{value / 1e6:.0f}" for value in self.memory]
        yield [self.name, str(self.seconds.size), str(self.refused), *milliseconds(self.seconds), *memory]
        if self.swaps:
            yield ["of these", str(self.swapping.size), "", *milliseconds(self.swapping), "", "", ""]


def quantiles(seconds: np.ndarray) -> np.ndarray:
    """The median, the 95th and 99th percentile, and the most."""
    return np.quantile(seconds, [0.5, 0.95, 0.99, 1]) if seconds.size else np.full(4, np.nan)


def milliseconds(seconds: np.ndarray) -> list[str]:
    """The same, as cells."""
    return [f"{1000 * value:.0f}" for value in quantiles(seconds)]


# ---- the three stretches


async def swapped(page: Page, people: Sequence[Timed], load: Load, n_swaps: int) -> list[Stretch]:
    """Let people come, and rate: without swaps, with some, and without; then they take all away that is kept."""
    turns = asyncio.Semaphore(REGISTERING_AT_ONCE)

    async def come(person: Timed) -> None:
        async with turns:
            await person.register()
            await person.arrive()

    await ready(page.url)
    async with AsyncExitStack() as browsers:
        for person in people:
            await browsers.enter_async_context(person.browsing(page.url))
        await asyncio.gather(*map(come, people))
        staying = [asyncio.create_task(person.stay()) for person in people]
        calm = replace(load, warm_up=0.0)
        found = [await stretch("without", page, people, load, 0)]
        found.append(await stretch("swaps", page, people, calm, n_swaps))
        found.append(await stretch("without", page, people, calm, 0))
        for task in staying:
            task.cancel()
        await asyncio.gather(*staying, return_exceptions=True)
        for person in people:
            await person.export()
    return found


async def stretch(name: str, page: Page, people: Sequence[Timed], load: Load, n_swaps: int) -> Stretch:
    """Let people rate, let versions change meanwhile, and wait until memory has been given back."""
    before, ended = page.memory, asyncio.Event()
    n_before = [len(person.spans) for person in people]
    n_refused = sum(len(person.refusals) for person in people)
    watching = asyncio.create_task(highest(page, ended))
    changing = asyncio.create_task(versions_change(page, load, n_swaps))
    figures = await measured(people, load)
    swaps = await changing
    await asyncio.sleep(2.5 * page.look_every)
    ended.set()
    spans = [span for person, n in zip(people, n_before, strict=True) for span in person.spans[n:]]
    during = [end - start for start, end in spans if any(start < over and end > told for told, over in swaps)]
    refused = sum(len(person.refusals) for person in people) - n_refused
    memory = before, await watching, page.memory
    return Stretch(name, figures.seconds, refused, memory, swaps, np.array(during))


async def highest(page: Page, ended: asyncio.Event) -> int:
    """Most bytes that a page holds until it is over."""
    peak = page.memory
    while not ended.is_set():
        await asyncio.sleep(SAMPLE_SECONDS)
        peak = max(peak, page.memory)
    return peak


async def versions_change(page: Page, load: Load, n_swaps: int) -> list[tuple[float, float]]:
    """Promote the other version, and roll back, at even intervals; when each was told and taken over."""
    pause, found = load.seconds / (n_swaps + 1), []
    for _ in range(n_swaps):
        await asyncio.sleep(pause)
        promoted = await asyncio.to_thread(promote_next, page.registry)
        told = time.perf_counter()
        async with browser(page.url) as stranger, asyncio.timeout(PATIENCE):
            while passed(await stranger.get("/api/v1/model")).json()["number"] != promoted.number:
                await asyncio.sleep(0.1)
        found.append((told, time.perf_counter()))
    return found


def promote_next(registry: "Registry") -> "Version":
    """Promote the second of two versions, or roll back to the first; what is to answer."""
    answers = registry.current()
    assert answers is not None
    return registry.promote(2) if answers.number == 1 else registry.rollback()


# ---- what must hold


def slow(found: Sequence[Stretch]) -> list[str]:
    """How much slower the page was while versions changed, or how much it kept, if that is too much."""
    calm = float(quantiles(np.concatenate([found[0].seconds, found[2].seconds]))[1])
    before, after = found[1].memory[0], found[2].memory[2]  # a map of the films is made of each model, in seconds
    wrong = []
    if not found[1].p95 <= MOST_SLOWER * calm:
        wrong.append(f"95 of 100 acts took {1000 * found[1].p95:.0f} ms with swaps, {1000 * calm:.0f} ms without")
    if after > MOST_LEFT * before:
        wrong.append(f"the page held {before / 1e6:.0f} MB before the swaps and {after / 1e6:.0f} MB afterwards")
    return wrong


def versions_of_lists(people: Sequence[Person]) -> set[str]:
    """The fingerprints of all versions that made the lists which people took away."""
    return {str(shown["version"]) for person in people for shown in person.exported["lists"]}


# ---- the program


@contextmanager
def page_with(
    folder: Path, place: str, registry: "Registry", dataset: str, look_every: float, *, forked: bool = False
) -> Iterator[Page]:
    """A page that answers with the versions of a registry."""
    asked = ["--versions", str(registry.folder), "--dataset", dataset, "--look-every", str(look_every)]
    with several_pages(folder, place, asked, 1, forked=forked) as (url, [process]):
        yield Page(url, process, registry, look_every)


def registry_of(folder: Path, models: Sequence["Artifact"]) -> "Registry":
    """Models as versions, the first of which answers."""
    from recsys.versions.lineage import Lineage
    from recsys.versions.registry import Registry

    registry = Registry(folder / "versions")
    for model in models:
        registry.add(model, Lineage())
    registry.promote(1)
    return registry


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=Load.people, help="who are there at once (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=Load.seconds, help="of a stretch (default %(default)g)")
    parser.add_argument(
        "--warm-up",
        type=float,
        default=Load.warm_up,
        help="seconds before the first stretch: at first people have few ratings, and lists are quicker (default "
        "%(default)g)",
    )
    parser.add_argument("--swaps", type=int, default=3, help="in the second stretch (default %(default)s)")
    parser.add_argument("--pause", type=float, default=Load.pause, help="mean seconds between two acts of a person")
    parser.add_argument("--look-every", type=float, default=LOOK_EVERY, help="seconds between two looks of the page")
    parser.add_argument("--model-a", type=Path, required=True, help="folder of the model that answers first")
    parser.add_argument("--model-b", type=Path, required=True, help="folder of the model that is promoted")
    parser.add_argument("--dataset", default="ml-100k", help="the films, a name or a folder")
    parser.add_argument("--database", default="sqlite", help="sqlite, postgresql, or the URL of an empty one")
    return parser.parse_args()


def main() -> None:
    """Measure, check, and say so."""
    from recsys.artifacts.artifact import load_artifact

    options = arguments()
    load = Load(people=options.people, seconds=options.seconds, pause=options.pause, warm_up=options.warm_up)
    people = [Timed(number, load) for number in range(load.people)]
    with tempfile.TemporaryDirectory(prefix="page-swaps-") as folder, database(options.database) as place:
        registry = registry_of(Path(folder), [*map(load_artifact, (options.model_a, options.model_b))])
        with page_with(Path(folder), place, registry, options.dataset, options.look_every) as page:
            found = asyncio.run(swapped(page, people, load, options.swaps))
            wrong = [*faults(people, titles_of(options.dataset), place), *slow(found)]
    for row in (HEAD, *(row for each in found for row in each.rows())):
        print("".join(f"{cell:>11}" for cell in row))
    print(f"taken over after {', '.join(f'{over - told:.1f} s' for told, over in found[1].swaps)}")
    print(*wrong or ["Nothing was refused, lost or crossed; speed and memory are within the limits."], sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
