"""The REST API, through all that stands before it: what it answers and refuses, what it takes, what it shows."""

import asyncio
import json
import re
import threading
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from recsys.recommend.answers import GroupSuggestion, Suggestion
from recsys.serve.api.bodies import Film, GroupFilm
from recsys.serve.concurrency import TOO_MANY, TooManyError
from recsys.serve.endpoints import Endpoints
from recsys.serve.security.bodies import BUSY, MOST_OF_VISITOR, YOURS
from recsys.serve.security.cookies import SESSION, VISITOR
from recsys.serve.security.guard import Guard
from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import made, served, small_page, untrained, wait_until_ready
from tests.support.pages.rest_pages import KNOWN, TITLES, Unasked, engine_with, whole_page, write_films

FARGO, WARS, CASINO = KNOWN
RATED = {FARGO: 5, WARS: 2}
TWO = [RATED, {CASINO: 4}]
ASKED = [  # way, route, what is asked, and the arguments of the function and of Gradio's endpoint, in their order
    ("POST", "recommend", {"ratings": RATED}, [RATED, None, 0.0, None]),
    ("POST", "recommend", {"ratings": RATED, "exclude": [CASINO], "adventure": 0.7}, [RATED, [CASINO], 0.7, None]),
    (
        "POST",
        "recommend",
        {"ratings": RATED, "filters": {"genres": ["War", "Comedy"], "all_of_them": True, "least_ratings": 5}},
        [RATED, None, 0.0, {"genres": ["War", "Comedy"], "all_of_them": True, "least_ratings": 5}],
    ),
    (
        "POST",
        "recommend",
        {"ratings": RATED, "filters": {"least_ratings": 5, "most_ratings": 50}},
        [RATED, None, 0.0, {"least_ratings": 5, "most_ratings": 50}],
    ),
    ("POST", "recommend", {"ratings": RATED, "filters": {}}, [RATED, None, 0.0, {}]),
    ("POST", "genres", {"genres": ["Comedy"]}, [["Comedy"], None, None, 0.0]),
    ("POST", "genres", {"genres": ["war"], "ratings": RATED, "period": "1970s"}, [["war"], RATED, "1970s", 0.0]),
    ("POST", "group", {"people": TWO}, [TWO, "mean", None, False, None, None, None]),
    (
        "POST",
        "group",
        {"people": TWO, "how": "fair", "exclude": [CASINO], "seen_too": True, "genres": ["war"], "period": "1970s"},
        [TWO, "fair", [CASINO], True, ["war"], "1970s", None],
    ),
    (
        "POST",
        "group",
        {"people": TWO, "filters": {"genres": ["Comedy"], "most_ratings": 60}},
        [TWO, "mean", None, False, None, None, {"genres": ["Comedy"], "most_ratings": 60}],
    ),
    ("POST", "predict", {"ratings": RATED, "titles": ["casino", "film 8"]}, [RATED, ["casino", "film 8"]]),
    ("GET", "similar", {"title": "fargo"}, ["fargo"]),
    ("GET", "films", {}, ["", 10]),
    ("GET", "films", {"search": "star war", "k": 3}, ["star war", 3]),
]


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return write_films(tmp_path_factory.mktemp("rest") / "films")


@pytest.fixture(scope="module")
def engine(films):
    return engine_with(untrained(films))


@pytest.fixture(scope="module")
def program(engine):
    """Somebody's program, which knows the address of the page."""
    return TestClient(whole_page(engine))


def ask(program, way, route, said):
    """An answer of a route to what is said, in a body or in the address."""
    given = {"params": said} if way == "GET" else {"json": said}
    return program.request(way, f"/api/v1/{route}", **given)


# ---- answers


@pytest.mark.parametrize(("way", "route", "said", "arguments"), ASKED)
def test_a_route_answers_what_the_function_of_its_name_does(program, engine, way, route, said, arguments):
    answer = ask(program, way, route, said)
    assert answer.status_code == 200, answer.text
    assert answer.json() == json.loads(json.dumps(getattr(Endpoints(engine), route)(*arguments)))
    assert answer.json()


