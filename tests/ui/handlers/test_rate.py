"""Rating, passing films over and moving the slider, called as Gradio calls them."""

import asyncio
import re
from types import SimpleNamespace

import gradio as gr
import pytest
from markupsafe import escape

from recsys.errors import DataError
from recsys.serve.concurrency import ConcurrencyLimit
from recsys.ui.my_films.history import in_words
from recsys.ui.rate import lists as rate_lists
from recsys.ui.rate.handlers import Asked, RateHandlers
from recsys.ui.rate.lists import Lists, given, newer_films, refilled
from recsys.ui.rate.tab import Asking, content
from recsys.ui.shared.filter_controls import ONE
from recsys.ui.shared.latent_spaces import hues_of, space_of
from recsys.ui.shared.list_controls import MOST_LISTED
from tests.ui.handlers.conftest import controls_of_a_list, said
from tests.ui.handlers.hostile import EVENTS, FILM, KEPT, MARKUP, OTHER

RATED = {"ratings": {FILM: 5.0}}


def handlers_of(visits):
    lists = Lists(gr.HTML(), controls_of_a_list(), gr.HTML(), gr.HTML(), gr.State([]), visits.spaces, gr.Button())
    return RateHandlers(visits, lists, gr.HTML(), gr.State([]))


@pytest.fixture
def handlers(visits):
    return handlers_of(visits)


def event(**said):
    return gr.EventData(None, said)


def acted(handlers, request, kept=None, now=(), passed=(), steps=0, **done):
    """What an act comes to."""
    given = (kept or {}, *said(steps), list(passed), list(now))
    return asyncio.run(handlers.act(event(**done), request, *given))


def test_an_act_is_told_and_kept_and_draws_the_lists_anew(handlers, guest):
    updates = acted(handlers, guest, do="rate", film=FILM, stars=4, seq=7)
    lists, kept = handlers.lists, updates[handlers.visits.browser_state]
    assert updates[handlers.carrier].startswith(f'<span data-seq="7">{FILM}: 4 stars.</span><button')
    assert kept["ratings"] == {FILM: 4.0}
    assert updates[lists.films].count("<li ") == 10
    assert f'data-film="{FILM}"' in updates[lists.given]
    assert len(updates[lists.now]) == 9
    assert "1 of 5 rated" in updates[lists.suggested]
    assert updates[handlers.passed] == []
    assert set(updates) <= {*lists.outputs, handlers.carrier, handlers.passed, handlers.visits.browser_state}


def test_a_slider_that_the_browser_shows_already_is_not_drawn_anew(handlers, guest):
    assert handlers.lists.given not in acted(handlers, guest, do="rate", film=FILM, stars=4, in_list=True)
    assert handlers.lists.given in acted(handlers, guest, RATED, do="remove", film=FILM, in_list=True)


def test_what_stands_beside_the_list_already_is_not_told_again(handlers, guest):
    controls = handlers.lists.controls
    beside = set(controls.outputs)
    first = handlers.suggest(guest, {}, *said())
    again = handlers.suggest(guest, {}, *said(beside=first[controls.beside]))
    filtered = handlers.suggest(guest, {}, *said(beside=first[controls.beside], decades=["1960s"]))
    assert (beside - set(first), beside & set(again), beside - set(filtered)) == (set(), set(), set())
    assert filtered[controls.filters.folded]["label"] == "Filters: 1960s"


def listed(updates, handlers):
    return re.findall(r'<li data-film="([^"]*)"', updates[handlers.lists.films])


def test_films_that_are_marked_stay_in_their_places_as_long_as_the_browser_asks_for_it(handlers, guest):
    before = listed(acted(handlers, guest, do="undo"), handlers)
    for do in ("seen", "later", "hidden"):
        staying = [before[3], "no such film", 7]
        updates = acted(handlers, guest, do=do, film=before[3], staying=staying)
        assert listed(updates, handlers)[:10] == before
        assert len(listed(updates, handlers)) == 11
        kept = updates[handlers.visits.browser_state]
        assert kept["marks"] == {before[3]: do}
        rest = [film for film in before if film not in (before[3], before[5])]
        assert listed(acted(handlers, guest, kept, do=do, film=before[5]), handlers)[:8] == rest


