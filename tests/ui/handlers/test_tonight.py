"""An evening for two or more, called as Gradio calls it."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from recsys.errors import DataError
from recsys.recommend.group.listing import FAIR, HOWS, LEAST, MEAN
from recsys.serve.evenings import evening, film_list
from recsys.serve.evenings.books import MemoryBook
from recsys.serve.evenings.evening import Taste
from recsys.serve.evenings.evenings import LASTS, Evenings
from recsys.serve.security.cookies import SESSION, VISITOR
from recsys.ui.shared.filter_controls import ALL, ONE
from recsys.ui.tonight import cards
from recsys.ui.tonight.handlers import OVER, SIGNED_OUT, Tonight, TonightHandlers, visitor_of
from tests.ui.handlers.conftest import controls_of_filters
from tests.ui.handlers.hostile import EVENTS, FILM, KEPT, MARKUP, OTHER

ANNS, BENS = {"ratings": {FILM: 5.0, "Film 12 (1972)": 2.0}}, {"ratings": {OTHER: 5.0}}


@pytest.fixture
def clock():
    return SimpleNamespace(now=0.0)


def made_of(visits, clock):
    tab = Tonight(
        gr.Column(),
        gr.Column(),
        gr.Textbox(),
        gr.Textbox(),
        gr.HTML(),
        gr.HTML(),
        gr.Radio(),
        controls_of_filters(),
        gr.HTML(),
        gr.Button(),
        gr.State(0),
        gr.Textbox(),
        gr.HTML(),
    )
    return TonightHandlers(visits, Evenings(MemoryBook(lambda: clock.now)), tab)


@pytest.fixture
def handlers(visits, clock):
    return made_of(visits, clock)


def guest_of(number, **cookies):
    return SimpleNamespace(cookies={VISITOR: f"browser {number}", **cookies}, client=SimpleNamespace(host="192.0.2.1"))


ANN, BEN, CLEO = map(guest_of, range(3))


def event(said):
    return gr.EventData(None, said)


def code_of(handlers, request):
    return handlers.evenings.of(visitor_of(request)).code


@pytest.fixture
def code(handlers):
    """Of an evening of Ann and Ben."""
    handlers.start("Ann", ANNS, ANN)
    handlers.join(code_of(handlers, ANN), "Ben", BENS, BEN)
    return code_of(handlers, ANN)


def test_whoever_starts_gets_a_code_and_waits_for_others(handlers):
    shown = handlers.start("Ann", ANNS, ANN)
    assert set(shown) <= set(handlers.tab.outputs)
    code = code_of(handlers, ANN)
    assert f'data-code="{code}"' in shown[handlers.tab.room]
    assert f"{code[:3]} {code[3:]}" in shown[handlers.tab.room]
    assert "<b>Ann</b> <span>(you)</span>" in shown[handlers.tab.room]
    assert cards.ALONE in shown[handlers.tab.films].unescape()
    assert (shown[handlers.tab.outside].visible, shown[handlers.tab.inside].visible) == (False, True)


def chosen(handlers, request=None, how=MEAN, genres=(), which=ONE, decades=(), least=0, seen=True):
    """What there is once somebody has set an order and filters."""
    request = request or ANN
    held = handlers.evenings.of(visitor_of(request))
    return handlers.choose(request, held and held.n_set, how, [*genres], which, [*decades], least, seen)


def titles(updates, handlers):
    return re.findall(r'<li data-film="([^"]*)"', updates[handlers.tab.films])


@pytest.mark.parametrize("how", HOWS)
def test_all_see_the_same_films_with_each_ones_stars(handlers, code, how):
    chosen(handlers, how=how)
    anns, bens = handlers.look(ANNS, ANN), handlers.look(BENS, BEN)
    assert _same(anns[handlers.tab.films]) == _same(bens[handlers.tab.films])
    films = anns[handlers.tab.films]
    assert films.count("<li data-film") == 10
    assert films.count("<li><span>Ann</span> <b>★ ") == films.count("<li><span>Ben</span> <b>★ ") == 10
    assert "First of all for" in films if how == FAIR else "First of all for" not in films
    assert f'data-film="{FILM}"' not in films
    assert f'data-film="{OTHER}"' not in films
    assert "<b>Ben</b></li>" in anns[handlers.tab.room]
    assert "<b>Ben</b> <span>(you)</span>" in bens[handlers.tab.room]


def _same(films):
    """HTML of films without the number of the drawing, and without reasons, which are each one's own."""
    return re.sub(r'<div class="about">Because .*?</div>', "", films.partition("data-drawn")[2].partition(">")[2])


