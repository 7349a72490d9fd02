"""What stands before the page, as it is served: uploads that break off, asked over bare sockets and in chromium."""

import json
import random
import socket
import struct

import pytest

from recsys.recommend.film_keys import key_of_title
from tests.support.loopback_proxy import cutting_proxy, path_proxy
from tests.support.pages.accessibility import broken_rules
from tests.support.pages.page_server import FILE, Browser, at_once, served, small_page, wait_for, wait_until_ready

N_CUTS = 200
PASSWORD = "four random words"
FILM = "Film 1 (1961)"
LETTERBOXD = "Date,Name,Year,Letterboxd URI,Rating\n" + "".join(
    f"2024-02-01,Film {item},19{60 + item},https://boxd.it/{item},{0.5 + item % 10 / 2}\n" for item in (1, 3, 5, 7, 9)
)


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("front") / "log"


@pytest.fixture(scope="module")
def url(log):
    with served(log, *small_page(), database=f"sqlite:///{log.parent / 'people.sqlite3'}", forked=True) as url:
        wait_until_ready(url)
        wait_for(lambda: Browser(url).account("sign-out").status == 200, 30, "opening the accounts")
        yield url
    assert "Traceback" not in log.read_text()


def member(url, name):
    browser = Browser(url)
    browser.get("/")
    assert browser.account("register", name=name, password=PASSWORD).status == 200
    return browser


def kept(browser):
    """What is kept about somebody: the store's numbers of films, with stars."""
    return {row["item_id"]: row["stars"] for row in json.loads(browser.get("/account/export.json").text)["ratings"]}


def key_of(number):
    """The store's number of a film of the board."""
    return key_of_title(f"Film {number} (19{60 + number})")


def connected(url):
    host, port = url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def head_of(browser, path, length, kind=FILE):
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: page",
        f"Content-Type: {kind}",
        f"Cookie: {cookie}",
        f"Content-Length: {length}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


# ---- uploads that break off


@pytest.fixture(scope="module")
def bringer(url):
    return member(url, "Bringer")


def cut(url, bringer, place, how):
    """Send a part of a file, and go."""
    content = LETTERBOXD.encode()
    with connected(url) as line:
        line.sendall(head_of(bringer, "/account/import", len(content)) + content[:place])
        if how == "reset":
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif how == "half":
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)


def test_an_upload_that_is_cut_anywhere_keeps_nothing_and_a_whole_one_all(url, bringer):
    rng = random.Random(0)
    places = [rng.randrange(len(LETTERBOXD)) for _ in range(N_CUTS - 1)] + [len(LETTERBOXD) - 2]
    calls = [
        lambda at=at, place=place: cut(url, bringer, place, ("end", "reset", "half")[at % 3])
        for at, place in enumerate(places)
    ]
    assert len([*at_once(calls)]) == N_CUTS
    assert kept(bringer) == {}
    wait_for(lambda: bringer.ask("POST", "/account/import", LETTERBOXD, FILE).status == 200, 20, "the whole file")
    assert kept(bringer) == {key_of(film): stars for film, stars in ((1, 1), (3, 2), (5, 3), (7, 4), (9, 5))}


@pytest.mark.browser
@pytest.mark.parametrize("share", [0.0, 0.6, 0.999])
def test_the_page_says_of_an_upload_that_broke_off_that_nothing_was_kept(url, chromium, tmp_path, share):
    somebody = member(url, f"Cut at {share}")
    content = LETTERBOXD + " \n" * 2_000_000  # more than a line takes before it is read
    (tmp_path / "ratings.csv").write_text(content)
    with cutting_proxy(url, "/account/import?", int(share * len(content))) as proxy:
        context = chromium.new_context()
        context.add_cookies([{"name": n, "value": value, "url": proxy} for n, value in somebody.cookies.items()])
        page = context.new_page()
        page.goto(proxy)
        page.get_by_role("tab", name="My films", exact=True).click(timeout=60_000)
        page.locator("#yours").get_by_role("tab", name="Account", exact=True).click()
        page.set_input_files("#yours-account input[type=file]", tmp_path / "ratings.csv")
        page.get_by_text("The upload broke off, so nothing was kept").wait_for()
        context.close()
    assert kept(somebody) == {}


# ---- what browsers are told

TWICE = {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2}  # 1280 x 900 at 200 %
TABS = [("Rate",), ("Genres",), ("My films",), ("My films", "Account"), ("Explore",), ("Metrics",)]