@pytest.mark.parametrize("staying", [None, 7, "Film 3 (1963)", {"a": 1}, [["Film 3 (1963)"]], ["\ud800", MARKUP]])
def test_what_a_browser_says_of_films_that_stay_may_be_anything(handlers, guest, staying):
    updates = acted(handlers, guest, do="later", film=FILM, staying=staying)
    assert FILM not in listed(updates, handlers)
    assert len(listed(updates, handlers)) == 10


def test_suggestions_that_stay_keep_their_titles(handlers, guest):
    now = acted(handlers, guest, do="rate", film=FILM, stars=4)[handlers.lists.now]
    updates = acted(handlers, guest, RATED, now, do="rate", film=FILM, stars=3)
    assert handlers.lists.now not in updates
    assert handlers.passed not in updates
    assert handlers.lists.suggested in updates


def test_a_suggestion_whose_stars_are_taken_back_is_passed_over(handlers, guest):
    updates = acted(handlers, guest, {"ratings": {FILM: 5.0, OTHER: 3.0}}, [FILM], do="remove", film=FILM)
    assert updates[handlers.passed] == [FILM]
    assert FILM not in updates[handlers.lists.now]


def test_a_film_that_was_not_seen_gives_way_to_another_and_the_list_stays(handlers, guest):
    now = acted(handlers, guest, RATED, do="rate", film=FILM, stars=4)[handlers.lists.now]
    updates = acted(handlers, guest, RATED, now, do="unseen", film=now[2], seq=3)
    lists = handlers.lists
    assert updates[handlers.passed] == [now[2]]
    assert [film for film in updates[lists.now] if film in now] == [*now[:2], *now[3:]]
    assert len(updates[lists.now]) == 9
    assert f"Another film instead of {now[2]}." in updates[handlers.carrier]
    assert f'data-do="asked" data-film="{now[2]}" data-place="2">Undo' in updates[handlers.carrier]
    assert updates[handlers.visits.browser_state]["ratings"] == RATED["ratings"]
    assert not {lists.films, lists.given} & set(updates)
    after = updates[lists.now], updates[handlers.passed]
    back = acted(handlers, guest, RATED, *after, do="asked", film=now[2], place=2)
    assert (back[lists.now], back[handlers.passed]) == (now, [])
    assert f"{now[2]} is back." in back[handlers.carrier]
    assert "Undo" not in back[handlers.carrier]
    assert not {lists.films, lists.given} & set(back)


@pytest.mark.parametrize("place", [None, -1, True, "2", 10**9, [2], {}, 2.5])
def test_a_film_comes_back_wherever_a_browser_says_that_it_was(handlers, guest, place):
    now = acted(handlers, guest, RATED, do="rate", film=FILM, stars=4)[handlers.lists.now]
    after = acted(handlers, guest, RATED, now, do="unseen", film=now[2])
    told = after[handlers.lists.now], after[handlers.passed]
    back = acted(handlers, guest, RATED, *told, do="asked", film=now[2], place=place)
    assert back[handlers.lists.now] == [now[2], *now[:2], *now[3:]]


def test_only_what_was_passed_over_comes_back(handlers, guest):
    now = acted(handlers, guest, RATED, do="rate", film=FILM, stars=4)[handlers.lists.now]
    for film in (FILM, now[3]):
        updates = acted(handlers, guest, RATED, now, do="asked", film=film, place=0)
        assert handlers.lists.now not in updates


def test_a_list_in_which_stars_are_given_stays_and_a_button_leads_to_the_new_one(handlers, guest):
    lists = handlers.lists
    film = listed(acted(handlers, guest, RATED, do="undo"), handlers)[3]
    updates = acted(handlers, guest, RATED, do="rate", film=film, stars=4, still=True)
    assert lists.films not in updates
    assert updates[lists.anew]["visible"]
    assert updates[handlers.visits.browser_state]["ratings"] == {FILM: 5.0, film: 4.0}
    assert f'data-film="{film}"' in updates[lists.given]
    assert 'data-press="rate-anew"' in updates[handlers.carrier]
    anew = handlers.suggest(guest, updates[handlers.visits.browser_state], *said())
    assert film not in listed(anew, handlers)
    assert not anew[lists.anew]["visible"]
    for still in (False, None, "true", 1, [True]):
        assert lists.films in acted(handlers, guest, RATED, do="rate", film=film, stars=4, still=still)


