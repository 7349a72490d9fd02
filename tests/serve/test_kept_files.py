"""Files that are the same for everybody: answered from memory once somebody has asked for them, and as they were."""

import re

import pytest
from fastapi.testclient import TestClient
from starlette.responses import PlainTextResponse, Response

from recsys.serve import kept_files
from recsys.serve.kept_files import KeptFiles, is_whole_file
from tests.support.pages.rest_pages import engine_with, whole_page

TEXT = "body { color: teal }\n" * 100


class Page:
    """Has files of any name but `none`, and counts how often it is asked."""

    def __init__(self):
        self.asked = []

    async def __call__(self, scope, receive, send):
        self.asked.append(scope["path"])
        found = "none" not in scope["path"]
        answer = PlainTextResponse(TEXT, headers={"etag": '"1"'}) if found else Response(status_code=404)
        await answer(scope, receive, send)


@pytest.fixture
def page():
    return Page()


@pytest.fixture
def browser(page):
    return TestClient(KeptFiles(page))


def test_a_file_is_asked_for_once_and_stays_as_it_is(page, browser):
    first, second = browser.get("/assets/a-1.css"), browser.get("/assets/a-1.css")
    assert page.asked == ["/assets/a-1.css"]
    assert first.text == second.text == TEXT
    assert first.headers == second.headers


def test_browsers_keep_for_a_year_what_is_named_by_its_content_and_other_files_for_a_day(browser):
    times = [browser.get(path).headers["cache-control"] for path in ("/assets/a-1.css", "/static/a.js", "/theme.css")]
    assert times == ["public, max-age=31536000, immutable", "public, max-age=86400", "public, max-age=86400"]


def test_each_encoding_is_kept_by_itself(page, browser):
    for accepted in ("gzip, br", "gzip", "identity", "br"):
        answer = browser.get("/assets/a.css", headers={"accept-encoding": accepted})
        assert answer.headers["vary"] == "accept-encoding"
    assert len(page.asked) == 3  # the last is as the first


def test_who_has_the_file_already_is_told_so(page, browser):
    browser.get("/static/a.js")
    answer = browser.get("/static/a.js", headers={"if-none-match": '"1"'})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", '"1"')
    assert browser.get("/static/a.js", headers={"if-none-match": '"2"'}).text == TEXT
    assert len(page.asked) == 1


def test_what_is_not_found_is_asked_for_again_and_kept_by_nobody(page, browser):
    answers = [browser.get("/assets/none.js") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert "cache-control" not in answers[0].headers
    assert len(page.asked) == 2


def test_no_more_is_kept_than_there_is_room_for(page, browser, monkeypatch):
    monkeypatch.setattr(kept_files, "MOST_BYTES", 2 * len(TEXT))
    for name in "abcabc":
        assert browser.get(f"/assets/{name}").text == TEXT
    assert page.asked == [f"/assets/{name}" for name in "abcc"]


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/", "GET", {}),
        ("/config", "GET", {}),
        ("/gradio_api/assets/a.js", "GET", {}),
        ("/assets/a.js", "POST", {}),
        ("/assets/a.js", "HEAD", {}),
        ("/assets/a.js", "GET", {"range": "bytes=0-9"}),
    ],
)
def test_whatever_else_is_asked_is_left_to_the_page(page, browser, path, method, headers):
    for _ in range(2):
        browser.request(method, path, headers=headers)
    assert len(page.asked) == 2


@pytest.mark.parametrize(
    "path", ["/assets/../a", "/assets//a", "/assets/.env", "/assets/", "/assets/a\\b", "/assets/é"]
)
def test_a_file_has_one_name(path):
    assert not is_whole_file({"type": "http", "method": "GET", "path": path, "headers": []})


def test_the_page_itself_keeps_gradios_files():
    browser = TestClient(whole_page(engine_with(None)))
    names = re.findall(r'"\./(assets/[^"]+)"', browser.get("/").text)
    assert len(names) >= 2
    for name in names:
        first, second = browser.get(f"/{name}"), browser.get(f"/{name}")
        assert first.status_code == second.status_code == 200
        assert first.content == second.content
        assert first.headers["x-content-type-options"] == second.headers["x-content-type-options"] == "nosniff"
        assert "immutable" in second.headers["cache-control"]
        assert "date" not in second.headers  # the server writes it
