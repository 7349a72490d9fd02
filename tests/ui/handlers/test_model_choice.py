"""Choosing another model for one's own lists, called as Gradio calls it."""

import re
from dataclasses import replace

import gradio as gr
import pytest
from markupsafe import escape

from recsys.errors import DataError
from recsys.serve.other_models import SERVED, OtherModels, can_list
from recsys.ui.genres.tab import GenreHandlers
from recsys.ui.rate.handlers import RateHandlers
from recsys.ui.rate.lists import Lists
from tests.support.pages.page_server import wait_for
from tests.ui.handlers.conftest import comparing, controls_of_a_list, said
from tests.ui.handlers.hostile import FILM, MARKUP

RATED = {"ratings": {FILM: 5.0}}


@pytest.fixture(scope="module")
def others(board, recommender, tmp_path_factory):
    """With two models that are there; the rest would be trained."""
    others = OtherModels(str(board), tmp_path_factory.mktemp("runs"))
    for name in ("ease", "popularity"):
        wait_for(lambda name=name: others.ask(name, recommender), 60, name)
    return others


@pytest.fixture
def handlers(visits, others):
    controls = controls_of_a_list()
    controls = replace(controls, model=replace(controls.model, others=others))
    lists = Lists(gr.HTML(), controls, gr.HTML(), gr.HTML(), gr.State([]), visits.spaces, gr.Button())
    return RateHandlers(visits, lists, gr.HTML(), gr.State([]))


def listed(handlers, request, kept=RATED, **wanted):
    """The films, what tells of the model, and whether there is a way back and a timer."""
    updates, choice = handlers.suggest(request, kept, *said(**wanted)), handlers.lists.controls.model
    return updates[handlers.lists.films], updates[choice.line], updates[choice.again], updates[choice.timer]


def test_a_chosen_model_lists_and_is_told_with_a_way_back(handlers, others, guest, recommender):
    own, line, again, timer = listed(handlers, guest)
    assert (line, again["visible"], timer["active"]) == ("", False, False)
    shown, line, again, timer = listed(handlers, guest, model="ease")
    assert line == '<p class="note">Lists by ease. It predicts no stars.</p>'
    assert (again["value"], again["visible"], timer["active"]) == ("Use mult-vae again", True, False)
    titles = others.ask("ease", recommender).recommend({FILM: 5.0}, k=10).title.tolist()
    assert re.findall('<li data-film="([^"]*)"', shown) == [escape(title) for title in titles]
    assert "★ <small>for you" not in shown
    assert shown.count("<li ") == own.count("<li ") == 10


def test_a_chosen_model_makes_lists_of_genres_too_and_they_are_kept_as_its_own(handlers, visits, others, member):
    controls = handlers.lists.controls
    genres = GenreHandlers(visits, controls, gr.HTML(), gr.HTML())
    updates = genres.suggest(member, {}, None, *said(genres=("Comedy",), model="popularity"))
    assert "Lists by popularity." in updates[controls.model.line]
    assert visits.of({}, member)[1].lists()[0].model == "popularity"
    nothing = genres.suggest(member, {}, None, *said(model="popularity"))
    assert set(nothing) == set(genres.outputs)


def test_the_page_lists_while_a_chosen_model_is_made_ready(handlers, others, guest):
    others._models._making.add("svd")
    own, *_ = listed(handlers, guest)
    shown, line, again, timer = listed(handlers, guest, model="svd")
    others._models._making.discard("svd")
    assert "svd is being made ready, and mult-vae lists meanwhile" in line
    assert "<progress" in line
    assert (again["visible"], timer["active"]) == (True, True)
    assert shown.count("<li ") == own.count("<li ")


@pytest.mark.parametrize("name", ["no model", "global-mean", MARKUP, "../x"])
def test_a_model_that_is_not_there_any_more_leaves_the_page_own_and_says_so(handlers, guest, name):
    shown, line, again, _ = listed(handlers, guest, model=name)
    assert "These are by mult-vae, as the chosen model cannot list: There is no such model here" in line
    assert again["visible"]
    assert shown.count("<li ") == 10
    assert "<img" not in line


@pytest.mark.parametrize("name", [None, {}, [], 7, True, "", "mult-vae"])
def test_what_is_no_choice_is_the_page_own(handlers, guest, name):
    assert listed(handlers, guest, model=name)[1] == ""


def test_what_a_chosen_model_cannot_do_the_page_own_does(handlers, guest):
    shown, line, _, _ = listed(handlers, guest, model="popularity", order="most stars")
    assert "the chosen model cannot list: popularity predicts no stars, so it knows no order by them" in line
    assert shown.count("<li ") == 10
    with pytest.raises(gr.Error, match="no film has the genre"):  # which neither knows
        listed(handlers, guest, model="popularity", genres=("Opera",))


def test_a_side_of_a_comparison_can_be_taken_for_the_own_lists(visits, others, guest, monkeypatch):
    monkeypatch.setattr(gr, "Info", lambda sentence: None)
    compare = comparing(visits, others)
    first, second = compare.use("ease"), compare.use(SERVED)
    assert (first[visits.list_model], second[visits.list_model]) == ("ease", SERVED)
    assert first[visits.chosen] != second[visits.chosen]
    with pytest.raises(gr.Error, match="There is no such model here"):
        compare.use(MARKUP)


def test_the_way_back_is_a_choice_too(handlers):
    choice = handlers.lists.controls.model
    assert choice.served_again()[choice.name] == SERVED


def test_models_that_cannot_list_are_not_offered(others, recommender):
    assert not any(map(can_list, ("global-mean", "user-mean", "no model")))
    assert all(map(can_list, others.names(recommender)[1:]))
    with pytest.raises(DataError, match="There is no such model here"):
        others.for_lists("user-mean", recommender)