def test_no_more_films_that_were_not_seen_are_remembered_than_fit(handlers, guest, monkeypatch):
    monkeypatch.setattr("recsys.ui.rate.handlers.MOST_PASSED", 2)
    updates = acted(handlers, guest, RATED, [OTHER], ["A", "B"], do="unseen", film=OTHER)
    assert updates[handlers.passed] == ["B", OTHER]


def test_once_five_films_are_rated_the_films_to_rate_give_room_to_the_list(handlers, recommender, guest):
    titles = list(recommender.titles.item_of)
    kept = {"ratings": dict.fromkeys(titles[:4], 4.0)}
    now = acted(handlers, guest, kept, do="rate", film=titles[0], stars=4)[handlers.lists.now]
    assert len(now) == 9
    updates = acted(handlers, guest, kept, now, do="rate", film=now[0], stars=4)
    assert updates[handlers.lists.now] == now[1:4]
    assert " rated" not in updates[handlers.lists.suggested]
    assert updates[handlers.lists.suggested].count("<li ") == 3


def test_films_to_rate_and_films_that_fit_have_colours(handlers, guest):
    updates = acted(handlers, guest, do="rate", film=FILM, stars=4)
    assert updates[handlers.lists.films].count(' style="--hue:') == 10
    assert updates[handlers.lists.suggested].count(' style="--hue:') == 9


def test_colours_are_of_the_map_and_of_genres_where_there_is_none(recommender, plain, visits, spaces):
    titles = list(recommender.titles.item_of)
    by_map, by_genre = hues_of(spaces, recommender, titles), hues_of(spaces, plain, titles)
    space = space_of(spaces, recommender)
    assert by_map == {film: space.hues[recommender.titles.item_of[film]] for film in titles}
    assert set(by_genre.values()) == {0, 120}  # Comedy, Horror; and a third of the circle for no genre
    assert by_genre["Film 9 (1969)"] == by_genre["Film 11 (1971)"] != by_genre["Film 8 (1968)"]
    assert hues_of(spaces, plain, ["No film"]) == {}


def test_what_was_done_is_told_though_the_lists_cannot_be_drawn(handlers, guest):
    updates = acted(handlers, guest, steps=MARKUP, do="rate", film=FILM, stars=4, seq=1)
    assert "4 stars. The films are not new: The slider goes from 0" in updates[handlers.carrier]
    assert set(updates) == {handlers.carrier, handlers.visits.browser_state}
    assert updates[handlers.visits.browser_state]["ratings"] == {FILM: 4.0}


@pytest.mark.parametrize("data", EVENTS, ids=repr)
def test_what_is_no_act_is_refused_by_the_carrier_alone(handlers, guest, data):
    updates = asyncio.run(handlers.act(gr.EventData(None, data), guest, {}, *said(), [], []))
    assert set(updates) == {handlers.carrier}
    assert updates[handlers.carrier].startswith('<span data-seq="0" data-failed>Not kept: ')
    assert "<img" not in updates[handlers.carrier]


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_an_act_goes_on_whatever_a_browser_has_kept(handlers, guest, kept):
    updates = asyncio.run(handlers.act(event(do="rate", film=FILM, stars=4), guest, kept, *said(), [], []))
    assert updates[handlers.visits.browser_state]["ratings"][FILM] == 4.0
    assert "<img" not in "".join(value for value in updates.values() if isinstance(value, str))


def test_acts_of_members_have_a_limit_of_their_own(handlers, visits, guest, member):
    full = ConcurrencyLimit(at_once=1, most_waiting=0)
    assert full._inside.acquire(blocking=False)
    no_guests = RateHandlers(visits, handlers.lists, handlers.carrier, handlers.passed, guests=full)
    assert "Too many people" in acted(no_guests, guest, do="rate", film=FILM, stars=4)[no_guests.carrier]
    assert "4 stars." in acted(no_guests, member, do="rate", film=FILM, stars=4)[no_guests.carrier]
    _, shelf = visits.of({}, member)
    assert shelf.ratings == {FILM: 4.0}


