"""The page on a phone and a tablet, by touch: a swipe on sliders scrolls, and a tap or a way sideways rates.

Sliders are found in the page, so that one more is tested by itself: those of every tab, in all that can be opened.
"""

import time
from itertools import count, cycle

import pytest

from tests.support.pages.accessibility import broken_rules
from tests.support.pages.fingers import Fingers
from tests.support.pages.page_server import served, small_page

PATIENCE_SECONDS = 60
QUIET_MS = 60
LEAST_SWIPES = 20
PHONE, TABLET = {"width": 390, "height": 844}, {"width": 820, "height": 1180}
KNOWN = {  # what sliders are for: elem_ids around them
    *("stars", "suggested", "rate-adventure", "for-you", "given"),
    *(
        "genre-adventure",
        "of-genres",
        "yours-taste",
        "yours-rated",
        "yours-later",
        "yours-seen",
        "yours-hidden",
        "near-films",
    ),
}
SWIPES = cycle(  # (right, down) in px, how
    [
        ((0, -200), {}),
        ((0, 160), {"steps": 2}),
        ((70, -150), {"steps": 3}),
        ((-70, 140), {"steps": 8}),
        ((0, -250), {"steps": 3}),
        ((30, -80), {"hold": 100, "steps": 3}),
        ((0, -24), {"steps": 2}),
    ]
)
STARTS = cycle([0.1, 0.5, 0.9, 0.3, 0.7])  # of a slider's width
STATE = """() => ({
  sliders: [...document.querySelectorAll("input[type=range]")].map((input) => [
    input.closest("[data-film]")?.dataset.film, input.value, input.style.cssText, input.ariaValueText,
    input.parentElement.querySelector("output")?.textContent]),
  numbers: [...document.querySelectorAll("input[type=number]")].map((input) => input.value),
  kept: { ...localStorage },
})"""
SHOWN = """() => [...document.querySelectorAll("input[type=range]")].flatMap((input, at) =>
  input.checkVisibility() && !input.disabled ? [[at, input.closest(".block[id]").id]] : [])"""
OPEN = """() => {
  const closed = [...document.querySelectorAll("details:not([open])")].filter((each) => each.checkVisibility());
  closed.forEach((each) => { each.open = true; });
  return closed.length;
}"""
SMALL = """() => [...document.querySelectorAll("button, summary, [role=tab]")]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && !each.closest(".film-map"))
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([, { width, height }]) => width > 1 && Math.min(width, height) < 43.5)
  .map(([each, { width, height }]) => `${each.ariaLabel || each.textContent} ${width} x ${height}`)"""
TILE = ".tiles > :not(.open) .title:visible"
FILM = "#film input"
UNSEEN = ".films:not(:has(.seen-it, [data-became=seen])) [data-do=seen]:visible"
WAITS = """() => [...document.querySelectorAll(".waiting")].some((each) => each.checkVisibility())"""
OUTER, INNER = "[role=tab]:not([role=tabpanel] *):visible", "[role=tabpanel] [role=tab]:visible"
CENTRE = """(input) => { input.scrollIntoView({ block: "center" }); return input.getBoundingClientRect().toJSON(); }"""


