"""The tab of one's own films, called as Gradio calls it."""

import asyncio
import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import gradio as gr
import numpy as np
import pytest

from recsys.recommend import answers
from recsys.serve.accounts.operators import VARIABLE, code_of, operators_in
from recsys.store import FilmName, Recommendations
from recsys.ui.account import consent
from recsys.ui.my_films import handlers as my_films_handlers
from recsys.ui.my_films.handlers import (
    ANOTHER,
    NO_RATINGS,
    NONE_HIDDEN,
    NONE_SEEN,
    PICK,
    SIGN_IN,
    UNDO,
    MyFilms,
    MyFilmsHandlers,
)
from recsys.ui.my_films.tab import wire
from recsys.ui.my_films.watch_later import NONE_LATER, watch_later
from tests.ui.handlers.hostile import FILM, KEPT, MARKUP, OTHER

SAID = {
    "ratings": {FILM: 5.0, OTHER: 2.0},
    "marks": {FILM: "later", "Film 10 (1970)": "later", "Film 11 (1971)": "hidden"},
}


@pytest.fixture
def handlers(visits):
    return handlers_of(visits)


def handlers_of(visits):
    buttons = {"more": gr.Button(), "pick": gr.Button()}
    shown = MyFilms(**{each.name: buttons.get(each.name) or gr.HTML() for each in fields(MyFilms)})
    return MyFilmsHandlers(visits, shown, gr.State(0), gr.State(""))


def event(said):
    return gr.EventData(None, said)


def test_films_that_were_seen_wait_for_stars(handlers, guest):
    seen = {"ratings": {FILM: 5.0}, "marks": {FILM: "seen", "Film 10 (1970)": "seen"}}
    shown, updates = handlers.shown, handlers.show(seen, 100, guest)
    assert re.findall(r'<li data-film="([^"]*)"', updates[shown.seen]) == ["Film 10 (1970)"]
    assert "no stars yet" in updates[shown.seen]
    assert re.findall(r'<li data-film="([^"]*)"', updates[shown.rated]) == [FILM]
    assert "Film 10 (1970)" not in handlers.show_taste(seen, guest)


def test_a_guest_sees_ratings_and_marks_and_is_invited(handlers, guest):
    shown, updates = handlers.shown, handlers.show(SAID, 1, guest)
    assert set(updates) == set(shown.outputs) == set(vars(shown).values()) - {shown.taste}
    assert updates[shown.rated].count("<li ") == 1
    assert updates[shown.more].visible
    assert "Film 10 (1970)" in updates[shown.later]
    assert FILM not in updates[shown.later]  # it is seen already
    assert "Film 11 (1971)" in updates[shown.hidden]
    assert updates[shown.seen] == NONE_SEEN
    assert updates[shown.lists] == SIGN_IN
    assert 'data-dialog="register"' in SIGN_IN
    assert "With an account" in updates[shown.own]


def test_an_operator_alone_has_the_way_to_the_operators_page(handlers, member, guest, store, shelves, monkeypatch):
    account = handlers.show({}, 1, member)[handlers.shown.own]
    assert 'href="operator"' not in account
    person = shelves.person(member)
    entry = f"{person.name}#{code_of(person.id, person.registered_at, store.secret('operators'))}"
    operators = operators_in({VARIABLE: entry}, lambda: store.secret("operators"))
    monkeypatch.setattr(shelves, "operators", operators)
    assert 'href="operator"' in handlers.show({}, 1, member)[handlers.shown.own]
    assert 'href="operator"' not in handlers.show({}, 1, guest)[handlers.shown.own]


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_nothing_is_there_whatever_else_a_browser_has_kept(handlers, guest, kept):
    shown, updates = handlers.shown, handlers.show(kept, 100, guest)
    assert updates[shown.rated] == UNDO + NO_RATINGS
    assert (updates[shown.later], updates[shown.hidden]) == (NONE_LATER, NONE_HIDDEN)
    assert not updates[shown.more].visible
    assert not updates[shown.pick].visible
    taste = handlers.show_taste(kept, guest)
    assert "Rate 5 films, and you see here" in taste
    assert taste.count("data-film") == 5


def test_more_ratings_are_shown_when_they_are_asked_for(handlers, guest, monkeypatch):
    monkeypatch.setattr(my_films_handlers, "N_RATED", 1)
    updates = handlers.show_more(SAID, 1, guest)
    assert updates[handlers.n_shown] == 2
    assert updates[handlers.shown.rated].count("<li ") == 2
    assert not updates[handlers.shown.more].visible


