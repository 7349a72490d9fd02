"""The first page in a browser: films come with it, for newcomers alone; Gradio's files are asked for at once."""

import re

import pytest

from recsys.ui.head.gradio_files import name_of_styles, names
from tests.support.pages.page_faults import faults_of
from tests.support.pages.page_server import served, small_page, wait_until_ready

PATIENCE = 30_000  # ms
FILE = re.compile(r"/assets/([^?]+\.(?:js|css))")
SLIDE = """(input) => {
  input.value = 4;
  for (const event of ["input", "change"]) input.dispatchEvent(new Event(event, { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    log = tmp_path_factory.mktemp("first") / "log"
    with served(log, *small_page(), forked=True) as address:
        wait_until_ready(address)
        yield address
    assert "Traceback" not in log.read_text()


@pytest.fixture
def context(chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def test_films_are_there_though_no_call_is_answered(url, context):
    page = context.new_page()
    asked, faults = [], faults_of(page)
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/queue/join*", lambda route: None)  # it never is
    page.goto(url)
    page.locator("#for-you [data-film]").first.wait_for()
    assert page.locator("#for-you [data-film]").count() == 10
    assert page.locator("#suggested [data-film]").count() == 9
    assert "Opening the page" not in page.locator("#status").inner_text()
    assert page.locator("#catalogue .extent").inner_text() == "24 films, up to 1991"
    assert page.locator("#account .doors").is_hidden()
    page.get_by_role("tab", name="Genres", exact=True).click()
    page.get_by_label("Comedy").first.wait_for()
    files = {found[1] for each in asked if (found := FILE.search(each))}
    begun = {name for name in names() if name.endswith(".js")} | {name_of_styles()}
    entry = {name for name in files if name.startswith("index-")}
    assert begun <= files
    assert {name for name in files - begun - entry if name.endswith(".css")} <= set()
    assert faults == []


def test_who_has_rated_is_shown_what_is_theirs_when_they_come_back(url, context):
    page = context.new_page()
    page.goto(url)
    page.locator("#suggested input[type=range]").first.evaluate(SLIDE)
    page.locator("#given .rating").wait_for()
    page.wait_for_function("localStorage.getItem('movie-vae-guest').length > 69")
    page.reload()
    page.locator("#given .rating").wait_for()
    assert "What most people like" not in page.locator("#for-you").inner_text()
    assert page.evaluate("window.gradio_config.components.every(({ props }) => !props.value?.includes?.('data-film'))")