@pytest.mark.parametrize(("way", "route", "said", "arguments"), [asked for asked in ASKED if asked[1] != "films"])
def test_a_route_answers_what_the_endpoint_of_gradio_does(program, way, route, said, arguments):
    answer = program.post(f"/gradio_api/run/{route}", json={"data": arguments})
    assert answer.json()["data"] == [ask(program, way, route, said).json()]


def test_a_film_of_the_document_has_what_a_suggestion_has():
    assert list(Film.model_fields) == list(Suggestion.__dataclass_fields__)
    assert list(GroupFilm.model_fields) == list(GroupSuggestion.__dataclass_fields__)


def test_predictions_have_stars_and_the_chance_of_each_and_near_films_have_none(program):
    (predicted,) = ask(program, "POST", "predict", {"ratings": RATED, "titles": [CASINO]}).json()
    assert 1 <= predicted["predicted_stars"] <= 5
    assert sum(predicted["chances"]) == pytest.approx(1, abs=0.01)
    near = ask(program, "GET", "similar", {"title": FARGO}).json()
    assert {film["predicted_stars"] for film in near} == {None}


def test_as_many_films_are_found_as_are_asked_for(program):
    found = [ask(program, "GET", "films", {"k": k}).json() for k in (1, 5, 100)]
    assert [len(films) for films in found] == [1, 5, len(TITLES)]
    assert found[2][:5] == found[1]


# ---- refusals