def test_a_member_sees_what_the_store_keeps_and_can_open_a_list(handlers, visits, member):
    _, shelf = visits.of({}, member)
    shelf.rate(FILM, 4.0)
    updates = handlers.show({"ratings": {OTHER: 1.0}}, 100, member)
    assert OTHER not in updates[handlers.shown.rated]
    assert "1 rating, ★ 4.0 on average" in handlers.show_taste({"ratings": {OTHER: 1.0}}, member)
    assert "every list of films that you are shown" in updates[handlers.shown.lists]
    assert "Change password" in updates[handlers.shown.own]


def test_a_member_is_asked_once_more_until_there_is_an_answer_which_is_the_members_own(
    handlers, visits, store, member, guest
):
    def shown():
        return handlers.show({}, 100, member)[handlers.shown.own]

    _, shelf = visits.of({}, member)
    assert "You have not answered yet" in shown()
    assert shelf.consent().agrees is None
    for said, agrees in (("yes", True), ("no", False)):
        store.consents.answer(visits.shelves.person(member), said)
        assert shelf.consent().agrees is agrees
        assert f"You said {said} on " in shown()
    assert consent.QUESTION not in handlers.show({}, 100, guest)[handlers.shown.own]


def test_a_list_that_was_shown_is_opened_by_whom_it_was_shown(handlers, visits, recommender, member):
    _, shelf = visits.of({}, member)
    shelf.record("for you", recommender, {"adventure": 0}, answers.recommend(recommender, {FILM: 4.0}))
    [kept] = shelf.lists()
    assert kept.id in handlers.open_list(event({}), member)
    opened = handlers.open_list(event({"list": kept.id}), member)
    assert opened.count("data-film") == opened.count('data-do="later"') == 10
    assert "All lists" in opened
    assert "There are no older lists" in handlers.open_list(event({"before": kept.id}), member)


@pytest.mark.parametrize("said", [{"list": MARKUP}, {"list": 7}, {"list": ["x"]}, {"list": {}}], ids=repr)
def test_a_list_that_was_never_shown_is_refused(handlers, member, said):
    with pytest.raises(gr.Error, match="You have no such list"):
        handlers.open_list(event(said), member)


@pytest.mark.parametrize("said", [None, "", 7, [], {}, MARKUP, {"before": None}], ids=repr)
def test_what_is_no_event_shows_the_newest_lists(handlers, member, said):
    assert "every list of films that you are shown is kept here" in handlers.open_list(event(said), member)


def test_lists_are_for_those_who_have_an_account_and_a_session(handlers, guest, signed_out):
    with pytest.raises(gr.Error, match="Sign in first: lists are kept for those who have an account"):
        handlers.open_list(event({"list": "x"}), guest)
    calls = (
        lambda: handlers.open_list(event({}), signed_out),
        lambda: handlers.show({}, 1, signed_out),
        lambda: handlers.show_more({}, 1, signed_out),
        lambda: handlers.show_taste({}, signed_out),
        lambda: handlers.pick_one({}, "", signed_out),
    )
    for call in calls:
        with pytest.raises(gr.Error, match="signed out"):
            call()


# ---- taste


async def wired(visits):
    """A page of one tab, and its handlers; Gradio wants a loop that runs."""
    with gr.Blocks() as page:
        handlers = handlers_of(visits)
        with gr.Tab() as outer:
            wire(handlers, outer)
    return page, handlers


def test_one_event_draws_the_taste_so_that_no_older_one_comes_after_a_newer(visits):
    page, handlers = asyncio.run(wired(visits))
    [drawing] = [each for each in page.fns.values() if handlers.shown.taste in each.outputs]
    assert drawing.name == "show_taste"
    assert drawing.trigger_mode == "always_last"
    assert [what for _, what in drawing.targets] == ["select", "input"]


def of_days(shelf, stars, days):
    """Ratings of two films, so many days ago."""
    ids = [shelf._id(film) for film in (FILM, OTHER)]
    when = {item: datetime.now(UTC) - timedelta(days=day) for item, day in zip(ids, days, strict=True)}
    shelf._store.ratings.set_ratings(shelf._person, shelf._dataset, dict(zip(ids, stars, strict=True)), when=when)


def test_a_member_s_stars_over_time_count_every_film_once_as_it_stands(handlers, visits, member):
    of_days(visits.of({}, member)[1], (5.0, 2.0), (400, 0))
    visits.of({}, member)[1].rate(FILM, 1.0)
    shown = handlers.show_taste({}, member)
    assert "2 ratings, ★ 1.5 on average" in shown
    assert "a line is drawn here as soon as there are some of two months" in shown
    assert "<circle" not in shown


def test_a_member_s_stars_over_time_are_a_dot_for_each_period(handlers, visits, member):
    of_days(visits.of({}, member)[1], (5.0, 2.0), (400, 4))
    assert handlers.show_taste({}, member).count("<circle") == 2