class Phone:
    """The page on a phone.

    Attributes:
        page: the browser's. fingers: on it. asked: addresses that something was sent to.
        awaited: requests that are not answered to their end; a stream ends with all the events that it was opened for.
    """

    def __init__(self, page):
        self.page, self.fingers, self.asked, self.awaited = page, Fingers(page), [], set()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("request", self._note)
        for end in ("requestfinished", "requestfailed"):
            page.on(end, lambda request: self.awaited.discard(request))

    def _note(self, request):
        if request.method == "POST":
            self.asked.append(request.url)
        if request.method == "POST" or "/queue/data" in request.url:
            self.awaited.add(request)

    def settle(self):
        """Until all that was asked is answered, nothing is being made ready, and nothing moves.

        A part of the page that waits for a model or a map asks again by itself, whatever fingers do meanwhile.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        self.fingers.wait_until_still(QUIET_MS)
        while self.awaited or self.page.evaluate(WAITS):
            assert time.monotonic() < deadline, [request.url for request in self.awaited] or "something still waits"
            self.fingers.wait_until_still(QUIET_MS)

    def rate(self, slider, share=0.9):
        self.fingers.tap(self.still_at(slider, share))
        self.page.locator("#told").get_by_text("star").wait_for()
        self.settle()

    def at(self, slider, share):
        box = slider.evaluate(CENTRE)
        return box["x"] + 10 + share * (box["width"] - 20), box["y"] + box["height"] / 2

    def still_at(self, slider, share):
        """Where it is once nothing moves any more: a tap on a page that moves only stops it."""
        place = self.at(slider, share)
        self.fingers.wait_until_still()
        return place

    def open(self, tab):
        self.page.get_by_role("tab", name=tab, exact=True).and_(self.page.locator(":visible")).tap()
        self.settle()

    def places(self):
        """Opens every tab, and all that can be opened in it; yields its names."""
        for tab in self.page.locator(OUTER).all_inner_texts():
            self.open(tab)
            for inner in self.page.locator(INNER).all_inner_texts() or [None]:
                if inner:
                    self.open(inner)
                self.open_all()
                yield tab, inner

    def open_all(self):
        closed = self.page.locator("button.label-wrap:not(.open):visible, .fold[aria-expanded=false]:visible")
        had_closed = closed.count() > 0
        while closed.count():
            closed.first.tap()
        genres = self.page.locator("#genres input:visible")
        if genres.count():
            genres.first.check()
            self.page.wait_for_selector("#of-genres [data-film]")
        while self.page.evaluate(OPEN) or had_closed:
            had_closed = False
            self.settle()
        self.open_what_rates()

    def open_what_rates(self, where=None):
        """The slider of the film that is searched for, the stars of a tile, and those of a film of a list."""
        unseen = self.page.locator(f"{f'#{where}' if where else ''} {UNSEEN}")
        while unseen.count():
            unseen.first.tap()
            self.settle()
        if self.page.locator(FILM).is_visible() and not self.page.input_value(FILM):
            self.page.locator(FILM).fill("film 2")
            self.page.locator("#film [role=option]").first.tap()
        if self.page.locator(TILE).count() and not self.page.locator(".tiles > .open").count():
            self.page.locator(TILE).first.tap()

    def sliders(self):
        """(slider, elem_id around it) of those that can be seen."""
        every = self.page.locator("input[type=range]")
        return [(every.nth(at), around) for at, around in self.page.evaluate(SHOWN)]


@pytest.fixture(scope="module")
def phone(chromium, tmp_path_factory):
    """Somebody who has rated, and said of films that they are for later or never."""
    folder = tmp_path_factory.mktemp("touch")
    with served(folder / "log", *small_page(), forked=True) as url:
        context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
        phone = Phone(context.new_page())
        phone.page.goto(url)
        phone.page.wait_for_selector(".suggested")
        phone.settle()
        for share in (0.9, 0.5, 0.9):
            phone.page.locator(TILE).first.tap()
            phone.rate(phone.page.locator(".tiles > .open input"), share)
        for mark in ("later", "later", "later", "hidden", "seen"):
            phone.page.locator(f"#for-you [data-do={mark}]:visible").first.tap()
            phone.settle()
        yield phone
        context.close()
    assert "Traceback" not in (folder / "log").read_text()


@pytest.mark.browser
def test_every_place_passes_axe_and_swipes_that_begin_on_sliders_change_nothing(phone):
    n_swipes, moved, around = count(), 0, set()
    for place in phone.places():
        suits_a_tablet(phone, place)
        assert broken_rules(phone.page) == [], place
        suits(phone, place, PHONE)
        before, asked, sliders = phone.page.evaluate(STATE), len(phone.asked), phone.sliders()
        for slider, where in sliders:
            start, (by, how) = phone.at(slider, next(STARTS)), next(SWIPES)
            top = phone.page.evaluate("scrollY")
            if next(n_swipes) % 4 == 3:
                phone.fingers.scroll(start, by, speed=2400)
            else:
                phone.fingers.swipe(start, by, **how)
            phone.fingers.wait_until_still(QUIET_MS // 2)
            moved += phone.page.evaluate("scrollY") != top
            around.add(where)
        phone.settle()
        assert phone.page.evaluate(STATE) == before, place
        assert phone.asked[asked:] == [], place
    assert around >= KNOWN
    assert next(n_swipes) >= LEAST_SWIPES
    assert moved > LEAST_SWIPES // 3, "the swipes did not scroll"  # short tabs have nowhere to go


def suits(phone, place, size):
    """Nothing is too small for a finger or wider than the screen."""
    assert phone.page.evaluate(SMALL) == [], place
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= size["width"], place


def suits_a_tablet(phone, place):
    """The same page on a larger screen; axe looks at tabs without others in them."""
    phone.page.set_viewport_size(TABLET)
    suits(phone, place, TABLET)
    if place[1] is None:
        assert broken_rules(phone.page) == [], place
    phone.page.set_viewport_size(PHONE)
    phone.settle()


@pytest.mark.browser
def test_a_tap_and_a_way_sideways_count_on_sliders_of_every_kind(phone):
    tried = set()
    for _ in phone.places():
        for where in dict.fromkeys(where for _, where in phone.sliders()):
            counts(phone, where, lambda at: phone.fingers.swipe(at, (-150, 12), steps=3))
            counts(phone, where, phone.fingers.tap)
            tried.add(where)
    assert tried >= KNOWN


def counts(phone, where, gesture):
    """A gesture from the right end of the first slider of a kind is heard by whoever must hear it."""
    phone.page.evaluate(OPEN)
    phone.open_what_rates(where)
    slider = phone.page.locator(f"#{where} input[type=range]:visible:enabled").first
    if slider.count() == 0:  # the only film of a list is rated
        return
    film, asked = slider.evaluate("(input) => input.closest('[data-film]')?.dataset.film"), len(phone.asked)
    before = slider.input_value()
    gesture(phone.still_at(slider, 0.95))
    if film:
        phone.page.locator("#told [data-seq]").get_by_text(f"{film}: ").wait_for()
        phone.settle()
        assert len(phone.asked) > asked
    else:
        phone.settle()
        assert phone.page.locator(f"#{where} input[type=number]").input_value() == slider.input_value() != before


@pytest.mark.browser
def test_stars_are_large_enough_for_thumbs_and_a_film_that_was_not_seen_gives_way(phone):
    phone.open("Rate")
    page, tile = phone.page, phone.page.locator(".tiles > .open")
    for nth in (2, 4):
        phone.open_what_rates("suggested")
        film, box = tile.get_attribute("data-film"), tile.locator("input").bounding_box()
        assert box["width"] >= 5 * 44
        assert box["height"] >= 44
        phone.rate(tile.locator("input"), (44 * nth - 22 - 10) / (box["width"] - 20))
        assert page.locator("#told [data-seq]").inner_text() == f"{film}: {nth} stars."
        assert tile.count() == 0
    phone.open_what_rates("suggested")
    film = tile.get_attribute("data-film")
    tile.locator("[data-do=unseen]").tap()
    page.locator("#told").get_by_text(f"Another film instead of {film}.").wait_for()
    phone.settle()
    assert film not in page.locator(".tiles > li").evaluate_all("tiles => tiles.map(tile => tile.dataset.film)")


@pytest.mark.browser
def test_mouse_and_keys_rate_as_before(phone):
    phone.open("Rate")
    slider, mouse = phone.page.locator("#given input[type=range]").first, phone.page.mouse
    film = slider.evaluate("(input) => input.closest('[data-film]').dataset.film")
    for share, stars in ((0.4, "2 stars"), (0.8, "4 stars")):
        mouse.move(*phone.at(slider, 0.6))
        mouse.down()
        mouse.move(*phone.at(slider, share))
        mouse.up()
        phone.page.locator("#told").get_by_text(f"{film}: {stars}.").wait_for()
    slider.focus()
    phone.page.keyboard.press("Home")
    phone.page.keyboard.press("ArrowRight")
    phone.page.keyboard.press("Enter")
    phone.page.locator("#told").get_by_text(f"{film}: 1 star.").wait_for()
