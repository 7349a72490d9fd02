"""The page as a person starts it, on 127.0.0.1, and browsers that ask it raw: what tests of the whole page share."""

import atexit
import csv
import http.client
import ipaddress
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from http.cookies import SimpleCookie
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from recsys.artifacts.artifact import save_artifact
from recsys.artifacts.fitting import artifact_of
from recsys.artifacts.runs import ALL
from recsys.data.movielens import load_dataset
from recsys.models import create
from recsys.models.mult_vae.inference import NetworkWeights, weight_shapes
from recsys.recommend.recommender import Recommender
from recsys.testing.synthetic import checkerboard
from tests.support.small_models import small_config

T = TypeVar("T")

ROOT = Path(__file__).parents[3]
BOLD, TWIN = "The <b>Bold</b> (1980)", "Twin (1991)"
START_SECONDS, READY_SECONDS = 60, 120
ANSWER_SECONDS = 30
AT_ONCE = 8  # requests of a test
JSON = "application/json"
FILE = "application/octet-stream"
# what the controls of a list say at first
WANTED = [0, "best bet", None, [], "one of them or more", [], 0, True, None, ""]
API = "/gradio_api"

# ---- films and models


def write_data(folder, ratings, titles, genres):
    folder.mkdir(parents=True, exist_ok=True)
    users, items = ratings.nonzero()
    with (folder / "ratings.csv").open("w", newline="") as stream:
        rows = ((user, item, stars, 0) for user, item, stars in zip(users, items, ratings.data, strict=True))
        csv.writer(stream).writerows([("userId", "movieId", "rating", "timestamp"), *rows])
    with (folder / "movies.csv").open("w", newline="") as stream:
        rows = ((item, titles[item], genres[item]) for item in range(len(titles)))
        csv.writer(stream).writerows([("movieId", "title", "genres"), *rows])
    return folder


def write_board(folder):
    """Even users love even films, odd ones odd films; two ids are one film, and one has neither year nor genre."""
    n_items = 26
    titles = [f"Film {item} (19{60 + item})" for item in range(n_items)]
    titles[0], titles[2], titles[4], titles[25] = "<b>Bold</b>, The (1980)", "Twin (1991)", "Twin (1991)", "unknown"
    genres = ["Horror" if item % 2 else "Comedy" for item in range(n_items)]
    genres[6], genres[25] = "Comedy|Horror", "(no genres listed)"
    return write_data(folder, checkerboard(40, n_items), titles, genres)


def made(name, folder):
    """A model of the films in a folder."""
    return fitted_on(name, load_dataset(folder))


def fitted_on(name, dataset, **settings):
    """A small model of a data set, with other settings of its own if asked."""
    ratings, catalog = dataset.ratings.matrix(), dataset.catalog
    model = create(name, dataset.ratings.scale, config=replace(small_config(name), **settings))
    model.fit(dataset.interactions())
    return Recommender(artifact_of(name, model, ratings, dataset, split=ALL, seed=0), catalog)


@cache
def small_page() -> tuple[str, ...]:
    """Options that serve a small model with a latent space, made once for all modules, on the board."""
    place = Path(_kept().name)
    board = write_board(place / "board")
    save_artifact(place / "model", untrained(board).artifact)
    return "--model", str(place / "model"), "--dataset", str(board)


def untrained(folder):
    """A generative model with random weights, which takes no time to train."""
    dataset, name = load_dataset(folder), "mult-vae"
    ratings, catalog, config = dataset.ratings.matrix(), dataset.catalog, small_config(name)
    model = create(name, dataset.ratings.scale, config=config)
    rng = np.random.default_rng(0)
    shapes = weight_shapes(config, model.scale, catalog.n_items)
    drawn = {what: rng.normal(0, 0.3, shape).astype(np.float32) for what, shape in shapes.items()}
    model.take([NetworkWeights(**drawn)] * config.n_networks)
    model.learn_genres(ratings, catalog.genre_matrix)
    return Recommender(artifact_of(name, model, ratings, dataset, split=ALL, seed=0), catalog)


@cache
def _kept() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="small-page-")  # goes with the process


# ---- the server


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback never goes through a proxy