def test_a_guest_is_told_that_no_times_are_known(handlers, guest):
    shown = handlers.show_taste(SAID, guest)
    assert "When you rated a film is not kept in this browser" in shown
    assert "<svg" not in shown
    assert "Over time" not in handlers.show_taste({}, guest)


RATED = {f"Film {item} ({1960 + item})": 1 + item % 5 for item in range(7, 14)}


def test_who_has_rated_enough_sees_genres_decades_and_strictness(handlers, guest):
    shown = handlers.show_taste({"ratings": RATED}, guest)
    for heading in ("Genres", "Decades", "How well your stars can be guessed"):
        assert f"<h2>{heading}</h2>" in shown
    assert "others to the same films" in shown
    assert "a guess of your stars is expected to be" in shown
    assert "and you see here" not in shown


def test_a_model_without_stars_shows_what_can_be_said(plain_visits, guest):
    shown = handlers_of(plain_visits).show_taste({"ratings": RATED}, guest)
    assert "<h2>Genres</h2>" in shown
    assert "guess of your stars" not in shown


# ---- to watch later


def test_films_to_watch_are_those_that_are_not_rated_the_best_bet_first(visits, plain_visits, guest):
    later = [f"Film {item} ({1960 + item})" for item in (11, 14, 10)]
    said = {"ratings": SAID["ratings"], "marks": dict.fromkeys([*later, FILM], "later")}
    found = watch_later(*visits.of(said, guest), visits.spaces).films
    assert {film.title for film in found} == {*later}
    stars = [film.predicted_stars for film in found]
    assert stars == sorted(stars, reverse=True)
    in_order = watch_later(*plain_visits.of(said, guest), visits.spaces).films
    assert [film.n_ratings for film in in_order] == sorted((film.n_ratings for film in in_order), reverse=True)


def test_one_for_tonight_is_of_the_better_half_and_then_another(handlers, visits, recommender, guest):
    later = [f"Film {item} ({1960 + item})" for item in (11, 14, 10, 12, 17)]
    said = {"ratings": SAID["ratings"], "marks": dict.fromkeys(later, "later")}
    films = watch_later(*visits.of(said, guest), visits.spaces)
    assert films.shown(recommender).count(' style="--hue:') == len(films.films)
    better, last, drawn = {film.title for film in films.films[:3]}, "", set()
    for seed in range(20):
        title, card = films.one(recommender, last, np.random.default_rng(seed))
        assert title in better - {last}
        assert card.count("data-film") == 1
        last = title
        drawn.add(title)
    assert drawn == better
    updates = handlers.pick_one(said, last, guest)
    assert updates[handlers.picked] in better - {last}
    assert updates[handlers.shown.pick].value == ANOTHER


@pytest.mark.parametrize("last", [None, MARKUP, 7, [], {}, "Film 10 (1970)"], ids=repr)
def test_the_only_film_is_picked_whatever_was_before(handlers, guest, last):
    updates = handlers.pick_one({"marks": {"Film 10 (1970)": "later"}}, last, guest)
    assert updates[handlers.picked] == "Film 10 (1970)"
    assert updates[handlers.shown.pick].value == PICK
    assert handlers.pick_one({}, last, guest)[handlers.shown.tonight] == NONE_LATER


# ---- lists


def test_lists_of_several_models_side_by_side_are_one_entry_that_opens_both(
    handlers, visits, recommender, plain, member
):
    _, shelf = visits.of({}, member)
    for model in (recommender, plain):
        shelf.record("side by side", model, {}, answers.recommend(model, {FILM: 4.0}, k=4))
    shown = handlers.open_list(event({}), member)
    [ids] = re.findall(r'data-list="([^"]+)"', shown)
    assert len(ids.split()) == 2
    assert "Side by side: popularity, mult-vae" in shown
    assert handlers.open_list(event({"list": ids}), member).count("<h2>Side by side</h2>") == 2
    with pytest.raises(gr.Error, match="You have no such list"):
        handlers.open_list(event({"list": f"{ids} x"}), member)


def test_films_of_another_data_set_are_called_as_the_store_knows_them(handlers, visits, store, member):
    _, shelf = visits.of({}, member)
    named = {7: FilmName(MARKUP, 1999, None, None, 5.0), 8: FilmName("Heat", 1995, None, None, 5.0)}
    store.films.note("elsewhere", named)
    films = [(7, 4.5), (9, None), (8, 4.0)]
    kept = Recommendations(dataset="elsewhere", model="ease", version="1", kind="for you", request={}, films=films)
    list_id = store.history.record_list(shelf._person, kept)
    assert "&lt;img src=x onerror=alert(1)&gt; (1999), Heat (1995) …" in handlers.open_list(event({}), member)
    opened = handlers.open_list(event({"list": list_id}), member)
    assert "Heat (1995)</span>" in opened
    assert "★ 4.0 expected" in opened
    assert "data-do" not in opened
