"""What a stranger can do to the page while others use it: `python tests/load/page_siege.py --share 1`.

Runs one attack after the other against a page of its own on 127.0.0.1, while well-behaved people rate, and prints for
each what memory the server took and how the others fared. Exits 1 if memory grew by more than 300 MB, if somebody else
was refused, or if 95 of 100 of their acts took more than 500 ms.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import httpx
import numpy as np

sys.path.append(str(Path(__file__).parents[2]))
from eval.rehearsing.visitor import API, WANTED, browser, ready
from tests.load.page_load import Load, Person, database, faults, several_pages, titles_of

MOST_GROWTH = 300e6  # bytes
MOST_SECONDS = 0.5  # of 95 of 100 acts of others
SAMPLE_SECONDS = 0.1  # between two looks at the memory
FILE = "application/octet-stream"
CHUNK = b"x" * 50_000
NICE = 10


@dataclass(frozen=True, kw_only=True)
class Siege:
    """How much of each attack there is; at share 1 it is all of it.

    Attributes:
        people: who rate meanwhile, every `pause` seconds.
        seconds: that an attack is held, where it does not end by itself.
        share: of the numbers below.
    """

    people: int = 20
    pause: float = 2.0
    seconds: float = 15.0
    share: float = 1.0
    bodies: int = 1500
    half_sent: int = 200
    silent: int = 1000
    exports: int = 20
    connections: int = 60

    def number(self, name: str) -> int:
        """So many of something."""
        return max(1, round(getattr(self, name) * self.share))


@dataclass(frozen=True)
class Target:
    """Pages: their address, processes, the cookies of a member with much to export, and how much is done to them."""

    url: str
    processes: Sequence[int]
    member: Mapping[str, str]
    siege: Siege


@dataclass(frozen=True)
class Outcome:
    """What an attack did: bytes of memory before, at most, afterwards; seconds of others' acts; how it was answered."""

    attack: str
    before: int
    peak: int
    after: int
    seconds: np.ndarray
    refused: Sequence[str]
    answers: Mapping[str, int]

    @property
    def p95(self) -> float:
        """Seconds in which 95 of 100 acts of others were answered."""
        return float(np.quantile(self.seconds, 0.95)) if self.seconds.size else float("nan")

    def row(self) -> list[str]:
        """The cells of a table under HEAD."""
        memory = [f"{value / 1e6:.0f}" for value in (self.before, self.peak, self.after)]
        return [self.attack, *memory, str(self.seconds.size), f"{1000 * self.p95:.0f}", str(len(self.refused))]


HEAD = ["attack", "MB before", "MB peak", "MB after", "others' acts", "p95 ms", "refused"]


def memory_of(processes: Sequence[int]) -> int:
    """Bytes that processes hold."""
    fields = [Path(f"/proc/{process}/statm").read_text().split() for process in processes]
    return sum(int(of_one[1]) for of_one in fields) * os.sysconf("SC_PAGE_SIZE")


