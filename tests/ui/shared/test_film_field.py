"""The field for films, in Debian's chromium: by keyboard, mouse and touch, and with a server that hangs or is gone."""

import re

import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.testing.synthetic import checkerboard
from tests.support.pages.page_server import WANTED, events_of, made, served, somebody, write_data
from tests.ui.test_page_in_browser import LISTED, Visit

HOSTILE = "<img src=x onerror=alert(1)> & ${title} {{title}} (1980)"
RIGHT_TO_LEFT, EMOJI = "שלום עולם (1991)", "🎬👩‍🚀 Moonshot (1992)"
NAMED = [HOSTILE, RIGHT_TO_LEFT, EMOJI, "Hamlet (1948)", "Hamlet (1990)", "Héroïne (1995)", "Heat (1995)"]
N_FILMS = 300
TITLES = NAMED + [f"Film {number} ({1900 + number % 96})" for number in range(len(NAMED), N_FILMS)]
FILM = "#film"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("field")
    genres = ["Drama" if number % 2 else "Comedy" for number in range(N_FILMS)]
    data = write_data(folder / "data", checkerboard(40, N_FILMS), TITLES, genres)
    save_artifact(folder / "model", made("popularity", data).artifact)
    with served(folder / "log", "--model", str(folder / "model"), "--dataset", str(data), forked=True) as url:
        yield url
    assert "Traceback" not in (folder / "log").read_text()


class Field:
    """One field of a page."""

    def __init__(self, page, name=FILM):
        self.page, self.name = page, name
        self.input, self.rows = page.locator(f"{name} input"), page.locator(f"{name} [role=option]")
        self.nothing, self.status = page.locator(f"{name} .nothing"), page.locator(f"{name} [role=status]")

    def type(self, text):
        """Type in place of what stands there, and wait for the list of that."""
        self.input.click()
        self.input.fill("")
        self.input.press_sequentially(text)
        self.page.wait_for_function(LISTED, arg=[self.name, text])

    def titles(self):
        return [row.get_attribute("aria-label") for row in self.rows.all()]

    def pointed_at(self):
        """What a screen reader is told of; checks that it is the row that looks so."""
        row = self.input.get_attribute("aria-activedescendant")
        marked = [each.get_attribute("id") for each in self.rows.all() if each.get_attribute("aria-selected") == "true"]
        assert marked == ([row] if row else [])
        return row and self.page.locator(f"#{row}").get_attribute("aria-label")

    def value(self):
        return self.input.input_value()

    def wait_for_value(self, title):
        self.page.wait_for_function(
            "([field, title]) => document.querySelector(field).value === title", arg=[f"{self.name} input", title]
        )


@pytest.fixture(scope="module", params=[(1280, "light"), (390, "dark")], ids=["desk", "phone"])
def visit(request, chromium, address):
    visit = Visit(chromium, *request.param)
    visit.arrive(address)
    yield visit
    visit.end(address)


@pytest.fixture
def field(visit):
    """The field of the first tab, empty."""
    visit.open("Rate")
    field = Field(visit.page)
    field.input.fill("")
    return field


@pytest.mark.browser
def test_a_film_is_chosen_by_keyboard_and_the_field_is_empty_once_it_is_rated(visit, field):
    page = visit.page
    field.input.focus()
    field.rows.first.wait_for()
    assert len(field.titles()) == 10
    assert field.input.get_attribute("aria-expanded") == "true"
    field.type("hamlet")
    assert set(field.titles()) == {"Hamlet (1948)", "Hamlet (1990)"}
    assert field.rows.locator("b").all_inner_texts() == ["Hamlet", "Hamlet"]
    assert field.status.inner_text() == "2 films: arrow keys choose."
    first, second = field.titles()
    for key, pointed in (
        ("Enter", first),  # two are called so: none is taken
        ("ArrowDown", second),
        ("ArrowDown", first),
        ("ArrowUp", second),
        ("Home", first),
        ("End", second),
    ):
        page.keyboard.press(key)
        assert field.pointed_at() == pointed, key
    page.keyboard.press("Escape")
    assert field.rows.first.is_hidden()
    assert (field.value(), field.pointed_at()) == ("hamlet", None)
    page.keyboard.press("ArrowDown")
    field.rows.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert field.value() == first
    assert field.input.get_attribute("aria-expanded") == "false"
    visit.fits()
    page.click("#add")
    page.locator("#given .rating .title").get_by_text(first).wait_for()
    field.wait_for_value("")
    page.locator("#add").wait_for(state="hidden")  # nothing is to be rated
    field.type("hamlet")
    page.keyboard.press("Escape")
    page.click("#add")
    visit.told("Choose a film of the list first: type a part of its title.")


