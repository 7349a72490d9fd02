"""Evenings, with a clock of their own: codes, limits, who sees whom, who leaves, and what ends.

All of it holds of evenings in memory and of those that processes share in PostgreSQL.
"""

import re
import threading
from contextlib import suppress

import pytest

from recsys.errors import DataError
from recsys.recommend.group.listing import FAIR, LEAST
from recsys.recommend.group.votes import Tally
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.serve.evenings import books, stored_book
from recsys.serve.evenings import evenings as limits
from recsys.serve.evenings.books import MOST_REMEMBERED, MemoryBook
from recsys.serve.evenings.codes import (
    ALPHABET,
    WINDOW,
    WRONG_OF_ADDRESS,
    WRONG_OF_VISITOR,
    Tries,
    code_in,
)
from recsys.serve.evenings.evening import MOST_LISTED, MOST_VOTES, Taste, checked_name
from recsys.serve.evenings.evenings import (
    LASTS,
    MOST_OF_ADDRESS,
    Evenings,
    SetMeanwhileError,
)
from recsys.serve.evenings.stored_book import USED_SECONDS, StoredBook
from recsys.serve.security.visitors import Visitor
from recsys.store import open_store
from recsys.store.database import schema as tables
from tests.support.store_places import CHEAP, FRESH, all_rows

postgresql, _ = FRESH

FILM, OTHER = "Film 8 (1968)", "Film 9 (1969)"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="module")
def store(postgresql):
    postgresql.run("CREATE DATABASE evenings")
    with open_store(postgresql.url("evenings"), config=CHEAP) as opened:
        yield opened


def emptied(store):
    with store._database.writing() as connection:
        for table in (tables.evenings, tables.farewells, tables.wrong_codes):
            connection.execute(table.delete())
    return store


@pytest.fixture(params=["in memory", "shared"])
def book(request, clock):
    if request.param == "in memory":
        return MemoryBook(clock)
    shared = emptied(request.getfixturevalue("store"))
    return StoredBook(lambda: shared, clock)


@pytest.fixture
def evenings(book):
    return Evenings(book)


@pytest.fixture
def replicas(store, clock):
    """Evenings as two processes see them."""
    emptied(store)
    return [Evenings(StoredBook(lambda: store, clock)) for _ in range(2)]


def sitting(evenings):
    """Who takes part somewhere."""
    book = evenings._book
    if isinstance(book, MemoryBook):
        return [*book._code_of]
    with book._store()._database.reading() as connection:
        return [*connection.execute(tables.seats.select()).scalars()]


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


def test_codes_have_no_signs_that_look_alike_and_none_is_of_two_evenings(book):
    assert not set(ALPHABET) & set("01ILO")
    signs = iter("222222" * 2 + "333333")
    evenings = Evenings(book, lambda _: next(signs))
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
    book = MemoryBook(clock)
    for number in range(MOST_REMEMBERED):
        Tries(book, clock()).note(visitor(number, f"address {number}"))
    assert len(book._wrong) == MOST_REMEMBERED


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
    with pytest.raises(DataError, match="Somebody in this evening is called .* already: choose another name"):
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
    assert not sitting(evenings)


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
    assert not sitting(evenings)


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


def test_of_too_many_evenings_the_one_that_was_idle_longest_ends(evenings, clock, monkeypatch):
    monkeypatch.setattr(limits, "MOST_EVENINGS", most := 20)
    people = [visitor(number, f"address {number}") for number in range(most)]
    for person in people:
        evenings.start(person, "Ann", taste())
        clock.now += 1
    clock.now += USED_SECONDS
    assert evenings.of(people[0]) is not None  # which makes the second the one that was idle longest
    evenings.start(BEN, "Ben", taste())
    assert len(evenings) == most
    assert evenings.of(people[1]) is None
    assert evenings.of(people[0]) is not None
    assert len(sitting(evenings)) == most


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
        for _ in range(50 if isinstance(evenings._book, MemoryBook) else 2):
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
    for act in (
        lambda: evenings.vote(ANN, FILM, True),
        lambda: evenings.choose(ANN, 0, FAIR, ANY_FILM),
    ):
        with pytest.raises(DataError, match="You take part in no evening"):
            act()
    assert evenings.of(BEN).filters == ANY_FILM


def test_nobody_votes_on_more_films_than_an_evening_has_room_for(clock):
    evenings = Evenings(MemoryBook(clock))
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
    chosen = evenings.choose(ANN, 0, FAIR, wanted)
    assert (chosen.how, chosen.filters) == (FAIR, wanted)
    assert evenings.choose(ANN, 1, FAIR, wanted).version == chosen.version  # nothing new
    assert (evenings.of(BEN).how, evenings.of(BEN).filters) == (LEAST, ANY_FILM)
    evenings.vote(ANN, FILM, True)
    assert evenings.of(BEN).votes == {}


