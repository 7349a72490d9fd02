"""Places of the page have addresses, in Debian's chromium: Back, a new load and a shared link lead to them."""

import pytest

from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import READY_SECONDS, served, small_page

PATIENCE = 30_000  # ms
WISHES = "#genres?genres=Comedy,Opera&period=1970s&order=newest&adventure=2"
BOLD = "The <b>Bold</b> (1980)"
PATH = "#explore/path?from=The+%3Cb%3EBold%3C%2Fb%3E+(1980)&to=Film+9+(1969)"
HOSTILE = [
    "#<script>alert(1)</script>",
    "#genres?genres=%00,%ed%a0%80&__proto__=x",
    f"#explore/near?film={'x' * 10**6}",
]
TABS = """() => [...document.querySelectorAll('[role=tab][aria-selected=true]')]
  .filter(tab => tab.checkVisibility()).map(tab => tab.id).join()"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    log = tmp_path_factory.mktemp("places") / "log"
    with served(log, *small_page(), forked=True) as url:
        yield url
    assert "Traceback" not in log.read_text()
    assert "Comedy" not in log.read_text()  # a fragment stays in the browser


@pytest.fixture
def page(chromium):
    """A desk that lets the page copy."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    faults = faults_of(opened)
    yield opened
    assert faults == []
    context.close()


def is_at(page, fragment, *tabs):
    """Wait until the page shows a place, and its address says so."""
    page.wait_for_function("said => location.hash === said", arg=fragment)
    page.wait_for_function(f"said => ({TABS})() === said", arg=",".join(f"{tab}-tab-button" for tab in tabs))


def press(page, *tabs):
    for tab in tabs:
        page.click(f"#{tab}-tab-button")


@pytest.mark.browser
def test_back_and_forward_lead_through_places_and_a_new_load_to_the_last_one(address, page):
    page.goto(address)
    page.wait_for_selector("#rate-tab-button", timeout=READY_SECONDS * 1000)
    press(page, "genre")
    is_at(page, "#genres", "genre")
    page.locator("#genres").get_by_label("Comedy").check()
    is_at(page, "#genres?genres=Comedy", "genre")
    press(page, "explore", "viewer")
    page.wait_for_function("() => location.hash.startsWith('#explore/viewer?person=')")
    met = page.evaluate("location.hash")
    page.click("#another")
    page.wait_for_function("met => location.hash.startsWith('#explore/viewer?') && location.hash !== met", arg=met)
    page.go_back()
    is_at(page, met, "explore", "viewer")
    page.wait_for_function("() => document.querySelector('#seed input').value === location.hash.split('=')[1]")
    page.evaluate("history.go(-2)")
    is_at(page, "#genres?genres=Comedy", "genre")
    page.go_back()
    is_at(page, "", "rate")
    page.go_forward()
    is_at(page, "#genres?genres=Comedy", "genre")
    page.reload()
    page.wait_for_selector("#of-genres .films")
    is_at(page, "#genres?genres=Comedy", "genre")
    assert page.locator("#genres").get_by_label("Comedy").is_checked()


@pytest.mark.browser
def test_a_shared_link_leads_to_a_place_and_says_what_of_it_is_unknown(address, page):
    page.add_init_script("sessionStorage.setItem('movie-vae-door', 'rate-tab')")  # a door that was chosen before
    page.goto(f"{address}{PATH}")
    page.wait_for_selector("#path .way", timeout=READY_SECONDS * 1000)
    is_at(page, PATH, "explore", "path")
    assert page.locator("#path .way .title").all_inner_texts()[0] == BOLD
    page.click("#path [data-copy=list]")
    page.locator("#told").get_by_text("Copied.").wait_for()
    first, *_, link = page.evaluate("navigator.clipboard.readText()").strip().split("\n")
    assert (first, link) == (f"1. {BOLD}", f"{address}/{PATH}")

    page.evaluate("fragment => { location.hash = fragment; }", WISHES)
    page.locator("#told").get_by_text("No genre here is called “Opera”.").wait_for()
    is_at(page, WISHES, "genre")
    assert page.locator("#genres").get_by_label("Comedy").is_checked()
    assert page.locator("#genre-decades").get_by_label("1970s").is_checked()
    assert page.locator("#genre-adventure input[type=number]").input_value() == "2"
    page.locator("#of-genres .films li").first.wait_for()
    film = page.locator("#of-genres .films [data-open]").first
    title = film.get_attribute("data-open")
    film.click()
    page.wait_for_function("said => new URLSearchParams(location.hash).get('film') === said", arg=title)
    page.go_back()
    page.locator("#film-panel dialog").wait_for(state="hidden")
    is_at(page, WISHES, "genre")
    page.evaluate("() => { Object.defineProperty(navigator, 'clipboard', { value: undefined }); }")
    page.click("#of-genres [data-copy=link]")
    assert page.locator("#address dialog[open] textarea").input_value() == f"{address}/{WISHES}"
    page.click("#address [data-close-dialog]")

    for fragment in HOSTILE:
        page.evaluate("fragment => { location.hash = fragment; }", fragment)
        page.wait_for_timeout(100)
    page.wait_for_selector("#near-films .films")
    assert page.evaluate("() => ({}).x === undefined && !document.querySelector('#told img')")


@pytest.mark.browser
def test_who_uses_the_keyboard_skips_to_the_films_and_goes_on_where_something_was_done(address, page):
    def focus_is_in(selector):
        page.wait_for_function("place => document.activeElement.closest(place) !== null", arg=selector)

    def press_on(selector):
        page.locator(selector).first.focus()
        page.keyboard.press("Enter")

    page.goto(f"{address}#rate?period=1970s")
    page.wait_for_selector("#rate-filters >> text=Filters: 1970s", timeout=READY_SECONDS * 1000)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Tab")
    focus_is_in(".skip")
    assert page.locator(".skip").bounding_box()["height"] > 40
    page.keyboard.press("Enter")
    focus_is_in("#for-you .title")
    assert page.url.endswith("#rate?period=1970s")
    press_on("#rate-clear")
    focus_is_in("#rate-filters")
    page.locator("#film-input").focus()
    page.keyboard.type("Film 8 (1968)")
    page.locator("#film-list [role=option]").first.wait_for()
    page.keyboard.press("Enter")
    press_on("#add")
    page.locator('#given [data-film="Film 8 (1968)"]').wait_for(state="attached")
    focus_is_in("#film-input")
    page.keyboard.press("Escape")
    press_on("#for-you [data-do=later]")
    focus_is_in("#for-you .undo")
    press_on("#told .close")
    focus_is_in("#for-you .undo")
    press_on("#given [data-do=remove]")
    page.wait_for_selector("#given .rating", state="detached")
    focus_is_in("#rate-layout")