@pytest.mark.browser
def test_what_is_typed_in_full_is_taken_by_enter_or_when_the_field_is_left(visit, field):
    page = visit.page
    for typed, title in (
        ("heat", "Heat (1995)"),
        ("HEROINE 1995", "Héroïne (1995)"),
        ("film 11 (1911)", "Film 11 (1911)"),
    ):
        field.input.fill(typed)
        page.keyboard.press("Enter")  # before there is an answer
        field.wait_for_value(title)
        field.input.fill("")
        field.input.press_sequentially(typed)
        page.keyboard.press("Tab")
        field.wait_for_value(title)
    field.input.fill("hamlet")
    page.keyboard.press("Tab")
    page.locator(f"{FILM} .popup").wait_for(state="hidden")
    assert field.value() == "hamlet"
    page.click("#add")
    visit.told("Choose a film of the list first")


@pytest.mark.browser
def test_where_nothing_fits_it_is_said_and_the_nearest_can_be_chosen(visit, field):
    field.type("hamlte")
    sentence = "Nothing here is called “hamlte”. Films here end in 1995. Did you mean:"
    assert field.nothing.inner_text() == sentence
    assert field.status.inner_text() == f"{sentence} 2 films: arrow keys choose."
    assert set(field.titles()) == {"Hamlet (1948)", "Hamlet (1990)"}
    field.rows.first.click()
    assert field.value().startswith("Hamlet (19")
    field.type("<b>zzzzz")
    assert field.nothing.inner_text().startswith("Nothing here is called “<b>zzzzz”. Films here end in 1995. Try fewer")
    assert field.nothing.locator("b").count() == field.rows.count() == 0
    assert field.input.get_attribute("aria-expanded") == "false"
    visit.fits()


@pytest.mark.browser
@pytest.mark.parametrize("title", [HOSTILE, RIGHT_TO_LEFT, EMOJI])
def test_any_title_is_shown_as_text_chosen_and_rated(visit, field, title):
    field.type(title[:8])
    assert field.titles()[0] == title
    assert visit.page.locator(f"{FILM} img").count() == 0
    shown, year = field.rows.first.locator(".title").inner_text(), field.rows.first.locator(".year").inner_text()
    assert f"{shown} ({year})" == title
    field.rows.first.click()
    assert field.value() == title
    visit.page.click("#add")
    field.wait_for_value("")
    visit.page.locator("#given .rating .title").get_by_text(title, exact=True).wait_for()
    assert visit.page.locator("#given img").count() == 0


@pytest.mark.browser
def test_several_films_are_chips_that_can_be_removed(visit):
    page, loved = visit.page, Field(visit.page, "#loved")
    visit.open("Genres")
    page.locator("#genres").get_by_label("Drama").check()
    page.wait_for_selector("#of-genres li")
    page.locator("#wishes button").first.click()
    titles = [f"Film {number} ({1900 + number})" for number in range(20, 26)]
    chips = page.locator("#loved .chips li span")
    with page.expect_response(lambda answer: "/gradio_api/queue/data" in answer.url):
        loved.type(titles[0])
        page.keyboard.press("Enter")
    assert chips.all_inner_texts() == titles[:1]
    for n, title in enumerate(titles[1:5], start=2):
        loved.type(title)
        loved.rows.first.click()
        assert chips.all_inner_texts() == titles[:n]
        assert loved.value() == ""
    loved.type(titles[5])
    loved.rows.first.click()
    assert loved.nothing.inner_text() == "5 films are the most: remove one first."
    page.locator("#loved").get_by_role("button", name=f"Remove {titles[1]}", exact=True).click()
    page.keyboard.press("Backspace")
    assert chips.all_inner_texts() == [titles[0], *titles[2:4]]
    visit.fits()