def test_nothing_is_done_for_whoever_is_signed_out_or_before_there_is_a_model(
    handlers, closed_visits, guest, signed_out
):
    assert "signed out" in acted(handlers, signed_out, do="rate", film=FILM, stars=4)[handlers.carrier]
    closed = handlers_of(closed_visits)
    assert "Not ready yet" in acted(closed, guest, do="rate", film=FILM, stars=4)[closed.carrier]
    with pytest.raises(DataError, match="Not ready yet"):
        closed.done({}, Asked(said(), [], []), event(do="undo"), guest)
    for call in (lambda: closed.suggest(guest, {}, *said()), lambda: closed.pass_over(guest, {}, *said(), [], [])):
        with pytest.raises(gr.Error, match="Not ready yet"):
            call()


def test_the_slider_draws_other_films_and_nothing_else(handlers, guest):
    films = [handlers.suggest(guest, RATED, *said(steps))[handlers.lists.films] for steps in (0, 10)]
    assert all(shown.count("<li ") == 10 for shown in films)
    assert films[0] != films[1]


def test_until_somebody_has_rated_the_list_is_what_most_people_like(handlers, recommender, visits, guest, member):
    shown = handlers.suggest(guest, {}, *said())[handlers.lists.films]
    assert shown.startswith('<p class="note">What most people like,')
    assert titles_in({handlers.lists.films: shown}, handlers) == [
        escape(title) for title in recommender.recommend({}, k=10).title
    ]
    assert "Because" not in shown
    assert " <small>expected</small></span>" in shown
    assert handlers.suggest(member, {}, *said())[handlers.lists.films].startswith('<p class="note">What most')
    assert visits.of({}, member)[1].lists() == []


def titles_in(updates, handlers):
    return re.findall('<li data-film="([^"]*)"', updates[handlers.lists.films])


def test_a_list_goes_on_ten_by_ten_until_there_are_no_more(handlers, guest):
    controls, shown = handlers.lists.controls, handlers.suggest(guest, RATED, *said())
    assert shown[controls.more]["visible"]
    for n_films in (20, 30):
        longer = handlers.go_on(guest, RATED, *said(n_films=n_films - 10))
        assert longer[controls.n_films] == n_films
        assert titles_in(longer, handlers)[: n_films - 10] == titles_in(shown, handlers)[: n_films - 10]
        shown = longer
    assert len(titles_in(shown, handlers)) < 30  # there are fewer films
    assert not shown[controls.more]["visible"]
    assert handlers.go_on(guest, RATED, *said(n_films=MOST_LISTED))[controls.n_films] == MOST_LISTED


def test_another_order_sorts_the_films(handlers, guest):
    newest = titles_in(handlers.suggest(guest, RATED, *said(0, "newest", 10)), handlers)
    years = [int(title[-5:-1]) for title in newest]
    assert years == sorted(years, reverse=True)


@pytest.mark.parametrize("n_films", [None, MARKUP, 9, 101, 10.0, [], True])
def test_what_is_no_length_of_a_list_is_refused(handlers, guest, n_films):
    with pytest.raises(gr.Error, match="A list has 10 to 100 films"):
        handlers.suggest(guest, RATED, *said(n_films=n_films))


@pytest.mark.parametrize("n_films", [None, MARKUP, -1, 10.0, [], True])
def test_no_list_is_longer_than_one_that_there_is_none_of(handlers, guest, n_films):
    with pytest.raises(gr.Error, match="A list has 10 to 100 films"):
        handlers.go_on(guest, RATED, *said(n_films=n_films))


@pytest.mark.parametrize("order", [None, MARKUP, "", ["newest"], 1])
def test_what_is_no_order_is_refused(handlers, guest, order):
    with pytest.raises(gr.Error, match="for an order; expected one of these: best bet") as refusal:
        handlers.suggest(guest, RATED, *said(0, order, 10))
    assert "<img" not in refusal.value.message


