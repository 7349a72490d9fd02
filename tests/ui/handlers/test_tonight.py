"""An evening for two or more, called as Gradio calls it."""

from types import SimpleNamespace

import gradio as gr
import pytest

from recsys.recommend.group.listing import FAIR, HOWS, LEAST, MEAN
from recsys.serve.evenings import LASTS, Evenings
from recsys.serve.security.cookies import SESSION, VISITOR
from recsys.ui.tonight import cards
from recsys.ui.tonight.handlers import OVER, Tonight, TonightHandlers, visitor_of
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
        gr.HTML(),
        gr.Textbox(),
        gr.HTML(),
    )
    return TonightHandlers(visits, Evenings(lambda: clock.now), tab)


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
    handlers.start("Ann", MEAN, ANNS, ANN)
    handlers.join(code_of(handlers, ANN), "Ben", MEAN, BENS, BEN)
    return code_of(handlers, ANN)


def test_whoever_starts_gets_a_code_and_waits_for_others(handlers):
    shown = handlers.start("Ann", MEAN, ANNS, ANN)
    assert set(shown) <= set(handlers.tab.outputs)
    code = code_of(handlers, ANN)
    assert f'data-code="{code}"' in shown[handlers.tab.room]
    assert f"{code[:3]} {code[3:]}" in shown[handlers.tab.room]
    assert "<b>Ann</b> <span>(you)</span>" in shown[handlers.tab.room]
    assert cards.ALONE in shown[handlers.tab.films].unescape()
    assert (shown[handlers.tab.outside].visible, shown[handlers.tab.inside].visible) == (False, True)


@pytest.mark.parametrize("how", HOWS)
def test_all_see_the_same_films_with_each_ones_stars(handlers, code, how):
    anns, bens = handlers.look(how, ANNS, ANN), handlers.look(how, BENS, BEN)
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
    """HTML of films without the number of the drawing."""
    return films.partition("data-drawn")[2].partition(">")[2]


def test_nobody_sees_what_another_has_rated(handlers, code):
    handlers.add("Mum", MEAN, event({"ratings": {"Film 14 (1974)": 5}}), ANN)
    shown = handlers.look(FAIR, BENS, BEN)
    told = " ".join(str(value) for value in shown.values())
    for film in (*ANNS["ratings"], "Film 14 (1974)"):
        assert film not in told
    assert "gave" not in told
    assert "Because" not in told


def test_what_is_rated_meanwhile_counts_when_somebody_looks_again(handlers, code):
    version = handlers.evenings.of(visitor_of(ANN)).version
    more = {"ratings": {**BENS["ratings"], "Film 14 (1974)": 1.0}, "marks": {"Film 16 (1976)": "hidden"}}
    films = handlers.look(LEAST, more, BEN)[handlers.tab.films]
    assert handlers.evenings.of(visitor_of(ANN)).version > version
    for film in ("Film 14 (1974)", "Film 16 (1976)"):
        assert f'data-film="{film}"' not in films
        assert f'data-film="{film}"' not in handlers.look(LEAST, ANNS, ANN)[handlers.tab.films]


def test_the_page_is_told_only_what_is_new(handlers, code):
    current = handlers.evenings.of(visitor_of(ANN))
    same = handlers.renew(MEAN, event({"version": f"{code}.{current.version}"}), ANN)
    assert same == {handlers.tab.room: gr.skip()}
    handlers.join(code, "Cleo", MEAN, {}, CLEO)
    new = handlers.renew(MEAN, event({"version": f"{code}.{current.version}"}), ANN)
    assert "<b>Cleo</b> <span>(has rated nothing yet, so does not count)</span>" in new[handlers.tab.room]
    assert "Cleo" not in new[handlers.tab.films]


