"""One evening of two guests in two browsers, at a desk and on a phone."""

import pytest

from tests.support.pages.accessibility import broken_rules
from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import served, small_page, wait_until_ready

PATIENCE = 60_000
FILMS = "#tonight-films li[data-film]"
EACH = "() => [...document.querySelectorAll('#tonight-films li[data-film]')].map((film) => [film.dataset.film,"
EACH += " film.querySelector('.each').innerText])"


class Guest:
    """A guest's browser with the page open, and a film rated."""

    def __init__(self, chromium, url, rated, **screen):
        self.page = chromium.new_context(**screen).new_page()
        self.page.set_default_timeout(PATIENCE)
        self.errors = faults_of(self.page)
        self.page.goto(url)
        self.page.locator("#tonight-tab-button").wait_for()
        self.page.evaluate("film => window.films.rate(film, 5)", rated)
        self.page.locator("#told").get_by_text(f"{rated}: 5 stars.").wait_for()

    def type(self, field, text):
        self.page.locator(f"#{field}").get_by_role("textbox").fill(text)

    def films(self):
        """Titles, and what is said of each one's stars."""
        self.page.locator(FILMS).first.wait_for()
        return self.page.evaluate(EACH)

    def fits(self):
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    log = tmp_path_factory.mktemp("tonight") / "log"
    with served(log, *small_page(), forked=True) as url:
        wait_until_ready(url)
        yield url
    assert "Traceback" not in log.read_text()


@pytest.mark.browser
def test_two_guests_find_each_other_by_a_link_and_see_the_same_films(chromium, address):
    desk = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "has_touch": True, "is_mobile": True}
    ann = Guest(chromium, address, "Film 8 (1968)", **desk)
    ann.page.click("#tonight-tab-button")
    ann.type("tonight-name", "Ann")
    ann.page.click("#tonight-start")
    code = ann.page.locator("[data-code]").get_attribute("data-code")
    ben = Guest(chromium, f"{address}/#tonight?code={code}", "Film 9 (1969)", **phone)
    ben.page.locator("#tonight-join").wait_for()  # the link leads to the tab
    ben.page.wait_for_function(
        "code => document.querySelector('#tonight-code :is(input, textarea)')?.value === code", arg=code
    )
    ben.type("tonight-name", "Ben")
    ben.page.tap("#tonight-join")
    films = ben.films()
    assert len(films) == 10
    assert all("Ann ★" in stars and "Ben ★" in stars for _, stars in films)
    assert ann.films() == films  # which come by themselves
    third, first = films[2][0], "() => document.querySelector('#tonight-films li[data-film]').dataset.film"
    ann.page.get_by_label(f"I’d watch it: {third}").focus()
    ann.page.keyboard.press("Enter")
    for guest in (ann, ben):
        guest.page.wait_for_function(f"film => ({first})() === film", arg=third)
        guest.page.locator(FILMS).first.get_by_text("1 would watch it").wait_for()
    assert ann.page.evaluate("document.activeElement.ariaLabel") == f"I’d watch it: {third}"  # where it is now
    ben.page.get_by_label(f"Rather not: {third}").tap()
    for guest in (ann, ben):
        guest.page.locator(FILMS).get_by_text("1 would watch it, 1 rather not").wait_for()
    pressed = "() => [...document.querySelectorAll('[data-vote][aria-pressed=true]')].map((each) => each.ariaLabel)"
    assert ann.page.evaluate(pressed) == [f"I’d watch it: {third}"]
    assert ben.page.evaluate(pressed) == [f"Rather not: {third}"]
    ann.page.get_by_label("A fair mix").check()
    ann.page.locator("#tonight-films").get_by_text("First of all for").first.wait_for()
    for guest in (ann, ben):
        guest.fits()
        assert guest.errors == []
        assert broken_rules(guest.page) == []
    ben.page.tap("#tonight-leave")
    ben.page.locator("#tonight-start").wait_for()
    ann.page.wait_for_function("() => !document.querySelector('#tonight-room').innerText.includes('Ben')")