@pytest.mark.parametrize("steps", [None, MARKUP, -1, 11, float("nan"), [], {}, True])
def test_what_is_no_place_of_the_slider_is_refused(handlers, guest, steps):
    with pytest.raises(gr.Error, match="The slider goes from 0"):
        handlers.suggest(guest, RATED, *said(steps))


def test_films_that_are_passed_over_are_remembered_and_do_not_come_again(handlers, guest):
    first = handlers.pass_over(guest, {}, *said(), [], [])[handlers.lists.now]
    updates = handlers.pass_over(guest, {}, *said(), [], first)
    assert updates[handlers.passed] == first
    assert not set(updates[handlers.lists.now]) & set(first)
    assert all(
        f'data-film="{title.replace("<", "&lt;").replace(">", "&gt;")}"' in updates[handlers.lists.suggested]
        for title in updates[handlers.lists.now]
    )


def test_no_more_films_are_remembered_than_fit(handlers, guest, monkeypatch):
    monkeypatch.setattr("recsys.ui.rate.handlers.MOST_PASSED", 2)
    assert handlers.pass_over(guest, {}, *said(), ["A", "B"], ["C"])[handlers.passed] == ["B", "C"]


def test_ratings_beyond_those_that_are_shown_are_counted(recommender, visits, guest, monkeypatch):
    monkeypatch.setattr(rate_lists, "N_RATED", 1)
    _, shelf = visits.of({"ratings": {FILM: 5.0, OTHER: 3.0}}, guest)
    shown = given(recommender, shelf)
    assert shown.count("<li ") == 1
    assert "And 1 more, under My films." in shown


def test_who_has_rated_nothing_is_told_where_ratings_are_kept(recommender, visits, guest, member):
    for request, told in ((guest, "None yet. They are kept in this browser only."), (member, "None yet.")):
        assert given(recommender, visits.of({}, request)[1]) == f'<p class="note">{told}</p>'


def test_suggestions_are_neither_rated_nor_marked_nor_passed_over_nor_unknown(recommender, visits, guest, spaces):
    _, shelf = visits.of({"ratings": {FILM: 5.0}, "marks": {OTHER: "later"}}, guest)
    titles = refilled(recommender, shelf, ["Film 10 (1970)"], [FILM, OTHER, "No film", "Film 11 (1971)"], spaces)
    assert titles[0] == "Film 11 (1971)"
    assert len(set(titles)) == 9
    assert not set(titles) & {FILM, OTHER, "No film", "Film 10 (1970)"}