def process_of(port: int) -> int:
    """The child of this process that serves at a port."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            environment = (entry / "environ").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and f"GRADIO_SERVER_PORT={port}".encode() in environment:
                return int(entry.name)
    sys.exit(f"no child of this process serves at port {port}")


# ---- attacks: each returns how it was answered


async def large_bodies(target: Target) -> Counter[str]:
    """Bodies of 1 MB to any path, some of which name sessions of 1 MB."""
    paths = ["/nothing", "/", "/account/register", "/account/import", f"{API}/queue/join", f"{API}/run/act", f"{API}/x"]
    turns, answers = asyncio.Semaphore(50), Counter[str]()

    async def send(number: int) -> None:
        path, body = paths[number % len(paths)], json.dumps({"session_hash": f"{number} ".ljust(10**6, "x")})
        async with turns:
            answers[await status_of(client.post(path, content=body, headers={"content-type": "application/json"}))] += 1

    async with browser(target.url, limits=httpx.Limits(max_connections=50)) as client:
        await asyncio.gather(*(send(number) for number in range(target.siege.number("bodies"))))
    return answers


async def status_of(asking: Awaitable[httpx.Response]) -> str:
    """The status of an answer, or why there is none."""
    try:
        return str((await asking).status_code)
    except httpx.HTTPError as error:
        return type(error).__name__


@asynccontextmanager
async def lines(target: Target, heads: Sequence[bytes], n_more: int = 0) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Connections that send something, so many bytes more where these are taken, and then nothing."""
    host, port = target.url.removeprefix("http://").split(":")
    readers, writers = [], []

    async def open_(head: bytes) -> None:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(host, int(port))
            readers.append(reader)
            writers.append(writer)
            writer.write(head)
            for _ in range(n_more // len(CHUNK)):
                writer.write(CHUNK)
                await writer.drain()

    opening = [asyncio.create_task(open_(head)) for head in heads]
    try:
        yield readers
    finally:
        for task in opening:
            task.cancel()
        await asyncio.gather(*opening, return_exceptions=True)
        for writer in writers:
            writer.transport.abort()


async def held(target: Target, heads: Sequence[bytes], n_more: int = 0) -> Counter[str]:
    """Such connections for a while; how they were answered meanwhile."""
    answers = Counter[str]()
    async with lines(target, heads, n_more) as readers:
        await asyncio.sleep(target.siege.seconds)
        for reader in readers:
            with suppress(OSError, TimeoutError):
                said = await asyncio.wait_for(reader.read(12), 0.01)
                answers[said.decode()[9:] or "ended"] += 1
    answers["open"] = len(heads) - answers.total()
    return answers


async def half_sent_imports(target: Target) -> Counter[str]:
    """Files of which all but the end comes: of guests, and of one member."""
    cookie = "; ".join(f"{name}={value}" for name, value in target.member.items())
    whose = ["", f"Cookie: {cookie}\r\n"]
    head = "POST /account/import HTTP/1.1\r\nHost: x\r\nContent-Type: {}\r\nContent-Length: 10500000\r\n{}\r\n"
    number = target.siege.number("half_sent")
    return await held(target, [head.format(FILE, whose[at % 2]).encode() for at in range(number)], 10_400_000)


async def silent_connections(target: Target) -> Counter[str]:
    """Connections that say nothing, or half a head."""
    said = [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"]
    return await held(target, [said[at % 2] for at in range(target.siege.number("silent"))])


async def exports_at_once(target: Target) -> Counter[str]:
    """All that is kept about a member, by many requests at once."""
    async with browser(target.url, cookies=target.member) as client:
        asked = [status_of(client.get("/account/export.json")) for _ in range(target.siege.number("exports"))]
        return Counter(await asyncio.gather(*asked))


async def greedy_guest(target: Target) -> Counter[str]:
    """One guest who rates by many connections, without a pause."""
    guest, answers = Person(10_000, Load(seed=7)), Counter[str]()

    async def rate(chance: random.Random) -> None:
        event = guest.act_event
        about = {"fn_index": event.number, "trigger_id": event.trigger, "session_hash": guest.session}
        while time.monotonic() < until:
            said = {"do": "rate", "film": chance.choice(guest.films), "stars": guest.levels[0], "seq": 1}
            body = {"data": [{}, *WANTED, None, None], "event_data": said, **about}
            with suppress(httpx.HTTPError):
                answer = await client.post(f"{API}/run/predict", json=body)
                kind = "refused" if "data-failed" in answer.text else "kept"
                answers[kind if answer.status_code == 200 else str(answer.status_code)] += 1

    async with guest.browsing(target.url):
        await guest.arrive()
        cookies = guest.client.cookies
        number = target.siege.number("connections")
        limits = httpx.Limits(max_connections=number)
        until = time.monotonic() + target.siege.seconds
        async with browser(target.url, cookies=cookies, headers=guest.client.headers, limits=limits) as client:
            await asyncio.gather(*(rate(random.Random(at)) for at in range(number)))
    return answers


ATTACKS: Mapping[str, Callable[[Target], Awaitable[Counter[str]]]] = {
    "bodies of 1 MB": large_bodies,
    "half-sent imports": half_sent_imports,
    "silent lines": silent_connections,
    "exports at once": exports_at_once,
    "greedy guest": greedy_guest,
}


# ---- all of it


def attacked(name: str, target: Target) -> Counter[str]:
    """An attack, made by another process, which comes after the people and the page: it would be another machine."""
    os.nice(NICE)
    return asyncio.run(ATTACKS[name](target))


async def watched(target: Target, name: str, people: Sequence[Person]) -> Outcome:
    """One attack, and what became of memory and people meanwhile."""
    before = peak = memory_of(target.processes)
    n_before = [(len(person.answers), len(person.refusals)) for person in people]
    with ProcessPoolExecutor(1, get_context("spawn")) as elsewhere:
        attack = asyncio.get_running_loop().run_in_executor(elsewhere, attacked, name, target)
        peak = max(peak, await highest(target, attack))
    answers = [each.seconds for person, (n, _) in zip(people, n_before, strict=True) for each in person.answers[n:]]
    refused = [reason for person, (_, n) in zip(people, n_before, strict=True) for reason in person.refusals[n:]]
    return Outcome(name, before, peak, memory_of(target.processes), np.array(answers), refused, attack.result())


async def highest(target: Target, attack: asyncio.Future[Counter[str]]) -> int:
    """Most bytes that a page holds during an attack, or for as long as an attack may be held."""
    peak = 0
    least = time.monotonic() + target.siege.seconds
    while not attack.done() or time.monotonic() < least:
        peak = max(peak, memory_of(target.processes))
        await asyncio.sleep(SAMPLE_SECONDS)
    return peak


async def besieged(
    url: str, processes: Sequence[int], siege: Siege, people: Sequence[Person], member: Person
) -> list[Outcome]:
    """All attacks, one after the other, while people rate."""
    await ready(url)
    outcomes = []
    async with AsyncExitStack() as browsers:
        for person in (*people, member):
            await browsers.enter_async_context(person.browsing(url))
            await person.register()
            await person.arrive()
        for _ in range(50):
            await member.act(member.next_act())
        cookies = dict(member.client.cookies)
        stop = asyncio.Event()
        rating = asyncio.gather(*(rate_until(person, stop) for person in people))
        for name in ATTACKS:
            outcomes.append(await watched(Target(url, processes, cookies, siege), name, people))
            show(outcomes[-1].row())
        stop.set()
        await rating
        for person in people:
            await person.export()
    return outcomes


async def rate_until(person: Person, stop: asyncio.Event) -> None:
    """Act and pause, until it is over."""
    while not stop.is_set():
        await person.rate(time.monotonic() + 5)


def show(cells: Sequence[str]) -> None:
    """Print a row of the table."""
    print(f"{cells[0]:<20}" + "".join(f"{cell:>14}" for cell in cells[1:]), flush=True)


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """What was not as it should be, in sentences; how fast it was is another matter."""
    first = outcomes[0].before
    found = [f"{each.attack}: somebody else was refused: {reason}" for each in outcomes for reason in each.refused]
    for each in outcomes:
        if each.peak - first > MOST_GROWTH:
            found.append(f"{each.attack}: memory grew from {first / 1e6:.0f} to {each.peak / 1e6:.0f} MB")
        if not each.seconds.size:
            found.append(f"{each.attack}: nobody else did anything meanwhile")
    return found


def slow(outcomes: Sequence[Outcome]) -> list[str]:
    """Attacks that made others wait, in sentences."""
    return [f"{each.attack}: others waited {each.p95:.2f} s" for each in outcomes if each.p95 > MOST_SECONDS]


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the attacks' numbers")
    parser.add_argument("--people", type=int, default=Siege.people, help="who rate meanwhile")
    parser.add_argument("--seconds", type=float, default=Siege.seconds, help="that an attack is held")
    parser.add_argument("--replicas", type=int, default=1, help="pages that share PostgreSQL, behind nginx")
    parser.add_argument("--model", help="folder of the model; default: what app.py finds")
    parser.add_argument("--dataset", default="ml-100k", help="the films, a name or a folder")
    return parser.parse_args()


def main() -> None:
    """Attack, and say what became of it."""
    options = arguments()
    siege = Siege(share=options.share, people=options.people, seconds=options.seconds)
    load = Load(people=siege.people, pause=siege.pause)
    people, member = [Person(number, load) for number in range(siege.people)], Person(siege.people, load)
    model = ["--model", str(Path(options.model).absolute())] if options.model else []
    show(HEAD)
    kind = "sqlite" if options.replicas == 1 else "postgresql"
    asked = [*model, "--dataset", options.dataset]
    with tempfile.TemporaryDirectory(prefix="page-siege-") as folder, database(kind) as place:
        with several_pages(Path(folder), place, asked, options.replicas) as (url, processes):
            outcomes = asyncio.run(besieged(url, processes, siege, people, member))
            found = [*failures(outcomes), *slow(outcomes), *faults(people, titles_of(options.dataset))]
        print(f"logs of the server: {sum(log.stat().st_size for log in Path(folder).glob('log*')):,} bytes")
    for each in outcomes:
        print(f"{each.attack}: {dict(each.answers)}")
    print(*found or ["Nobody else was refused, and nothing of theirs was lost."], sep="\n")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
