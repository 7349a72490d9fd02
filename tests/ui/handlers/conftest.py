"""Visitors of a small page that is not served: models without training, guests and a member."""

from itertools import count
from pathlib import Path
from types import SimpleNamespace
from weakref import WeakKeyDictionary

import gradio as gr
import pytest

from recsys.recommend.orders import BEST
from recsys.serve.accounts.members import Members
from recsys.serve.accounts.shelf import Shelves
from recsys.serve.background import Background
from recsys.serve.engine import Engine
from recsys.serve.other_models import OtherModels
from recsys.serve.security.cookies import SESSION, SessionCookie
from recsys.store import open_store
from recsys.ui.explore.compare import CompareHandlers, Shown
from recsys.ui.shared.adventure_slider import adventure_slider
from recsys.ui.shared.filter_controls import ONE, FilterControls
from recsys.ui.shared.latent_spaces import space_of
from recsys.ui.shared.list_controls import ListControls
from recsys.ui.shared.model_choice import ModelChoice
from recsys.ui.shared.visits import Visits
from tests.support.pages.page_server import made, untrained, wait_for, write_board
from tests.support.store_places import CHEAP

PASSWORD = "four random words"
NUMBERS = count(1)


@pytest.fixture(scope="package")
def board(tmp_path_factory):
    """The folder of films."""
    return write_board(tmp_path_factory.mktemp("handlers") / "board")


@pytest.fixture(scope="package")
def recommender(board):
    """One that has a latent space."""
    return untrained(board)


@pytest.fixture(scope="package")
def plain(board):
    """One that has none."""
    return made("popularity", board)


@pytest.fixture(scope="package")
def spaces(recommender):
    """Where the latent space is worked out."""
    spaces = Background(WeakKeyDictionary())
    wait_for(lambda: space_of(spaces, recommender), 60, "the latent space")
    return spaces


@pytest.fixture(scope="package")
def store(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("handlers") / "people.sqlite3", config=CHEAP) as opened:
        yield opened


@pytest.fixture(scope="package")
def shelves(store):
    members = Members(lambda: store)
    members.start()
    members._thread.join()
    return Shelves(members, SessionCookie(lambda: b"key"))


def engine_with(recommender):
    """An engine that has a model, or None."""
    engine = Engine(lambda *_: None)
    engine.recommender = recommender
    return engine


@pytest.fixture
def visits(recommender, shelves, spaces):
    return Visits(engine_with(recommender), shelves, spaces, gr.BrowserState({}))


@pytest.fixture
def plain_visits(plain, shelves, spaces):
    return Visits(engine_with(plain), shelves, spaces, gr.BrowserState({}))


@pytest.fixture
def closed_visits(shelves, spaces):
    """Of a page that has no model yet."""
    return Visits(engine_with(None), shelves, spaces, gr.BrowserState({}))


@pytest.fixture
def guest():
    """A guest's request."""
    return SimpleNamespace(cookies={})


@pytest.fixture
def signed_out():
    """The request of somebody whose cookie is no session's."""
    return SimpleNamespace(cookies={SESSION: "nobody's"})


@pytest.fixture
def member(shelves, store):
    """The request of somebody who has just registered."""
    number = next(NUMBERS)
    token = store.accounts.register(f"Person {number}", PASSWORD, f"place {number}")
    header = shelves.cookie.header(token, 100, False)
    yield SimpleNamespace(cookies={SESSION: header.split("=", 1)[1].split(";")[0]})
    store.accounts.sign_out(token)


def comparing(visits, others) -> CompareHandlers:
    """Two models side by side, outside of a page."""
    return CompareHandlers(visits, others, gr.Dropdown([]), gr.Dropdown([]), Shown(gr.HTML(), gr.Timer(), gr.State()))


def controls_of_a_list() -> ListControls:
    """Outside of a page."""
    return ListControls(
        adventure_slider("adventure"),
        gr.Dropdown([]),
        controls_of_filters(),
        choice_of_a_model(),
        gr.State(10),
        gr.Button(),
        gr.State(None),
    )


def controls_of_filters() -> FilterControls:
    """Outside of a page."""
    boxes = (gr.CheckboxGroup([]), gr.Radio([]), gr.CheckboxGroup([]), gr.Radio([]), gr.Checkbox())
    return FilterControls(*boxes, gr.Accordion(), gr.Button(), gr.State(0), "Filters")


def choice_of_a_model(dataset=None, runs=Path("none")) -> ModelChoice:
    """Outside of a page."""
    return ModelChoice(OtherModels(dataset, runs), gr.BrowserState(""), gr.State(0), gr.HTML(), gr.Button(), gr.Timer())


def said(steps=0, order=BEST, n_films=10, genres=(), which=ONE, decades=(), least=0, seen=True, beside=None, model=""):
    """What the controls of a list say, as a browser sends it."""
    return steps, order, n_films, *filters_said(genres, which, decades, least, seen), beside, model


def filters_said(genres=(), which=ONE, decades=(), least=0, seen=True):
    """What those of its filters say."""
    lists = [[*each] if isinstance(each, tuple) else each for each in (genres, decades)]
    return lists[0], which, lists[1], least, seen