@pytest.mark.browser
def test_every_tab_keeps_to_the_policy_and_passes_axe_in_the_dark_at_200_percent(url, chromium):
    somebody = member(url, "Looks around")
    context = chromium.new_context(accept_downloads=True, color_scheme="dark", **TWICE)
    violations = []
    context.expose_function("violated", lambda what: violations.append(what))
    context.add_init_script(
        "document.addEventListener('securitypolicyviolation', (event) => "
        "violated(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"
    )
    page = context.new_page()
    page.on("console", lambda said: violations.append(said.text) if "Content Security" in said.text else None)
    page.goto(url)
    page.get_by_role("button", name="Sign in", exact=True).first.click(timeout=60_000)
    page.locator("dialog[data-name=sign-in] button[data-close-dialog]").click()
    context.add_cookies([{"name": n, "value": value, "url": url} for n, value in somebody.cookies.items()])
    page.goto(url)
    for names in TABS:
        for at, name in enumerate(names):
            holder = page if at == 0 else page.locator("#yours")
            holder.get_by_role("tab", name=name, exact=True).click(timeout=60_000)
        is_well(page, names)
    inner = page.locator("#explore").get_by_role("tab")
    page.get_by_role("tab", name="Explore", exact=True).click()
    for at in range(inner.count()):
        inner.nth(at).click()
        is_well(page, at)
    page.get_by_role("tab", name="My films", exact=True).click()
    page.locator("#yours").get_by_role("tab", name="Account", exact=True).click()
    with page.expect_download() as download:
        page.locator("a[href$='export.json']").click()
    assert download.value.suggested_filename == "movie-vae.json"
    assert page.evaluate("fetch('https://films.example/').then(() => 'fetched', () => 'refused')") == "refused"
    wait_for(lambda: page.evaluate("1") and violations, 10, "the one violation that was meant")
    context.close()
    assert all("connect-src" in each or "films.example" in each for each in violations), violations


def is_well(page, place):
    """Nothing that axe finds, and nothing to scroll sideways."""
    assert broken_rules(page) == [], place
    assert page.evaluate("document.documentElement.scrollWidth") <= TWICE["viewport"]["width"], place


def test_every_answer_has_the_headers_and_none_says_what_serves_it(url):
    for path in ("/", "/config", "/nothing", "/account/export.json", "/theme.css"):
        said = Browser(url).get(path).headers
        assert said["x-content-type-options"] == "nosniff"
        assert said["content-security-policy"].endswith("frame-ancestors 'self'")
        assert "server" not in said


# ---- under a path of another site


@pytest.fixture(scope="module")
def under(tmp_path_factory):
    """The page that is told to be at /films; without a proxy it is found at both places."""
    log = tmp_path_factory.mktemp("under") / "log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ROOT_PATH", "films/")
        with served(log, *small_page(), database=f"sqlite:///{log.parent / 'people.sqlite3'}") as url:
            wait_until_ready(url)
            wait_for(lambda: Browser(url).account("sign-out").status == 200, 30, "opening the accounts")
            yield url


@pytest.mark.browser
@pytest.mark.parametrize("keeps", [False, True])
def test_the_page_works_under_a_path_of_another_site_and_asks_for_nothing_beside_it(under, chromium, keeps):
    outside = []
    with path_proxy(under, "/films", keeps, outside) as address:
        context = chromium.new_context(accept_downloads=True)
        page = context.new_page()
        page.goto(f"{address}/")
        page.get_by_role("button", name="Register", exact=True).first.click(timeout=60_000)
        form = page.locator("dialog[data-name=register]")
        form.locator("[name=name]").fill(f"Under {keeps}")
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[type=submit]").click()
        page.get_by_text("Hello, ").wait_for(timeout=60_000)
        assert {(cookie["name"], cookie["path"]) for cookie in context.cookies()} == {
            ("movie-vae-visitor", "/films"),
            ("movie-vae-session", "/films"),
        }
        page.get_by_role("tab", name="My films", exact=True).click(timeout=60_000)
        page.locator("#yours").get_by_role("tab", name="Account", exact=True).click()
        with page.expect_download() as download:
            page.locator("a[href$='export.json']").click()
        assert json.loads(download.value.path().read_text())["ratings"] == []
        context.close()
    assert [path for path in outside if path != "/favicon.ico"] == []


def test_the_path_alone_leads_to_its_folder(under):
    answer = Browser(under).get("/films")
    assert (answer.status, answer.headers["location"]) == (308, "/films/")
    assert Browser(under).get("/films/").status == Browser(under).get("/").status == 200
