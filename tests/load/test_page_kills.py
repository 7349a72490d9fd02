"""The web server is killed in the middle of saving, again and again; what it acknowledged is there afterwards.

Many kills by hand, where PLACE is a file of SQLite or a URL:

    python -m tests.load.test_page_kills PLACE KILLS

Prints a line for every kill: how many acts were acknowledged, how many that were not are kept all the same, and what is
wrong.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import AsyncExitStack, closing, contextmanager, suppress
from itertools import islice
from pathlib import Path

import httpx
import pytest

from eval.rehearsing.visitor import ready
from tests.load.page_load import ROOT, Load, Person, settled, titles_of
from tests.support.store_places import CHEAP, FRESH

postgresql, _ = FRESH
KILLS = {"sqlite": 12, "postgresql": 4}  # a PostgreSQL server outlives them all
LOAD = Load(people=3, seldom=0.2)
LONGEST = 0.3  # seconds from the first act to the kill
CLEAN = {"integrity_check": [("ok",)], "foreign_key_check": []}


# ---- the process that is killed


def warmed_up(folder, place):
    """The page with a small model and no thread yet, and its accounts, which are to be opened by whoever serves it."""
    with suppress(ImportError):
        import matplotlib.pyplot  # noqa: F401  # Gradio does at the first event, where it is installed
    from recsys.serve.accounts.members import Members
    from recsys.serve.engine import Engine
    from recsys.store import open_store
    from recsys.ui.mounting import build_app
    from tests.support.pages.page_server import made, write_board

    open_store(place, config=CHEAP).close()  # makes the tables
    engine = Engine(lambda *_: sys.exit("a model was asked for, though there is one"))
    engine.recommender = made("ease", write_board(folder / "board"))
    members = Members(lambda: open_store(place, config=CHEAP))
    return build_app(engine, members), members


def serve(app, members, listener):
    """Serve until killed."""
    import uvicorn

    members.start()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


@contextmanager
def serving(app, members):
    """The page in a process of its own, killed at the end if it is still there; yields its address and number."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    child = os.fork()
    if not child:
        try:
            serve(app, members, listener)
        finally:
            os._exit(1)
    listener.close()
    try:
        yield url, child
    finally:
        os.kill(child, signal.SIGKILL)  # a second time does nothing
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the server ended by itself"


# ---- who rates meanwhile, and looks afterwards


async def looked_up(url, people):
    """Let people take away all that is kept; those who come for the first time register and open the page."""
    await ready(url)
    for person in people:
        async with person.browsing(url):
            if not person.cookies:
                await person.register()
                await person.arrive()
            await person.export()


async def rated_until_killed(url, people, child, delay):
    """Let people act as fast as they are answered, and kill the process so many seconds after the first act.

    Their pages have been open since they came, as a browser's stay when the server starts again.
    """
    async with AsyncExitStack() as browsers:
        for person in people:
            await browsers.enter_async_context(person.browsing(url))
        await people[0].act(people[0].next_act())
        acting = [asyncio.create_task(act_on(person)) for person in people]
        await asyncio.sleep(delay)
        os.kill(child, signal.SIGKILL)
        await asyncio.gather(*acting)


async def act_on(person):
    """Act until there is no answer."""
    with suppress(httpx.TransportError):
        while True:
            await person.act(person.next_act())


def unclean(place):
    """What SQLite finds wrong with the file."""
    if isinstance(place, str):
        return []
    with closing(sqlite3.connect(place)) as connection:
        found = {check: connection.execute(f"PRAGMA {check}").fetchall() for check in CLEAN}
    return [f"{check}: {rows}" for check, rows in found.items() if rows != CLEAN[check]]


def kills(place, n_kills):
    """Start, compare, rate and kill, again and again; prints a line for every kill."""
    chance, people, n_acknowledged = random.Random(0), [Person(number, LOAD) for number in range(LOAD.people)], 0
    with tempfile.TemporaryDirectory() as folder:
        page, titles = warmed_up(Path(folder), place), titles_of(Path(folder) / "board")
        for number in range(n_kills + 1):
            wrong = unclean(place)
            with serving(*page) as (url, child):
                asyncio.run(looked_up(url, people))
                found = [settled(person, titles) for person in people]
                wrong += [fault for _, faults in found for fault in faults]
                if number:
                    print(json.dumps([n_acknowledged, sum(beyond for beyond, _ in found), wrong]), flush=True)
                n_before = n_answers(people)
                if number < n_kills:
                    asyncio.run(rated_until_killed(url, people, child, chance.uniform(0, LONGEST)))
            n_acknowledged = n_answers(people) - n_before


def n_answers(people):
    """How many acts were acknowledged."""
    return sum(len(person.answers) for person in people)


# ---- the test


@pytest.fixture(scope="module")
def came(tmp_path_factory, postgresql):
    """What came of all kills on both databases, by one program, since its imports take longer than many kills."""
    postgresql.run("CREATE DATABASE kills")
    file = tmp_path_factory.mktemp("kills") / "people.sqlite3"
    places = {"sqlite": str(file), "postgresql": postgresql.url("kills")}
    asked = [word for name, place in places.items() for word in (place, str(KILLS[name]))]
    ended = subprocess.run([sys.executable, "-m", __spec__.name, *asked], cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    lines = iter(ended.stdout.splitlines())
    return {name: [json.loads(line) for line in islice(lines, n_kills)] for name, n_kills in KILLS.items()}


@pytest.mark.parametrize("database", KILLS)
def test_what_was_acknowledged_is_kept_when_the_server_is_killed_while_people_rate(came, database):
    assert [wrong for *_, wrong in came[database]] == [[]] * KILLS[database]
    for n_acknowledged, n_beyond, _ in came[database]:
        assert n_acknowledged >= 1
        assert n_beyond <= LOAD.people


if __name__ == "__main__":
    for place, n_kills in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        kills(place if "://" in place else Path(place), int(n_kills))
