"""Whatever is sent, the page answers in a sentence, tells nothing of its server, and goes on."""

import io
import json
import random
import re
import socket
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from recsys.serve.security.bodies import BUSY
from tests.support.pages.account_routes import ANSWERS
from tests.support.pages.page_server import (
    API,
    AT_ONCE,
    FILE,
    JSON,
    ROOT,
    WANTED,
    Answer,
    Browser,
    Event,
    at_once,
    events_of,
    served,
    small_page,
    somebody,
    wait_for,
    wait_until_ready,
)

N_GENERATED = 500  # and some hundreds more are written out below
TRIES = 10  # each waits for a turn
PASSWORD = "four random words"
MARKUP = "<img src=x onerror=alert(1)>"
PASSWD = {"path": "/etc/passwd", "url": "file:///etc/passwd", "meta": {"_type": "gradio.FileData"}}
FILM = "Film 8 (1968)"
WILD = [
    None,
    True,
    "",
    " ",
    MARKUP,
    "'\"><script>alert(1)</script>",
    "{{7*7}} ${7*7} %s %(x)s {0}",
    "'; DROP TABLE accounts; --",
    "' OR '1'='1",
    "\0",
    "a\0b",
    "\ud800",
    "x\udfffy",
    "‮gnp.exe",
    "‏Film 8 (1968)‎",
    "🎬" * 500,
    "é" * 3,
    "A" * 10_000,
    "../../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    FILM,
    FILM.upper(),
    0,
    -1,
    1e308,
    -1e308,
    float("nan"),
    float("inf"),
    float("-inf"),
    2**63,
    -(2**64),
    10**400,
    0.1 + 0.2,
    [],
    {},
    [None],
    [[[]]],
    [FILM] * 100,
    {"": ""},
    {FILM: 10**400},
    {FILM: MARKUP, MARKUP: 4},
    {
        "ratings": {FILM: 4, MARKUP: 5},
        "marks": {FILM: "later", MARKUP: MARKUP},
        "changes": [["ratings", FILM, None, 0]],
    },
    {
        "ratings": {FILM: 10**400},
        "marks": {FILM: [1]},
        "times": {FILM: MARKUP, MARKUP: 1e300},
        "changes": [["marks", FILM, MARKUP, MARKUP], [[], {}, 1, 0], None, 7],
    },
    {"ratings": {"\ud800": 4}, "marks": [], "changes": {}},
    {"ratings": [FILM], "marks": FILM, "changes": "ratings"},
    {
        "changes": [
            ["ratings", FILM, 10**400, 10**400],
            ["marks", [FILM], "later", 0],
            ["_ratings", FILM, 4, -1],
            ["ratings"],
        ]
    },
    {"__type__": "update", "value": MARKUP},
    {"__type__": "update", "__class__": "object"},
    {"value": MARKUP, "visible": False},
    PASSWD,
    [PASSWD],
    {"file": PASSWD, "ratings": PASSWD},
    {"_type": "gradio.FileData", "path": "people.sqlite3"},
]
OF_GRADIO = re.compile(  # what Gradio itself says of requests that make no sense, and the guard
    "Traceback|A request for .* made no sense|KeyError: '[0-9a-f]{32}'|ValueError: An event handler .* input values|"
    "(Received|Wanted) inputs:|Check if the event handler|gradio.exceptions.Error: '(File|Value)"
)
DEEDS = ["rate", "remove", "hidden", "later", "seen", "unmark", "undo", "__init__", MARKUP, None, 7, ["rate"], "\ud800"]


