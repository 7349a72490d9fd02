"""The panel of a film in Debian's chromium: by touch on a phone, in the dark; by keyboard and mouse on a desk.

The page has posters, of a TMDB on this machine.
"""

import base64
from pathlib import Path

import pytest

from tests.support.loopback_tmdb import V3, LoopbackTmdb, film
from tests.support.pages import poster_page
from tests.support.pages.accessibility import broken_rules
from tests.support.pages.fingers import Fingers
from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import READY_SECONDS, served, small_page

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NO_POSTER = "Film 7 (1967)"
PICTURED = [f"Film {n} ({1960 + n})" for n in (1, 3, 5, 6, *range(8, 25))]
OPENED = "new URLSearchParams(location.hash.split('?')[1]).get('film')"  # as the address says
LISTED = "() => [...document.querySelectorAll('#for-you .cards > li')].map(({ dataset }) => dataset.film)"
DRESSED = """(pictured) => [...document.querySelectorAll("#for-you .cards > li")].every((card) => {
  const [poster, ...more] = card.querySelectorAll("img.poster"), { film } = card.dataset;
  return !more.length && poster.dataset.of === film && poster.matches(".there") === pictured.includes(film);
})"""
BOLD = "The <b>Bold</b> (1980)"
TITLES = "#for-you button.title"
HEIGHTS = """(titles) => titles.filter((title) => title.checkVisibility())
  .map((title) => title.getBoundingClientRect().height)"""
NOTE = """() => { window.noted = []; for (const event of ["film-opened", "film-closed"])
  document.addEventListener(event, ({ detail }) => window.noted.push(detail?.film ?? null)); }"""
CENTRE = """(title) => { title.scrollIntoView({ block: "center" });
  const { x, y, width, height } = title.getBoundingClientRect(); return [x + width / 2, y + height / 2]; }"""


@pytest.fixture(scope="module")
def tmdb():
    """It knows the films of the board but for one, with a picture that is no more than a dot."""
    server = LoopbackTmdb()
    server.films = {n: film(n, f"Film {n}", 1960 + n) for n in range(1, 25)}
    server.films[7]["poster_path"] = None
    server.pictures = {f"/poster{n}.jpg": ("image/png", PNG) for n in server.films}
    yield server
    server.stop()


@pytest.fixture(scope="module")
def address(tmdb, tmp_path_factory):
    folder, program = tmp_path_factory.mktemp("panel"), Path(poster_page.__file__)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMDB_API_KEY", V3)
        patch.setenv("MOVIE_VAE_CACHE", str(folder / "cache"))
        with served(folder / "log", tmdb.url, *small_page(), program=program, forked=True) as url:
            yield url
    assert "Traceback" not in (folder / "log").read_text()


STANDS_STILL = """new Promise((done) => {  // the list, for a second: what was rated before is drawn
    let seen, since;
    const look = () => {
        const now = document.querySelector('#for-you').innerHTML;
        if (now !== seen) [seen, since] = [now, performance.now()];
        if (performance.now() - since > 1000) done(); else setTimeout(look, 100);
    };
    look();
})"""


class Panel:
    """A browser with the page open, and the panel in it."""

    def __init__(self, chromium, address, **kind):
        self.context = chromium.new_context(**kind)
        self.page = self.context.new_page()
        self.page.set_default_timeout(READY_SECONDS * 1000)
        self.errors, self.hosts = faults_of(self.page), set()
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))
        self.page.goto(address)
        self.page.wait_for_selector(TITLES)
        self.page.evaluate(NOTE)
        self.dialog = self.page.locator("dialog.film-panel")

    def shows(self, title):
        self.dialog.locator(f'[data-film="{title}"]').wait_for()
        return self.dialog.locator("h2").inner_text() == title

    def focused(self):
        return self.page.evaluate("document.activeElement.textContent")

    def end(self, address):
        assert self.errors == []
        assert self.hosts == {address.removeprefix("http://")}
        self.context.close()


