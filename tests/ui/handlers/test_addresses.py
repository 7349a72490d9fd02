"""What an address says of a place, called as Gradio calls it; and that browser and server know the same places."""

import asyncio
import json
import re
import shutil
import subprocess

import gradio as gr
import pytest

from recsys.recommend.orders import BEST
from recsys.serve.evenings.evenings import Evenings
from recsys.ui import browser
from recsys.ui.acts.film_actions import act_carrier
from recsys.ui.addresses.restoring import NO_PLACE, RestoringHandlers
from recsys.ui.genres.tab import ASK
from recsys.ui.page import tabs
from recsys.ui.places import LONGEST, MOST, MOST_PROBLEMS, Said
from recsys.ui.shared.filter_controls import ALL, ONE
from recsys.ui.shared.visits import Visits
from tests.support.pages.page_server import BOLD
from tests.support.unavailable import unavailable
from tests.ui.handlers.conftest import engine_with
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, OTHER

SCRIPT = browser.FOLDER / "addresses" / "addresses.js"


def handlers_of(visits):
    async def built():  # where no loop runs, Gradio makes some, and leaves them open
        with gr.Blocks():
            _, content = tabs(visits, act_carrier(), Evenings())
            return RestoringHandlers(visits, gr.HTML(), content.places)

    return asyncio.run(built())


@pytest.fixture(scope="module")
def handlers(recommender, shelves, spaces):
    return handlers_of(Visits(engine_with(recommender), shelves, spaces, gr.BrowserState({})))


def event(place, **settings):
    return gr.EventData(None, {"seq": 5, "place": place, "settings": settings})


def restored(handlers, request, place, kept=None, **settings):
    """What the components show, by their elem_ids, and what is told."""
    updates = handlers.restore(kept or {}, "", event(place, **settings), request)
    assert set(updates) <= set(handlers.outputs)
    told = re.fullmatch(r'<span data-seq="5">(.*)</span>', updates.pop(handlers.carrier))
    return {what.elem_id: value for what, value in updates.items() if what.elem_id}, told[1]


def test_an_address_of_the_first_tab_says_in_which_order_its_list_is(handlers, guest):
    shown, told = restored(handlers, guest, "rate", order="newest", adventure="3")
    assert (shown["rate-order"], shown["rate-adventure"], told) == ("newest", 3, "")
    assert shown["for-you"].count("<li ") == 10
    shown, told = restored(handlers, guest, "rate")
    assert (shown["rate-order"], shown["rate-adventure"], told) == (BEST, 0, "")


def test_a_list_comes_with_its_filters(handlers, guest, monkeypatch):
    monkeypatch.setattr("recsys.ui.shared.filter_controls.rating_steps", lambda model: [5])
    shown, told = restored(
        handlers, guest, "rate", genres=["Comedy"], period=["1960s", "1970s"], least="5", seen="1", order="newest"
    )
    of_rate = [shown[f"rate-{name}"] for name in ("genres", "which-genres", "decades", "least", "seen", "order")]
    assert of_rate == [["Comedy"], ONE, ["1970s", "1960s"], 5, False, "newest"]
    assert shown["rate-filters"]["label"] == "Filters: Comedy · 1970s, 1960s · 5+ ratings · seen too"
    assert told == ""
    for least in ("6", "x", "-1", "-6", "9" * 20):
        assert restored(handlers, guest, "rate", least=least)[0]["rate-least"] == 0


def test_an_address_may_ask_for_lesser_known_films(handlers, guest, monkeypatch):
    monkeypatch.setattr("recsys.ui.shared.filter_controls.most_steps", lambda model: [20, 100])
    shown, told = restored(handlers, guest, "rate", least="-20")
    assert (shown["rate-least"], told) == (-20, "")
    assert shown["rate-filters"]["label"] == "Filters: at most 20 ratings"


def test_an_address_leaves_the_choice_of_a_model_as_it_is(handlers, guest):
    updates = handlers.restore({"ratings": {FILM: 5}}, "no model", event("rate", order="newest"), guest)
    assert "the chosen model cannot list" in {what.elem_id: value for what, value in updates.items()}["rate-model"]