MANY = {f"Film {number}": 4 for number in range(1001)}
REFUSED = [  # route, what is asked, status, words of the sentence
    ("recommend", {"ratings": {"Fagro": 5}}, 404, "no film is called 'Fagro'; the nearest are 'Fargo (1996)'"),
    ("recommend", {"ratings": {"Fargo (1989)": 5}}, 404, "no film of 1989 is called 'Fargo'; there is 'Fargo (1996)'"),
    ("recommend", {"ratings": RATED, "exclude": ["Fagro"]}, 404, "no film is called 'Fagro'"),
    ("predict", {"ratings": RATED, "titles": ["Fagro"]}, 404, "no film is called 'Fagro'"),
    ("recommend", {"ratings": RATED, "filters": {"genres": ["Opera"]}}, 404, "no film has the genre 'Opera'"),
    ("recommend", {"ratings": RATED, "filters": {"decades": ["1870s"]}}, 404, "got '1870s' for a period"),
    (
        "recommend",
        {"ratings": RATED, "filters": {"least_ratings": -1}},
        422,
        "got -1 for least_ratings; expected a whole",
    ),
    (
        "recommend",
        {"ratings": RATED, "filters": {"least_ratings": "5"}},
        422,
        "filters.least_ratings: got '5'",
    ),
    ("recommend", {"ratings": RATED, "filters": {"most_ratings": 0}}, 422, "got 0 for most_ratings; expected a whole"),
    ("recommend", {"ratings": RATED, "filters": {"most_ratings": "5"}}, 422, "filters.most_ratings: got '5'"),
    ("recommend", {"ratings": RATED, "filters": {"seen_too": True}}, 422, "filters.seen_too"),
    ("genres", {"genres": ["Opera"]}, 404, "no film has the genre 'Opera'; the genres are Comedy, War."),
    ("genres", {"genres": ["War"], "period": "1870s"}, 404, "got '1870s' for a period; expected one of these: 1990s"),
    ("recommend", {"ratings": {FARGO: 6}}, 422, "'Fargo (1996)': got 6.0 stars; expected 1 to 5 in steps of 1."),
    ("recommend", {"ratings": {FARGO: 4.5}}, 422, "got 4.5 stars"),
    ("recommend", {"ratings": {FARGO: 5, "fargo": 4}}, 422, "'Fargo (1996)' is rated twice, under two names; keep one"),
    ("recommend", {"ratings": {}}, 422, 'got 0 films; expected 1 to 1000, an object such as {"'),
    ("recommend", {"ratings": MANY}, 422, "got 1001 films; expected 1 to 1000, an object such as"),
    ("genres", {"genres": ["War"], "ratings": MANY}, 422, "got 1001 films; expected 1 to 1000"),
    ("predict", {"ratings": RATED, "titles": [FARGO] * 1001}, 422, "for titles; expected a list of up to 1000."),
    ("predict", {"ratings": RATED, "titles": []}, 422, "got 0 films; expected 1 to 1000"),
    ("genres", {"genres": []}, 422, "got [] for genres; expected a list of some of these: Comedy, War."),
    ("recommend", {"ratings": RATED, "adventure": 2}, 422, "got 2.0 for adventure; expected a number from 0"),
    (
        "recommend",
        {"ratings": {FARGO: "5"}},
        422,
        "ratings.Fargo (1996): got '5' (Input should be a valid number); exp",
    ),
    ("recommend", {"ratings": {FARGO: True}}, 422, "got True (Input should be a valid number); expected titles and st"),
    ("recommend", {"ratings": [FARGO]}, 422, "ratings: got ['Fargo (1996)'] (Input should be a valid dictionary)"),
    ("recommend", {}, 422, "ratings: got nothing; expected titles and stars, such as"),
    ("recommend", {"ratings": RATED, "adventures": 1}, 422, "adventures: there is no such field; api/docs lists"),
    ("predict", {"rating": RATED}, 422, "ratings: got nothing; expected titles and stars, such as"),
    ("predict", {"rating": RATED}, 422, " 2 more cannot be used."),
    ("recommend", [RATED], 422, "Got [{'Fargo (1996)': 5, 'Star Wars (1977)': 2}] for a body; expected a JSON object"),
    ("group", {"people": [RATED]}, 422, "got 1 for people; expected a list of 2 to 8 people's ratings."),
    ("group", {"people": [RATED] * 9}, 422, "got 9 for people; expected a list of 2 to 8"),
    ("group", {"people": [RATED, {}]}, 422, "got 0 films; expected 1 to 1000, an object such as"),
    ("group", {"people": [RATED, {"Fagro": 5}]}, 404, "person 2: no film is called 'Fagro'; the nearest are"),
    ("group", {"people": [RATED, {FARGO: 6}]}, 422, "person 2: 'Fargo (1996)': got 6.0 stars; expected 1 to 5"),
    ("group", {"people": [RATED, [FARGO]]}, 422, "people.1: got ['Fargo (1996)'] (Input should be a valid dictionary)"),
    (
        "group",
        {"people": TWO, "how": "loudest"},
        422,
        "got 'loudest' for how; expected one of these: mean, least misery",
    ),
    ("group", {"people": TWO, "genres": []}, 422, "got [] for genres; expected a list of some of these"),
    ("group", {"people": TWO, "seen_too": "maybe"}, 422, "seen_too: got 'maybe'"),
    ("group", {}, 422, "people: got nothing; expected titles and stars of each of 2 to 8 people, such as"),
    ("similar", {"title": "Fagro"}, 404, "no film is called 'Fagro'; the nearest are 'Fargo (1996)'"),
    ("similar", {"title": ""}, 422, "got an empty title; expected its title, such as"),
    ("similar", {}, 422, "title: got nothing; expected a title, which may lack its year"),
    ("films", {"k": 0}, 422, "got 0 for k; expected a whole number from 1 to 100."),
    (
        "films",
        {"k": "ten"},
        422,
        "k: got 'ten' (Input should be a valid integer, unable to parse string as an integer)",
    ),
    ("films", {"text": "far"}, 422, "text: there is no such field; api/docs lists those that there are."),
    ("nothing", {}, 404, "Got POST /api/v1/nothing, which is not there; api/docs lists what is."),
]


@pytest.mark.parametrize(("route", "said", "status", "words"), REFUSED, ids=[words[:40] for *_, words in REFUSED])
def test_what_cannot_be_answered_is_refused_in_a_sentence(program, route, said, status, words):
    answer = ask(program, "GET" if route in ("similar", "films") else "POST", route, said)
    assert words in answer.json()["detail"]
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b'{"ratings": {', 400, "The body is no JSON (Expecting property name enclosed in double quotes at character"),
        (b"\xff", 400, "The body cannot be read; expected a JSON object, such as"),
        (b"[" * 100_000, 400, "The body cannot be read; expected a JSON object, such as"),
        (b"1" * 5000, 400, "The body cannot be read; expected a JSON object"),
        (b"", 422, "Got nothing for a body; expected a JSON object"),
        (b'{"ratings": {"Fargo (1996)": NaN}}', 422, "'Fargo (1996)': got nan stars; expected 1 to 5"),
        (b'{"ratings": {"Fargo (1996)": 1e999}}', 422, "'Fargo (1996)': got inf stars"),
        (b'{"ratings": {"\\ud800": 5}}', 404, r"no film is called '\ud800'"),
        (b'{"ratings": {}, "\\ud800": 5}', 422, "expected a JSON object"),
        (b'{"ratings": {"Fargo (1996)": 5}}' + b" " * 400_000, 413, "Got more than 400,000 bytes; expected fewer."),
    ],
    ids=lambda part: ascii(part)[:20],
)
def test_a_body_that_makes_no_sense_is_refused_in_a_sentence(program, body, status, words):
    answer = program.post("/api/v1/recommend", content=body, headers={"content-type": "application/json"})
    assert words in answer.json()["detail"]
    assert answer.status_code == status