@pytest.mark.parametrize("said", [*EVENTS, {"version": None}, {"version": [code]}])
def test_an_event_that_says_something_else_is_answered_with_the_evening_or_refused(handlers, code, said):
    assert f'data-code="{code}"' in handlers.renew(MEAN, event(said), ANN)[handlers.tab.room]
    assert f'data-code="{code}"' in handlers.drop(MEAN, event(said), ANN)[handlers.tab.room]
    with pytest.raises(gr.Error, match="None of the films in this file is known here"):
        handlers.add("Mum", MEAN, event(said), ANN)
    assert len(handlers.evenings.of(visitor_of(ANN)).seats) == 2


def test_somebody_is_added_by_a_file_and_leaves_by_whoever_added_them(handlers, code):
    shown = handlers.add("Mum", MEAN, event({"ratings": {"Film 14 (1974)": 5, MARKUP: 5, FILM: "x"}}), ANN)
    assert "Remove: Mum" in shown[handlers.tab.room]
    assert "<li><span>Mum</span>" in shown[handlers.tab.films]
    assert shown[handlers.tab.other] == ""
    seat = handlers.evenings.of(visitor_of(ANN)).seats[-1]
    assert seat.taste.ratings == {"Film 14 (1974)": 5.0}
    assert "Remove: Mum" not in handlers.drop(MEAN, event({"seat": seat.number}), BEN)[handlers.tab.room]
    assert "Mum" in handlers.look(MEAN, BENS, BEN)[handlers.tab.room]
    assert "Mum" not in handlers.drop(MEAN, event({"seat": seat.number}), ANN)[handlers.tab.room]


def test_two_files_are_enough(handlers):
    handlers.start("Ann", MEAN, {}, ANN)
    handlers.add("Mum", MEAN, event({"ratings": {"Film 14 (1974)": 5}}), ANN)
    films = handlers.add("Dad", FAIR, event({"ratings": {OTHER: 5}}), ANN)[handlers.tab.films]
    assert films.count("<li data-film") == 10
    assert "<span>Ann</span>" not in films


def test_a_file_needs_a_name_and_an_evening(handlers, code):
    told = event({"ratings": {FILM: 5}})
    for name in (None, "", "  ", 7, ["Mum"]):
        with pytest.raises(gr.Error, match="Type their first name first, then choose the file again"):
            handlers.add(name, MEAN, told, ANN)
    with pytest.raises(gr.Error, match="There is a ben already: choose another name"):
        handlers.add("ben", MEAN, told, ANN)
    with pytest.raises(gr.Error, match="You take part in no evening"):
        handlers.add("Mum", MEAN, told, CLEO)


def test_who_has_left_or_never_came_sees_nothing(handlers, code):
    gone = handlers.leave(BEN)
    assert gone[handlers.tab.room] == gone[handlers.tab.films] == ""
    assert gone[handlers.tab.outside].visible
    for request, kept in ((BEN, BENS), (CLEO, {})):
        shown = handlers.look(MEAN, kept, request)
        assert shown[handlers.tab.room] == shown[handlers.tab.films] == ""
        over = handlers.renew(MEAN, event({"version": f"{code}.2"}), request)
        assert OVER in over[handlers.tab.over].unescape()
        with pytest.raises(gr.Error, match="You take part in no evening"):
            handlers.drop(MEAN, event({"seat": 1}), request)
    assert "Ben" not in handlers.look(MEAN, ANNS, ANN)[handlers.tab.room]


def test_an_evening_that_has_lasted_is_over_for_all(handlers, code, clock):
    clock.now += LASTS
    for request in (ANN, BEN):
        assert OVER in handlers.renew(MEAN, event({}), request)[handlers.tab.over].unescape()
    with pytest.raises(gr.Error, match="There is no evening with this code"):
        handlers.join(code, "Cleo", MEAN, {}, CLEO)


@pytest.mark.parametrize("code", ["", None, MARKUP, "ABC234", 10**6, ["ABC234"], {}, "A" * 10**5])
def test_a_wrong_code_is_refused_in_a_sentence(handlers, code):
    with pytest.raises(gr.Error, match="There is no evening with this code") as refusal:
        handlers.join(code, "Ben", MEAN, BENS, BEN)
    assert "<img" not in refusal.value.message


