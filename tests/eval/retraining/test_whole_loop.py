"""People at two running pages rate, the next version learns from it, both pages take it over, and give it back."""

import asyncio
import random
import re
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest

from eval import retrain
from eval.rehearsing.visitor import Act, Visitor, browser, passed, ready
from recsys.artifacts.artifact import load_artifact
from recsys.store import open_store
from recsys.versions.registry import Registry
from tests.eval.retraining.conftest import Town
from tests.support.pages.page_server import page_process, wait_for
from tests.support.store_places import CHEAP, IN_MEMORY, PASSWORD

MODEL = "als"  # has stars, and is fitted in a moment
N_PEOPLE, N_CONSENTING, N_RATED, AT_ONCE = 50, 40, 6, 8
LEAVES = 11  # who deletes the account: one of those who consent, in the middle
LISTED = re.compile(r'<li data-film="([^"]*)"')
LOOK_EVERY = "0.2"  # seconds
PATIENCE = 30  # seconds until a page has swapped


@dataclass
class Loop:
    """A town with two pages.

    Attributes:
        town: a data set, and people beside it.
        folder: of all that is written.
        urls: of the pages.
        people: who have come.
    """

    town: Town
    folder: Path
    urls: list[str] = field(default_factory=list)
    people: list[Visitor] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        return Registry(self.folder / "versions")

    @property
    def database(self) -> Path:
        return self.folder / "people.sqlite3"

    def retrained(self, database: Path | None = None, versions: str = "versions"):
        """The next version, by the command."""
        asked = ["--dataset", str(self.town.dataset.folder), "--min-ratings", "1", "--model", MODEL]
        asked += ["--database", str(database or self.database), "--versions", str(self.folder / versions)]
        assert retrain.main(asked) == 0
        return Registry(self.folder / versions).versions()[0]

    def ratings(self, number: int) -> dict[str, float]:
        """What one of the people thinks of some films, by their titles."""
        row = self.town.stars[[number]]
        films = random.Random(number).sample(range(row.nnz), N_RATED)
        return {self.town.dataset.catalog.display_title(int(row.indices[i])): float(row.data[i]) for i in films}

    async def come(self) -> None:
        """Let people register, one after the other so that their order is known, and rate at either page."""
        async with AsyncExitStack() as open_pages:
            for url in self.urls:
                await ready(url)
            for number in range(N_PEOPLE):
                person = Visitor(f"Person {number}", number, random.Random(number))
                await open_pages.enter_async_context(person.browsing(self.urls[number % 2]))
                await person.register("yes" if number < N_CONSENTING else ("no", None)[number % 2])
                self.people.append(person)
            turns = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(*(self.rate(number, turns) for number in range(N_PEOPLE)))

    async def rate(self, number: int, turns: asyncio.Semaphore) -> None:
        async with turns:
            await self.people[number].arrive()
            for film, stars in self.ratings(number).items():
                await self.people[number].say(Act("rate", film, stars))

    def with_person(self, number: int, do):
        """What comes of what a person does at the page where they have an account."""

        async def visit():
            async with self.people[number].browsing(self.urls[number % 2]) as person:
                return await do(person)

        return asyncio.run(visit())

    def answers(self) -> list[tuple[str, bytes]]:
        """Which version each page answers with, and its list for somebody, as it is sent."""

        async def ask() -> list[tuple[str, bytes]]:
            return [await answer_of(url, self.ratings(0)) for url in self.urls]

        return asyncio.run(ask())

    def answers_of(self, fingerprint: str) -> list[bytes]:
        """The lists of both pages, once both answer with a version."""
        wait_for(lambda: {one for one, _ in self.answers()} == {fingerprint}, PATIENCE, "a swap of both pages")
        return [listed for _, listed in self.answers()]