@dataclass(frozen=True)
class Page:
    """A running server, and a file with all that it has said."""

    url: str
    log: Path
    events: list[Event]

    def event(self, name: str) -> Event:
        return next(event for event in self.events if event.name == name)

    @property
    def secrets(self) -> list[str]:
        """Places on the server, and what stands in files there."""
        return [str(ROOT), str(self.log.parent), tempfile.gettempdir() + "/", sys.prefix, "site-packages", "root:x:0"]

    def faults(self, answer: Answer) -> list[str]:
        """What no answer may be; a sentence as /run/ says it is none."""
        found = [f"tells of {secret}" for secret in self.secrets if secret in answer.text]
        found += ["a traceback"] if "Traceback" in answer.text else []
        if answer.status == 0:
            return [*found, "no answer"]
        if answer.status >= 500 and not is_sentence(answer):
            found.append(f"{answer.status}: {answer.text[:80]!r}")
        return found

    def is_well(self) -> bool:
        """Whether it still answers what is right."""
        answer = somebody(self.url).run(self.event("similar"), [FILM])
        return answer.status == 200 and len(json.loads(answer.text)["data"][0]) == 10

    @contextmanager
    def goes_on(self):
        """What is done here leaves no failure of the page's own in the log, and the server answers afterwards."""
        before = len(self.log.read_text())
        yield
        is_well = self.is_well()  # and what went before is in the log by now
        said = self.log.read_text()[before:].splitlines()
        reasons = [
            line for at, line in enumerate(said) if line[:1].strip() and any("  File" in each for each in said[:at])
        ]
        assert Counter(line[:160] for line in reasons if not OF_GRADIO.match(line)) == Counter()
        assert is_well

    def assert_harmless(self, answers: dict[str, Answer]) -> None:
        """No answer is at fault; what was asked -> the answer."""
        faults = {asked: self.faults(answer) for asked, answer in answers.items()}
        assert {asked: found for asked, found in faults.items() if found} == {}


def is_sentence(answer: Answer) -> bool:
    """Whether it is what Gradio answers with status 500 to tell of a gr.Error past the queue."""
    try:
        said = json.loads(answer.text)
    except ValueError:
        return False
    sentence = said.get("error") if isinstance(said, dict) else None
    return (
        answer.status == 500 and isinstance(sentence, str) and "\n" not in sentence and "object at 0x" not in sentence
    )


def raw_markup(value: object) -> bool:
    """Whether markup that was sent stands anywhere in what a browser draws; what it only keeps is not drawn."""
    if isinstance(value, dict):
        return any(map(raw_markup, value.values())) if "changes" not in value else False
    return any(map(raw_markup, value)) if isinstance(value, list) else isinstance(value, str) and MARKUP in value


def drawn(answer: Answer) -> list[object]:
    """All JSON that an answer consists of: of a stream, that of its messages."""
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if not line.startswith("event:")]
    return [json.loads(line) for line in lines if line[:1] in ("{", "[")]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad-input")
    with served(folder / "log", *small_page(), database=f"sqlite:///{folder / 'people.sqlite3'}", forked=True) as url:
        wait_until_ready(url)
        wait_for(lambda: Browser(url).account("sign-out").status == 200, 30, "opening the accounts")
        yield Page(url, folder / "log", events_of(url))


@pytest.fixture(scope="module")
def member(page):
    """Somebody whose name is not quite markup, since names are written by whoever registers."""
    browser = somebody(page.url)
    browser.get("/")
    assert browser.account("register", name=MARKUP, password=PASSWORD).status == 200
    return browser


# ---- events


def wild(rng: random.Random, depth: int = 0) -> object:
    """Anything that JSON can say."""
    kind = rng.random()
    if depth < 3 and kind < 0.15:
        return [wild(rng, depth + 1) for _ in range(rng.randrange(5))]
    if depth < 3 and kind < 0.3:
        names = [rng.choice([FILM, MARKUP, "ratings", "marks", "changes", "list", "", "\ud800"]) for _ in range(4)]
        return {name: wild(rng, depth + 1) for name in names}
    return rng.choice(WILD)


def generated(seed: int, events: list[Event]) -> tuple[Event, list[object], object]:
    """An event with as many inputs as it takes, and its data: half of them of the form that an act has."""
    rng = random.Random(seed)
    event = events[seed % len(events)]
    deed = {"do": rng.choice(DEEDS), "film": rng.choice([FILM, wild(rng)]), "stars": wild(rng), "seq": wild(rng)}
    other = {"list": wild(rng), "before": wild(rng)}
    return event, [wild(rng) for _ in event.inputs], rng.choice([deed, deed, other, wild(rng)])