def test_films_to_rate_are_such_as_the_list_is_filtered_for_as_far_as_there_are(handlers, guest):
    asked = handlers.pass_over(guest, {}, *said(decades=("1970s",)), [], [])[handlers.lists.now]
    years = [int(title[-5:-1]) // 10 * 10 for title in asked]
    assert (years[0], len(asked), len(set(asked))) == (1970, 9, 9)
    assert years == sorted(years, key=lambda decade: decade != 1970)  # these first, and then others
    with pytest.raises(gr.Error, match="for a period; expected one of these"):
        handlers.pass_over(guest, {}, *said(decades=("the best",)), [], [])


def test_the_tab_is_filled_for_whoever_comes(recommender, visits, handlers, guest):
    asking = Asking(gr.Slider(), gr.HTML())
    stars = asking.stars
    filled = content(visits, handlers.lists, asking)
    updates = filled.updates(*visits.of(RATED, guest))
    assert set(updates) == set(filled.outputs)
    assert (updates[stars].minimum, updates[stars].maximum) == (1, 5)
    assert "python app.py --dataset ml-latest-small</code>" in updates[asking.newer]


@pytest.mark.parametrize(
    ("name", "last", "helps"),
    [
        ("ml-100k", 1998, True),
        ("a folder", 2017, True),
        ("ml-latest-small", 2016, False),
        ("ml-latest-small", 2018, False),
        ("ml-32m", 2023, False),
        ("a folder", None, False),
        (None, 1990, True),
    ],
)
def test_how_to_have_newer_films_is_told_only_where_it_helps(name, last, helps):
    model = SimpleNamespace(catalog=SimpleNamespace(last_year=last), artifact=SimpleNamespace(facts={"dataset": name}))
    assert ("<details" in newer_films(model)) == helps


def test_filters_hold_for_the_list_are_said_and_can_be_cleared(handlers, guest, recommender):
    filters = handlers.lists.controls.filters
    wanted = said(genres=("Comedy",), decades=("1960s", "1970s"), least=5)
    updates = handlers.suggest(guest, RATED, *wanted)
    titles = [title.replace("&lt;", "<").replace("&gt;", ">") for title in titles_in(updates, handlers)]
    assert titles
    for title in titles:
        item = recommender.titles.item_of[title]
        assert "Comedy" in recommender.catalog.genres[item]
        assert recommender.catalog.year[item] // 10 in (196, 197)
        assert recommender.crowd.n_ratings(item) >= 5
    assert updates[filters.folded]["label"] == "Filters: Comedy · 1960s, 1970s · 5+ ratings"
    assert updates[filters.clear]["visible"]
    cleared = handlers.clear(guest, RATED, *wanted)
    assert titles_in(cleared, handlers) == titles_in(handlers.suggest(guest, RATED, *said()), handlers)
    assert [cleared[each] for each in filters.inputs] == [[], ONE, [], 0, True]
    assert cleared[filters.folded]["label"] == "Filters"
    assert not cleared[filters.clear]["visible"]
    assert acted_with(handlers, guest, wanted)[handlers.lists.films].count("<li ") == len(titles)


def acted_with(handlers, request, wanted):
    return asyncio.run(handlers.act(event(do="later", film=OTHER), request, RATED, *wanted, [], []))


def test_filters_that_leave_nothing_say_which_to_loosen(handlers, guest):
    shown = handlers.suggest(guest, RATED, *said(genres=("Comedy",), decades=("1990s",), least=500))
    assert "No film here is all of that. Without “500+ ratings”, 1 fits." in shown[handlers.lists.films]
    assert "No film is left that fits." in shown[handlers.lists.films]


def test_what_was_rated_is_listed_for_whoever_wants_it_with_its_stars(handlers, guest):
    shown = handlers.suggest(guest, RATED, *said(n_films=100, seen=False))[handlers.lists.films]
    assert f'data-film="{FILM}"' in shown
    assert "★ 5 <small>from you</small>" in shown


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"genres": MARKUP}, "for genres; expected a list"),
        ({"genres": [["Comedy"]]}, "no film has the genre"),
        ({"which": MARKUP}, "A film has one of them or more or all of them"),
        ({"decades": MARKUP}, "for decades; expected a list"),
        ({"decades": [MARKUP]}, "for a period; expected one of these"),
        ({"least": "5"}, "for least_ratings; expected a whole number"),
        ({"least": None}, "for least_ratings; expected a whole number"),
        ({"seen": "yes"}, "What you have rated is listed, or it is not"),
    ],
    ids=range(8),
)
def test_what_is_no_filter_is_refused(handlers, guest, wanted, sentence):
    with pytest.raises(gr.Error, match=sentence) as refusal:
        handlers.suggest(guest, RATED, *said(**wanted))
    assert "<img" not in refusal.value.message


def test_lesser_known_films_can_be_asked_for(handlers, guest):
    shown = handlers.suggest(guest, RATED, *said(least=-20))[handlers.lists.controls.filters.folded]
    assert shown["label"] == "Filters: at most 20 ratings"
    assert "No film is left that fits." in handlers.suggest(guest, RATED, *said(least=-1))[handlers.lists.films]


def test_a_list_of_a_member_says_its_filters(handlers, visits, member):
    visits.of({}, member)[1].rate(FILM, 5.0)
    handlers.suggest(member, {}, *said(genres=("Comedy", "Horror"), decades=("1970s",), least=5, seen=False))
    handlers.suggest(member, {}, *said(least=-100))
    lesser_known, shown = visits.of({}, member)[1].lists()[:2]
    assert in_words(shown.kind, shown.request) == "For you · Comedy, Horror · 1970s · 5+ ratings · seen too"
    assert in_words(lesser_known.kind, lesser_known.request) == "For you · at most 100 ratings"
