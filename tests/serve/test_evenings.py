"""Evenings, with a clock of their own: codes, limits, who sees whom, who leaves, and what ends."""

import re
import threading

import pytest

from recsys.errors import DataError
from recsys.recommend.group.listing import FAIR, MEAN
from recsys.recommend.group.votes import Tally
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.serve.evenings import (
    ALPHABET,
    LASTS,
    MOST_EVENINGS,
    MOST_OF_ADDRESS,
    MOST_REMEMBERED,
    MOST_VOTES,
    WINDOW,
    WRONG_OF_ADDRESS,
    WRONG_OF_VISITOR,
    Evenings,
    Taste,
    Tries,
    checked_name,
    code_in,
)
from recsys.serve.security.visitors import Visitor

FILM, OTHER = "Film 8 (1968)", "Film 9 (1969)"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def evenings(clock):
    return Evenings(clock)


def visitor(who, address="192.0.2.1"):
    return Visitor(f"digest of {who}", address, False)


def taste(**stars):
    return Taste.of({FILM: stars.get("film", 4.0)})


def names(evening):
    return [seat.name for seat in evening.seats]


ANN, BEN, CLEO = visitor("Ann"), visitor("Ben", "198.51.100.7"), visitor("Cleo", "203.0.113.9")


def test_who_has_the_code_joins_and_all_see_the_same(evenings):
    begun = evenings.start(ANN, "Ann", taste())
    assert re.fullmatch(f"[{ALPHABET}]{{6}}", begun.code)
    evenings.join(BEN, f" {begun.code[:3].lower()}-{begun.code[3:]}", "Ben", taste(film=2.0))
    assert evenings.of(ANN) == evenings.of(BEN)
    assert [(seat.name, seat.taste.ratings) for seat in evenings.of(ANN).seats] == [
        ("Ann", {FILM: 4.0}),
        ("Ben", {FILM: 2.0}),
    ]
    assert evenings.of(CLEO) is None
    assert evenings.of(ANN).version > begun.version


def test_codes_have_no_signs_that_look_alike_and_none_is_of_two_evenings(clock):
    assert not set(ALPHABET) & set("01ILO")
    signs = iter("222222" * 2 + "333333")
    evenings = Evenings(clock, lambda _: next(signs))
    assert evenings.start(ANN, "Ann", taste()).code == "222222"
    assert evenings.start(BEN, "Ben", taste()).code == "333333"


@pytest.mark.parametrize(
    "code", ["", "ABC23", None, 7, ["ABC234"], "ABC234" * 100, "ABC23\0", "ＡＢＣ", "<b>AB", "%00"]
)
def test_what_is_no_code_finds_no_evening(evenings, code):
    evenings.start(ANN, "Ann", taste())
    with pytest.raises(DataError, match="There is no evening with this code: ask for it again"):
        evenings.join(BEN, code, "Ben", taste())
    assert code_in(code) == ""


def test_who_guesses_has_few_tries_and_others_go_on(evenings, clock):
    code = evenings.start(ANN, "Ann", taste()).code
    for _ in range(WRONG_OF_VISITOR):
        with pytest.raises(DataError, match="no evening with this code"):
            evenings.join(BEN, "222222", "Ben", taste())
    with pytest.raises(DataError, match="Too many wrong codes came from here"):
        evenings.join(BEN, code, "Ben", taste())  # though it is right
    assert names(evenings.join(CLEO, code, "Cleo", taste())) == ["Ann", "Cleo"]
    clock.now += WINDOW
    assert "Ben" in names(evenings.join(BEN, code, "Ben", taste()))