async def answer_of(url: str, ratings: dict[str, float]) -> tuple[str, bytes]:
    async with browser(url) as program:
        answer = passed(await program.post("/api/v1/recommend", json={"ratings": ratings}))
        return answer.headers["Model-Version"], answer.content


@pytest.fixture(scope="module")
def loop(town):
    """Both pages answer with a version that knows the data set alone."""
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        made = Loop(town, Path(folder))
        open_store(made.database, config=CHEAP).close()
        made.retrained()
        asked = ["--dataset", str(town.dataset.folder), "--versions", str(made.registry.folder)]
        asked += ["--look-every", LOOK_EVERY]
        place = f"sqlite:///{made.database}"
        pages = [page_process(Path(folder) / f"log {at}", *asked, database=place, forked=True) for at in range(2)]
        try:
            for page in pages:
                page.wait_for_answer()
            made.urls = [page.url for page in pages]
            yield made
        finally:
            for page in pages:
                page.end()


def test_what_people_rate_makes_the_next_version_which_can_be_taken_back_and_forgets_who_leaves(loop):
    first = loop.registry.current()
    asyncio.run(loop.come())
    before = loop.answers_of(first.record.fingerprint)
    kept = loop.with_person(LEAVES, taken)["lists"]
    assert {shown["version"] for shown in kept} == {first.record.fingerprint}

    second = loop.retrained()
    assert second.record.gate.passed, second.record.gate.reason
    assert "people of the page" in {row["group"] for row in second.record.gate.figures["rows"]}
    assert (second.state, second.record.lineage.n_people) == ("current", N_CONSENTING)
    after = loop.answers_of(second.record.fingerprint)
    assert before[0] == before[1]
    assert after[0] == after[1] != before[0]
    now = loop.with_person(LEAVES, one_more)["lists"]
    assert now[: len(kept)] == kept  # what was shown before is kept as it was shown
    assert {shown["version"] for shown in now[len(kept) :]} == {second.record.fingerprint}

    assert loop.registry.rollback().number == first.number
    assert loop.answers_of(first.record.fingerprint) == before

    exported = [loop.with_person(number, taken) for number in range(N_PEOPLE)]
    loop.with_person(LEAVES, Visitor.delete_account)
    third = loop.retrained()
    never_been = loop.folder / "never.sqlite3"
    settle(never_been, [one for number, one in enumerate(exported) if number != LEAVES])
    other = loop.retrained(never_been, "other versions")
    assert third.record.lineage.n_people == other.record.lineage.n_people == N_CONSENTING - 1
    assert third.record.lineage.data_sha256 == other.record.lineage.data_sha256
    assert third.record.fingerprint == other.record.fingerprint != second.record.fingerprint
    assert arrays_of(third) == arrays_of(other) != arrays_of(second)


async def one_more(person: Visitor) -> dict:
    """Rate a film of the list that is shown; all that is then kept."""
    shown = await person.arrive()
    await person.say(Act("rate", unescape(LISTED.findall(shown["for-you"])[0]), 4.0))
    return await taken(person)


async def taken(person: Visitor) -> dict:
    """All that is kept about somebody."""
    await person.export()
    return person.exported


def settle(place: Path, people: list[dict]) -> None:
    """A database that has always held these people alone: they register in their order, and rate when they did."""
    moment: list[datetime] = [datetime.fromisoformat(people[0]["ratings"][0]["at"])]
    with open_store(place, config=CHEAP, now=lambda: moment[0]) as store:
        for number, one in enumerate(people):
            answer = "yes" if any(said["agrees"] for said in one["consents"]) else "no"
            token = store.accounts.register(f"Other {number}", PASSWORD, f"address {number}", answer)
            person = store.accounts.person_of(token)
            for row in one["ratings"]:
                moment[0] = datetime.fromisoformat(row["at"])
                store.ratings.set_ratings(person, row["dataset"], {row["item_id"]: row["stars"]})


def arrays_of(version) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in load_artifact(version.folder).model.arrays().items()}