def fetched(url, body=None):
    """Status and text of an answer, or None while nobody answers."""
    request = urllib.request.Request(url, body, {"Content-Type": JSON})
    try:
        with OPENER.open(request, timeout=ANSWER_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return None


def called(url, endpoint, *arguments):
    """What an API endpoint answers: ("complete" or "error", its JSON)."""
    _, event = fetched(f"{url}{API}/call/{endpoint}", json.dumps({"data": arguments}).encode())
    _, stream = fetched(f"{url}{API}/call/{endpoint}/{json.loads(event)['event_id']}")
    lines = stream.strip().split("\n")[-2:]
    return lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: "))


def wait_for(happened, seconds, what):
    deadline = time.monotonic() + seconds
    while not (found := happened()):
        assert time.monotonic() < deadline, f"{what} took more than {seconds} s"
        time.sleep(0.1)
    return found


def wait_until_ready(url):
    wait_for(lambda: called(url, "genres", ["Comedy"], None, None, 0)[0] == "complete", READY_SECONDS, "loading")


@dataclass(frozen=True)
class PageProcess:
    """A page that was started: its address, its process, and the file for what it says."""

    url: str
    process: Any
    log: Path

    def wait_for_answer(self) -> None:
        """Until it answers; it has nothing to say that it has ended instead."""
        wait_for(lambda: self.process.poll() is not None or fetched(f"{self.url}/config"), START_SECONDS, "an answer")
        assert self.process.poll() is None, self.log.read_text()

    def end(self) -> None:
        """As Ctrl-C does; nothing happens to one that has ended."""
        self.process.terminate()
        self.process.wait(30)


@contextmanager
def served(log, *options, database=None, program=ROOT / "app.py", forked=False):
    """The page, started as a person starts it, in the folder of its log; yields its address. As page_process."""
    page = page_process(log, *options, database=database, program=program, forked=forked)
    try:
        page.wait_for_answer()
        yield page.url
    finally:
        page.end()


def page_process(log, *options, database=None, program=ROOT / "app.py", forked=False, port=None):
    """The page, which may not answer yet; at a port that is free, unless one is given.

    The accounts are where `database` says, else where DATABASE_URL does, else beside the log. Another program than the
    page's own may serve it. Forked, it is there sooner: see forked_pages.py.
    """
    port = port or free_port()
    accounts = database or os.environ.get("DATABASE_URL") or f"sqlite:///{log.parent / 'people.sqlite3'}"
    address = {"GRADIO_SERVER_NAME": "127.0.0.1", "GRADIO_SERVER_PORT": str(port)}
    environment = {"GRADIO_MCP_SERVER": "False", **os.environ, **address, "DATABASE_URL": accounts}
    process = (forked_page if forked else started)([str(program), *options], log, environment)
    return PageProcess(f"http://127.0.0.1:{port}", process, log)


def started(words, log, environment):
    """A process of its own."""
    with log.open("w") as stream:
        return subprocess.Popen([sys.executable, *words], cwd=log.parent, env=environment, stdout=stream, stderr=stream)


def forked_page(words, log, environment):
    """A child of the process that has imported the page."""
    log.write_text("")
    asked = {"words": words, "folder": str(log.parent), "environment": environment, "log": str(log)}
    forking = _forking()
    forking.stdin.write(json.dumps(asked) + "\n")
    forking.stdin.flush()
    return Forked(int(forking.stdout.readline()))


@cache
def _forking() -> subprocess.Popen:
    """forked_pages.py, which ends with this process."""
    command = [sys.executable, str(Path(__file__).parent / "forked_pages.py")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)
    return process


@dataclass(frozen=True)
class Forked:
    """The process of a page, used as subprocess.Popen is."""

    pid: int

    def poll(self) -> int | None:
        """None as long as it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def terminate(self) -> None:
        """Ask it to end."""
        self._tell(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self._tell(signal.SIGKILL)

    def _tell(self, what: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, what)

    def wait(self, seconds: float) -> None:
        """Until it has ended."""
        wait_for(lambda: self.poll() is not None, seconds, "the page's end")


# ---- browsers


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: 0 if the connection ended without one.
        text: of the body, as far as it came.
        headers: names in lower case; the last of several counts.
        cookies: that are set by it.
    """

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Why something was refused, as the routes of accounts and the guard say it."""
        return json.loads(self.text)["problem"]


@dataclass(frozen=True)
class Event:
    """An event of the page, as /config lists it.

    Attributes:
        number: its fn_index. name: its api_name.
        inputs: what it takes: a component's elem_id, or else its type.
        triggers: (number of a component, what happens to it).
    """

    number: int
    name: str
    inputs: tuple[str, ...]
    triggers: tuple[tuple[int | None, str], ...]

    @property
    def trigger(self) -> int | None:
        """The component that a browser names."""
        return self.triggers[0][0] if self.triggers else None


def events_of(url: str) -> list[Event]:
    """All events that the server answers."""
    config = json.loads(fetched(f"{url}/config")[1])
    parts = {each["id"]: each["props"].get("elem_id") or each["type"] for each in config["components"]}
    return [
        Event(
            number=each["id"],
            name=each["api_name"],
            inputs=tuple(parts[at] for at in each["inputs"]),
            triggers=tuple(map(tuple, each["targets"])),
        )
        for each in config["dependencies"]
        if each["backend_fn"]
    ]


class Browser:
    """Somebody at the page, or something that pretends to be.

    Attributes:
        cookies: that are sent, and renewed by the answers.
        session: the hash under which the page is open.
        address: where the requests come from, as a proxy on this machine says; None: from this machine itself.
    """

    def __init__(self, url: str, cookies: dict[str, str] | None = None, address: str | None = None):
        self.url, self.address = url, address
        self.cookies = dict(cookies or {})
        self.session = secrets.token_hex(6)

    def ask(self, method: str, path: str, body: Any = None, kind: str = JSON, **headers: str) -> Answer:
        """Any request; a body that is neither text nor bytes is sent as JSON. `_` in a header's name stands for `-`."""
        sent = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        given = {"X-Forwarded-For": self.address} if self.address else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        cookie = (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}
        )
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=ANSWER_SECONDS)
        try:
            encoded = sent.encode("utf-8", "surrogatepass") if isinstance(sent, str) else sent
            connection.request(method, path, encoded, {"Content-Type": kind, **cookie, **given})
            return self._read(connection.getresponse())
        except (http.client.RemoteDisconnected, ConnectionError):
            return Answer(0, "")
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """Ask for something."""
        return self.ask("GET", path, **headers)

    def post(self, path: str, said: Any, **headers: str) -> Answer:
        """Say something, in JSON."""
        return self.ask("POST", path, said, **headers)

    def account(self, route: str, **said: Any) -> Answer:
        """What a form of accounts asks."""
        return self.post(f"/account/{route}", said)

    def run(self, event: Event, values: Iterable[Any], **said: Any) -> Answer:
        """An event, without the queue."""
        return self.post(f"{API}/run/{event.name}", self._body(event, values, said))

    def join(self, event: Event, values: Iterable[Any], **said: Any) -> Answer:
        """An event as a browser asks for it: by the queue; the answer is all that it streams, or the refusal."""
        body = self._body(event, values, said)
        joined = self.post(f"{API}/queue/join", body)
        return self.get(f"{API}/queue/data?session_hash={body['session_hash']}") if joined.status == 200 else joined

    def call(self, event: Event, values: Iterable[Any], **said: Any) -> Answer:
        """An event as a program asks for it; the answer is all that it streams, or the refusal."""
        joined = self.post(f"{API}/call/{event.name}", {"data": [*values], **said})
        if joined.status != 200:
            return joined
        return self.get(f"{API}/call/{event.name}/{json.loads(joined.text)['event_id']}")

    def _body(self, event: Event, values: Iterable[Any], said: dict[str, Any]) -> dict[str, Any]:
        own = {"session_hash": self.session, "trigger_id": event.trigger, "fn_index": event.number}
        return {"data": [*values], "event_data": None, **own, **said}

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        try:
            content = response.read()
        except http.client.IncompleteRead as part:
            content = part.partial
        cookies = SimpleCookie()
        for header in response.headers.get_all("set-cookie") or ():
            cookies.load(header)
        fresh = {name: morsel.value for name, morsel in cookies.items()}
        self.cookies = {name: value for name, value in (self.cookies | fresh).items() if value}
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, content.decode("utf-8", "replace"), headers, fresh)


def somebody(url: str, cookies: dict[str, str] | None = None) -> Browser:
    """A browser at an address of its own, so that it shares no limit with another."""
    return Browser(url, cookies, address=str(ipaddress.ip_address("10.0.0.0") + next(_numbers)))


_numbers = count(1)


def at_once(calls: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Make calls, several at a time; yields what they return, in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda call: call(), [*calls])
