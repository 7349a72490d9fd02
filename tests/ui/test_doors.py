"""The page before it is ready: doors that are pressed before there is a model, and what it says meanwhile."""

from pathlib import Path

import pytest

from recsys.serve.security.cookies import SESSION
from tests.support.pages.page_server import READY_SECONDS, served, small_page

PATIENCE = 30_000  # ms
SLOW = Path(__file__).parents[2] / "tests" / "support" / "pages" / "slow_page.py"
AGAIN = """() => {
  const problem = document.querySelector("#status [role=alert]");
  if (problem) document.querySelector("#again")?.click(); // as somebody does until it helps
  return !problem;
}"""
SIZES = [{"width": 390, "height": 844}, {"width": 1280, "height": 800}]


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """Address of a page without a model, and the folder that its model waits for."""
    _, model, _, dataset = small_page()
    folder = tmp_path_factory.mktemp("slow")
    (folder / "closed").touch()
    with served(folder / "log", str(folder), model, dataset, program=SLOW, forked=True) as url:
        yield url, folder
    assert "Traceback" not in (folder / "log").read_text()


@pytest.fixture
def pages(chromium):
    """A phone and a desk."""
    contexts = [chromium.new_context(viewport=size, has_touch=size["width"] < 640) for size in SIZES]
    opened = [context.new_page() for context in contexts]
    for page in opened:
        page.set_default_timeout(PATIENCE)
    yield opened
    for context in contexts:
        context.close()


def press(page, door):
    page.click(f"[data-door={door}]")


def waits(page, tab, stage="Learning tastes"):
    """What somebody sees who chose a door that does not open yet; another one can be chosen."""
    page.locator(".door-note").get_by_text(f"{tab} opens as soon as the model is ready.", exact=True).wait_for()
    page.locator("#status [role=status]").get_by_text(stage).wait_for()
    assert page.locator(".doors [data-door]").evaluate_all("doors => doors.every(door => door.checkVisibility())")
    assert page.locator("[role=tab]").count() == 0


def opens(page, tab):
    page.wait_for_selector(f"#{tab}-button[aria-selected=true]", timeout=READY_SECONDS * 1000)
    page.wait_for_selector("#genres" if tab == "genre-tab" else "#film")
    page.locator(".doors").wait_for(state="hidden")
    assert page.locator(".door-note").inner_text() == ""


def begin_to_register(page):
    page.click(".who [data-dialog=register]")
    page.locator("dialog[data-name=register] [name=name]").fill("Ann")
    page.locator("dialog[data-name=register] [name=consent][value=no]").check()
    page.locator("dialog[data-name=register] [name=password]").press_sequentially("four random")


def go_on_registering(page):
    """What somebody does who has begun before it was known who is here."""
    page.locator("[data-unknown]").wait_for(state="detached")
    page.keyboard.type(" words")
    form = page.locator("dialog[data-name=register][open]")
    assert form.locator("[name=name]").input_value() == "Ann"
    assert form.locator("[name=password]").input_value() == "four random words"
    assert form.locator("[name=consent]:checked").evaluate_all("all => all.map((each) => each.value)") == ["no"]
    assert form.locator("[name=consent]").evaluate_all("all => all.map((each) => each.value)") == ["yes", "no"]
    form.locator("[data-close-dialog]").click()
    form.wait_for(state="hidden")


@pytest.mark.browser
def test_a_page_that_gets_no_answer_says_what_it_waits_for(slow, pages):
    phone, _ = pages
    for unanswered in ("queue", "run"):
        phone.route(f"**/gradio_api/{unanswered}/**", lambda route: None)
    phone.goto(slow[0])
    press(phone, "genre-tab")
    waits(phone, "Genres", stage="Opening the page")
    phone.unroute_all(behavior="ignoreErrors")


@pytest.mark.browser
def test_the_door_that_was_pressed_last_opens_once_there_is_a_model(slow, pages):
    url, folder = slow
    phone, desk = pages
    desk.context.add_cookies([{"name": SESSION, "value": "of.old", "url": url}])
    for page in pages:
        page.goto(url)
        page.locator("#status").get_by_text("Learning tastes").wait_for()
    press(phone, "rate-tab")
    waits(phone, "Rate")
    press(phone, "genre-tab")
    waits(phone, "Genres")
    pressed = phone.locator("[data-door]").evaluate_all("doors => doors.map(door => door.ariaPressed)")
    assert pressed == ["true", "false"]
    phone.reload()
    waits(phone, "Genres")
    press(desk, "rate-tab")
    press(desk, "genre-tab")
    waits(desk, "Genres")

    (folder / "fail").touch()
    for page in pages:
        page.locator("#status [role=alert]").get_by_text("the disk is full: make room").wait_for()
        assert "opens as soon as the model is ready." in page.locator(".door-note").inner_text()
    (folder / "fail").unlink()
    for page in pages:
        page.wait_for_function(AGAIN, polling=500)
    waits(phone, "Genres")
    (folder / "go").touch()
    opens(phone, "genre-tab")
    waits(desk, "Genres", stage="Looking for your account")
    begin_to_register(phone)
    (folder / "closed").unlink()
    go_on_registering(phone)
    opens(desk, "genre-tab")
    assert "Your session has ended" in desk.locator(".account-note").inner_text()  # it stays as the bar is drawn anew
    phone.goto(url)  # the door has opened, and is not asked for any more
    opens(phone, "rate-tab")
