"""The head of the page: what a link to it looks like elsewhere, and its icon; no other host is named in it."""

import asyncio
import io
import json
import re
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from starlette.responses import HTMLResponse

from recsys.serve.security.cookies import SESSION
from recsys.ui.head.gradio_files import ASSETS, name_of_styles, names, styles
from recsys.ui.head.head import FOLDER, HEIGHT, ICON, PICTURE, SENTENCE, WIDTH, Head, address_of, tags, with_tags
from recsys.ui.head.kept_pages import MOST
from recsys.ui.head.settings import SETTINGS, without_endpoints
from tests.support.pages.page_server import made
from tests.support.pages.rest_pages import Unasked, engine_with, whole_page, write_films

NAMES = re.compile(r"description|og:.*|twitter:.*")
ADDRESS = re.compile(r"https?://([^/\"'\s<>)\\]+)")
WELCOME = re.compile(r"welcome\(\(\) => localStorage, window.gradio_config, (.*)\);\n")
ENDPOINTS = {"recommend", "genres", "group", "similar", "predict"}
NAMESPACES = {"www.w3.org"}  # names of kinds of documents, which nobody fetches


class Tags(HTMLParser):
    """What a program reads that shows a link to a page."""

    def __init__(self, html):
        super().__init__()
        self.metas, self.links, self.titles, self.is_title = [], [], [], False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.is_title = tag == "title"
        if tag == "meta" and NAMES.fullmatch(name := found.get("property") or found.get("name") or ""):
            self.metas.append((name, found["content"]))
        if tag == "link" and found.get("rel") == "icon":
            self.links.append(found)

    def handle_data(self, data):
        self.titles += [data] if self.is_title else []
        self.is_title = False


@pytest.fixture(scope="module")
def app():
    return whole_page(engine_with(None))


def read(app, origin="http://page.example:7860", path="/"):
    answer = TestClient(app, origin).get(path)
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded
    return answer.text, Tags(answer.text)


def test_the_page_says_what_it_is_once_and_names_no_other_host(app):
    html, found = read(app)
    own = dict(found.metas)
    assert len(own) == len(found.metas)
    assert own["og:title"] == own["twitter:title"] == "Movie VAE"
    assert own["og:description"] == own["twitter:description"] == own["description"] == SENTENCE
    assert own["og:image"] == own["twitter:image"] == f"http://page.example:7860/{PICTURE}"
    assert own["og:url"] == "http://page.example:7860/"
    assert own["twitter:card"] == "summary_large_image"
    assert found.titles == ["Movie VAE"]
    assert [link["href"] for link in found.links] == [ICON]
    assert set(ADDRESS.findall(html)) <= {"page.example:7860", *NAMESPACES}
    assert "window.gradio_config = {" in html


def test_the_picture_is_as_large_as_the_page_says_and_small_to_fetch(app):
    own = dict(read(app)[1].metas)
    browser = TestClient(app, "http://page.example:7860")
    answer = browser.get(own["og:image"])
    assert answer.headers["content-type"] == own["og:image:type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (WIDTH, HEIGHT) == (1200, 630)
    assert (own["og:image:width"], own["og:image:height"]) == ("1200", "630")
    assert len(answer.content) < 200_000
    assert browser.head(f"/{PICTURE}").headers["content-length"] == str(len(answer.content))


def test_the_icon_is_the_pages_own_wherever_a_browser_looks_for_it(app):
    browser = TestClient(app)
    answers = [browser.get(f"/{name}") for name in (ICON, "favicon.ico")]
    assert [answer.headers["content-type"] for answer in answers] == ["image/svg+xml"] * 2
    assert {answer.content for answer in answers} == {(FOLDER / ICON).read_bytes()}


@pytest.mark.parametrize(
    ("root", "seen"),
    [("/films", "https://page.example/films"), ("https://example.com/films", "https://example.com/films")],
)
def test_addresses_are_those_that_people_see_behind_a_proxy(monkeypatch, root, seen):
    monkeypatch.setenv("GRADIO_ROOT_PATH", root)
    app = whole_page(engine_with(None))
    for path in ("/", "/films/"):  # a proxy takes the path off, or leaves it on
        html, found = read(app, "https://page.example", path)
        assert dict(found.metas)["og:image"] == f"{seen}/{PICTURE}"
        assert set(ADDRESS.findall(html)) <= {"page.example", "example.com", *NAMESPACES}
    assert TestClient(app, "https://page.example").get(f"/films/{PICTURE}").status_code == 200


def scope(host, scheme="http", **more):
    about = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "scheme": scheme}
    return {**about, "headers": [(b"host", host.encode())], **more}