@pytest.mark.parametrize("n_set", [0, None, "1", 2, [1], -1])
def test_what_somebody_has_set_meanwhile_is_not_overwritten(evenings, n_set):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    anns = evenings.choose(ANN, 0, FAIR, ANY_FILM)
    with pytest.raises(SetMeanwhileError, match="Somebody else has just set") as refusal:
        evenings.choose(BEN, n_set, LEAST, Filters(least_ratings=20))
    assert refusal.value.evening == anns == evenings.of(BEN)
    evenings.vote(ANN, FILM, True)  # which sets nothing
    assert evenings.choose(BEN, anns.n_set, LEAST, ANY_FILM).how == LEAST


def test_who_joins_again_keeps_seat_and_votes(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    evenings.add(BEN, "Mum", taste())
    evenings.vote(BEN, FILM, True)
    evenings.vote(ANN, FILM, True)
    again = evenings.join(BEN, code, "Benjamin", taste(film=1.0))
    assert names(again) == ["Ann", "Benjamin", "Mum"]
    assert again.seats[1].number == 2
    assert again.seats[1].taste.ratings == {FILM: 1.0}
    assert again.tallies == {FILM: Tally(yes=2)}
    with pytest.raises(DataError, match="Somebody in this evening is called Mum already"):
        evenings.join(BEN, code, "Mum", taste())


# ---- who signs in or out


def test_who_signs_in_keeps_seat_name_votes_and_whom_they_added(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    evenings.add(ANN, "Mum", taste())
    evenings.vote(ANN, FILM, True)
    member = visitor("Ann's session")
    before = evenings.of(BEN)
    evenings.follow(ANN, member)
    after = evenings.of(member)
    assert names(after) == ["Ann", "Ben", "Mum"]
    assert after.version > before.version
    assert after.tallies == {FILM: Tally(yes=1)}
    assert evenings.vote(member, FILM, None).tallies == {}  # it is the same vote
    assert names(evenings.drop(member, 3)) == ["Ann", "Ben"]
    renewed = evenings.renew(member, taste(film=1.0))
    assert [seat.taste.ratings[FILM] for seat in renewed.seats] == [1.0, 4.0]
    assert evenings.of(ANN) is None  # the cookie of a guest is worth nothing there any more
    for act in (lambda: evenings.vote(ANN, FILM, True), lambda: evenings.add(ANN, "Eve", taste())):
        with pytest.raises(DataError, match="You take part in no evening"):
            act()
    evenings.leave(member)
    evenings.leave(BEN)
    assert not sitting(evenings)


def test_who_sits_nowhere_brings_nothing_along_and_nobody_is_moved_by_others(evenings):
    evenings.start(ANN, "Ann", taste())
    evenings.follow(BEN, visitor("Ben's session"))
    evenings.follow(ANN, ANN)
    assert names(evenings.of(ANN)) == ["Ann"]
    assert evenings.of(visitor("Ben's session")) is None
    evenings.sign_out(BEN, visitor("Ben as a guest"))
    assert not evenings.has_signed_out(visitor("Ben as a guest"))
    assert names(evenings.of(ANN)) == ["Ann"]


def test_who_signs_out_has_left_with_whom_they_added_and_is_told_once(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    evenings.add(BEN, "Mum", taste())
    guest = visitor("Ben as a guest")
    evenings.sign_out(BEN, guest)
    assert names(evenings.of(ANN)) == ["Ann"]
    assert evenings.of(guest) is None
    assert not evenings.has_signed_out(ANN)
    assert [evenings.has_signed_out(guest), evenings.has_signed_out(guest)] == [True, False]
    assert names(evenings.join(guest, code, "Ben", taste())) == ["Ann", "Ben"]  # no ghost has the name


def test_what_is_still_to_be_told_takes_little_room_and_reaches_no_neighbour(evenings, clock, monkeypatch):
    monkeypatch.setattr(books, "MOST_TOLD", 10)
    monkeypatch.setattr(stored_book, "MOST_TOLD", 10)
    for number in range(15):
        clock.now += 1
        evenings.start(visitor(number, f"address {number}"), "Ann", taste())
        evenings.sign_out(visitor(number), visitor(f"guest {number}"))
    told = [evenings.has_signed_out(visitor(f"guest {number}")) for number in range(15)]
    assert told == [False] * 5 + [True] * 10
    evenings.start(ANN, "Ann", taste())
    nobody = Visitor("192.0.2.1", "192.0.2.1", False)  # no cookie, so it may be anybody of this address
    evenings.sign_out(ANN, nobody)
    assert not evenings.has_signed_out(nobody)


def test_a_list_grows_for_all_up_to_its_end_and_begins_anew_with_other_settings(evenings):
    code = evenings.start(ANN, "Ann", taste()).code
    evenings.join(BEN, code, "Ben", taste())
    assert evenings.lengthen(BEN).n_films == evenings.of(ANN).n_films == 20
    for _ in range(20):
        evenings.lengthen(ANN)
    assert evenings.of(BEN).n_films == MOST_LISTED
    assert evenings.choose(ANN, 0, FAIR, ANY_FILM).n_films == 10
    with pytest.raises(DataError, match="You take part in no evening"):
        evenings.lengthen(CLEO)


def test_what_was_worked_out_outlasts_votes_and_nothing_else(evenings):
    begun = evenings.start(ANN, "Ann", taste())
    kept = begun.worked_out
    assert evenings.vote(ANN, FILM, True).worked_out is evenings.lengthen(ANN).worked_out is kept
    assert evenings.renew(ANN, taste()).worked_out is kept
    changes = [
        lambda: evenings.renew(ANN, taste(film=1.0)),
        lambda: evenings.choose(ANN, 0, FAIR, ANY_FILM),
        lambda: evenings.join(BEN, begun.code, "Ben", taste()),
        lambda: evenings.add(ANN, "Mum", taste()),
        lambda: evenings.drop(ANN, 3),
    ]
    for change in changes:
        now = change().worked_out
        assert now is not kept
        kept = now


# ---- several processes that share a database


def test_what_is_done_in_one_process_is_seen_in_the_others(replicas):
    here, there = replicas
    code = here.start(ANN, "Ann", Taste.of({FILM: 4.5, OTHER: 1.0}, (FILM,))).code
    assert names(there.join(BEN, code, "Ben", taste())) == names(here.of(ANN)) == ["Ann", "Ben"]
    there.vote(BEN, FILM, True)
    here.vote(ANN, FILM, False)
    there.add(BEN, "Mum", taste())
    wanted = Filters(genres=("Comedy",), decades=("1990s",), years=(1980, 1999), most_ratings=100, seen_too=True)
    here.choose(ANN, 0, FAIR, wanted)
    here.lengthen(ANN)
    mine, theirs = here.of(ANN), there.of(BEN)
    assert mine == theirs
    assert theirs.tallies == {FILM: Tally(yes=1, no=1)}
    assert (theirs.how, theirs.filters, theirs.n_set, theirs.n_films) == (FAIR, wanted, 1, 20)
    assert theirs.seats[0].taste == Taste.of({FILM: 4.5, OTHER: 1.0}, (FILM,))
    there.leave(BEN)
    assert names(here.of(ANN)) == ["Ann"]


def test_limits_hold_for_all_processes_together(replicas):
    for number in range(WRONG_OF_VISITOR):
        with pytest.raises(DataError, match="no evening with this code"):
            replicas[number % 2].join(BEN, "222222", "Ben", taste())
    for evenings in replicas:
        with pytest.raises(DataError, match="Too many wrong codes"):
            evenings.join(BEN, "222222", "Ben", taste())
    for number in range(MOST_OF_ADDRESS):
        replicas[number % 2].start(visitor(number), "Ann", taste())
    for evenings in replicas:
        with pytest.raises(DataError, match="Too many evenings were started from your address"):
            evenings.start(ANN, "Ann", taste())
        assert len(evenings) == MOST_OF_ADDRESS


def test_who_signs_in_or_out_does_so_everywhere(replicas):
    here, there = replicas
    code = here.start(ANN, "Ann", taste()).code
    there.follow(ANN, visitor("Ann's session"))
    assert here.of(ANN) is None
    assert here.of(visitor("Ann's session")).code == code
    here.sign_out(visitor("Ann's session"), ANN)
    assert [there.has_signed_out(ANN), here.has_signed_out(ANN)] == [True, False]
    assert len(there) == 0


def test_what_was_worked_out_in_a_process_outlasts_votes_in_another_and_nothing_else(replicas):
    here, there = replicas
    code = here.start(ANN, "Ann", taste()).code
    there.join(BEN, code, "Ben", taste())
    kept = here.of(ANN).worked_out
    there.vote(BEN, FILM, True)
    assert here.of(ANN).worked_out is kept
    there.renew(BEN, taste(film=1.0))
    assert here.of(ANN).worked_out is not kept


def test_votes_in_all_processes_at_once_are_all_counted(replicas):
    code = replicas[0].start(ANN, "Ann", taste()).code
    replicas[1].join(BEN, code, "Ben", taste())
    films = [f"Film {number}" for number in range(20)]

    def votes(evenings, who):
        for film in films:
            evenings.vote(who, film, True)

    threads = [threading.Thread(target=votes, args=each) for each in zip(replicas, (ANN, BEN), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert replicas[0].of(ANN).tallies == dict.fromkeys(films, Tally(yes=2))


def test_a_refusal_leaves_everything_as_it_was_and_a_failure_too(replicas, store):
    here, there = replicas
    code = here.start(ANN, "Ann", taste()).code
    with pytest.raises(DataError, match="Somebody in this evening is called"):
        there.join(BEN, code, "ann", taste())
    before = there.of(ANN)
    with suppress(RuntimeError), here._book.changing() as entries:
        entries.keep(here.of(ANN).with_vote(1, FILM, True))
        raise RuntimeError("in the middle")
    assert here.of(ANN) == there.of(ANN) == before


def test_of_addresses_and_cookies_nothing_can_be_read_in_the_database(replicas, store):
    replicas[0].start(ANN, "Ann", taste())
    with pytest.raises(DataError):
        replicas[0].join(BEN, "222222", "Ben", taste())
    kept = repr(all_rows(store))
    assert not [each for each in (ANN.address, BEN.address) if each in kept or each.encode().hex() in kept]