def test_genres_come_with_all_that_is_wished(handlers, guest):
    wishes = {"genres": ["Horror", "Comedy"], "period": "1960s", "all": "1", "loved": [FILM], "order": "newest"}
    shown, told = restored(handlers, guest, "genres", **wishes)
    assert shown["genres"] == ["Comedy", "Horror"]
    assert (shown["genre-decades"], shown["which-genres"], shown["loved"]) == (["1960s"], ALL, [FILM])
    assert (shown["genre-order"], shown["genre-adventure"], told) == ("newest", 0, "")
    assert shown["of-genres"].count("<li ") == 1
    assert shown["wishes"]["open"]
    shown, _ = restored(handlers, guest, "genres")
    assert (shown["genres"], shown["genre-decades"], shown["which-genres"], shown["loved"]) == ([], [], ONE, [])
    assert shown["of-genres"] == ASK


def test_a_film_a_path_and_a_viewer_come_with_what_belongs_to_them(handlers, guest):
    shown, told = restored(handlers, guest, "explore/near", film=FILM)
    assert (shown["near-film"], shown["near-films"].count("<li "), told) == (FILM, 10, "")
    shown, told = restored(handlers, guest, "explore/near", film=FILM, genres=["Comedy"], period="1970s", all="1")
    assert (shown["near-film"], shown["near-genres"], shown["near-decades"], told) == (FILM, ["Comedy"], ["1970s"], "")
    assert (shown["near-which-genres"], shown["near-filters"]["label"]) == (ALL, "Filters: Comedy · 1970s")
    assert 0 < shown["near-films"].count("<li ") < 10
    shown, told = restored(handlers, guest, "explore/models", one="", another="")
    assert (shown["model-left"], "No model" in told) == ("", False)
    shown, told = restored(handlers, guest, "explore/path", **{"from": FILM, "to": BOLD})
    assert (shown["path-from"], shown["path-to"], told) == (FILM, BOLD, "")
    assert shown["path"].startswith('<ol class="way">')
    shown, told = restored(handlers, guest, "explore/viewer", person="7")
    assert (shown["seed"], told) == (7, "")
    assert "Viewer 7." in shown["person"]
    shown, told = restored(handlers, guest, "explore/map", film="film 8")  # as people write it
    assert (shown, told) == ({"map-find": FILM}, "")


def test_a_place_of_which_nothing_is_said_is_as_at_first(handlers, visits, guest):
    shown, _ = restored(handlers, guest, "explore/near")
    first, last = (restored(handlers, guest, "explore/path")[0][field] for field in ("path-from", "path-to"))
    assert shown["near-film"] == first != last
    for said, other in (({"from": last}, "path-to"), ({"to": first}, "path-from")):
        assert restored(handlers, guest, "explore/path", **said)[0][other] == (first if "from" in said else last)
    assert restored(handlers, guest, "explore/viewer") == ({}, "")
    assert restored(handlers, guest, "explore/map") == ({"map-find": None}, "")


def test_what_is_unknown_is_told_and_the_rest_is_kept(handlers, guest):
    shown, told = restored(handlers, guest, "genres", genres=["Opera", "Comedy"], period="1850s", order="by price")
    assert told == (
        "No genre here is called “Opera”. No period here is called “1850s”. No order here is called “by price”."
    )
    assert (shown["genres"], shown["genre-decades"], shown["genre-order"]) == (["Comedy"], [], BEST)
    assert shown["of-genres"].count("<li ") == 10
    shown, told = restored(handlers, guest, "explore/path", **{"from": FILM, "to": "Parasite (2019)"})
    assert (shown["path-from"], told) == (FILM, "No film here is called “Parasite (2019)”.")
    assert restored(handlers, guest, "genres", genres=["Comedy"], loved=["x", FILM])[0]["loved"] == [FILM]
    for person in ("1000000000", "-1", "1.5", "1e3", "nobody", "٣", "9" * 200):
        assert restored(handlers, guest, "explore/viewer", person=person)[1].startswith("No viewer has this number"), (
            person
        )
    assert restored(handlers, guest, "rate", adventure="11")[1].startswith("The slider goes from 0")


def test_markup_in_an_address_stays_text_and_little_of_it_is_told(handlers, guest):
    _, told = restored(handlers, guest, "genres", genres=[MARKUP, *map(str, range(MOST))], loved=["x" * LONGEST])
    assert "“&lt;img src=x onerror=alert(1)&gt;”" in told
    assert told.count("is called") == MOST_PROBLEMS
    _, told = restored(handlers, guest, "explore/near", film="x" * LONGEST)
    assert len(told) < LONGEST