@pytest.mark.parametrize("host", ["page.example", "localhost:7860", "[::1]:7860", "192.168.0.7:80"])
def test_a_host_is_taken_as_a_request_has_it(host):
    assert address_of(scope(host), {}) == f"http://{host}"


@pytest.mark.parametrize("host", ["", 'a"><script>', "a b", "a/b", "user@elsewhere", "x" * 300, "a:99999999", "é"])
def test_what_is_no_host_is_left_out(host):
    assert address_of(scope(host), {}) == ""


def test_titles_and_hosts_stay_texts():
    own = tags('"Films" <b>& more</b>', 'http://"><script>')
    found = Tags(own)
    assert dict(found.metas)["og:title"] == '"Films" <b>& more</b>'
    assert dict(found.metas)["og:image"] == f'http://"><script>/{PICTURE}'
    assert "<b>" not in own
    assert "<script>" not in own


def test_only_tags_of_their_kind_are_taken_out_and_what_is_no_document_is_left():
    kept = '<meta charset="utf-8" /><meta name="viewport" content="x" /><script>"<\\/head>"</script>'
    theirs = '<meta property="og:title"\n content="Gradio &gt; x" /><meta name="twitter:image" content="" />'
    html = f"<head>{theirs}{kept}</head><body></head></body>"
    own = tags("Films", "")
    assert with_tags(html, own) == f"<head>{kept}{own}</head><body></head></body>"


@pytest.mark.parametrize("path", ["/", "/other"])
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_whatever_else_is_answered_is_left_as_it_is(path, kind):
    parts = [b"<head></head>", "é".encode()[:1], "é".encode()[1:]]

    async def answering(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind.encode())]})
        for at, part in enumerate(parts):
            await send({"type": "http.response.body", "body": part, "more_body": at < 2})

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(Head(answering, "Films")(scope("page.example", path=path), None, send))
    body = b"".join(message.get("body", b"") for message in sent)
    is_ours = path == "/" and kind == "text/html"
    assert (body == b"".join(parts)) is not is_ours
    assert (b"og:title" in body) is is_ours
    assert body.endswith("é".encode())


# ---- the page is made once for each address


class Gradio:
    """Makes a page that has its number in it."""

    def __init__(self, status=200):
        self.status, self.n_made = status, 0

    async def __call__(self, scope, receive, send):
        self.n_made += 1
        await HTMLResponse(f"<head></head>{self.n_made}" + "é" * 500, self.status)(scope, receive, send)


def asked(browser, path="/", **headers):
    return browser.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_the_page_is_made_once_and_sent_as_it_was():
    gradio = Gradio()
    browser = TestClient(Head(gradio, "Films"))
    first, second, plain = asked(browser), asked(browser, "/?utm=1"), asked(browser, accept_encoding="identity")
    assert first.text == second.text
    assert first.headers == second.headers
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < len(first.text) / 2
    assert "content-encoding" not in plain.headers
    assert plain.text == first.text.replace("</head>1", "</head>2")
    assert gradio.n_made == 2


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "x-forwarded-proto", "x-gradio-server"])
def test_who_comes_by_another_address_has_a_page_of_their_own(name):
    gradio = Gradio()
    browser = TestClient(Head(gradio, "Films"))
    pages = [asked(browser, **{name: value}).text for value in ("one.example", "two.example", "one.example")]
    assert pages[0] == pages[2] != pages[1]
    assert asked(browser, **{name: "x" * 2000}).text != asked(browser, **{name: "x" * 2000}).text


def test_a_page_that_is_another_or_failed_is_made_each_time():
    gradio, failing = Gradio(), Gradio(500)
    for page, path in ((gradio, "/?a=1&deep_link=2"), (failing, "/")):
        browser = TestClient(Head(page, "Films"))
        assert [asked(browser, path).status_code for _ in range(2)] == [page.status] * 2
        assert page.n_made == 2


