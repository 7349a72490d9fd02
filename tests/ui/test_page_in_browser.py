"""The page as people use it, in Debian's chromium: on a desk in light, on a phone in dark."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.models import FLAGSHIP
from recsys.serve.accounts.members import OUT_OF_REACH
from recsys.serve.security.bodies import BUSY
from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import READY_SECONDS, fitted_on, served, small_page, write_board
from tests.support.small_models import small_config

PATIENCE = 30_000  # ms
SLOW = Path(__file__).parents[2] / "tests" / "support" / "pages" / "slow_page.py"
PASSWORD = "four random words"
LISTED = "([field, typed]) => document.querySelector(`${field} .popup`).dataset.answers === typed"
RATED = """(expected) => {
  const rows = [...document.querySelectorAll("#given .rating")];
  return rows.length === Object.keys(expected).length
    && rows.every((row) => row.querySelector("input").value === expected[row.dataset.film]);
}"""
SLIDE = """(input, stars) => { // at once, whatever is drawn anew meanwhile
  input.value = stars;
  for (const event of ["input", "change"]) input.dispatchEvent(new Event(event, { bubbles: true }));
}"""
WITHOUT = """(film) => {
  const films = [...document.querySelectorAll(".suggested")].map(({ dataset }) => dataset.film);
  return films.length === 9 && !films.includes(film);
}"""
BOLD = "The <b>Bold</b> (1980)"
LETTERBOXD = """Date,Name,Year,Letterboxd URI,Rating
2024-02-01,Alien,1979,https://boxd.it/1,5
2024-02-02,Heat,1995,https://boxd.it/2,4.5
2024-02-03,Parasite,2019,https://boxd.it/3,5
"""
UNKNOWN = "Film;Score;IMDb\nHeat (1995);4;8,3\nAlien (1979);0;8,5\nParasite (2019);3;8,5\n"


@pytest.fixture(scope="module")
def folder(ml_100k, tmp_path_factory):
    """A place with a small flagship on MovieLens 100K that eval.run might have left."""
    place = tmp_path_factory.mktemp("page")
    network = replace(small_config(FLAGSHIP).vae, n_networks=1, epochs=1)
    fitted = fitted_on(FLAGSHIP, ml_100k, kept_aside=0.0, vae=network)  # what it would try itself on takes longest
    save_artifact(place / "runs" / "one" / "artifacts" / "all" / FLAGSHIP, fitted.artifact)
    return place


@pytest.fixture(scope="module")
def address(folder):
    with served(folder / "log", forked=True) as url:
        yield url
    assert "Traceback" not in (folder / "log").read_text()


VISITS = itertools.count(1)
INSIDE = {"My films": "#yours", "Explore": "#explore"}  # where the tabs of a tab are


class Visit:
    """A browser with the page open."""

    def __init__(self, chromium, width, scheme):
        size = {"width": width, "height": 900}
        self.width, self.number = width, next(VISITS)  # a name with it is free, also when a test runs once more
        self.context = chromium.new_context(viewport=size, color_scheme=scheme, accept_downloads=True)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.asked, self.errors = [], faults_of(self.page)
        self.page.on("request", lambda request: self.asked.append(request.url))

    def arrive(self, address):
        self.page.goto(address)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.page.wait_for_selector("#film input", timeout=READY_SECONDS * 1000)

    def open(self, *names):
        for at, name in enumerate(names):
            holder = self.page if at == 0 else self.page.locator(INSIDE[names[0]])
            holder.get_by_role("tab", name=name, exact=True).click()

    def search(self, field, words):
        self.page.click(f"{field} input")
        self.page.locator(f"{field} input").press_sequentially(words)
        self.page.wait_for_function(LISTED, arg=[field, words])
        self.page.locator(f"{field} [role=option]").first.click()

    def rate(self, words, stars):
        self.search("#film", words)
        self.give(stars)
        self.page.click("#add")

    def give(self, stars):
        self.page.fill("#stars input[type=number]", str(stars))
        self.page.keyboard.press("Tab")

    def slide(self, slider, stars):
        slider.evaluate(SLIDE, str(stars))

    def told(self, text):
        self.page.locator("#told").get_by_text(text).wait_for()

    def rated(self):
        return {
            row.get_attribute("data-film"): row.locator("input").input_value()
            for row in self.page.locator("#given .rating").all()
        }

    def wait_for_rated(self, expected):
        self.page.wait_for_function(RATED, arg=expected)

    def fill(self, dialog, **fields):
        form = self.page.locator(f"dialog[data-name={dialog}]")
        for name, text in fields.items():
            form.locator(f"[name={name}]").fill(text)
        form.locator("[type=submit]").click()

    def enter(self, dialog, name, password=PASSWORD):
        self.page.click(f".who [data-dialog={dialog}]")
        with self.page.expect_navigation():
            self.fill(dialog, name=name, password=password)
        self.page.locator(".who").get_by_text(f"Hello, {name}").wait_for()
        self.wait_until_ready()

    def leave(self):
        self.open("Rate")  # where the page is again afterwards
        with self.page.expect_navigation():
            self.page.click("[data-account=sign-out]")
        self.page.wait_for_selector(".who [data-dialog=register]")
        self.wait_until_ready()

    def offers_sign_in_at_once(self):
        """Whether the page does, loaded anew, before the server has said who is here."""
        for unanswered in ("queue", "run"):
            self.page.route(f"**/gradio_api/{unanswered}/**", lambda route: None)
        self.page.reload()
        self.page.locator("#account .bar").wait_for()
        offers = self.page.locator(".who [data-dialog=sign-in]").is_visible()
        self.page.unroute_all(behavior="ignoreErrors")
        self.page.reload()
        self.wait_until_ready()
        return offers

    def fits(self):
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width

    def end(self, address):
        assert self.errors == []
        assert {url.split("/")[2] for url in self.asked if url.startswith("http")} == {address.removeprefix("http://")}
        self.context.close()


DESK, PHONE = (1280, "light"), (390, "dark")


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def visit(request, chromium, address):
    visit = Visit(chromium, *request.param)
    visit.arrive(address)
    yield visit
    visit.end(address)


@pytest.mark.browser
@pytest.mark.data
def test_a_guest_picks_a_genre_and_explores(visit):
    page = visit.page
    assert page.locator(".doors").is_hidden()  # there are tabs
    visit.open("Genres")
    page.locator("#genres").get_by_label("Film-Noir").check()
    page.wait_for_selector("#of-genres li")
    assert page.locator("#of-genres li").count() == 10
    assert all("Film-Noir" in text for text in page.locator("#of-genres li").all_inner_texts())
    page.locator("#wishes button").first.click()
    page.locator("#genre-decades").get_by_label("1940s").check()
    page.wait_for_function(
        "[...document.querySelectorAll('#of-genres li')].every(e => e.dataset.film.includes('(194'))"
    )
    first = page.locator("#of-genres li").first
    title = first.get_attribute("data-film")
    first.locator("[data-do=later]").click()
    visit.told(f"{title}: saved to Watch later.")
    visit.fits()

    visit.open("My films", "Watch later")
    page.locator(f'#yours-later [data-film="{title}"]').wait_for()
    page.click("#yours-pick")
    page.locator(f'.tonight [data-film="{title}"]').wait_for()
    visit.fits()
    visit.open("My films", "Lists")
    page.locator("#yours-lists").get_by_text("kept for those who have an account").wait_for()

    visit.open("Explore")
    page.wait_for_selector("#near-films li")
    visit.open("Explore", "Path")
    page.wait_for_selector(".way li")
    assert 3 <= page.locator(".way li").count() <= 7
    visit.open("Explore", "Map")
    page.locator(".film-map").get_by_role("button", name="Film-Noir").click()
    page.locator(".told").get_by_text("films are Film-Noir").wait_for()
    visit.search("#map-find", "alien (1979")
    page.locator(".told").get_by_text("Alien (1979)").wait_for()
    visit.open("Explore", "Imaginary viewer")
    page.wait_for_selector(".met li")
    met = page.locator("#person").inner_text()
    page.click("#another")
    page.wait_for_function("text => document.querySelector('#person').innerText != text", arg=met)
    assert page.locator(".met li").count() == 20
    visit.open("Explore", "Compare models")
    page.wait_for_function("document.querySelectorAll('.versus li').length == 20")
    visit.fits()

    visit.open("Metrics")
    page.locator("#metrics").get_by_text("How good are the models?").wait_for()
    visit.fits()


@pytest.mark.browser
@pytest.mark.data
def test_a_guest_rates_changes_and_undoes_and_registers_with_all_of_it(visit):
    page = visit.page
    visit.rate("star wars", 5)
    visit.wait_for_rated({"Star Wars (1977)": "5"})
    page.wait_for_function("document.querySelector('#stars input[type=number]').value === '4'")  # as at first
    visit.rate("fargo", 2)
    page.evaluate("scrollTo(0, 0)")
    visit.wait_for_rated({"Fargo (1996)": "2", "Star Wars (1977)": "5"})  # the newest first
    if visit.width < 640:  # the films are below the screen
        page.click("#told .look")
        page.wait_for_function("document.querySelector('#for-you').getBoundingClientRect().top < 100")
    assert page.locator("#for-you li").count() == 10
    assert page.get_by_role("img", name="Chances: 1 star ").count() == 10
    page.get_by_text("Because you gave Star Wars (1977) 5 stars").first.wait_for()

    visit.slide(page.locator("#given .rating input").nth(1), 4)
    page.get_by_text("Because you gave Star Wars (1977) 4 stars").first.wait_for()
    page.click("#told [data-do=undo]")
    visit.told("Undone: Star Wars (1977) has 5 stars again.")
    visit.wait_for_rated({"Fargo (1996)": "2", "Star Wars (1977)": "5"})
    page.locator("#given").get_by_label("Remove: Fargo (1996)").click()
    visit.wait_for_rated({"Star Wars (1977)": "5"})

    suggested = page.locator(".suggested")
    before = suggested.nth(1).get_attribute("data-film")
    visit.slide(suggested.nth(1).locator("input"), 3)
    visit.wait_for_rated({before: "3", "Star Wars (1977)": "5"})
    page.wait_for_function(WITHOUT, arg=before)
    assert {suggested.nth(at).locator("input").input_value() for at in range(3)} == {"0"}
    last = suggested.first.get_attribute("data-film")
    page.click("#others")
    page.wait_for_function("title => document.querySelector('.suggested').dataset.film != title", arg=last)

    hidden = page.locator("#for-you li").first.get_attribute("data-film")
    page.locator("#for-you [data-do=hidden]").first.click()
    visit.told(f"{hidden} will not be recommended again.")
    page.locator("#told .look[hidden]").wait_for(state="attached")  # the films are in sight
    stays = page.locator("#for-you li").first  # no other film slides under the finger
    stays.locator(".last > .undo").wait_for()
    assert (stays.get_attribute("data-film"), page.locator("#for-you li").count()) == (hidden, 11)
    page.reload()  # what was rated is kept in the browser
    visit.wait_until_ready()
    visit.wait_for_rated({before: "3", "Star Wars (1977)": "5"})
    assert hidden not in page.locator("#for-you li").evaluate_all("films => films.map(film => film.dataset.film)")
    if page.locator("#rate-films .fold").is_visible():
        page.click("#rate-films .fold")
    page.fill("#rate-adventure input[type=number]", "8")
    page.keyboard.press("Tab")
    page.locator("#for-you").get_by_text("Further from your usual taste").wait_for()
    visit.fits()

    visit.enter("register", f"Guest {visit.number}")
    visit.wait_for_rated({before: "3", "Star Wars (1977)": "5"})
    visit.open("My films", "Not interested")
    page.locator("#yours-hidden .title").get_by_text(hidden).wait_for()
    visit.open("My films", "Taste")
    page.locator("#yours-taste").get_by_text("2 ratings, ★ 4.0 on average").wait_for()
    visit.open("My films", "Ratings")
    visit.slide(page.locator("#yours-rated [data-film='Star Wars (1977)'] input"), 2)
    visit.told("Star Wars (1977): 2 stars.")
    visit.open("My films", "Taste")
    page.locator("#yours-taste").get_by_text("2 ratings, ★ 2.5 on average").wait_for()
    visit.open("My films", "Ratings")
    page.locator("#yours-rated [data-do=undo]").click()
    visit.open("My films", "Taste")
    page.locator("#yours-taste").get_by_text("2 ratings, ★ 4.0 on average").wait_for()
    told = page.locator("#yours-taste [data-film]").first
    told_most = told.get_attribute("data-film")
    visit.slide(told.locator("input"), 1)
    page.locator("#yours-taste").get_by_text("3 ratings, ★ 3.0 on average").wait_for()
    page.wait_for_function(
        "film => [...document.querySelectorAll('#yours-taste [data-film]')].every(e => e.dataset.film != film)",
        arg=told_most,
    )
    page.click("#told [data-do=undo]")
    page.locator("#yours-taste").get_by_text("2 ratings, ★ 4.0 on average").wait_for()
    visit.fits()
    visit.leave()
    visit.wait_for_rated({})  # they are in the account now
    visit.context.add_cookies([{"name": "movie-vae-session", "value": "of.old", "url": page.url}])
    page.reload()
    page.locator(".account-note").get_by_text("Your session has ended").wait_for()
    visit.wait_until_ready()
    visit.enter("sign-in", f"GUEST {visit.number}".title())
    visit.wait_for_rated({before: "3", "Star Wars (1977)": "5"})


@pytest.mark.browser
@pytest.mark.data
def test_what_is_refused_is_not_shown_as_kept_and_a_second_tab_takes_nothing_from_the_first(chromium, address):
    visit, second = Visit(chromium, 1280, "light"), Visit(chromium, 1280, "light")
    visit.arrive(address)
    visit.page.route("**/gradio_api/run/**", lambda route: route.fulfill(status=500, json={"error": None}))
    slider = visit.page.locator(".suggested input").first
    visit.slide(slider, 5)
    visit.told("The server refused this, or ended meanwhile.")
    assert slider.input_value() == slider.get_attribute("min")  # not seen
    assert visit.rated() == {}
    visit.page.unroute("**/gradio_api/run/**")

    second.context.close()
    second.context, second.page = visit.context, visit.context.new_page()
    second.page.set_default_timeout(PATIENCE)
    second.arrive(address)
    visit.rate("fargo", 4)
    visit.wait_for_rated({"Fargo (1996)": "4"})
    second.page.wait_for_function("document.querySelector('#given .rating') === null")
    with second.page.expect_navigation():  # it does not know of Fargo, and would write over it
        second.slide(second.page.locator(".suggested input").first, 5)
    second.wait_until_ready()
    second.wait_for_rated({"Fargo (1996)": "4"})
    second.rate("clueless", 2)
    second.wait_for_rated({"Clueless (1995)": "2", "Fargo (1996)": "4"})
    visit.enter("register", f"Tab {visit.number}")
    assert not visit.offers_sign_in_at_once()
    with second.page.expect_navigation():  # it was opened by a guest
        second.slide(second.page.locator(".suggested input").first, 5)
    second.page.locator(".who").get_by_text(f"Hello, Tab {visit.number}").wait_for()
    second.wait_until_ready()
    second.wait_for_rated({"Clueless (1995)": "2", "Fargo (1996)": "4"})
    visit.leave()
    assert visit.offers_sign_in_at_once()
    with second.page.expect_navigation():
        second.slide(second.page.locator(".suggested input").first, 5)
    second.wait_until_ready()
    second.wait_for_rated({})
    visit.end(address)


@pytest.mark.browser
@pytest.mark.data
@pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
def test_a_guest_brings_ratings_and_takes_them_back(visit, tmp_path):
    page = visit.page
    visit.open("My films", "Account")
    (tmp_path / "ratings.csv").write_text(LETTERBOXD)
    page.set_input_files("#yours-account input[type=file]", tmp_path / "ratings.csv")
    page.locator("#yours-taken").get_by_text("Kept in this browser: 2 new ratings.").wait_for()
    page.locator(".brought").get_by_text("1 of your 3 films came out after 1998, where this catalogue ends.").wait_for()
    visit.fits()
    page.locator("#yours-taken [data-look]").click()
    both = {"Alien (1979)": "5", "Heat (1995)": "5"}
    visit.wait_for_rated(both)
    page.reload()
    visit.wait_until_ready()
    visit.wait_for_rated(both)
    visit.open("My films", "Ratings")
    page.locator("#yours-rated [data-do=undo]").click()
    visit.told("Undone: 2 films are as they were.")
    visit.wait_for_rated({})


@pytest.mark.browser
@pytest.mark.data
@pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
def test_a_member_brings_ratings_takes_them_away_and_deletes_the_account(visit, tmp_path):
    page, name = visit.page, f"Ann <b> {visit.number}"
    page.click(".who [data-dialog=register]")
    visit.fill("register", name=name, password="password")
    page.locator("dialog[data-name=register] .failed").get_by_text("one of the first that others would try").wait_for()
    page.locator("dialog[data-name=register] [data-close-dialog]").click()
    visit.enter("register", name)
    visit.rate("star wars", 5)
    visit.wait_for_rated({"Star Wars (1977)": "5"})
    page.evaluate("location.hash = '#rate?period=1990s'")
    filtered = page.locator("#rate-filters").get_by_text("Filters: 1990s")
    filtered.wait_for()

    visit.open("My films", "Account")
    (tmp_path / "ratings.csv").write_text(LETTERBOXD)
    page.set_input_files("#yours-account input[type=file]", tmp_path / "ratings.csv")
    brought = page.locator(".brought")
    brought.get_by_text("2 ratings read from Letterboxd, 2 of them new or changed.").wait_for()
    brought.get_by_text("1 film not known here").wait_for()
    brought.get_by_text("Parasite (2019), line 4").wait_for()
    with page.expect_download() as download:
        page.get_by_text("Ratings (CSV)").click()
    assert '"Heat (1995)"' in download.value.path().read_text().replace("Heat (1995)", '"Heat (1995)"')
    with page.expect_download() as download:
        page.get_by_text("Everything (JSON)").click()
    assert name in download.value.path().read_text()
    brought.get_by_role("button", name="Show me films").click()
    page.wait_for_function("document.querySelectorAll('#given .rating').length == 3")
    filtered.wait_for()
    assert page.url.endswith("#rate?period=1990s")

    visit.open("My films", "Account")
    consent = page.locator("#yours-account .consent")
    consent.get_by_text("You have not answered yet").wait_for()
    consent.get_by_role("button", name="Yes", exact=True).click()
    consent.get_by_text("Thank you: your ratings count from the next model on.").wait_for()
    visit.open("My films", "Lists")
    page.locator("[data-list]").first.click()
    page.wait_for_selector("#yours-lists .films li")
    assert page.locator("#yours-lists .films li").count() == 10
    page.click("#yours-lists [data-newest]")
    page.wait_for_selector("[data-list]")
    visit.open("My films", "Taste")
    page.locator(".over-time circle").first.wait_for()
    assert page.locator(".over-time circle").count() == 2  # of the file's month, and of today's
    visit.fits()

    visit.open("My films", "Account")
    assert consent.get_by_role("button", pressed=True).all_inner_texts() == ["Yes"]
    page.click("[data-dialog=change-password]")
    visit.fill("change-password", password=PASSWORD, new_password="other random words", again="other random word")
    page.get_by_text("The two passwords differ").wait_for()
    visit.fill("change-password", password=PASSWORD, new_password="other random words", again="other random words")
    page.get_by_text("The password is changed").wait_for()
    page.click("[data-dialog=delete]")
    visit.fill("delete", password=PASSWORD)
    page.locator("dialog[data-name=delete] .failed").get_by_text("The password is not right").wait_for()
    with page.expect_navigation():
        visit.fill("delete", password="other random words")
    page.locator(".account-note").get_by_text("The account is deleted").wait_for()
    visit.wait_until_ready()  # the bar may be drawn once more until then
    page.click(".who [data-dialog=sign-in]")
    visit.fill("sign-in", name=name, password="other random words")
    page.locator("dialog[data-name=sign-in] .failed").get_by_text("Name or password is not right").wait_for()


@pytest.mark.browser
@pytest.mark.data
@pytest.mark.parametrize("visit", [DESK], ids=["desk"], indirect=True)
def test_a_member_says_by_keyboard_what_an_unknown_table_holds_and_sees_it_before_it_is_kept(visit, tmp_path):
    page, press = visit.page, visit.page.keyboard.press
    visit.enter("register", f"Table {visit.number}")
    visit.open("My films", "Account")
    table = tmp_path / "films.csv"
    table.write_text(UNKNOWN)
    page.set_input_files("#yours-account input[type=file]", table)
    page.wait_for_function("document.activeElement.textContent == 'What is in this table?'")
    asked, keep = page.locator(".asked"), page.locator(".asked [type=submit]")
    asked.get_by_text("“Score” is likely to be your rating, and not “IMDb”.").wait_for()
    asked.get_by_text("Choose out of how many it is: then you see here what would be kept.").wait_for()
    assert asked.locator("[name=title]").input_value() == "Film"
    assert keep.is_disabled()
    visit.fits()
    for _ in range(4):
        press("Tab")  # past the rows, the titles, the rating
    press("ArrowRight")
    asked.locator("[name=scale][value='10']:checked").wait_for()
    asked.get_by_text("which may be the lowest rating or mean that the film is not rated: choose.").wait_for()
    asked.locator("[name=zeros][value=no]").focus()
    press("Space")
    asked.get_by_text("Heat (1995): 4 of 10 → 2 stars").wait_for()
    assert asked.locator(".examples li").all_inner_texts() == ["Heat (1995): 4 of 10 → 2 stars"]
    asked.get_by_text("Parasite (2019), line 4").wait_for()
    visit.fits()
    keep.focus()
    press("Enter")
    brought = page.locator(".brought")
    brought.get_by_text("1 rating read from a table of titles and stars, 1 of them new or changed.").wait_for()
    brought.get_by_text("Alien (1979), line 3 (0)").wait_for()
    assert page.locator(".asked").count() == 0
    press("Enter")  # Show me films
    visit.wait_for_rated({"Heat (1995)": "2"})

    visit.open("My films", "Account")
    table.write_text("once upon a time\n")
    page.set_input_files("#yours-account input[type=file]", table)
    brought.get_by_text("Files that are read are those of Letterboxd (ratings.csv, or the whole ZIP), IMDb").wait_for()
    visit.fits()


@pytest.mark.browser
@pytest.mark.data
def test_a_member_finds_lists_again_after_a_restart_of_the_server(chromium, folder):
    visit, titles = Visit(chromium, *PHONE), "films => films.map(film => film.dataset.film)"
    with served(folder / "log", forked=True) as url:
        visit.arrive(url)
        visit.enter("register", f"Ben {visit.number}")
        of_all = visit.page.locator("#for-you").get_by_text("What most people like, until you have rated a film.")
        of_all.wait_for()
        visit.rate("alien (1979", 5)
        visit.wait_for_rated({"Alien (1979)": "5"})
        of_all.wait_for(state="detached")
        listed = visit.page.locator("#for-you li").evaluate_all(titles)
        first = visit.page.locator("#for-you li").first
        first.locator("[data-do=seen]").click()
        first.locator(".last > .undo").wait_for()
        assert first.locator("output").inner_text() == "no stars yet"
        visit.slide(first.locator("input"), 2)
        visit.told(f"{listed[0]}: 2 stars.")
    with served(folder / "log", forked=True) as url:  # a browser sends its cookies to all ports of a machine
        visit.arrive(url)
        visit.page.locator(".who").get_by_text(f"Hello, Ben {visit.number}").wait_for()
        visit.wait_for_rated({listed[0]: "2", "Alien (1979)": "5"})
        visit.open("My films", "Lists")
        visit.page.locator("[data-list]").last.click()
        opened = visit.page.locator("#yours-lists .films li")
        opened.first.wait_for()
        assert opened.evaluate_all(titles) == listed
        visit.page.locator("#yours-lists").get_by_text("★ 2 from you").wait_for()
        visit.fits()
        visit.context.close()


@pytest.mark.browser
def test_a_page_without_data_says_why_and_tries_again(chromium, tmp_path):
    folder = tmp_path / "later"
    with served(tmp_path / "log", "--dataset", str(folder), forked=True) as url:
        page = chromium.new_page()
        page.goto(url)
        page.get_by_text("no data set or folder is called").wait_for(timeout=READY_SECONDS * 1000)
        write_board(folder)
        page.click("#again")
        page.wait_for_selector("#film input", timeout=READY_SECONDS * 1000)
        page.click("#film input")
        page.locator("#film input").press_sequentially("bold")
        page.get_by_role("option", name=BOLD, exact=True).click()
        page.click("#add")
        page.wait_for_selector("#for-you li")
        page.locator(".about-page summary").click()
        page.get_by_text("is being trained now").or_(page.get_by_text("was trained just now")).first.wait_for()
        page.locator(".about-page p").get_by_text("was trained just now").wait_for(
            state="attached", timeout=READY_SECONDS * 1000
        )
        assert page.locator(".rating b, .films b").count() == 0
        page.close()
    log = (tmp_path / "log").read_text()
    assert f"No model: no data set or folder is called '{folder}'" in log
    assert re.search(r"^hybrid-vae answers\. hybrid-vae was trained just now", log, re.MULTILINE)


@pytest.mark.browser
def test_who_comes_when_too_many_are_there_is_told_so_loses_nothing_and_tries_again(chromium, tmp_path):
    _, model, _, dataset = small_page()
    (tmp_path / "go").touch()
    with served(tmp_path / "log", str(tmp_path), model, dataset, program=SLOW, forked=True) as url:
        visit = Visit(chromium, 390, "dark")
        visit.arrive(url)
        page = visit.page
        page.locator(".begun").get_by_text("0 of 5 rated").wait_for()
        page.click("#film input")
        for typed, is_known in (("qw", False), ("", True), ("BOLD", True)):
            page.locator("#film input").fill("")
            page.locator("#film input").press_sequentially(typed)
            page.wait_for_function(LISTED, arg=["#film", typed])
            assert page.locator("#film .nothing").is_hidden() == is_known
            assert (page.locator("#film [role=option]").count() > 0) == is_known
        page.locator("#film input").fill("")
        visit.search("#film", "bold")
        visit.give(5)
        (tmp_path / "busy").touch()
        page.click("#add")
        visit.told(f"Not kept: {BUSY}")
        assert page.locator("#film input").input_value() == BOLD
        page.click("#told .close")
        page.locator("#film input").fill("twin")
        page.locator("#film .nothing").get_by_text(BUSY).wait_for()
        page.locator("#film input").fill("bold")
        page.keyboard.press("Enter")  # what was found before is known
        assert page.locator("#film input").input_value() == BOLD
        page.locator(".told-it").wait_for(state="hidden")
        slider = page.locator(".suggested input").first
        visit.slide(slider, 3)
        visit.told(f"Not kept: {BUSY}")
        assert slider.input_value() == slider.get_attribute("min")  # not seen
        assert visit.rated() == {}
        page.click(".who [data-dialog=register]")
        visit.fill("register", name="Ann", password=PASSWORD)
        page.locator("dialog[data-name=register] .failed").get_by_text(BUSY, exact=True).wait_for()
        page.click("dialog[data-name=register] [data-close-dialog]")
        (tmp_path / "busy").unlink()
        page.click("#add")
        visit.wait_for_rated({BOLD: "5"})
        page.reload()
        visit.wait_until_ready()
        visit.wait_for_rated({BOLD: "5"})
        page.locator(".begun").get_by_text("1 of 5 rated").wait_for()
        visit.context.close()
    assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.mark.browser
def test_without_its_database_the_page_is_there_for_guests_and_tells_nobody_of_it(chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:hunter2@127.0.0.1:1/nothing")
    with served(tmp_path / "log", *small_page(), forked=True) as url:
        page = chromium.new_page()
        page.goto(url)
        page.get_by_text(OUT_OF_REACH).first.wait_for(timeout=READY_SECONDS * 1000)
        for secret in ("hunter2", "somebody:", "postgresql"):
            assert secret not in page.content()
        page.wait_for_selector("#film input", timeout=READY_SECONDS * 1000)
        page.click(".who [data-dialog=register]")
        form = page.locator("dialog[data-name=register]")
        form.locator("[name=name]").fill("Ann")
        form.locator("[name=password]").fill(PASSWORD)
        form.locator("[type=submit]").click()
        form.locator(".failed").get_by_text(OUT_OF_REACH).wait_for()
        page.close()
    log = (tmp_path / "log").read_text()
    assert "postgresql+psycopg://somebody:***@127.0.0.1:1/nothing: the database cannot be used" in log
    assert "hunter2" not in log
    assert "Traceback" not in log