WILD = [
    None,
    True,
    7,
    1e308,
    float("nan"),
    "",
    " ",
    "\0",
    "\ud800",
    MARKUP,
    "9" * 10**6,
    [],
    {},
    [[FILM]],
    [None],
    ["\ud800"],
]
PLACES = ("rate", "genres", "explore/near", "explore/path", "explore/map", "explore/viewer", "explore/models")
NAMES = ("genres", "period", "all", "least", "seen", "loved", "order", "adventure", "film", "from", "to", "person")
NAMES += ("one", "another")


@pytest.mark.parametrize("place", PLACES)
def test_whatever_an_address_says_its_place_is_shown(handlers, guest, place):
    for value in WILD:
        shown, told = restored(handlers, guest, place, **dict.fromkeys(NAMES, value))
        assert "<img" not in f"{shown}{told}"
        json.dumps(told).encode()


NO_EVENTS = [None, [], "rate", {}, {"place": "rate"}, {"place": "rate", "settings": [["order", "newest"]]}]
NO_EVENTS += [{"place": place, "settings": {}} for place in ("", "films/later", MARKUP, None, ["rate"], {"rate": 1})]


@pytest.mark.parametrize("said", NO_EVENTS, ids=repr)
def test_what_names_no_place_is_refused_in_a_sentence(handlers, guest, said):
    with pytest.raises(gr.Error, match=NO_PLACE):
        handlers.restore({}, "", gr.EventData(None, said), guest)


def test_films_come_for_whoever_asks(handlers, visits, guest, member, signed_out):
    for kept in KEPT:
        assert restored(handlers, guest, "rate", kept)[0]["for-you"].count("<li ") == 10
    restored(handlers, member, "genres", genres=["Comedy"])
    [shown] = visits.of({}, member)[1].lists()
    assert (shown.kind, shown.n_films) == ("genres", 10)
    with pytest.raises(gr.Error, match="sign in again"):
        restored(handlers, signed_out, "nowhere")


def test_a_model_without_a_latent_space_says_so_in_the_place_itself(plain_visits, guest):
    handlers = handlers_of(plain_visits)
    shown, _ = restored(handlers, guest, "explore/path", **{"from": FILM, "to": OTHER})
    assert "has no latent space" in shown["path"]
    shown, _ = restored(handlers, guest, "explore/viewer", person="3")
    assert "cannot imagine people" in shown["person"]


def test_texts_of_an_address_are_bounded(recommender):
    said = Said({"genres": ["x" * (LONGEST + 1), *map(str, range(1000))], "period": "y" * (LONGEST + 1)}, recommender)
    assert said.texts("genres") == [*map(str, range(MOST - 1))]
    assert said.text("period") is None


def asked_of_script(expression):
    """What an expression of what the script exports is worth, by node."""
    if (node := shutil.which("node")) is None:
        unavailable("no program called node is installed, so the page's scripts cannot be asked")
    code = f"const all = require(process.argv[1]); console.log(JSON.stringify({expression}))"
    run = subprocess.run([node, "-e", code, SCRIPT], capture_output=True, check=True)
    return json.loads(run.stdout)


def test_browser_and_server_know_the_same_places_with_the_same_settings(handlers):
    places = asked_of_script("[...all.PLACES].map(([tab, parts]) => [tab, [...parts]])")
    of_script = {f"{tab}/{part}".rstrip("/"): names for tab, parts in places for part, names in parts}
    of_page = {place.name: [*place.settings] for place in handlers.places}
    assert of_script.pop("tonight") == ["code"]  # which stays in the browser, as what follows
    assert of_script.pop("films/lists") == ["list"]
    assert {name: names for name, names in of_script.items() if names} == of_page
    assert tuple(of_page) == PLACES


def tabs_below(block):
    """The tabs in a part of the page, by their elem_ids, each with those in it, in their order."""
    found = {}
    for child in getattr(block, "children", ()):
        found |= {child.elem_id: tabs_below(child)} if isinstance(child, gr.Tab) else tabs_below(child)
    return found


def test_every_tab_and_every_part_of_one_has_an_address(visits):
    async def built():
        with gr.Blocks() as page:
            tabs(visits, act_carrier(), Evenings())
        return tabs_below(page)

    named = "[...all.PLACES].map(([tab, parts]) => [all.idOf(tab), [...parts.keys()].filter(Boolean).map(all.idOf)])"
    assert {tab: [*parts] for tab, parts in asyncio.run(built()).items()} == dict(asked_of_script(named))