def test_nobody_sees_what_another_has_rated(handlers, code):
    handlers.add("Mum", event({"ratings": {"Film 14 (1974)": 5}}), ANN)
    shown = handlers.look(BENS, BEN)
    told = " ".join(str(value) for value in shown.values())
    for film in (*ANNS["ratings"], "Film 14 (1974)"):
        assert film not in told
    assert {*re.findall(r"Because (.*?)</div>", told)} <= {"", f"you gave {OTHER} 5 stars", "many people like it"}


def test_what_is_rated_meanwhile_counts_when_somebody_looks_again(handlers, code):
    version = handlers.evenings.of(visitor_of(ANN)).version
    more = {"ratings": {**BENS["ratings"], "Film 14 (1974)": 1.0}, "marks": {"Film 16 (1976)": "hidden"}}
    films = handlers.look(more, BEN)[handlers.tab.films]
    assert handlers.evenings.of(visitor_of(ANN)).version > version
    for film in ("Film 14 (1974)", "Film 16 (1976)"):
        assert f'data-film="{film}"' not in films
        assert f'data-film="{film}"' not in handlers.look(ANNS, ANN)[handlers.tab.films]


def test_the_page_is_told_only_what_is_new(handlers, code):
    current = handlers.evenings.of(visitor_of(ANN))
    same = handlers.renew(event({"version": f"{code}.{current.version}"}), ANN)
    assert same == {handlers.tab.room: gr.skip()}
    handlers.join(code, "Cleo", {}, CLEO)
    new = handlers.renew(event({"version": f"{code}.{current.version}"}), ANN)
    assert "<b>Cleo</b> <span>(has rated nothing yet, so does not count)</span>" in new[handlers.tab.room]
    assert "Cleo" not in new[handlers.tab.films]


@pytest.mark.parametrize("said", [*EVENTS, {"version": None}, {"version": [code]}])
def test_an_event_that_says_something_else_is_answered_with_the_evening_or_refused(handlers, code, said):
    assert f'data-code="{code}"' in handlers.renew(event(said), ANN)[handlers.tab.room]
    assert f'data-code="{code}"' in handlers.drop(event(said), ANN)[handlers.tab.room]
    with pytest.raises(gr.Error, match="None of the films in this file is known here"):
        handlers.add("Mum", event(said), ANN)
    assert len(handlers.evenings.of(visitor_of(ANN)).seats) == 2


def test_somebody_is_added_by_a_file_and_leaves_by_whoever_added_them(handlers, code):
    shown = handlers.add("Mum", event({"ratings": {"Film 14 (1974)": 5, MARKUP: 5, FILM: "x"}}), ANN)
    assert "Remove: Mum" in shown[handlers.tab.room]
    assert "<li><span>Mum</span>" in shown[handlers.tab.films]
    assert shown[handlers.tab.other] == ""
    seat = handlers.evenings.of(visitor_of(ANN)).seats[-1]
    assert seat.taste.ratings == {"Film 14 (1974)": 5.0}
    assert "Remove: Mum" not in handlers.drop(event({"seat": seat.number}), BEN)[handlers.tab.room]
    assert "Mum" in handlers.look(BENS, BEN)[handlers.tab.room]
    assert "Mum" not in handlers.drop(event({"seat": seat.number}), ANN)[handlers.tab.room]


def test_two_files_are_enough(handlers):
    handlers.start("Ann", {}, ANN)
    handlers.add("Mum", event({"ratings": {"Film 14 (1974)": 5}}), ANN)
    films = handlers.add("Dad", event({"ratings": {OTHER: 5}}), ANN)[handlers.tab.films]
    assert films.count("<li data-film") == 10
    assert "<span>Ann</span>" not in films