def asked(browser: Browser, event: Event, values: list[object], event_data: object, seed: int) -> Answer:
    """Most of them past the queue, which is quicker; some by the queue, and some by name."""
    way = {0: browser.join, 1: browser.call}.get(seed // 25 % 8, browser.run)
    return in_turn(lambda: way(event, values, event_data=event_data))


def by_few(page: Page, calls: list[Callable[[Browser], Answer]], cookies: dict[str, str] | None = None) -> list[Answer]:
    """What is answered, in order: a session costs more than a request, so each of a few browsers makes many."""

    def made(at: int) -> list[Answer]:
        browser = somebody(page.url, cookies)
        return [call(browser) for call in calls[at::AT_ONCE]]

    parts = [*at_once([partial(made, at) for at in range(AT_ONCE)])]
    return [parts[at % AT_ONCE][at // AT_ONCE] for at in range(len(calls))]


def in_turn(ask: Callable[[], Answer]) -> Answer:
    """What is answered once there is a turn: on a busy machine all may be taken, and whoever asks is told so."""
    for _ in range(TRIES):
        answer = ask()
        if answer.status != 503 or BUSY not in answer.text:
            break
    return answer


@pytest.mark.parametrize("is_member", [False, True])
def test_no_generated_input_breaks_an_event(page, member, is_member):
    seeds = range(is_member, N_GENERATED, 2)
    inputs = {seed: generated(seed, page.events) for seed in seeds}
    with page.goes_on():
        found = by_few(
            page,
            [lambda browser, seed=seed: asked(browser, *inputs[seed], seed) for seed in seeds],
            member.cookies if is_member else None,
        )
        answers = {f"{seed} {inputs[seed][0].name}": each for seed, each in zip(seeds, found, strict=True)}
        page.assert_harmless(answers)
        assert [what for what, answer in answers.items() if any(map(raw_markup, drawn(answer)))] == []


@pytest.mark.parametrize(
    "value", [MARKUP, 10**400, float("nan"), "\ud800", "\0", [], {}, True, [PASSWD], {FILM: 10**400}]
)
def test_no_value_in_every_input_breaks_an_event(page, value):
    with page.goes_on():
        calls = [
            lambda browser, event=event: in_turn(
                lambda: browser.run(event, [value] * len(event.inputs), event_data=value)
            )
            for event in page.events
        ]
        page.assert_harmless({each.name: answer for each, answer in zip(page.events, by_few(page, calls), strict=True)})


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("way", ["run", "join", "call"])
def test_missing_and_additional_inputs_are_refused_in_a_sentence(page, turn, way):
    """Too few or too many, by turns: past the queue each event gets each number of them, by the other ways one."""

    def values(event: Event, number: int) -> list[object]:
        n_inputs = len(event.inputs)
        return [None] * [0, n_inputs - 1, n_inputs + 1, n_inputs + 100][number % 4]

    taking = [event for event in page.events if event.inputs]
    numbered = [(number + turn, each) for number, each in enumerate(taking)]
    if way != "run":
        numbered = [*enumerate(taking[turn::4])]
    with page.goes_on():
        ask = getattr(somebody(page.url), way)
        page.assert_harmless({each.name: ask(each, values(each, number)) for number, each in numbered})


@pytest.mark.parametrize(
    "said",
    [
        {"fn_index": -1},
        {"fn_index": 10**6},
        {"fn_index": 2**64},
        {"fn_index": "0"},
        {"fn_index": "act"},
        {"fn_index": None},
        {"fn_index": [0]},
        {"fn_index": 12.0},
        {"fn_index": 0.5},
        {"trigger_id": -1},
        {"trigger_id": 10**6},
        {"trigger_id": "x"},
        {"session_hash": None},
        {"session_hash": ""},
        {"session_hash": "x" * 10_000},
        {"session_hash": MARKUP},
        {"session_hash": "a\0b"},
        {"session_hash": 7},
        {"batched": True},
        {"simple_format": True},
        {"event_id": "x"},
        {"data": None},
        {"data": "act"},
        {"data": {"0": 1}},
        {"oauth_token": MARKUP},
    ],
    ids=lambda said: json.dumps(said)[:40],
)
def test_an_event_that_is_not_there_is_refused_in_a_sentence(page, said):
    with page.goes_on():
        body = {"data": [FILM], "fn_index": page.event("similar").number, "session_hash": f"of {said}", **said}
        paths = ("run/similar", "run/nothing", "queue/join", "call/similar")
        page.assert_harmless({path: somebody(page.url).post(f"{API}/{path}", body) for path in paths})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "run/nothing", {"data": []}),
        ("POST", f"run/{'x' * 5000}", {"data": []}),
        ("POST", "call/nothing", {"data": []}),
        ("POST", "call/v2/nothing", {}),
        ("POST", "call/v2/similar", {}),
        ("POST", "call/v2/similar", {"title": [PASSWD], "other": 1}),
        ("GET", "queue/data", None),
        ("GET", "queue/data?session_hash=never-opened", None),
        ("GET", "call/similar/never-asked", None),
        ("GET", "call/v2/similar/never-asked", None),
        ("POST", "cancel", {"session_hash": "x", "fn_index": -1, "event_id": "x"}),
        ("POST", "reset", {"event_id": []}),
        ("POST", "component_server", {"data": 0, "component_id": -1, "session_hash": "x", "fn_name": "x"}),
        ("POST", "component_server", {"data": 0, "component_id": 1, "session_hash": "x", "fn_name": "__init__"}),
        ("POST", "component_server", {"data": 0, "component_id": {}, "session_hash": "x", "fn_name": 7}),
        ("POST", "stream/x", {"data": []}),
        ("POST", "stream/x/close", {}),
        ("GET", "stream/x/1/1/playlist.m3u8", None),
        ("GET", "stream/x/1/1/../../etc.ts", None),
        ("GET", "file=/etc/passwd", None),
        ("GET", "file=/proc/self/environ", None),
        ("GET", "file=log", None),
        ("GET", "file=people.sqlite3", None),
        ("GET", "file=../../../../../../etc/passwd", None),
        ("GET", "file=file:///etc/passwd", None),
        ("GET", "file/log", None),
        ("GET", "proxy=http://127.0.0.1:9/", None),
        ("GET", "proxy=file:///etc/passwd", None),
        ("GET", "custom_component/x/client/component/../../etc/passwd", None),
        ("POST", "upload", {}),
        ("POST", "process_recording", {}),
        ("POST", "vibe-code", {"code": "x"}),
        ("GET", "deep_link?session_hash=never-opened", None),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_gradio_offers_besides_is_refused_in_a_sentence(page, method, path, body):
    with page.goes_on():
        page.assert_harmless({path: somebody(page.url).ask(method, f"{API}/{path}", body)})


# ---- bodies


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "half a string": b'{"data": ["',
    "a number": b"7",
    "a list": b"[]",
    "null": b"null",
    "no text": bytes(range(256)),
    "of another encoding": '{"data": ["é"]}'.encode("latin-1"),
    "wide": '{"data": ["Film 8"]}'.encode("utf-16"),
    "nested 500 times": f'{{"data": [{nested(500)}]}}'.encode(),
    "nested 900 times": f'{{"data": [{nested(900)}]}}'.encode(),
    "nested 5,000 times": f'{{"data": [{nested(5000)}]}}'.encode(),
    "nested 100,000 times": f'{{"data": [{nested(100_000)}]}}'.encode(),
    "5,000 digits": f'{{"data": [{"9" * 5000}]}}'.encode(),
    "an exponent": b'{"data": [1e999999999]}',
    "NaN": b'{"data": [NaN], "fn_index": NaN, "session_hash": NaN}',
    "a surrogate": b'{"data": ["\\ud800"], "session_hash": "\\udfff"}',
    "the same name often": b'{"data": [1], "data": ["Film 8"], "data": 7}',
    "a form": b"data=1&fn_index=0",
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_request_is_refused_in_a_sentence(page, name):
    paths = [f"{API}/{path}" for path in ("run/similar", "queue/join", "call/similar", "cancel", "component_server")]
    paths += ["/account/register", "/account/sign-in", "/account/delete"]
    with page.goes_on():
        answers = {path: somebody(page.url).ask("POST", path, BODIES[name]) for path in paths}
        page.assert_harmless(answers)
        answers = {
            kind: somebody(page.url).ask("POST", paths[0], BODIES[name], kind) for kind in ("", "text/html", "x" * 500)
        }
        page.assert_harmless(answers)


def test_what_is_larger_than_any_request_is_not_read(page):
    large = json.dumps({"data": ["x" * 10_000_000]})
    many = json.dumps({"data": [{"ratings": {f"Film {number}": 4 for number in range(10**6)}}]})
    with page.goes_on():
        for body in (large, many):
            for path in (f"{API}/run/similar", f"{API}/queue/join", "/account/register"):
                answer = somebody(page.url).ask("POST", path, body)
                assert answer.status in (413, 0)  # 0: the connection is closed before all is sent
        chunks = (b"x" * 100_000 for _ in range(20))
        answer = somebody(page.url).ask("POST", "/account/register", b"".join(chunks), Transfer_Encoding="identity")
        assert answer.status in (400, 413, 0)


def test_a_browser_may_have_kept_far_too_much(page):
    stars = {f"Film {number} (19{number % 100:02})": 4 for number in range(30_000)}
    kept = {"ratings": stars, "marks": {}, "changes": [["ratings", FILM, 4, 0]] * 5000}
    assert len(json.dumps(kept)) < 950_000 + 400_000
    with page.goes_on():
        for name in ("act", "suggest", "show_more", "move"):
            event = page.event(name)
            values = [kept if each == "browserstate" else None for each in event.inputs]
            answer = somebody(page.url).run(
                event, values, event_data={"do": "rate", "film": FILM, "stars": 4, "seq": 1}
            )
            assert page.faults(answer) == []


# ---- routes of accounts


@pytest.mark.parametrize("route", [f"/account/{name}" for name in ANSWERS if "." not in name])
def test_no_value_breaks_a_route_of_accounts(page, member, route):
    ending = ("sign-out", "delete")
    browsers = (
        [somebody(page.url)] if route.removeprefix("/account/").startswith(ending) else [somebody(page.url), member]
    )
    said = [{"name": value, "password": value, "new_password": value} for value in WILD]
    said += [{"name": "Zed", "password": value, "new_password": value} for value in WILD[::4]]
    said += [{"name": "Zed", "password": PASSWORD, "consent": value} for value in WILD[::4]]
    with page.goes_on():
        calls = [
            lambda browser=browser, body=body: somebody(page.url, browser.cookies).post(route, body)
            for browser in browsers
            for body in said
        ]
        answers = [*at_once(calls)]
        page.assert_harmless({str(at): answer for at, answer in enumerate(answers)})
        assert {answer.status for answer in answers} <= {200, 400, 401, 413, 429}
        assert all(answer.sentence for answer in answers if answer.status != 200)


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return content.getvalue()


def bombs() -> dict[str, bytes]:
    """Files that are no ratings."""
    whole = zipped({"ratings.csv": b"Date,Name,Year,Letterboxd URI,Rating\n"})
    zeros = zipped({"ratings.csv": b"0" * 50_000_000})
    return {
        "nothing": b"",
        "NUL": b"\0" * 1000,
        "no text": bytes(range(256)) * 10,
        "a bomb": zeros,
        "a bomb in a bomb": zipped({"ratings.csv": zeros, "watchlist.csv": zeros}),
        "many files": zipped({f"{number}/ratings.csv": b"" for number in range(2000)}),
        "files of other places": zipped({"../../ratings.csv": b"x", "/etc/passwd": b"x", "..\\ratings.csv": b"x"}),
        "half a ZIP": whole[: len(whole) // 2],
        "the start of a ZIP": b"PK\x03\x04" + b"\xff" * 100,
        "markup": f"title,stars of 5\n{MARKUP},5\n".encode(),
        "a formula": b"title,stars of 5\n\"=cmd|'/C calc'!A0\",5\n",
        "wrong stars": b"title,stars of 5\nFilm 8 (1968),1e400\nFilm 9 (1969),nan\nFilm 10 (1970),-5\n",
        "a quote that does not end": b'title,stars of 5\n"Film 8' + b"x" * 300_000,
        "many columns": b"title,stars of 5" + b",x" * 100_000 + b"\nFilm 8,5\n",
        "many lines": b"title,stars of 5\n" + b"x,5\n" * 300_000,
        "JSON that is deep": b"[" * 100_000,
        "JSON of another kind": b'{"format": "x", "ratings": [[], {}, null], "marks": 7}',
        "JSON of a number": b"9" * 5000,
        "wide": "title,stars of 5\nFilm 8 (1968),5\n".encode("utf-16"),
        "surrogates": "title,stars of 5\n\ud800,5\n".encode("utf-8", "surrogatepass"),
        "11 MB": b"x" * 11_000_000,
    }


@pytest.mark.parametrize("name", bombs())
def test_no_file_breaks_the_import(page, member, name):
    with page.goes_on():
        answer = somebody(page.url, member.cookies).ask("POST", "/account/import", bombs()[name], FILE)
        page.assert_harmless({name: answer})
        assert answer.status in (200, 400, 413)


def test_a_form_of_several_parts_is_no_file(page, member):
    for body in (
        b"",
        b"--X\r\n",
        b"--X\r\nContent-Disposition: form-data; name=file; filename=../../x\r\n\r\n1\r\n--X--",
    ):
        for kind in ("multipart/form-data", "multipart/form-data; boundary=X", "multipart/form-data; boundary="):
            answer = somebody(page.url, member.cookies).ask("POST", "/account/import", body, kind)
            assert answer.status == 415
            assert "expected application/octet-stream" in answer.sentence


# ---- below JSON


@pytest.mark.parametrize(
    "cookie",
    ["=", ";;;", "movie-vae-session", "movie-vae-session=;movie-vae-session=x", "movie-vae-session=" + "x" * 20_000]
    + [f"movie-vae-session={text}" for text in ('"\\"', "\xff\xfe", "a.b.c.d", "..", "ImEi.", MARKUP, "%00", "=" * 99)],
    ids=lambda cookie: ascii(cookie)[:40],
)
def test_no_cookie_breaks_the_page(page, cookie):
    with page.goes_on():
        browser = somebody(page.url)
        answers = {path: browser.get(path, Cookie=cookie) for path in ("/", "/config", "/account/export.json")}
        answers["sign-in"] = browser.post("/account/sign-in", {"name": "x"}, Cookie=cookie)
        body = {"data": [{}, None], "fn_index": page.event("show_more").number}
        answers["show_more"] = browser.post(f"{API}/run/show_more", body, Cookie=cookie)
        page.assert_harmless(answers)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": MARKUP},
        {"X-Forwarded-For": "x" * 5000},
        {"X-Forwarded-Proto": MARKUP},
        {"X-Forwarded-Host": "elsewhere.example"},
        {"X-Forwarded-Host": MARKUP},
        {"X-Gradio-Server": "http://elsewhere.example"},
        {"Host": "elsewhere.example"},
        {"Host": MARKUP},
        {"Origin": "http://[::1"},
        {"Origin": "http://[x]"},
        {"Origin": "\xff"},
        {"Referer": MARKUP},
        {"Content-Length": "-1"},
        {"Content-Length": "9" * 30},
        {"Content-Length": "²"},
        {"Accept-Language": MARKUP * 100},
        {"X-Much": "x" * 60_000},
        {"Range": "bytes=-1"},
        {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "13"},
        {"Expect": "100-continue"},
    ],
    ids=lambda headers: ascii(headers)[:50],
)
def test_no_header_breaks_the_page(page, headers):
    with page.goes_on():
        answers = {path: somebody(page.url).get(path, **headers) for path in ("/", "/config", f"{API}/info")}
        faults = {path: page.faults(answer) for path, answer in answers.items() if answer.status}  # 0: not HTTP
        assert [found for found in faults.values() if found] == []
        assert not any(MARKUP in answer.text for answer in answers.values())


@pytest.mark.parametrize(
    "method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "GETX"]
)
def test_no_method_breaks_the_page(page, method):
    paths = ["/", "/config", "/account/register", "/account/export.json", f"{API}/run/act", f"{API}/queue/join"]
    with page.goes_on():
        page.assert_harmless({path: somebody(page.url).ask(method, path) for path in paths})


@pytest.mark.parametrize(
    "path",
    [
        "//",
        "/%00",
        "/%ff",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/routes.py",
        "/assets/..%2f..%2froutes.py",
        "/svelte/../x",
        "/custom_component/x/y/z",
        "/?deep_link=../../../etc/passwd",
        "/?" + "x=1&" * 5000,
        "/?__theme=" + MARKUP.replace(" ", "%20"),
        "/?problem=" + MARKUP.replace(" ", "%20"),
        "/config?deep_link=../../x",
        "/pwa_icon/99999999999999999999",
        "/monitoring/x",
        "/login",
        "/account/",
        "/account/export.json/",
        "/account/../account/export.json",
        "/account/huggingface",
        "/gradio_api/call/x/%00",
        "/gradio_api/heartbeat/",
        "/gradio_api/queue/data?session_hash=%00",
        "/" + "x" * 60_000,
    ],
    ids=lambda path: path[:50],
)
def test_no_address_breaks_the_page(page, path):
    with page.goes_on():
        answer = somebody(page.url).get(path)
        page.assert_harmless({path[:50]: answer})
        assert MARKUP not in answer.text


@pytest.mark.parametrize(
    "sent",
    [b"\r\n\r\n", b"\0" * 100, b"GET\r\n\r\n", b"\x16\x03\x01" + b"x" * 50, b"GET / HTTP/9.9\r\n\r\n", b"x" * 200_000],
)
def test_what_is_not_http_is_turned_away(page, sent):
    host, port = page.url.removeprefix("http://").split(":")
    with page.goes_on(), socket.create_connection((host, int(port)), timeout=10) as connection:
        received = b""
        with suppress(OSError):  # it may be closed before all is sent
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            received = connection.recv(10_000)
        assert not received or b" 400 " in received.split(b"\r\n")[0] or b"200" in received[:20]


@pytest.mark.parametrize("kind", ["gradio.FileData", "gradio\\u002eFileData"])
@pytest.mark.parametrize("way", ["run/act", "queue/join", "call/similar"])
def test_what_gradio_would_take_for_a_file_of_the_server_is_refused(page, member, way, kind):
    file = f'{{"path": "/etc/passwd", "meta": {{"_type": "{kind}"}}}}'
    event = page.event("act")
    body = f'{{"data": [{{"ratings": [{file}]}}, 0, [], []], "fn_index": {event.number}, "session_hash": "mine"}}'
    answer = somebody(page.url, member.cookies).post(f"{API}/{way}", body)
    assert (answer.status, "or a file" in answer.sentence) == (400, True)


# ---- markup


def test_a_name_of_markup_is_escaped_wherever_it_stands(page, member):
    arrival = next(event for event in page.events if any(what == "load" for _, what in event.triggers))
    answer = somebody(page.url, member.cookies).run(arrival, [None, None, "", {}, *WANTED])
    assert answer.status == 200
    assert not any(map(raw_markup, drawn(answer)))
    assert answer.text.count("&lt;img src=x onerror=alert(1)&gt;") >= 2  # at the top, and under My films
    exported = somebody(page.url, member.cookies).get("/account/export.json")
    assert exported.headers["content-type"] == JSON
    assert "attachment" in exported.headers["content-disposition"]


def test_a_title_of_markup_is_escaped_wherever_it_stands(page):
    bold = "The <b>Bold</b> (1980)"
    kept = {"ratings": {bold: 5}, "marks": {}, "changes": []}
    event = page.event("act")
    deed = {"do": "rate", "film": bold, "stars": 5, "seq": 1}
    answer = somebody(page.url).run(event, [kept, *WANTED, None, None], event_data=deed)
    outputs = json.loads(answer.text)["data"]
    html = [
        each if isinstance(each, str) else each.get("value", "") for each in outputs if isinstance(each, str | dict)
    ]
    assert "Bold&lt;/b&gt; (1980): 5 stars" in " ".join(map(str, html))
    assert "<b>Bold" not in " ".join(map(str, html))
    unknown = somebody(page.url).run(event, [kept, *WANTED, None, None], event_data={**deed, "film": MARKUP})
    assert "No film of this page is called" in unknown.text
    assert not any(map(raw_markup, drawn(unknown)))
