"""Somebody with a browser at a page: what a person does there, by the requests that the page's own scripts send."""

import asyncio
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase
from typing import Any, Self

import httpx

API = "/gradio_api"
# what the controls of a list say at first
WANTED = [0, "best bet", None, [], "one of them or more", [], 0, True, None, ""]
PASSWORD = "four random words"
PATIENCE = 60.0  # seconds for any one answer, and for the page to be ready
MOST_FOUND = 100  # films of an answer of the API
FILMS: dict[str, list[str]] = {}  # address of a page -> titles


class RefusedError(Exception):
    """The page did not do what was asked."""


@dataclass(frozen=True)
class Act:
    """One thing that is done with a film, as film_actions.js says it."""

    do: str
    film: str | None = None
    stars: float | None = None

    @property
    def value(self) -> float | str | None:
        """What then holds of the film: stars, or a mark."""
        return self.stars if self.do == "rate" else self.do


@dataclass(frozen=True)
class Event:
    """An event of the page: its number, the component that triggers it, its outputs by elem_id (or id), its way."""

    number: int
    trigger: int
    outputs: tuple[str, ...]
    is_queued: bool


class Visitor:
    """Somebody with a browser: a cookie and a session.

    Attributes:
        name: of the account.
        chance: decides the session's hash, and whatever else is left to chance.
        address: where the requests come from, as a proxy on this machine says, so that nobody shares a limit.
        levels: stars that can be given, once they have arrived.
        exported: all that is kept about them, once they have taken it away.
    """

    def __init__(self, name: str, number: int, chance: random.Random):
        self.name, self.chance = name, chance
        self.cookies = httpx.Cookies()
        self.films: list[str] = []
        self.levels: list[float] = []
        self.exported: dict[str, Any] = {}
        self.address = f"10.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"

    @asynccontextmanager
    async def browsing(self, url: str) -> AsyncIterator[Self]:
        """A browser that is open at the page, with the cookies of the last time and a session of its own."""
        headers = {"x-forwarded-for": self.address}
        self.session, self.number = f"{self.chance.getrandbits(64):016x}", 0
        async with browser(url, cookies=self.cookies, headers=headers) as self.client:
            try:
                yield self
            finally:
                self.cookies = self.client.cookies

    async def register(self, consent: str | None = None) -> None:
        """Open the page, and make an account; RefusedError if there is none afterwards.

        Args:
            consent: "yes" or "no" to whether the ratings may improve everybody's recommendations; None: no answer.
        """
        passed(await self.client.get("/"))
        said = {"name": self.name, "password": PASSWORD} | ({} if consent is None else {"consent": consent})
        passed(await self.client.post("/account/register", json=said))

    async def delete_account(self) -> None:
        """Delete the account and all that belongs to it."""
        passed(await self.client.post("/account/delete", json={"password": PASSWORD}))

    async def export(self) -> None:
        """Take all away that is kept."""
        self.exported = passed(await self.client.get("/account/export.json")).json()

    async def arrive(self) -> Mapping[str, Any]:
        """Open the page, and ask until it has a model and knows who is here, as its timer does; what it then shows."""
        passed(await self.client.get("/"))
        self.act_event, load = events_of(passed(await self.client.get("/config")).json())
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            shown = await self.call(load, [None, None, "", {}, *WANTED])
            if isinstance(shown["stars"], dict) and shown["stars"].get("maximum"):
                self.look(shown)
                return shown
            await asyncio.sleep(0.5)
        raise RefusedError(f"the page has no model after {PATIENCE:g} s")

    def look(self, shown: Mapping[str, Any]) -> None:
        """Take the scale from what the page shows."""
        scale = shown["stars"]
        n_levels = round((scale["maximum"] - scale["minimum"]) / scale["step"]) + 1
        self.levels = [scale["minimum"] + scale["step"] * level for level in range(n_levels)]

    async def all_films(self) -> list[str]:
        """Titles, up to MOST_FOUND for every letter; nobody asks for them again while the same page is up."""
        url = str(self.client.base_url)
        if url not in FILMS:
            asked = [f"/api/v1/films?search={letter}&k={MOST_FOUND}" for letter in ascii_lowercase]
            found = [passed(await self.client.get(each)).json() for each in asked]
            FILMS[url] = list(dict.fromkeys(film["title"] for films in found for film in films))
        return FILMS[url]

    async def say(self, act: Act) -> dict[str, Any]:
        """Do one thing with a film, and wait until it is acknowledged; what the page then shows.

        Raises:
            RefusedError: it is not acknowledged.
        """
        self.number += 1
        said = {"do": act.do, "film": act.film, "stars": act.stars, "in_list": False, "seq": self.number}
        shown = await self.call(self.act_event, [self.brought(), *WANTED, None, None], said)
        if not shown["told"].startswith(f'<span data-seq="{self.number}">'):
            raise RefusedError(f"{act}: got {shown['told']} for act {self.number}")
        return shown

    def brought(self) -> dict[str, Any]:
        """What the browser has kept; nothing, as long as somebody is signed in."""
        return {}

    async def call(self, event: Event, given: list[Any], said: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What an event answers, by the elem_id of its outputs; RefusedError if it does not."""
        about = {"fn_index": event.number, "trigger_id": event.trigger, "session_hash": self.session}
        body = {"data": given, "event_data": said, **about}
        shown = await (self.queued(body) if event.is_queued else self.direct(body))
        self.completed_at = time.perf_counter()
        return dict(zip(event.outputs, shown, strict=True))

    async def direct(self, body: Mapping[str, Any]) -> list[Any]:
        """What an event shows that is not queued."""
        return list(passed(await self.client.post(f"{API}/run/predict", json=body)).json()["data"])

    async def queued(self, body: Mapping[str, Any]) -> list[Any]:
        """What an event shows that waits in the queue; RefusedError if it fails."""
        passed(await self.client.post(f"{API}/queue/join", json=body))
        completed: dict[str, Any] = {}
        of_session = {"session_hash": self.session}
        async with self.client.stream("GET", f"{API}/queue/data", params=of_session) as stream:
            async for line in passed(stream).aiter_lines():
                message = json.loads(line.removeprefix("data: ")) if line else {}
                if message.get("msg") == "process_completed":
                    completed = message
        if not completed.get("success"):
            raise RefusedError(str(completed.get("output", "the stream ended without an answer"))[:200])
        return list(completed["output"]["data"])

    async def stay(self) -> None:
        """Hold the stream by which the page knows that its session is still open."""
        async with self.client.stream("GET", f"{API}/heartbeat/{self.session}", timeout=None) as stream:
            async for _ in stream.aiter_raw():
                pass


@cache
def trusted() -> ssl.SSLContext:
    """Whom browsers believe; made once, since reading the certificates takes longer than an answer."""
    return ssl.create_default_context()


def browser(url: str, **options: Any) -> httpx.AsyncClient:
    """What asks a page, by no proxy."""
    return httpx.AsyncClient(base_url=url, verify=trusted(), timeout=PATIENCE, trust_env=False, **options)


def passed(answer: httpx.Response) -> httpx.Response:
    """The same answer; RefusedError if it is a refusal."""
    if answer.status_code != 200:
        detail = answer.text[:200] if answer.is_stream_consumed or answer.is_closed else ""
        raise RefusedError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {detail}")
    return answer


def events_of(config: Mapping[str, Any]) -> tuple[Event, Event]:
    """Two events, by what /config says: the one that carries acts, and the one of an arrival."""
    names = {part["id"]: part["props"].get("elem_id") or str(part["id"]) for part in config["components"]}
    found: dict[str, Event] = {}
    for event in config["dependencies"]:
        outputs = tuple(names[output] for output in event["outputs"])
        for trigger, kind in event["targets"]:
            if (names.get(trigger), kind) == ("told", "submit") or (kind == "load" and "for-you" in outputs):
                found[kind] = Event(event["id"], trigger, outputs, is_queued=event["queue"] is not False)
    return found["submit"], found["load"]


async def ready(url: str) -> None:
    """Wait until the page has its accounts; RefusedError if that takes too long."""
    deadline = time.monotonic() + PATIENCE
    async with browser(url) as stranger:
        while (answer := await stranger.post("/account/sign-out", json={})).status_code != 200:
            if time.monotonic() > deadline:
                passed(answer)
            await asyncio.sleep(0.05)