def test_a_file_needs_a_name_and_an_evening(handlers, code):
    told = event({"ratings": {FILM: 5}})
    for name in (None, "", "  ", 7, ["Mum"]):
        with pytest.raises(gr.Error, match="Type their first name first, then choose the file again"):
            handlers.add(name, told, ANN)
    with pytest.raises(gr.Error, match="Somebody in this evening is called ben already: choose another name"):
        handlers.add("ben", told, ANN)
    with pytest.raises(gr.Error, match="You take part in no evening"):
        handlers.add("Mum", told, CLEO)


def test_who_has_left_or_never_came_sees_nothing(handlers, code):
    gone = handlers.leave(BEN)
    assert gone[handlers.tab.room] == gone[handlers.tab.films] == ""
    assert gone[handlers.tab.outside].visible
    for request, kept in ((BEN, BENS), (CLEO, {})):
        shown = handlers.look(kept, request)
        assert shown[handlers.tab.room] == shown[handlers.tab.films] == ""
        over = handlers.renew(event({"version": f"{code}.2"}), request)
        assert OVER in over[handlers.tab.over].unescape()
        with pytest.raises(gr.Error, match="You take part in no evening"):
            handlers.drop(event({"seat": 1}), request)
    assert "Ben" not in handlers.look(ANNS, ANN)[handlers.tab.room]


def test_an_evening_that_has_lasted_is_over_for_all(handlers, code, clock):
    clock.now += LASTS
    for request in (ANN, BEN):
        assert OVER in handlers.renew(event({}), request)[handlers.tab.over].unescape()
    with pytest.raises(gr.Error, match="There is no evening with this code"):
        handlers.join(code, "Cleo", {}, CLEO)


@pytest.mark.parametrize("code", ["", None, MARKUP, "ABC234", 10**6, ["ABC234"], {}, "A" * 10**5])
def test_a_wrong_code_is_refused_in_a_sentence(handlers, code):
    with pytest.raises(gr.Error, match="There is no evening with this code") as refusal:
        handlers.join(code, "Ben", BENS, BEN)
    assert "<img" not in refusal.value.message


@pytest.mark.parametrize("name", [None, "", 7, ["Ann"], "x" * 21, "A\nnn", "\u202eAnn", "A" * 10**5, "\ud800nn"])
def test_a_name_that_will_not_do_begins_and_joins_nothing(handlers, code, name):
    for act in (lambda: handlers.start(name, {}, CLEO), lambda: handlers.join(code, name, {}, CLEO)):
        with pytest.raises(gr.Error):
            act()
    assert handlers.evenings.of(visitor_of(CLEO)) is None


def test_a_name_is_a_text_wherever_it_is_shown(handlers, code):
    name = "<img src=x>"
    shown = handlers.join(code, name, {"ratings": {"Film 14 (1974)": 5.0}}, CLEO)
    told = " ".join(str(value) for value in shown.values())
    assert "&lt;img src=x&gt;" in told
    assert "<img" not in told


@pytest.mark.parametrize("how", [None, "", MARKUP, ["mean"], 3, {}, "loudest"])
def test_an_order_that_is_none_is_refused(handlers, code, how):
    with pytest.raises(gr.Error, match="for how; expected one of these") as refusal:
        chosen(handlers, how=how)
    assert "<img" not in refusal.value.message
    assert handlers.evenings.of(visitor_of(ANN)).how == LEAST


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_an_evening_begins_whatever_a_browser_has_kept(handlers, kept):
    shown = handlers.start("Ann", kept, ANN)
    assert "<img" not in " ".join(str(value) for value in shown.values())


