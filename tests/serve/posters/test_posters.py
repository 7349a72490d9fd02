"""The route of posters before a TMDB on this machine: what visitors get, what TMDB is asked, what the log is told."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from recsys.errors import DataError
from recsys.serve.posters import posters as posters_module
from recsys.serve.posters.cache import DAY, NONE_DAYS, NOT_NOW, PosterCache
from recsys.serve.posters.films import FilmSought
from recsys.serve.posters.key import Key
from recsys.serve.posters.logo import MOST_BYTES, SVG, Logo, logo_in
from recsys.serve.posters.posters import Limits, Posters, posters_in
from recsys.serve.posters.routes import poster_router
from recsys.serve.posters.tmdb import Tmdb
from recsys.serve.posters.trouble import FIRST_SECONDS, MOST_SECONDS, Outage, TroubleError
from recsys.serve.security.headers import POLICY
from recsys.ui.mounting import build_app
from recsys.ui.posters.foot import ATTRIBUTION, attribution
from tests.support.loopback_tmdb import JPEG, PICTURES, V3, V4, Answer, film
from tests.support.pages.page_server import untrained, write_board
from tests.support.pages.rest_pages import Unasked, engine_with

BOLD, SEVEN = "The <b>Bold</b> (1980)", "Film 7 (1967)"
PATIENT = Limits(patience=20)


class Served:
    """The route, without the page around it."""

    def __init__(self, model, tmdb, folder, limits=PATIENT, key=V3, seconds=5.0):
        self.now = 1000.0
        self.cache = PosterCache(folder)
        client = Tmdb(Key.of(key), tmdb.url, tmdb.url, seconds)
        self.posters = Posters(client, self.cache, limits, lambda: self.now)
        app = FastAPI()
        app.include_router(poster_router(engine_with(model), self.posters))
        self.browser = TestClient(app)

    def get(self, title=SEVEN, **headers):
        return self.browser.get("/posters", params={"film": title}, headers=headers)


def page(engine, posters=None):
    async def built():
        return build_app(engine, Unasked(), None, posters)

    return asyncio.run(built())


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return untrained(write_board(tmp_path_factory.mktemp("posters") / "board"))


@pytest.fixture
def served(model, tmdb, tmp_path):
    tmdb.films = {7: film(7, "Film 7", 1967), 1: film(1, "The <b>Bold</b>", 1980)}
    return Served(model, tmdb, tmp_path / "posters")


# ---- what a visitor gets


def test_a_poster_is_served_from_here_and_kept_by_browsers(served, tmdb):
    answer = served.get()
    assert (answer.status_code, answer.content) == (200, JPEG)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=604800"
    again = served.get(**{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"])
    assert served.get(**{"if-none-match": '"other"'}).status_code == 200
    assert len(tmdb.asked) == tmdb.n_asked("/3/search") + tmdb.n_asked(PICTURES) == 2


def test_a_title_is_data_whatever_it_holds(served):
    assert served.get(BOLD).content == JPEG


def test_who_has_no_poster_is_remembered_to_have_none(served, tmdb):
    tmdb.films[7]["poster_path"] = None
    for _ in range(2):
        answer = served.get()
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["cache-control"] == "private, max-age=86400"
    assert tmdb.asked == ["/3/search/movie"]


@pytest.mark.parametrize(
    "title", ["", "7", "Film 7", "film 7 (1967)", "unknown", "../x", "<svg>", "Film 7 (1967)\0", "é" * 3000]
)
def test_what_is_no_title_of_the_page_is_not_there_and_nobody_is_asked(served, tmdb, title):
    answer = served.get(title)
    assert (answer.status_code, answer.content) == (404, b"")
    assert served.browser.get("/posters").status_code == 404
    assert served.browser.get("/posters/7").status_code == 404
    assert tmdb.asked == []


def test_before_there_is_a_model_there_is_no_poster(tmdb, tmp_path):
    assert Served(None, tmdb, tmp_path).get().status_code == 204
    assert tmdb.asked == []


def test_whoever_waits_too_long_gets_nothing_and_later_the_poster(model, tmdb, tmp_path):
    served = Served(model, tmdb, tmp_path, Limits(patience=0.05))
    tmdb.films = {7: film(7, "Film 7", 1967)}
    tmdb.hold.clear()
    answer = served.get()
    assert (answer.status_code, answer.headers["cache-control"]) == (204, "no-store")
    assert served.get().status_code == 204
    tmdb.hold.set()
    wanted = FilmSought.of(model.catalog, model.titles.item_of[SEVEN])
    assert served.posters._jobs.ask(wanted).result(20).picture == JPEG
    tmdb.asked.clear()
    assert served.get().content == JPEG
    assert tmdb.asked == []


# ---- bounds


def test_many_who_want_the_same_make_one_question(served, tmdb):
    tmdb.hold.clear()
    with ThreadPoolExecutor(6) as threads:
        answers = [threads.submit(served.get) for _ in range(6)]
        while not tmdb.asked:
            threading.Event().wait(0.01)
        tmdb.hold.set()
        assert {answer.result().content for answer in answers} == {JPEG}
    assert tmdb.n_asked("/3/") == 1


def test_a_question_that_was_answered_a_moment_ago_is_not_asked_again(model, served, tmdb):
    assert served.get().content == JPEG
    n_asked = len(tmdb.asked)
    late = FilmSought.of(model.catalog, model.titles.item_of[SEVEN])
    assert served.posters._jobs.ask(late).result(20).picture == JPEG
    assert len(tmdb.asked) == n_asked


def test_so_many_films_a_minute_are_asked_for(model, tmdb, tmp_path):
    served = Served(model, tmdb, tmp_path, Limits(patience=20, a_minute=3))
    titles = [f"Film {number} (19{60 + number})" for number in range(7, 13)]
    assert [served.get(title).headers["cache-control"] for title in titles[:4]] == ["private, max-age=86400"] * 3 + [
        "no-store"
    ]
    served.now += 61
    assert served.get(titles[3]).headers["cache-control"] == "private, max-age=86400"
    assert served.get(titles[0]).headers["cache-control"] == "private, max-age=86400"  # from the disk
    assert tmdb.n_asked("/3/search") == 4 * 2


def test_a_visitor_waits_for_so_many_at_once(model, tmdb, tmp_path, monkeypatch):
    from recsys.serve.posters import routes

    monkeypatch.setattr(routes, "ROOM", routes.Room(10, 10, 0))
    served = Served(model, tmdb, tmp_path)
    assert served.get().status_code == 204
    assert tmdb.asked == []


# ---- where TMDB fails


@pytest.mark.parametrize("key", [V3, V4])
@pytest.mark.parametrize(
    "answer", [Answer(500), Answer(401), Answer(429), Answer(302, headers={"Location": "/"}), Answer(body=b"<html>")]
)
def test_a_failing_tmdb_is_left_alone_and_the_log_is_told_once(model, tmdb, tmp_path, caplog, key, answer):
    caplog.set_level(logging.DEBUG)
    served = Served(model, tmdb, tmp_path, key=key)
    tmdb.trouble = {"/3/": answer}
    answers = [served.get(title) for title in (SEVEN, BOLD, SEVEN)]
    assert {(each.status_code, each.content, each.headers["cache-control"]) for each in answers} == {
        (204, b"", "no-store")
    }
    assert len(tmdb.asked) == 1
    told = [record.getMessage() for record in caplog.records if record.name.startswith("recsys")]
    assert len(told) == 1
    assert told[0].startswith("No posters for now: TMDB ")
    served.now += MOST_SECONDS - 1
    served.get()
    said = " ".join([caplog.text, *(f"{each.headers} {each.text}" for each in answers)])
    assert not [secret for secret in (key, "Bearer", "api_key") if secret in said]


def test_a_wrong_key_is_said_to_be_so(served, tmdb, caplog):
    tmdb.trouble = {"/3/": Answer(401)}
    served.get()
    assert "TMDB refuses the key in TMDB_API_KEY (status 401)" in caplog.text
    served.now += MOST_SECONDS + 1
    tmdb.trouble = {}
    assert served.get().content == JPEG


def test_what_is_no_picture_is_one_films_trouble_and_is_shown_to_nobody(served, tmdb, caplog):
    tmdb.pictures = {"/poster7.jpg": ("image/jpeg", b"<script>alert(1)</script>")}
    assert [served.get().status_code for _ in range(2)] == [204, 204]
    assert served.get(BOLD).content == JPEG
    assert tmdb.n_asked("/poster7.jpg") == 1
    assert "no JPEG, PNG or WebP" in caplog.text


def test_a_mistake_of_our_own_ends_no_thread_and_tells_no_secret(served, monkeypatch, caplog):
    def wrong(*_):
        raise RuntimeError(V3)

    monkeypatch.setattr(Tmdb, "poster", wrong)
    assert served.get().status_code == 204
    assert "(RuntimeError)" in caplog.text
    assert V3 not in caplog.text
    monkeypatch.undo()
    served.now += MOST_SECONDS
    assert served.get().content == JPEG


def test_a_disk_that_takes_nothing_is_told_and_the_poster_is_shown(served, caplog):
    served.cache.folder.write_text("a file")
    assert served.get().content == served.get().content == JPEG
    assert caplog.text.count("cannot be kept") == 1


def test_an_outage_grows_up_to_an_hour_and_is_forgotten_when_it_is_over():
    now = [0.0]
    outage = Outage(lambda: now[0])
    lengths = []
    for _ in range(10):
        begun = now[0]
        for _ in range(3):  # several at once count as one
            outage.note(TroubleError("status 500", "…"))
        while outage.lasts:
            now[0] += 1
        lengths.append(now[0] - begun)
    assert lengths[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert lengths[-1] == MOST_SECONDS
    outage.over()
    outage.note(TroubleError("status 429", "…", wait=90))
    now[0] += 89
    assert outage.lasts
    now[0] += 1
    assert not outage.lasts


def test_every_kind_is_told_once_an_hour(caplog):
    now = [0.0]
    outage = Outage(lambda: now[0])
    for kind in ("a", "b", "a"):
        outage.tell(kind, f"kind {kind}")
    assert [record.getMessage() for record in caplog.records] == ["kind a", "kind b"]
    now[0] = 3600.0
    outage.tell("a", "once more")
    assert caplog.records[-1].getMessage() == "once more"


# ---- the page


def test_without_a_key_nothing_of_it_is_there(model):
    browser = TestClient(page(engine_with(model)))
    assert browser.get("/posters", params={"film": SEVEN}).status_code == 404
    said = browser.get("/").text + browser.get("/config").text
    assert not [word for word in ("poster", "TMDB API") if word in said]


def test_with_a_key_the_page_says_what_tmdb_asks_for_and_still_asks_no_other_host(model, tmdb, tmp_path):
    tmdb.films = {7: film(7, "Film 7", 1967)}
    logo = Logo(b"<svg/>", SVG)
    posters = Posters(Tmdb(Key.of(V3), tmdb.url, tmdb.url), PosterCache(tmp_path), PATIENT, logo=logo)
    browser = TestClient(page(engine_with(model), posters))
    config, html = browser.get("/config"), browser.get("/")
    foot = [each["props"] for each in config.json()["components"] if each["props"].get("elem_id") == "posters"]
    assert [each["value"] for each in foot] == [str(attribution(has_logo=True))]
    assert 'src="posters/logo"' in foot[0]["value"]
    assert "This product uses the TMDB API but is not endorsed or certified by TMDB." in ATTRIBUTION
    assert 'href="https://www.themoviedb.org/" target="_blank" rel="noreferrer noopener"' in ATTRIBUTION
    answer = browser.get("/posters", params={"film": SEVEN})
    assert answer.content == JPEG
    for each in (answer, html):
        assert f"img-src {POLICY['img-src']};" in each.headers["content-security-policy"]
        assert "http" not in each.headers["content-security-policy"]
    assert V3 not in html.text + config.text
    drawn = browser.get("/posters/logo")
    assert (drawn.content, drawn.headers["content-type"]) == (b"<svg/>", SVG)
    assert drawn.headers["content-security-policy"].endswith("sandbox")


def test_an_operators_key_makes_posters_in_the_cache_folder(tmp_path):
    assert posters_in({}) is None
    assert posters_in({"TMDB_API_KEY": V3}) is not None


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"<svg/>", SVG), (b'\xef\xbb\xbf<?xml version="1.0"?>\n<svg></svg>', SVG), (JPEG, "image/jpeg")],
)
def test_a_logo_is_a_file_of_the_operators(tmp_path, content, kind):
    (tmp_path / "logo").write_bytes(content)
    assert logo_in({"TMDB_LOGO": str(tmp_path / "logo")}) == Logo(content, kind)
    assert "<img" not in attribution(has_logo=False)


@pytest.mark.parametrize("content", [b"", b"<html><svg/></html>", b"<svg/>" + bytes(MOST_BYTES), b"<?xml?>"])
def test_what_is_no_logo_is_refused_in_a_sentence(tmp_path, content):
    (tmp_path / "logo").write_bytes(content)
    with pytest.raises(DataError, match=r"TMDB_LOGO: .* is no SVG.*take one from"):
        posters_in({"TMDB_API_KEY": V3, "TMDB_LOGO": str(tmp_path / "logo")})
    with pytest.raises(DataError, match="cannot be read"):
        logo_in({"TMDB_LOGO": str(tmp_path)})
    assert logo_in({}) is None


def test_the_limits_are_what_tmdb_bears():
    assert posters_module.A_MINUTE * 5 / 60 <= 40  # questions a second
    assert posters_module.PATIENCE <= 1
    assert NONE_DAYS * DAY < MOST_SECONDS * 24 * 180
    assert not NOT_NOW.is_known