@pytest.mark.browser
def test_fields_of_explore_begin_with_films_and_handlers_get_those_that_are_chosen(visit):
    page = visit.page
    visit.open("Explore")
    near = Field(page, "#near-film")
    page.wait_for_function("document.querySelector('#near-film input').value")
    assert near.value() in TITLES
    near.type("heroine")
    near.rows.first.click()
    page.locator("#near-films").get_by_text("popularity").or_(page.locator("#near-films li").first).first.wait_for()
    visit.open("Explore", "Path")
    start, end = Field(page, "#path-from"), Field(page, "#path-to")
    assert start.value() != end.value()
    end.input.click()
    page.keyboard.type("heat")  # in place of what stood there, without a letter lost
    assert end.value() == "heat"


@pytest.mark.browser
def test_only_the_answer_to_what_stands_there_now_is_shown(visit, field):
    def late(route):
        answer = route.fetch()
        field.input.press_sequentially("mlet")  # the rest is typed while the answer is on its way
        route.fulfill(response=answer)

    visit.page.route(re.compile(r"/titles\?search=ha$"), late)
    field.input.press_sequentially("ha")
    field.rows.get_by_text("Hamlet").first.wait_for()
    visit.page.unroute_all(behavior="ignoreErrors")
    assert field.value() == "hamlet"
    assert set(field.titles()) == {"Hamlet (1948)", "Hamlet (1990)"}
    assert field.nothing.is_hidden()


@pytest.mark.browser
def test_what_was_found_is_not_asked_for_again(visit, field):
    for _ in range(2):
        field.type("film 77")
        assert field.titles() == ["Film 77 (1977)"]
    assert sum(url.endswith("/titles?search=film+77") for url in visit.asked) == 1


@pytest.mark.browser
def test_a_server_that_does_not_answer_is_told_of_and_one_that_refuses_says_why(visit, field):
    page = visit.page
    page.route("**/titles?*", lambda route: route.abort())
    field.input.fill("film 88")
    field.nothing.get_by_text("The server does not answer. Try again in a moment.").wait_for()
    page.unroute_all(behavior="ignoreErrors")
    page.route("**/titles?*", lambda route: route.fulfill(status=503, json={"problem": "Too many people."}))
    page.keyboard.press("ArrowDown")
    field.nothing.get_by_text("Too many people.").wait_for()
    page.unroute_all(behavior="ignoreErrors")
    page.keyboard.press("ArrowDown")
    field.rows.first.wait_for()
    assert field.titles() == ["Film 88 (1988)"]
    assert field.nothing.is_hidden()


@pytest.mark.browser
def test_on_a_phone_rows_are_large_enough_to_be_tapped_and_what_was_chosen_can_be_cleared(chromium, address):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page, field = context.new_page(), None
    page.goto(address)
    page.wait_for_selector("#film input")
    field = Field(page)
    field.input.tap()
    field.rows.nth(9).wait_for()
    sizes = [row.bounding_box() for row in field.rows.all()]
    assert all(box["height"] >= 44 and box["width"] >= 250 for box in sizes)
    title = field.titles()[1]
    field.rows.nth(1).tap()
    field.wait_for_value(title)
    assert field.rows.first.is_hidden()
    clear = page.locator("#film .clear")
    assert min(clear.bounding_box()[side] for side in ("width", "height")) >= 44
    clear.tap()
    field.wait_for_value("")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_no_list_of_titles_is_sent_with_the_page(address):
    arrival = next(event for event in events_of(address) if any(what == "load" for _, what in event.triggers))
    guest = somebody(address)
    sent = guest.get("/").text + guest.get("/config").text + guest.join(arrival, [None, None, "", {}, *WANTED]).text
    named = {title for title in TITLES[len(NAMED) :] if title in sent}
    assert 0 < len(named) < 40