def test_a_members_ratings_come_from_the_account_and_a_sign_out_ends_their_part(
    handlers, visits, code, member, signed_out
):
    _, shelf = visits.of({}, member)
    shelf.rate(FILM, 5.0)
    request = guest_of(9, **member.cookies)
    handlers.join(code, "Member", BENS, request)
    assert handlers.evenings.of(visitor_of(request)).seats[-1].taste.ratings == {FILM: 5.0}
    without = guest_of(9)  # the same browser, signed out
    assert handlers.look({}, without)[handlers.tab.room] == ""
    ended = guest_of(9, **signed_out.cookies)
    for act in (
        lambda: handlers.start("Ann", ANNS, ended),
        lambda: handlers.join(code, "Ann", ANNS, ended),
        lambda: handlers.look(ANNS, ended),
    ):
        with pytest.raises(gr.Error, match="signed out"):
            act()
    assert SESSION in ended.cookies


def test_who_signs_out_is_told_that_they_have_left(handlers, code):
    session = guest_of(1, **{SESSION: "of Ben"})
    handlers.evenings.follow(visitor_of(BEN), visitor_of(session))
    assert "<b>Ben</b> <span>(you)</span>" in handlers.renew(event({}), session)[handlers.tab.room]
    handlers.evenings.sign_out(visitor_of(session), visitor_of(BEN))
    assert SIGNED_OUT in handlers.look(BENS, BEN)[handlers.tab.over].unescape()
    assert handlers.look(BENS, BEN)[handlers.tab.over] == ""
    assert "Ben" not in handlers.look(ANNS, ANN)[handlers.tab.room]


def test_a_browser_without_cookies_is_told_so(handlers, code):
    nobody = SimpleNamespace(cookies={}, client=None)
    with pytest.raises(gr.Error, match="keeps no cookies of this page"):
        handlers.join(code, "Eve", {}, nobody)
    assert handlers.look({}, nobody)[handlers.tab.room] == ""


def test_a_model_without_stars_says_so_and_lists_all_the_same(plain_visits, clock):
    handlers = made_of(plain_visits, clock)
    handlers.start("Ann", ANNS, ANN)
    films = handlers.join(code_of(handlers, ANN), "Ben", BENS, BEN)[handlers.tab.films]
    assert cards.NO_STARS in films.unescape()
    assert films.count("<li data-film") == 10
    assert 'class="each"' not in films


def test_what_one_sets_holds_for_all(handlers, code, recommender):
    before = handlers.evenings.of(visitor_of(ANN)).version
    wanted = {"how": FAIR, "genres": ["Comedy", "Comedy"], "decades": ["1970s"], "seen": False}
    anns = chosen(handlers, **wanted)
    assert set(anns) <= set(handlers.tab.outputs)
    assert handlers.evenings.of(visitor_of(BEN)).version > before
    bens = handlers.renew(event({"version": f"{code}.{before}"}), BEN)
    filters = handlers.tab.filters
    for shown in (anns, bens):
        assert [shown[each] for each in (handlers.tab.how, *filters.inputs)] == [
            FAIR,
            ["Comedy"],
            ONE,
            ["1970s"],
            0,
            False,
        ]
        assert shown[filters.folded]["label"] == "Filters: Comedy · 1970s · seen too"
        assert shown[filters.clear]["visible"]
        assert titles(shown, handlers)
        assert all(
            recommender.catalog.year[recommender.titles.item_of[each]] // 10 == 197 for each in titles(shown, handlers)
        )
    assert titles(anns, handlers) == titles(bens, handlers)
    assert "little to choose from" in anns[handlers.tab.films]
    cleared = handlers.clear(1, FAIR, BEN)
    assert [cleared[each] for each in (handlers.tab.how, *filters.inputs)] == [FAIR, [], ONE, [], 0, True]
    assert len(titles(handlers.look(ANNS, ANN), handlers)) == 10


def test_what_another_has_just_set_is_shown_and_said_instead_of_overwritten(handlers, code):
    chosen(handlers, BEN, how=FAIR, genres=["Comedy"])
    for n_set in (0, None, MARKUP, [1], "1"):
        shown = handlers.choose(ANN, n_set, MEAN, ["Horror"], ONE, [], 0, True)
        assert "Somebody else has just set the order or the filters" in shown[handlers.tab.films]
        assert [shown[handlers.tab.how], shown[handlers.tab.filters.genres]] == [FAIR, ["Comedy"]]
        assert MARKUP not in str(shown[handlers.tab.films])
    assert "Somebody else" in handlers.clear(0, FAIR, ANN)[handlers.tab.films]
    shown = handlers.choose(ANN, shown[handlers.tab.n_set], MEAN, ["Horror"], ONE, [], 0, True)
    assert "Somebody else" not in shown[handlers.tab.films]
    assert handlers.evenings.of(visitor_of(BEN)).filters.genres == ("Horror",)