def test_new_cookies_give_no_more_tries_to_an_address(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    for number in range(WRONG_OF_ADDRESS):
        with pytest.raises(DataError, match="no evening with this code"):
            evenings.join(visitor(f"guesser {number}", BEN.address), "222222", "Ben", taste())
    with pytest.raises(DataError, match="Too many wrong codes"):
        evenings.join(visitor("one more", BEN.address), code, "Ben", taste())


def test_tries_of_many_are_forgotten_before_memory_is_full(clock):
    tries = Tries(clock)
    for number in range(MOST_REMEMBERED):
        tries.note(visitor(number, f"address {number}"))
    assert len(tries._wrong) == MOST_REMEMBERED


def test_a_ninth_person_finds_no_room(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    for number in range(2, 9):
        evenings.join(visitor(number), code, f"Person {number}", taste())
    with pytest.raises(DataError, match="8 people take part already"):
        evenings.join(BEN, code, "Ben", taste())
    with pytest.raises(DataError, match="8 people take part already"):
        evenings.add(ANN, "Dad", taste())
    assert evenings.of(BEN) is None
    assert len(evenings.join(visitor(2), code, "Person two", taste()).seats) == 8  # who is in may come again


def test_who_joins_twice_is_there_once_with_what_holds_now(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    for name in ("Ben", "Ben", "Benjamin"):
        evenings.join(BEN, code, name, taste(film=5.0))
    assert names(evenings.of(ANN)) == ["Ann", "Benjamin"]
    assert evenings.of(ANN).seats[1].taste.ratings == {FILM: 5.0}


@pytest.mark.parametrize("name", ["Ann", "ANN", " ann ", "Ａnn"])
def test_nobody_takes_the_name_of_somebody_who_is_there(evenings, name):
    code = evenings.start(ANN, "Ann", taste()).code
    with pytest.raises(DataError, match="There is a .* already: choose another name"):
        evenings.join(BEN, code, name, taste())
    assert evenings.of(BEN) is None


def test_whoever_begins_or_joins_another_has_left_the_first(evenings):
    first = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, first, "Ben", taste())
    second = evenings.start(BEN, "Ben", taste()).code
    assert names(evenings.of(ANN)) == ["Ann"]
    evenings.join(ANN, second, "Ann", taste())
    assert len(evenings) == 1
    with pytest.raises(DataError, match="no evening with this code"):
        evenings.join(CLEO, first, "Cleo", taste())


def test_who_has_left_sees_nothing_more_and_takes_along_whom_they_added(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    evenings.add(BEN, "Mum", taste())
    assert names(evenings.of(ANN)) == ["Ann", "Ben", "Mum"]
    evenings.leave(BEN)
    assert evenings.of(BEN) is None
    assert names(evenings.of(ANN)) == ["Ann"]
    evenings.leave(BEN)
    evenings.leave(ANN)
    assert len(evenings) == 0
    assert not evenings._code_of


def test_only_who_added_somebody_lets_them_leave(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    mum = evenings.add(ANN, "Mum", taste()).seats[-1].number
    for number in (mum, 1, 2, True, str(mum), None, [mum], 99):
        assert names(evenings.drop(BEN, number)) == ["Ann", "Ben", "Mum"]
    assert names(evenings.drop(ANN, 1)) == ["Ann", "Ben", "Mum"]  # oneself leaves
    assert names(evenings.drop(ANN, mum)) == ["Ann", "Ben"]
    for act in (lambda: evenings.drop(CLEO, mum), lambda: evenings.add(CLEO, "Eve", taste())):
        with pytest.raises(DataError, match="You take part in no evening"):
            act()


def test_what_somebody_has_rated_by_now_is_renewed_and_nobody_elses(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    evenings.add(ANN, "Mum", taste())
    before = evenings.of(ANN)
    assert evenings.renew(ANN, taste()) is before  # nothing new
    after = evenings.renew(ANN, Taste.of({OTHER: 1.0}, (FILM,)))
    assert [seat.taste.ratings for seat in after.seats] == [{OTHER: 1.0}, {FILM: 4.0}, {FILM: 4.0}]
    assert after.seats[0].taste.hidden == (FILM,)
    assert after.version > before.version
    assert evenings.renew(CLEO, taste()) is None


def test_an_evening_ends_after_its_hours_however_much_it_is_used(evenings, clock):
    code = evenings.start(ANN, "Ann", taste()).code
    clock.now += LASTS - 1
    assert evenings.of(ANN) is not None
    clock.now += 1
    assert evenings.of(ANN) is None
    with pytest.raises(DataError, match="no evening with this code"):
        evenings.join(BEN, code, "Ben", taste())
    assert not evenings._code_of


def test_one_address_begins_only_so_many_and_its_own_oldest_stay(evenings):
    for number in range(MOST_OF_ADDRESS):
        evenings.start(visitor(number), "Ann", taste())
    with pytest.raises(DataError, match="Too many evenings were started from your address"):
        evenings.start(visitor("one more"), "Ann", taste())
    assert len(evenings) == MOST_OF_ADDRESS
    before = evenings.start(visitor(0), "Ann", taste())  # who is alone in one begins another in its place
    assert len(evenings) == MOST_OF_ADDRESS
    evenings.join(visitor("friend", "203.0.113.1"), before.code, "Ben", taste())
    with pytest.raises(DataError, match="Too many evenings"):
        evenings.start(visitor(0), "Ann", taste())
    assert names(evenings.of(visitor(0))) == ["Ann", "Ben"]  # nothing is left by a refusal
    evenings.start(BEN, "Ben", taste())


def test_of_too_many_evenings_the_one_that_was_idle_longest_ends(evenings):
    people = [visitor(number, f"address {number}") for number in range(MOST_EVENINGS)]
    for person in people:
        evenings.start(person, "Ann", taste())
    assert evenings.of(people[0]) is not None  # which makes the second the one that was idle longest
    evenings.start(BEN, "Ben", taste())
    assert len(evenings) == MOST_EVENINGS
    assert evenings.of(people[1]) is None
    assert evenings.of(people[0]) is not None
    assert len(evenings._code_of) == MOST_EVENINGS


def test_who_has_no_cookie_takes_no_part(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    nobody = Visitor("192.0.2.1", "192.0.2.1", False)
    for act in (lambda: evenings.start(nobody, "Ann", taste()), lambda: evenings.join(nobody, code, "Eve", taste())):
        with pytest.raises(DataError, match="keeps no cookies of this page"):
            act()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (None, "Type a first name"),
        ("", "Type a first name"),
        ("  ", "Type a first name"),
        (7, "Type a first name"),
        (["Ann"], "Type a first name"),
        ("x" * 21, "The name has 21 characters; choose one of up to 20"),
        ("x" * 10**6, "the name has 1000000 characters"),
        ("An\0n", r"U\+0000"),
        ("An\nn", r"U\+000A"),
        ("\u202egnp.exe", r"U\+202E"),
        ("Ann\u2066", r"U\+2066"),
        ("Ann\u200f", r"U\+200F"),
        ("\ud800nn", r"U\+D800"),
        ("An\u200bn", r"U\+200B"),
    ],
)
def test_a_name_that_will_not_do_is_refused_in_a_sentence(evenings, name, sentence):
    for act in (lambda: evenings.start(ANN, name, taste()), lambda: checked_name(name)):
        with pytest.raises(DataError, match=sentence):
            act()
    assert len(evenings) == 0


def test_a_name_of_any_script_will_do():
    assert [checked_name(name) for name in (" Zoë ", "李娜", "Jean-Luc", "<b>Bo</b>")] == [
        "Zoë",
        "李娜",
        "Jean-Luc",
        "<b>Bo</b>",
    ]


def test_a_taste_takes_little_room_and_keeps_the_first_thousand():
    many = {f"Film {number}": 0.5 + number % 9 / 2 for number in range(1500)}
    kept = Taste.of(many, tuple(f"Film {number}" for number in range(3000)))
    assert kept.ratings == dict([*many.items()][:1000])
    assert len(kept.hidden) == 2000
    assert kept.stars.itemsize * len(kept.stars) == 8000


def test_many_at_once_are_all_there_in_the_end(evenings):
    code = evenings.start(ANN, "Ann", taste()).code

    def come_and_go(number):
        someone = visitor(number)
        for _ in range(50):
            evenings.join(someone, code, f"Person {number}", taste())
            evenings.of(someone)
            evenings.leave(someone)
        evenings.join(someone, code, f"Person {number}", taste())

    threads = [threading.Thread(target=come_and_go, args=(number,)) for number in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names(evenings.of(ANN))) == ["Ann", *(f"Person {number}" for number in range(7))]


def test_votes_are_of_those_who_take_part_and_go_with_them(evenings):
    begun = evenings.start(ANN, "Ann", taste())
    evenings.join(BEN, begun.code, "Ben", taste())
    evenings.vote(ANN, FILM, True)
    evenings.vote(ANN, OTHER, False)
    shown = evenings.vote(BEN, FILM, True)
    assert shown.tallies == {FILM: Tally(yes=2), OTHER: Tally(no=1)}
    assert evenings.of(ANN) == shown
    assert evenings.vote(BEN, FILM, False).tallies[FILM] == Tally(yes=1, no=1)
    evenings.leave(ANN)
    assert evenings.of(BEN).tallies == {FILM: Tally(no=1)}
    assert evenings.vote(BEN, FILM, None).tallies == {}
    for act in (lambda: evenings.vote(ANN, FILM, True), lambda: evenings.choose(ANN, FAIR, Filters(least_ratings=5))):
        with pytest.raises(DataError, match="You take part in no evening"):
            act()
    assert evenings.of(BEN).filters == ANY_FILM


def test_nobody_votes_on_more_films_than_an_evening_has_room_for(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    for number in range(MOST_VOTES):
        evenings.vote(ANN, f"Film {number}", True)
    with pytest.raises(DataError, match="You have voted on 200 films: take a vote back first"):
        evenings.vote(ANN, FILM, True)
    evenings.vote(ANN, "Film 3", False)  # another vote on the same film
    evenings.vote(BEN, FILM, True)
    evenings.vote(ANN, "Film 3", None)
    assert evenings.vote(ANN, FILM, False).tallies[FILM] == Tally(yes=1, no=1)


def test_settings_are_those_of_one_evening(evenings):
    evenings.start(ANN, "Ann", taste())
    evenings.start(BEN, "Ben", taste())
    wanted = Filters(genres=("Comedy",), least_ratings=20)
    chosen = evenings.choose(ANN, FAIR, wanted)
    assert (chosen.how, chosen.filters) == (FAIR, wanted)
    assert evenings.choose(ANN, FAIR, wanted).version == chosen.version  # nothing new
    assert (evenings.of(BEN).how, evenings.of(BEN).filters) == (MEAN, ANY_FILM)
    evenings.vote(ANN, FILM, True)
    assert evenings.of(BEN).votes == {}
