"""What the page's fields look up, through all that stands before it."""

import asyncio
import threading
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.recommend import answers
from recsys.serve import film_search
from recsys.serve.film_search import MOST_LISTED
from recsys.serve.security.bodies import BUSY, MOST_OF_VISITOR
from recsys.serve.security.turns import GUESTS, ROOM, FairTurns
from recsys.testing.synthetic import checkerboard
from tests.support.pages.page_server import untrained, write_data
from tests.support.pages.rest_pages import Unasked, engine_with, whole_page

ODD = [
    "<img src=x onerror=alert(1)> (1980)",
    "שלום עולם (1991)",
    "🎬👩‍🚀 Moon (1992)",
    '"Quoted" \\ & ${x} {{y}} (1993)',
]
PLAIN = [f"Film {number} (19{60 + number})" for number in range(len(ODD), 26)]
TITLES = ODD + PLAIN


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    genres = ["Drama"] * len(TITLES)
    return engine_with(
        untrained(write_data(tmp_path_factory.mktemp("search") / "films", checkerboard(40, 26), TITLES, genres))
    )


@pytest.fixture(scope="module")
def browser(engine):
    return TestClient(whole_page(engine))


def found(browser, search):
    answer = browser.get("/titles", params={"search": search})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_films_are_found_as_the_api_finds_them_with_their_years(browser, engine):
    for search in ("", "film", "film 7", "flim 8", "moon", "1985", "nothing like it"):
        said = found(browser, search)
        wanted = answers.found(engine.recommender, search, MOST_LISTED)
        assert [film["title"] for film in said["films"]] == [film.title for film in wanted], search
        assert all(film["title"].endswith(f"({film['year']})") for film in said["films"])
        assert said["until"] == 1993


def test_it_is_said_whether_films_fit_or_are_only_the_nearest(browser):
    assert (found(browser, "film 7")["fits"], found(browser, "flim 7")["fits"]) == (True, False)
    assert found(browser, "flim 7")["films"][0]["title"] == "Film 7 (1967)"
    assert found(browser, "qqqqq") == {"films": [], "fits": False, "until": 1993}


@pytest.mark.parametrize("title", ODD)
def test_titles_come_as_they_are_whatever_is_in_them(browser, title):
    assert found(browser, title)["films"][0]["title"] == title


def test_an_answer_is_small_kept_by_nobody_and_no_page(browser):
    answer = browser.get("/titles")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.content) < 100 * MOST_LISTED
    assert "/titles" not in browser.get("/api/openapi.json").json()["paths"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.one_of(st.text(max_size=400), st.text(alphabet="fFiIlLmM 0123()-'", max_size=40)))
def test_whatever_is_typed_is_answered(browser, search):
    said = found(browser, search.encode("utf-8", "replace").decode())
    assert {film["title"] for film in said["films"]} <= set(TITLES)


@pytest.mark.parametrize(
    "query", ["search=%ff%fe", "search=%00", "search", "x=1", "search=a&search=film", "search[]=a", "%%%"]
)
def test_whatever_stands_in_an_address_is_answered(browser, query):
    assert browser.get(f"/titles?{query}").status_code == 200
    assert browser.get(f"/titles?search={quote('x' * 9_000)}").json()["films"] == []


@pytest.mark.parametrize("way", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_said_there(browser, way):
    assert browser.request(way, "/titles", json={"search": "film"}).status_code == 404


def test_who_searches_before_there_is_a_model_is_told_so():
    answer = TestClient(whole_page(engine_with(None))).get("/titles")
    assert answer.status_code == 503
    assert answer.json()["problem"].startswith("Not ready yet")


def test_a_search_asks_for_no_account(engine):
    members = Unasked()
    assert TestClient(whole_page(engine, members)).get("/titles?search=film").status_code == 200
    assert members.n_asked == 0


@pytest.mark.parametrize("root", ["/films", "https://example.com/films"])
def test_it_is_found_behind_a_proxy_whether_that_takes_the_path_off_or_not(engine, monkeypatch, root):
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    page = TestClient(whole_page(engine))
    assert [page.get(f"{place}/titles").status_code for place in ("", "/films")] == [200, 200]


def test_who_searches_too_much_at_once_is_told_so_and_others_and_acts_go_on(engine, monkeypatch):
    let_go, look_up = threading.Event(), film_search.looked_up

    def slowly(*asked):
        let_go.wait(30)
        return look_up(*asked)

    monkeypatch.setattr(film_search, "looked_up", slowly)
    monkeypatch.setattr(FairTurns.__init__, "__defaults__", (GUESTS, ROOM, 60.0))  # s to wait, on a busy machine
    page, n_refused = whole_page(engine), 3

    async def answers_of():
        clients = [
            httpx.AsyncClient(transport=httpx.ASGITransport(page, client=(address, 1)), base_url="http://films")
            for address in ["192.0.2.1"] * (MOST_OF_VISITOR + n_refused) + ["198.51.100.7"]
        ]
        waiting = [asyncio.ensure_future(client.get("/titles")) for client in clients]
        while sum(answer.done() for answer in waiting) < n_refused:
            await asyncio.sleep(0.01)
        assert (await clients[0].get("/api/v1/films")).status_code == 200  # in another lane
        let_go.set()
        return [await answer for answer in waiting]

    given = asyncio.run(answers_of())
    assert [answer.status_code for answer in given] == [200] * MOST_OF_VISITOR + [503] * n_refused + [200]
    assert {answer.json()["problem"] for answer in given if answer.status_code == 503} == {BUSY}