def test_more_films_are_seen_by_all(handlers, code, monkeypatch):
    monkeypatch.setattr(evening, "LIST_LENGTH", 4)
    first = chosen(handlers, ANN, how=MEAN)
    assert (len(titles(first, handlers)), first[handlers.tab.more]["visible"]) == (4, True)
    more = handlers.lengthen(BEN)
    assert titles(more, handlers)[:4] == titles(first, handlers)
    assert len(titles(more, handlers)) == 8
    assert titles(handlers.look(ANNS, ANN), handlers) == titles(more, handlers)
    assert not handlers.lengthen(ANN)[handlers.tab.more]["visible"]  # there are no more
    with pytest.raises(gr.Error, match="You take part in no evening"):
        handlers.lengthen(CLEO)


def test_a_reason_is_read_by_whose_rating_it_names_alone(handlers, code):
    anns, bens = (str(handlers.look(kept, who)[handlers.tab.films]) for kept, who in ((ANNS, ANN), (BENS, BEN)))
    assert f"Because you gave {FILM} 5 stars" in anns
    assert f"Because you gave {OTHER} 5 stars" in bens
    assert cards.OWN_REASONS in anns
    assert OTHER not in anns
    assert FILM not in bens
    handlers.join(code, "Cleo", {}, CLEO)  # who has rated nothing
    cleos = str(handlers.look({}, CLEO)[handlers.tab.films])
    assert "Because" not in cleos
    assert "<li data-film" in cleos


def test_a_vote_works_no_list_out_anew(handlers, code, monkeypatch):
    handlers.look(ANNS, ANN), handlers.look(BENS, BEN)
    film = titles(handlers.look(ANNS, ANN), handlers)[3]
    monkeypatch.setattr(film_list, "list_for", None)
    monkeypatch.setattr(type(handlers.visits.engine.recommender), "reasons", None)
    assert titles(handlers.vote(event({"film": film, "vote": "yes"}), ANN), handlers)[0] == film
    assert titles(handlers.renew(event({}), BEN), handlers)[0] == film


def test_all_who_look_at_once_have_one_list_worked_out(handlers, code, monkeypatch):
    chosen(handlers, how=FAIR)
    handlers.evenings.renew(visitor_of(BEN), Taste.of({OTHER: 4.0}))  # so nothing is worked out
    asked, list_for = [], film_list.list_for

    def slowly(*given):
        asked.append("list")
        time.sleep(0.05)
        return list_for(*given)

    monkeypatch.setattr(film_list, "list_for", slowly)
    with ThreadPoolExecutor(4) as threads:
        films = [*threads.map(lambda who: handlers.renew(event({}), who)[handlers.tab.films], [ANN, BEN] * 4)]
    assert asked == ["list"]
    assert len({_same(each) for each in films}) == 1


@pytest.mark.parametrize(
    "wanted",
    [{"genres": [MARKUP]}, {"which": MARKUP}, {"decades": [7]}, {"least": "5"}, {"least": None}, {"seen": None}],
    ids=lambda wanted: next(iter(wanted)),
)
def test_what_is_no_filter_is_set_for_nobody(handlers, code, wanted):
    before = handlers.evenings.of(visitor_of(ANN))
    with pytest.raises(gr.Error) as refusal:
        chosen(handlers, **wanted)
    assert "<img" not in refusal.value.message
    assert handlers.evenings.of(visitor_of(ANN)) == before


def test_filters_are_kept_in_little_room(handlers, code):
    chosen(handlers, genres=["comedy", "COMEDY", "Comedy"] * 10**4, which=ALL, decades=["1970s", "1960s"] * 10**4)
    kept = handlers.evenings.of(visitor_of(ANN)).filters
    assert (kept.genres, kept.decades) == (("Comedy",), ("1970s", "1960s"))


