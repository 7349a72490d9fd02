"""Two pages behind nginx share one PostgreSQL, as docs/operate/several.md says: what must hold across both, holds.

The last test kills one of them.
"""

import asyncio
import json
import re
from dataclasses import dataclass

import pytest

from tests.load.page_load import Load, Person, faults, titles_of, visited
from tests.load.page_replicas import Round, killed, people_of
from tests.support.pages.page_server import (
    API,
    WANTED,
    Browser,
    Event,
    events_of,
    small_page,
    somebody,
    wait_for,
    wait_until_ready,
)
from tests.support.pages.replicas import Replicas, replicas
from tests.support.store_places import FRESH

postgresql, _ = FRESH
PASSWORD = "four random words"
FILM = "Film 8 (1968)"
LOAD = Load(people=4, seconds=1.5, seldom=0.2)
CALM = Load(people=4, seconds=2.0, warm_up=0.0, pause=0.2, seldom=0.2, seed=1)  # people of other names


@dataclass(frozen=True)
class Pages:
    """Two pages, and what both answer to."""

    replicas: Replicas
    events: dict[str, Event]

    def browsers(self, name: str | None = None) -> tuple[Browser, Browser]:
        """Somebody at both pages, with the cookies of one browser; signed up with a name, or a guest."""
        here, there = (somebody(page.url) for page in self.replicas.pages)
        assert here.get("/").status == 200
        if name is not None:
            assert here.account("register", name=name, password=PASSWORD).status == 200
        there.cookies, there.address = here.cookies, here.address
        return here, there

    def said(self, browser: Browser, name: str, *values: object, **more: object) -> str:
        """What an event shows."""
        answer = browser.join(self.events[name], values, **more)
        assert '"success":true' in answer.text.replace(" ", ""), answer.text
        return answer.text

    def does(self, browser: Browser, **act: object) -> str:
        """What the page says to an act with a film."""
        return self.said(browser, "act", {}, *WANTED, None, None, event_data={"seq": 1, **act})


@pytest.fixture(scope="module")
def pages(postgresql, tmp_path_factory):
    postgresql.run("CREATE DATABASE replicas")
    with replicas(tmp_path_factory.mktemp("replicas"), postgresql.url("replicas"), *small_page()) as both:
        for page in both.pages:
            wait_until_ready(page.url)
            wait_for(lambda at=page.url: Browser(at).account("sign-out").status == 200, 30, "opening the accounts")
        yield Pages(both, {event.name: event for event in events_of(both.url)})
        assert "Traceback" not in both.logs


def rated(browser):
    exported = browser.get("/account/export.json")
    return (
        {row["title"]: row["stars"] for row in json.loads(exported.text)["ratings"]} if exported.status == 200 else {}
    )


def test_the_proxy_leads_a_browser_to_the_same_page_again_and_again_and_browsers_to_both(pages):
    led_to = set()
    for _ in range(12):
        browser = somebody(pages.replicas.url)
        browser.get("/")
        asked = {browser.get(f"{API}/app_id").text for _ in range(3)}
        assert len(asked) == 1
        led_to |= asked
    assert len(led_to) == 2


def test_a_session_of_one_page_is_one_of_the_other_until_it_ends_at_either(pages):
    here, there = pages.browsers("Ann")
    pages.does(here, do="rate", film=FILM, stars=4)
    assert rated(there) == rated(here) == {"Film 8": 4.0}
    assert there.account("sign-out-everywhere").status == 200
    assert here.get("/account/export.json").status == 401


def test_what_was_done_at_one_page_is_undone_at_the_other(pages):
    here, there = pages.browsers("Undoing")
    pages.does(here, do="rate", film=FILM, stars=4)
    pages.does(here, do="rate", film=FILM, stars=2)
    pages.does(here, do="later", film="Film 9 (1969)")
    for expected in ({"Film 8": 2.0}, {"Film 8": 4.0}, {}):
        assert "Undone" in pages.does(there, do="undo")
        assert rated(here) == expected
    assert json.loads(here.get("/account/export.json").text)["marks"] == []


def test_wrong_passwords_are_counted_for_both_together(pages):
    pages.browsers("Guessed at")
    here, there = pages.browsers()
    wrong = {"name": "Guessed at", "password": "not the right one"}
    tried = [browser.account("sign-in", **wrong).status for _ in range(5) for browser in (here, there)]
    assert tried == [400] * 10
    assert [browser.account("sign-in", **wrong).status for browser in (here, there)] == [429, 429]


def test_an_evening_is_the_same_at_both(pages):
    (here, _), (_, there) = pages.browsers(), pages.browsers()
    code = re.search(r'data-code="(\w{6})"', pages.said(here, "start", "Ann", {}).replace("\\", ""))[1]
    assert "Ben" in pages.said(there, "join", code, "Ben", {})
    pages.said(there, "vote", event_data={"film": FILM, "vote": "yes"})
    seen = pages.said(here, "look", {})
    assert "Ann" in seen
    assert "Ben" in seen


def test_the_hash_of_a_session_gives_nobody_elses_things_away_at_the_other_page(pages):
    ann, _ = pages.browsers("Sessions")
    pages.does(ann, do="rate", film=FILM, stars=1)
    _, ben = pages.browsers("Nosy")
    ben.session = ann.session
    assert "Sessions" not in pages.does(ben, do="later", film="Film 9 (1969)")
    assert rated(ben) == {}
    assert rated(ann) == {"Film 8": 1.0}


def test_of_people_who_rate_at_both_at_once_nothing_is_refused_lost_or_crossed(pages, postgresql):
    people = [Person(number, CALM) for number in range(CALM.people)]
    asyncio.run(visited(pages.replicas.url, people, CALM))
    assert faults(people, titles_of(small_page()[-1]), postgresql.url("replicas")) == []
    assert all(person.said.stars for person in people)


def test_when_a_page_is_killed_while_people_rate_they_go_on_at_the_other_and_nothing_is_lost(pages):
    both, people = pages.replicas, people_of(LOAD)
    about = Round(both.url, titles_of(small_page()[-1]))
    course = asyncio.run(killed(about, people, lambda: both.kill(0), LOAD))
    assert course.wrong == []
    assert course.again.keys() == {person.name for person in people}
    assert course.n_kept >= len(people)
    assert course.n_kept_unsaid <= len(course.broken) <= len(people)  # once each, at most