def test_of_many_addresses_the_last_are_kept():
    gradio = Gradio()
    browser = TestClient(Head(gradio, "Films"))
    for number in range(MOST + 1):
        asked(browser, host=f"{number}.example")
    asked(browser, host="1.example")
    assert gradio.n_made == MOST + 1
    asked(browser, host="0.example")
    assert gradio.n_made == MOST + 2


# ---- what Gradio begins with


def settings_in(html):
    return json.loads(SETTINGS.search(html)[0])


def test_browsers_are_told_nothing_of_endpoints_and_programs_are(app):
    browser = TestClient(app)
    html, whole = browser.get("/").text, browser.get("/config").json()
    found = settings_in(html)
    types = [part["type"] for part in found["components"]]
    assert "api" not in types
    assert types == [part["type"] for part in whole["components"] if part["type"] != "api"]
    left = {event["id"] for event in found["dependencies"]}
    assert {event["api_name"] for event in whole["dependencies"] if event["id"] not in left} == ENDPOINTS
    assert found["page"][""]["dependencies"] == [event["id"] for event in found["dependencies"]]
    assert "named_endpoints" in html
    assert all(name not in html.partition("gradio_api_info")[2].partition("</script>")[0] for name in ENDPOINTS)


def test_no_end_of_a_script_stands_in_the_settings():
    parts = [{"id": 1, "type": "html", "props": {"value": "</script>"}}, {"id": 2, "type": "api", "props": {}}]
    said = {"components": parts, "dependencies": [], "layout": {"children": [{"id": 1}, {"id": 2}]}, "page": {}}
    text = json.dumps(said).replace("<", "\\u003c")
    html = f"<script>window.gradio_config = {text};</script><script>window.gradio_api_info = {{}};</script>"
    changed = without_endpoints(html)
    assert changed.count("</script>") == 2
    assert settings_in(changed)["components"] == parts[:1]
    assert settings_in(changed)["layout"]["children"] == [{"id": 1}]


@pytest.mark.parametrize(
    "html", ["", "<p>window.gradio_config = {};</p>", "<script>window.gradio_config = {};</script>"]
)
def test_what_has_no_settings_stays_as_it_is(html):
    assert without_endpoints(html) == html


def test_files_that_gradio_asks_for_step_by_step_are_asked_for_at_once(app):
    browser = TestClient(app)
    html = browser.get("/").text
    assert (
        len(names()) == len(json.loads((FOLDER / "gradio_files.json").read_text("utf-8"))) > 50
    )  # of the version that is pinned
    for name in names():
        assert html.count(f'href="./assets/{name}"') == 1
    whole = browser.get(f"/assets/{name_of_styles()}")
    assert whole.headers["content-type"].startswith("text/css")
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["content-encoding"] == "gzip"
    plain = browser.get(f"/assets/{name_of_styles()}", headers={"accept-encoding": "identity"})
    assert plain.content == whole.content == styles()
    for name in names():
        if name.endswith(".css"):
            assert (ASSETS / name).read_bytes() in styles()


def test_the_first_films_come_with_the_page_but_for_members(tmp_path):
    members = Unasked()
    app = whole_page(engine_with(made("popularity", write_films(tmp_path / "films"))), members)
    browser = TestClient(app)
    assert WELCOME.search(browser.get("/").text) is None  # whoever comes may be a member
    members.opening = False
    html = browser.get("/").text
    parts = {settings["elem_id"]: parts for parts, settings in shown_in(html, json.loads(WELCOME.search(html)[1]))}
    assert parts["for-you"]["value"].count("<li ") == 10
    assert parts["arrived"]["value"]
    assert browser.get("/").text == html
    browser.cookies.set(SESSION, "somebody's")
    assert WELCOME.search(browser.get("/").text) is None


def shown_in(html, said):
    """What newcomers are shown in each component that has a name, and its settings."""
    for component in settings_in(html)["components"]:
        if "elem_id" in component["props"] and (parts := said["parts"].get(str(component["id"]))):
            yield parts, component["props"]