def test_who_would_watch_a_film_is_seen_by_all_and_the_most_yes_come_first(handlers, code):
    fifth, ninth = (titles(handlers.look(ANNS, ANN), handlers)[place] for place in (4, 8))
    handlers.vote(event({"film": fifth, "vote": "yes"}), ANN)
    handlers.vote(event({"film": ninth, "vote": "yes"}), ANN)
    bens = handlers.vote(event({"film": ninth, "vote": "yes"}), BEN)
    assert titles(bens, handlers)[:2] == [ninth, fifth]
    assert titles(handlers.look(ANNS, ANN), handlers) == titles(bens, handlers)
    films = bens[handlers.tab.films]
    assert '<span class="tally">2 would watch it</span>' in films
    assert films.count('data-vote="yes" aria-pressed="true"') == 1
    assert handlers.look(ANNS, ANN)[handlers.tab.films].count('data-vote="yes" aria-pressed="true"') == 2
    against = handlers.vote(event({"film": fifth, "vote": "no"}), BEN)
    assert "1 would watch it, 1 rather not" in against[handlers.tab.films]
    handlers.leave(BEN)
    back = handlers.vote(event({"film": ninth, "vote": ""}), ANN)
    assert handlers.evenings.of(visitor_of(ANN)).tallies.keys() == {fifth}
    assert cards.ALONE in back[handlers.tab.films].unescape()


def test_a_film_that_was_voted_on_stays_in_a_list_that_is_another(handlers, code):
    film = titles(chosen(handlers, least=-(10**6), how=FAIR), handlers)[-1]
    handlers.vote(event({"film": film, "vote": "yes"}), BEN)
    for how in HOWS:
        assert titles(chosen(handlers, how=how), handlers)[0] == film
    assert film not in titles(chosen(handlers, least=10**6), handlers)


@pytest.mark.parametrize(
    "said", [*EVENTS, {"film": FILM}, {"film": FILM, "vote": MARKUP}, {"film": MARKUP, "vote": "yes"}]
)
def test_a_vote_that_is_none_is_refused(handlers, code, said):
    with pytest.raises(gr.Error) as refusal:
        handlers.vote(event(said), ANN)
    assert "<img" not in refusal.value.message
    assert not handlers.evenings.of(visitor_of(ANN)).votes


def test_who_takes_part_in_no_evening_votes_and_sets_nothing(handlers, code):
    for act in (
        lambda: handlers.vote(event({"film": FILM, "vote": "yes"}), CLEO),
        lambda: chosen(handlers, CLEO, genres=["Comedy"]),
        lambda: handlers.clear(0, MEAN, CLEO),
    ):
        with pytest.raises(gr.Error, match="You take part in no evening"):
            act()


def test_until_there_is_a_model_it_is_said_when_to_come_again(closed_visits, clock):
    handlers = made_of(closed_visits, clock)
    for act in (lambda: handlers.start("Ann", {}, ANN), lambda: handlers.add("Mum", event({}), ANN)):
        with pytest.raises(gr.Error, match="Not ready yet"):
            act()


# ---- evenings that are out of reach


class LostBook(MemoryBook):
    """A book that cannot be opened."""

    @contextmanager
    def changing(self):
        raise DataError("Accounts cannot be reached: try again in a moment.")
        yield

    reading = changing


def test_while_evenings_are_out_of_reach_who_does_something_is_told_and_not_who_looks(visits, clock):
    handlers = replace(made_of(visits, clock), evenings=Evenings(LostBook()))
    looked = handlers.renew(gr.EventData(None, {"version": "AAAAAA.1"}), ANN)
    assert looked == {handlers.tab.room: gr.skip()}
    for act in (
        lambda: handlers.start("Ann", ANNS, ANN),
        lambda: handlers.look(ANNS, ANN),
        lambda: handlers.leave(ANN),
        lambda: handlers.vote(gr.EventData(None, {"film": FILM, "vote": "yes"}), ANN),
    ):
        with pytest.raises(gr.Error, match="cannot be reached"):
            act()