@pytest.mark.browser
def test_a_film_is_opened_by_touch_kept_for_later_and_leads_to_others(chromium, address):
    size = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    panel = Panel(chromium, address, color_scheme="dark", **size)
    page, dialog = panel.page, panel.dialog
    assert min(page.locator("button[data-open]").evaluate_all(HEIGHTS)) >= 44
    first = page.locator(TITLES).first
    title = first.get_attribute("data-open")
    Fingers(page).tap(first.evaluate(CENTRE))
    assert panel.shows(title)
    assert panel.focused() == title
    assert dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}
    dialog.locator("[data-do=later]").tap()
    dialog.locator(".panel-told").get_by_text(title).wait_for()
    dialog.locator("[data-do=unmark]").wait_for()  # drawn anew
    assert panel.focused() == "Not later"
    dialog.locator(".panel-told [data-do=undo]").tap()
    dialog.locator("[data-do=later]").wait_for()
    near = dialog.locator(".near button.title").first
    other = near.get_attribute("data-open")
    near.tap()
    assert panel.shows(other)
    dialog.locator(".back").tap()
    assert panel.shows(title)
    assert dialog.locator(".back").is_hidden()
    links = dialog.locator(".elsewhere a").evaluate_all("(all) => all.map(({ target, rel }) => [target, rel])")
    assert links == [["_blank", "noreferrer noopener"]] * 4
    assert broken_rules(page) == []
    dialog.locator("[data-go=path]").tap()
    page.wait_for_function("title => window.filmField('path-from')?.chosen[0] === title", arg=title)
    assert not dialog.evaluate("(dialog) => dialog.open")
    assert page.evaluate("window.noted") == [title, other, title, None]
    panel.end(address)


@pytest.fixture(scope="module")
def desk(chromium, address):
    panel = Panel(chromium, address, color_scheme="light", viewport={"width": 1280, "height": 900})
    yield panel
    panel.end(address)


@pytest.mark.browser
def test_a_poster_stands_beside_the_film_that_it_is_of_whatever_is_drawn_anew(desk):
    page, dialog = desk.page, desk.dialog
    page.wait_for_function(DRESSED, arg=PICTURED)
    before = page.evaluate(LISTED)
    page.evaluate("film => window.films.rate(film, 1)", before[0])
    page.wait_for_function(f"before => ({LISTED})().join() !== before.join()", arg=before)
    page.wait_for_function(DRESSED, arg=PICTURED)
    assert page.locator("img.poster:not([alt=''])").count() == 0  # titles say which film it is
    page.locator("#posters").get_by_text("not endorsed or certified by TMDB").wait_for()
    for title, has_one in ((PICTURED[0], True), (NO_POSTER, False)):
        page.evaluate("title => window.filmPanel.open(title)", title)
        assert desk.shows(title)
        page.wait_for_function(f"title => ({OPENED}) === title", arg=title)
        poster = dialog.locator(".content > .poster.there")
        poster.wait_for(state="visible" if has_one else "detached")
    page.keyboard.press("Escape")  # leads to where the first was opened
    page.wait_for_function(f"({OPENED}) === null")
    dialog.wait_for(state="hidden")


@pytest.mark.browser
def test_a_film_is_opened_by_keyboard_and_the_focus_goes_back(desk):
    page, dialog = desk.page, desk.dialog
    if dialog.is_visible():  # a try before this one has left it open
        page.keyboard.press("Escape")
    page.evaluate(STANDS_STILL)
    opener = page.locator(TITLES).nth(2)
    title = opener.get_attribute("data-open")
    opener.focus()
    page.keyboard.press("Enter")
    assert desk.shows(title)
    page.keyboard.press("Escape")
    page.wait_for_function("!document.querySelector('dialog.film-panel').open")
    assert opener.evaluate("(opener) => opener === document.activeElement")
    page.evaluate("title => { window.filmPanel.open('Twin (1991)'); window.filmPanel.open(title); }", BOLD)
    assert desk.shows(BOLD)  # the second wins
    page.evaluate("window.filmPanel.open('no such <i>film</i>')")
    dialog.get_by_text("No film here is called “no such <i>film</i>”").wait_for()
    page.mouse.click(200, 500)  # beside it
    page.wait_for_function("!document.querySelector('dialog.film-panel').open")
    page.evaluate("title => window.filmPanel.open(title)", title)
    slider = dialog.locator("input[type=range]")
    slider.focus()
    for key in ("End", "Enter"):
        page.keyboard.press(key)
    dialog.locator(".panel-told").get_by_text("5 stars").wait_for()
    dialog.locator("input[type=range][value='5']").wait_for()
    assert slider.evaluate("(slider) => slider === document.activeElement")
    page.locator(f'#given .rating[data-film="{title}"]').wait_for(state="attached")
    dialog.locator("[data-go=map]").click()
    page.locator(".film-map .told").get_by_text(title).wait_for()