@pytest.mark.parametrize("name", [None, "", 7, ["Ann"], "x" * 21, "A\nnn", "\u202eAnn", "A" * 10**5, "\ud800nn"])
def test_a_name_that_will_not_do_begins_and_joins_nothing(handlers, code, name):
    for act in (lambda: handlers.start(name, MEAN, {}, CLEO), lambda: handlers.join(code, name, MEAN, {}, CLEO)):
        with pytest.raises(gr.Error):
            act()
    assert handlers.evenings.of(visitor_of(CLEO)) is None


def test_a_name_is_a_text_wherever_it_is_shown(handlers, code):
    name = "<img src=x>"
    shown = handlers.join(code, name, FAIR, {"ratings": {"Film 14 (1974)": 5.0}}, CLEO)
    told = " ".join(str(value) for value in shown.values())
    assert "&lt;img src=x&gt;" in told
    assert "<img" not in told


@pytest.mark.parametrize("how", [None, "", MARKUP, ["mean"], 3, {}, "loudest"])
def test_an_order_that_is_none_is_refused(handlers, code, how):
    with pytest.raises(gr.Error, match="for how; expected one of these") as refusal:
        handlers.look(how, ANNS, ANN)
    assert "<img" not in refusal.value.message


@pytest.mark.parametrize("kept", KEPT, ids=range(len(KEPT)))
def test_an_evening_begins_whatever_a_browser_has_kept(handlers, kept):
    shown = handlers.start("Ann", MEAN, kept, ANN)
    assert "<img" not in " ".join(str(value) for value in shown.values())


def test_a_members_ratings_come_from_the_account_and_a_sign_out_ends_their_part(
    handlers, visits, code, member, signed_out
):
    _, shelf = visits.of({}, member)
    shelf.rate(FILM, 5.0)
    request = guest_of(9, **member.cookies)
    handlers.join(code, "Member", MEAN, BENS, request)
    assert handlers.evenings.of(visitor_of(request)).seats[-1].taste.ratings == {FILM: 5.0}
    without = guest_of(9)  # the same browser, signed out
    assert handlers.look(MEAN, {}, without)[handlers.tab.room] == ""
    ended = guest_of(9, **signed_out.cookies)
    for act in (
        lambda: handlers.start("Ann", MEAN, ANNS, ended),
        lambda: handlers.join(code, "Ann", MEAN, ANNS, ended),
        lambda: handlers.look(MEAN, ANNS, ended),
    ):
        with pytest.raises(gr.Error, match="signed out"):
            act()
    assert SESSION in ended.cookies


def test_a_browser_without_cookies_is_told_so(handlers, code):
    nobody = SimpleNamespace(cookies={}, client=None)
    with pytest.raises(gr.Error, match="keeps no cookies of this page"):
        handlers.join(code, "Eve", MEAN, {}, nobody)
    assert handlers.look(MEAN, {}, nobody)[handlers.tab.room] == ""


def test_a_model_without_stars_says_so_and_lists_all_the_same(plain_visits, clock):
    handlers = made_of(plain_visits, clock)
    handlers.start("Ann", MEAN, ANNS, ANN)
    films = handlers.join(code_of(handlers, ANN), "Ben", MEAN, BENS, BEN)[handlers.tab.films]
    assert cards.NO_STARS in films.unescape()
    assert films.count("<li data-film") == 10
    assert 'class="each"' not in films


def test_until_there_is_a_model_it_is_said_when_to_come_again(closed_visits, clock):
    handlers = made_of(closed_visits, clock)
    for act in (lambda: handlers.start("Ann", MEAN, {}, ANN), lambda: handlers.add("Mum", MEAN, event({}), ANN)):
        with pytest.raises(gr.Error, match="Not ready yet"):
            act()