def test_json_that_does_not_say_so_is_refused_with_what_to_say(program):
    answer = program.post("/api/v1/recommend", content=json.dumps({"ratings": RATED}))
    assert answer.status_code == 422
    assert answer.json()["detail"].endswith('with "Content-Type: application/json".')


def test_another_method_is_told_which_is_meant(program):
    answer = program.put("/api/v1/recommend", json={"ratings": RATED})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["detail"] == "Got PUT /api/v1/recommend; expected POST."


def test_a_model_that_predicts_no_stars_says_so(films):
    program = TestClient(whole_page(engine_with(made("popularity", films))))
    answer = ask(program, "POST", "predict", {"ratings": RATED, "titles": [CASINO]})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("popularity predicts no stars, it only ranks")


def test_while_there_is_no_model_it_is_said_when_to_ask_again_or_why_there_is_none():
    engine = engine_with(None)
    program = TestClient(whole_page(engine))
    answers = [ask(program, way, route, said) for way, route, said, _ in ASKED]
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["detail"] for answer in answers} == {"Not ready yet (Starting): try again in a few seconds."}
    engine._run()
    answer = ask(program, "GET", "films", {})
    assert (answer.status_code, answer.json()["detail"]) == (503, "there is no model in best; train one")


def test_a_fault_of_the_server_is_a_sentence_too(films, monkeypatch):
    def broken(self, search, k):
        raise ZeroDivisionError

    monkeypatch.setattr(Endpoints, "films", broken)
    program = TestClient(whole_page(engine_with(untrained(films))), raise_server_exceptions=False)
    answer = program.get("/api/v1/films")
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on the server, and nothing was kept: see its log."}


# ---- what one may take


async def answers_of(app, addresses, let_go, n_refused):
    """Ask once from each of some addresses while none is answered until so many are refused; the answers."""
    clients = [
        httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(address, 1)), base_url="http://films.example")
        for address in addresses
    ]
    waiting = [asyncio.ensure_future(client.get("/api/v1/films")) for client in clients]
    while sum(answer.done() for answer in waiting) < n_refused:
        await asyncio.sleep(0.01)
    let_go.set()
    return [(await answer) for answer in waiting]


@pytest.fixture
def slow(monkeypatch):
    """Makes every search wait: what lets all of them go on."""
    let_go, search = threading.Event(), Endpoints.films

    def slowly(self, *asked):
        let_go.wait(30)
        return search(self, *asked)

    monkeypatch.setattr(Endpoints, "films", slowly)
    return let_go


def test_who_asks_too_much_at_once_is_told_so_and_others_are_answered(engine, slow):
    mine, others = ["192.0.2.1"] * (MOST_OF_VISITOR + 3), ["198.51.100.7"]
    answers = asyncio.run(answers_of(whole_page(engine), mine + others, slow, n_refused=3))
    of_mine = [answer.status_code for answer in answers[:-1]]
    assert of_mine == [200] * MOST_OF_VISITOR + [429] * 3
    assert {answer.json()["detail"] for answer in answers[:-1] if answer.status_code == 429} == {YOURS}
    assert answers[-1].status_code == 200


def test_when_all_ask_too_much_at_once_it_is_nobodys_fault(engine, slow):
    addresses = [f"192.0.2.{number}" for number in range(45)]
    answers = asyncio.run(answers_of(whole_page(engine), addresses, slow, n_refused=5))
    assert [answer.status_code for answer in answers] == [200] * 40 + [503] * 5
    assert answers[-1].json()["detail"] == BUSY


def test_one_call_too_many_within_the_api_is_refused_in_a_sentence(engine, monkeypatch):
    def full(self, search, k):
        raise TooManyError(TOO_MANY)

    monkeypatch.setattr(Endpoints, "films", full)
    answer = TestClient(whole_page(engine)).get("/api/v1/films")
    assert (answer.status_code, answer.json()["detail"]) == (503, TOO_MANY)


# ---- accounts


def test_no_answer_sets_a_cookie_and_the_accounts_are_not_asked(engine):
    members = Unasked()
    program = TestClient(whole_page(engine, members), cookies={SESSION: "made-up", VISITOR: "somebody"})
    asked = [(way, f"/api/v1/{route}") for way, route, *_ in ASKED]
    asked += [("GET", "/api/docs"), ("GET", "/api/openapi.json"), ("GET", "/api/nothing"), ("PUT", "/api/v1/films")]
    asked += [("GET", "/api/v1/model")]
    answers = [program.request(way, path) for way, path in asked]
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert members.n_asked == 0
    assert program.get("/account/export.json").status_code == 503  # where they are asked, it is counted
    assert members.n_asked > 0


def test_no_cookie_reaches_the_api():
    async def seen(request):
        return JSONResponse(request.cookies)

    app = Starlette(routes=[Route("/{path:path}", seen, methods=["GET", "POST"])])
    app.add_middleware(Guard)
    program = TestClient(app, cookies={SESSION: "a", VISITOR: "b"})
    assert program.get("/api/v1/films").json() == program.post("/api/v1/recommend").json() == {}
    assert program.get("/account/export.json").json() == {SESSION: "a", VISITOR: "b"}


# ---- the document and its page


@pytest.mark.parametrize("root", ["", "/films", "https://example.com/films"])
def test_the_document_says_where_the_api_is_behind_a_proxy_too(engine, monkeypatch, root):
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    place = urlsplit(root).path
    program = TestClient(whole_page(engine), base_url="https://example.com")
    document = program.get(f"{place}/api/openapi.json").json()
    assert document["servers"] == [{"url": f"{place}/api"}]
    assert sorted(document["paths"]) == [
        f"/v1/{name}" for name in ("films", "genres", "group", "model", "predict", "recommend", "similar")
    ]
    assert program.get(f"{document['servers'][0]['url']}/v1/films").status_code == 200
    assert program.get("/api/v1/films").status_code == 200  # from a proxy that takes the path off


@pytest.mark.parametrize("root", ["", "/films"])
def test_the_page_of_the_document_needs_nothing_from_elsewhere(engine, monkeypatch, root):
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    program = TestClient(whole_page(engine))
    page = program.get(f"{root}/api/docs")
    assert "http:" not in page.text
    assert "https:" not in page.text
    assert "'unsafe-inline'" in page.headers["content-security-policy"]
    named = re.findall(r"(?:src=|href=|url: )[\"']([^\"']+)", page.text)
    found = {name: program.get(urljoin(f"{root}/api/docs", name)) for name in named if name != "data:,"}
    assert {name: answer.status_code for name, answer in found.items()} == {
        "docs/swagger-ui.css": 200,
        "docs/swagger-ui-bundle.js": 200,
        "openapi.json": 200,
    }


def test_every_field_route_and_refusal_is_described(program):
    document = program.get("/api/openapi.json").json()
    for name, schema in document["components"]["schemas"].items():
        assert all(field.get("description") for field in schema["properties"].values()), name
    for operations in document["paths"].values():
        for operation in operations.values():
            assert operation["description"]
            assert {"200", "400", "404", "413", "422", "429", "503"} <= operation["responses"].keys()


@pytest.mark.browser
def test_swagger_shows_every_route_and_asks_nobody_else(chromium, tmp_path):
    with served(tmp_path / "log", *small_page(), forked=True) as url:
        wait_until_ready(url)
        page, asked = chromium.new_page(), []
        faults = faults_of(page)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        page.goto(f"{url}/api/docs")
        page.get_by_text("/v1/recommend").wait_for()
        assert page.locator(".opblock").count() == 7
        page.locator("#operations-films-films .opblock-summary").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        page.locator(".live-responses-table .response-col_status").get_by_text("200").wait_for()
        page.close()
    assert faults == []
    assert all(each.startswith((url, "data:", "blob:")) for each in asked)
