"""Accounts, sessions and attempts, on SQLite and PostgreSQL alike."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import argon2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys.store import (
    AttemptConfig,
    PasswordConfig,
    Person,
    Recommendations,
    SessionConfig,
    SignedOutError,
    StoreConfig,
    StoreError,
    TooManyAttemptsError,
    open_store,
)
from recsys.store.signing_in.addresses import origin_of
from tests.support.store_places import CHEAP, FIXTURES, PASSWORD, all_rows, signed_up

postgresql, place, opened, clock, store, ann, ben = FIXTURES
HERE, THERE = "192.0.2.1", "192.0.2.2"
NOT_RIGHT = "name or password is not right"


def fails_to_sign_in(store, name, address, password="a wrong password", *, match=NOT_RIGHT):
    with pytest.raises(StoreError, match=match):
        store.accounts.sign_in(name, password, address)


# --- registering and signing in


def test_who_registers_is_signed_in_and_can_sign_in_again_in_any_case(store):
    token = store.accounts.register(" Ann  Lee ", PASSWORD, HERE)
    person = store.accounts.person_of(token)
    assert person.name == "Ann Lee"
    again = store.accounts.person_of(store.accounts.sign_in("ＡNN lee", PASSWORD, THERE))
    assert (again.id, again.name) == (person.id, "Ann Lee")
    assert again.session != person.session


def test_a_name_is_given_once_whatever_its_case(store, ann):
    with pytest.raises(StoreError, match="name: 'ANN' is taken; expected another one, or sign in if it is you"):
        store.accounts.register("ANN", PASSWORD, HERE)


def test_many_who_want_the_same_name_at_once_get_it_once(store):
    with ThreadPoolExecutor(8) as threads:
        tries = [threads.submit(store.accounts.register, "Ann", f"{PASSWORD} {n}", HERE) for n in range(8)]
        winners = [n for n, one in enumerate(tries) if one.exception() is None]
        assert len(winners) == 1
        assert {type(one.exception()) for one in tries} == {type(None), StoreError}
        assert store.accounts.person_of(store.accounts.sign_in("Ann", f"{PASSWORD} {winners[0]}", HERE)).name == "Ann"


def test_rules_are_checked_before_anything_is_kept(store):
    with pytest.raises(StoreError, match="the name has 1 character;"):
        store.accounts.register("A", PASSWORD, HERE)
    with pytest.raises(StoreError, match="the password has 5 characters"):
        store.accounts.register("Ann", "short", HERE)
    rows = all_rows(store)
    assert not rows["accounts"]
    assert not rows["attempts"]


@pytest.fixture
def verifications(monkeypatch) -> list[tuple[int, int, int]]:
    """The costs of every verification of a password."""
    made = []
    verify = argon2.PasswordHasher.verify

    def noted(self, kept, password):
        cost = argon2.extract_parameters(kept)
        made.append((cost.time_cost, cost.memory_cost, cost.parallelism))
        return verify(self, kept, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", noted)
    return made


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("Ann", "a wrong password"),
        ("Nobody", PASSWORD),
        ("Ann\x00", PASSWORD),
        ("", ""),
        (None, None),
        ("x" * 10_000_000, "x" * 10_000_000),
        ("Ann", "\ud800"),
        ("Ann'; DROP TABLE accounts; --", PASSWORD),
    ],
    ids=["wrong password", "unknown name", "no name", "nothing", "None", "megabytes", "surrogate", "SQL"],
)
def test_whoever_cannot_sign_in_is_told_the_same_after_the_same_work(store, ann, verifications, name, password):
    with pytest.raises(StoreError, match="^name or password is not right; check both, or register$"):
        store.accounts.sign_in(name, password, HERE)
    assert verifications == [(1, 8, 1)]


def test_signing_in_verifies_once_too(store, ann, verifications):
    store.accounts.sign_in("Ann", PASSWORD, HERE)
    assert verifications == [(1, 8, 1)]


def test_passwords_are_kept_as_argon2id_with_salt(store, ann, ben):
    hashes = [row[3] for row in all_rows(store)["accounts"]]
    assert all(kept.startswith("$argon2id$") for kept in hashes)
    assert len({*hashes}) == 2


def test_the_default_is_as_costly_as_the_standard_recommends():
    config = PasswordConfig()
    assert (config.time_cost, config.memory_cost, config.parallelism) == (3, 64 * 1024, 4)


def test_when_the_settings_change_a_password_is_hashed_anew_at_the_next_signing_in(place, store, ann, verifications):
    costlier = StoreConfig(passwords=PasswordConfig(time_cost=2, memory_cost=16, parallelism=1))
    with open_store(place, config=costlier, now=store.accounts._now) as later:
        for _ in range(2):
            later.accounts.sign_in("Ann", PASSWORD, HERE)
    assert verifications == [(1, 8, 1), (2, 16, 1)]


def test_no_token_and_no_password_is_kept(store):
    token = store.accounts.register("Ann", PASSWORD, HERE)
    kept = repr(all_rows(store))
    assert "Ann" in kept
    assert token not in kept
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_cost": 0},
        {"parallelism": 0},
        {"at_once": 0},
        {"memory_cost": 8, "parallelism": 4},
    ],
)
def test_settings_of_passwords_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        PasswordConfig(**wrong)


def test_settings_of_attempts_and_sessions_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="expected limits >= 1 and a window above 0"):
        AttemptConfig(per_name=0)
    with pytest.raises(ValueError, match="expected 0 < renewed_after < lasts"):
        SessionConfig(lasts=timedelta(hours=1))


# --- attempts


TOO_MANY = "^too many attempts; expected fewer, so wait 15 minutes and try"


def tried(store, name, address, n_times):
    for _ in range(n_times):
        fails_to_sign_in(store, name, address)


def test_a_name_can_be_tried_so_often_from_an_address_known_or_not(store, ann):
    for name in ("Ann", "Nobody", "\x00"):
        tried(store, name, HERE, 10)
        fails_to_sign_in(store, name, HERE, PASSWORD, match=TOO_MANY)


@pytest.fixture
def few(store, monkeypatch):
    """A store with limits that are soon reached."""
    monkeypatch.setattr(store.accounts._attempts, "_config", AttemptConfig(per_place=2, per_name=20, per_address=10))
    return store


def from_everywhere(store, name, n_times):
    """So many wrong passwords from as few addresses as that takes; whether known or not, nobody else notices."""
    for number in range(n_times):
        fails_to_sign_in(store, name, f"198.51.100.{number // 2}")


@pytest.mark.parametrize("name", ["Ann", "Nobody"])
def test_a_name_can_be_tried_so_often_from_wherever(few, ann, name):
    from_everywhere(few, name, 20)
    fails_to_sign_in(few, name, "198.51.100.200")  # the first from there
    fails_to_sign_in(few, name, "198.51.100.200", match=TOO_MANY)
    for number in range(19):
        fails_to_sign_in(few, name, f"203.0.113.{number}")
    fails_to_sign_in(few, name, "203.0.113.200", PASSWORD, match=TOO_MANY)


def test_nobody_is_locked_out_by_wrong_passwords_of_others(few):
    """From the owner's address, whatever others do; from a new one, however many of the limit they use up."""
    few.accounts.register("Ann", PASSWORD, HERE)
    tried(few, "Ann", "198.51.100.0", 2)
    assert few.accounts.sign_in("Ann", PASSWORD, THERE)  # a new address
    for number in range(1, 19):
        fails_to_sign_in(few, "Ann", f"198.51.100.{number}")
    assert few.accounts.sign_in("Ann", PASSWORD, "192.0.2.3")  # likewise, the limit being used up
    for number in range(20):
        fails_to_sign_in(few, "Ann", f"203.0.113.{number}")
    for address in (HERE, THERE, "192.0.2.3"):
        for _ in range(3):
            assert few.accounts.sign_in("Ann", PASSWORD, address)


def test_nobody_is_locked_out_by_who_else_comes_from_the_same_address(few):
    few.accounts.register("Ann", PASSWORD, HERE)
    few.accounts.register("Ben", PASSWORD, THERE)
    for number in range(10):
        fails_to_sign_in(few, f"Nobody {number}", HERE)
    assert few.accounts.sign_in("Ann", PASSWORD, HERE)
    assert few.accounts.sign_in("Ben", PASSWORD, HERE)  # who has not been here before
    for number in range(10, 20):
        fails_to_sign_in(few, f"Nobody {number}", HERE)
    fails_to_sign_in(few, "Nobody 1000", HERE, match=TOO_MANY)
    for name in ("Ann", "Ben"):
        assert few.accounts.sign_in(name, PASSWORD, HERE)


def test_the_limits_are_those_of_the_readme():
    config = AttemptConfig()
    assert (config.per_place, config.per_name, config.per_address, config.registrations) == (10, 100, 50, 20)
    assert config.window == timedelta(minutes=15)


def test_where_somebody_is_at_home_passwords_are_not_tried_without_end(store):
    store.accounts.register("Ann", PASSWORD, HERE)
    tried(store, "Ann", HERE, 10)
    fails_to_sign_in(store, "Ann", HERE, PASSWORD, match=TOO_MANY)
    assert store.accounts.sign_in("Ann", PASSWORD, THERE)


def test_so_many_places_of_a_person_are_remembered_the_newest(store, clock, monkeypatch):
    config = AttemptConfig(per_place=2, per_name=2, per_address=10, places=3)
    monkeypatch.setattr(store.accounts._attempts, "_config", config)
    tokens = [store.accounts.register("Ann", PASSWORD, "place 0")]
    for number in range(1, 5):
        clock.advance(minutes=20)
        tokens.append(store.accounts.sign_in("Ann", PASSWORD, f"place {number}"))
    assert len(all_rows(store)["places"]) == 3
    assert len(store.exports.everything(store.accounts.person_of(tokens[-1]))["places"]) == 3
    tried(store, "Ann", "elsewhere", 2)
    tried(store, "Ann", "place 4", 1)
    assert store.accounts.sign_in("Ann", PASSWORD, "place 2")
    tried(store, "Ann", "place 0", 1)
    fails_to_sign_in(store, "Ann", "place 0", PASSWORD, match=TOO_MANY)


SAME_ORIGIN = [
    ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
    ("2001:DB8:1:2::1", "2001:0db8:0001:0002::9"),
    ("fe80::1%eth0", "fe80::2%wlan1"),
    ("192.0.2.1", "::ffff:192.0.2.1"),
    ("192.0.2.1", "::ffff:c000:201"),
    ("192.0.2.1", "64:ff9b::192.0.2.1"),
    ("192.0.2.1", "192.0.2.1:4711"),
    ("2001:db8::1", "[2001:db8::2]:4711"),
    ("2001:db8::1", "[2001:db8::2]"),
    ("nowhere", " nowhere "),
    ("x" * 100, "x" * 10_000_000),
]
OTHER_ORIGIN = [
    ("2001:db8:1:2::1", "2001:db8:1:3::1"),
    ("192.0.2.1", "192.0.2.2"),
    ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
    ("64:ff9b::192.0.2.1", "64:ff9b::192.0.2.2"),
    ("192.0.2.1", "2001:db8::1"),
    ("192.0.2.1", "192.0.2.999"),
    ("nowhere", "somewhere"),
    ("", "\x00"),
]


@pytest.mark.parametrize(("one", "other"), SAME_ORIGIN, ids=lambda text: text[:20])
def test_a_visitor_who_chooses_another_address_of_the_same_network_is_the_same(one, other):
    assert origin_of(one) == origin_of(other)


@pytest.mark.parametrize(("one", "other"), OTHER_ORIGIN)
def test_visitors_of_other_networks_are_others(one, other):
    assert origin_of(one) != origin_of(other)


@given(st.text(max_size=60) | st.ip_addresses().map(str))
def test_whatever_an_address_is_it_has_an_origin_that_is_its_own(text):
    assert origin_of(origin_of(text).removesuffix("/64")) == origin_of(text)
    assert len(origin_of(text)) <= 100


def test_one_network_of_ipv6_has_the_attempts_of_one_address(store, ann):
    def address(number):
        return f"2001:db8:1:2::{number:x}"

    for number in range(20):
        store.accounts.register(f"Person {number}", PASSWORD, address(number))
    with pytest.raises(TooManyAttemptsError, match=TOO_MANY):
        store.accounts.register("Person 20", PASSWORD, address(20))
    for number in range(10):
        fails_to_sign_in(store, "Ann", address(number))
    fails_to_sign_in(store, "Ann", address(99), PASSWORD, match=TOO_MANY)


# --- clocks that are wrong


@pytest.mark.parametrize("days", [365, 36500, -365, 1 / 24])
def test_a_clock_that_was_wrong_locks_nobody_out_for_longer_than_the_window(store, clock, days):
    store.accounts.register("Ann", PASSWORD, HERE)
    right = clock()
    clock.advance(days=days)
    tried(store, "Ann", HERE, 10)
    clock.moment = right
    for _ in range(2):
        with pytest.raises(TooManyAttemptsError) if days > 0 else nullcontext() as refusal:
            store.accounts.sign_in("Ann", PASSWORD, HERE)
        assert days < 0 or refusal.value.wait <= timedelta(minutes=15)
    clock.advance(minutes=15)
    assert store.accounts.sign_in("Ann", PASSWORD, HERE)


@pytest.mark.parametrize("days", [31, 365, -365])
def test_a_clock_that_was_wrong_ends_nobodys_session(store, clock, days):
    token, right = store.accounts.register("Ann", PASSWORD, HERE), clock()
    clock.advance(days=days)
    store.accounts.register("Ben", PASSWORD, HERE)
    store.accounts.person_of(token)
    clock.moment = right
    assert store.accounts.person_of(token).name == "Ann"


def test_limits_hold_after_a_restart_and_end_with_the_window(place, store, clock, ann):
    for _ in range(10):
        fails_to_sign_in(store, "Ann", HERE)
        clock.advance(seconds=1)
    with open_store(place, config=CHEAP, now=clock) as restarted:
        clock.advance(minutes=14, seconds=30)
        fails_to_sign_in(restarted, "Ann", HERE, PASSWORD, match="wait 1 minute and try again")
        clock.advance(seconds=20)
        assert restarted.accounts.sign_in("Ann", PASSWORD, HERE)


def test_an_attempt_that_is_refused_does_not_prolong_the_wait(store, clock, ann):
    for _ in range(10):
        fails_to_sign_in(store, "Ann", HERE)
    for _ in range(14):
        clock.advance(minutes=1)
        fails_to_sign_in(store, "Ann", HERE, match="too many attempts")
    clock.advance(minutes=1)
    assert store.accounts.sign_in("Ann", PASSWORD, HERE)


def test_a_right_password_does_not_count_and_does_not_reset(store, ann):
    for _ in range(9):
        fails_to_sign_in(store, "Ann", HERE)
    for _ in range(12):
        store.accounts.sign_in("Ann", PASSWORD, HERE)
    fails_to_sign_in(store, "Ann", HERE)
    fails_to_sign_in(store, "Ann", HERE, match="too many attempts")


def test_many_threads_at_once_get_no_more_tries_than_one(store, ann, verifications):
    def try_one(number):
        fails_to_sign_in(store, "Ann", f"2001:db8::{number}", match="not right|too many attempts")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(try_one, range(24)))
    assert len(verifications) == 10


def test_accounts_from_one_address_are_limited_and_taken_names_count(store, ann):
    for number in range(10):
        store.accounts.register(f"Ann {number}", PASSWORD, HERE)
        with pytest.raises(StoreError, match="taken"):
            store.accounts.register("Ann", PASSWORD, HERE)
    with pytest.raises(TooManyAttemptsError, match="too many attempts"):
        store.accounts.register("Somebody", PASSWORD, HERE)
    assert store.accounts.register("Somebody", PASSWORD, THERE)


def test_attempts_are_kept_unreadable_and_swept(store, clock, ann):
    fails_to_sign_in(store, "Margarete", HERE)
    kept = all_rows(store)["attempts"]
    assert kept
    assert "margarete" not in repr(kept).lower()
    assert HERE not in repr(kept)
    clock.advance(minutes=15)
    fails_to_sign_in(store, "Ben", THERE)
    assert len(all_rows(store)["attempts"]) == 3  # for the name, the address, and both together


# --- sessions


@pytest.mark.parametrize("token", [None, "", "x", "x" * 10_000_000, "\x00", "\ud800", 7, b"token", ["token"]])
def test_what_is_no_token_is_nobody(store, ann, token):
    assert store.accounts.person_of(token) is None
    store.accounts.sign_out(token)
    assert store.ratings.marks_of(ann, "ml-100k") == {}


def test_tokens_are_random_and_long(store, ann):
    tokens = {store.accounts.sign_in("Ann", PASSWORD, HERE) for _ in range(20)}
    assert len(tokens) == 20
    assert min(map(len, tokens)) >= 256 / 6


def test_a_session_ends_30_days_after_its_last_use(store, clock):
    token = store.accounts.register("Ann", PASSWORD, HERE)
    clock.advance(days=29)
    assert store.accounts.person_of(token)
    clock.advance(days=29)
    person = store.accounts.person_of(token)
    clock.advance(days=30)
    assert store.accounts.person_of(token) is None
    with pytest.raises(SignedOutError, match="you are signed out, and nothing was read or changed; sign in again"):
        store.ratings.of(person, "ml-100k")


def test_use_renews_a_session_once_a_day_at_most(store, clock):
    def expiry():
        return [row[3] for row in all_rows(store)["sessions"]]

    token = store.accounts.register("Ann", PASSWORD, HERE)
    first = expiry()
    clock.advance(hours=23)
    store.accounts.person_of(token)
    assert expiry() == first
    clock.advance(hours=1)
    store.accounts.person_of(token)
    assert expiry() == [first[0] + timedelta(days=1)]


def test_sessions_that_ended_long_ago_are_swept(store, clock, ann):
    clock.advance(days=429)
    store.accounts.sign_in("Ann", PASSWORD, HERE)
    assert len(all_rows(store)["sessions"]) == 2
    clock.advance(days=1)
    store.accounts.sign_in("Ann", PASSWORD, HERE)
    assert len(all_rows(store)["sessions"]) == 2


def test_a_person_has_so_many_sessions_and_the_oldest_end_first(place, store, clock, ben):
    few = replace(CHEAP, sessions=SessionConfig(most=5))
    with open_store(place, config=few, now=clock) as other:
        tokens = [other.accounts.register("Ann", PASSWORD, HERE)]
        for _ in range(7):
            clock.advance(seconds=1)
            tokens.append(other.accounts.sign_in("Ann", PASSWORD, HERE))
    assert [store.accounts.person_of(token) is None for token in tokens] == [True] * 3 + [False] * 5
    assert store.ratings.marks_of(ben, "ml-100k") == {}


def test_signing_out_ends_one_session(store):
    one, other = store.accounts.register("Ann", PASSWORD, HERE), store.accounts.sign_in("Ann", PASSWORD, THERE)
    store.accounts.sign_out(one)
    assert store.accounts.person_of(one) is None
    assert store.accounts.person_of(other)


def test_signing_out_everywhere_ends_all_of_one_person(store, ben):
    tokens = [store.accounts.register("Ann", PASSWORD, HERE), store.accounts.sign_in("Ann", PASSWORD, THERE)]
    store.accounts.sign_out_everywhere(store.accounts.person_of(tokens[0]))
    assert [store.accounts.person_of(token) for token in tokens] == [None, None]
    assert store.ratings.of(ben, "ml-100k") == {}


def test_another_password_ends_the_other_sessions_and_only_it_is_right_from_then_on(store):
    here, there = store.accounts.register("Ann", PASSWORD, HERE), store.accounts.sign_in("Ann", PASSWORD, THERE)
    store.accounts.change_password(store.accounts.person_of(here), PASSWORD, "four other words")
    assert store.accounts.person_of(here)
    assert store.accounts.person_of(there) is None
    fails_to_sign_in(store, "Ann", HERE, PASSWORD)
    assert store.accounts.sign_in("Ann", "four other words", HERE)


def test_a_password_is_changed_by_who_knows_it_and_by_the_rules(store, ann):
    with pytest.raises(StoreError, match="the password is not right"):
        store.accounts.change_password(ann, "a wrong password", "four other words")
    with pytest.raises(StoreError, match="the password has 5 characters"):
        store.accounts.change_password(ann, PASSWORD, "short")
    assert store.accounts.sign_in("Ann", PASSWORD, HERE)


def test_who_holds_a_session_cannot_try_passwords_without_end(store, ann, ben):
    for _ in range(10):
        with pytest.raises(StoreError, match="the password is not right"):
            store.accounts.delete_account(ann, "a wrong password")
    with pytest.raises(TooManyAttemptsError, match="too many attempts"):
        store.accounts.change_password(ann, PASSWORD, "four other words")
    assert store.accounts.sign_in("Ann", PASSWORD, HERE)
    store.accounts.change_password(ben, PASSWORD, "four other words")


# --- whose data it is

CALLS = {
    "ratings.of": lambda store, person: store.ratings.of(person, "ml-100k"),
    "ratings.marks_of": lambda store, person: store.ratings.marks_of(person, "ml-100k"),
    "ratings.ratings_and_marks": lambda store, person: store.ratings.ratings_and_marks(person, "ml-100k"),
    "ratings.rating_changes": lambda store, person: store.ratings.rating_changes(person, "ml-100k"),
    "ratings.set_rating": lambda store, person: store.ratings.set_rating(person, "ml-100k", 1, 5.0),
    "ratings.set_ratings": lambda store, person: store.ratings.set_ratings(person, "ml-100k", {1: 5.0}),
    "ratings.remove_rating": lambda store, person: store.ratings.remove_rating(person, "ml-100k", 1),
    "ratings.set_mark": lambda store, person: store.ratings.set_mark(person, "ml-100k", 1, "later"),
    "ratings.set_marks": lambda store, person: store.ratings.set_marks(person, "ml-100k", {1: "later"}),
    "ratings.set_many": lambda store, person: store.ratings.set_many(person, "ml-100k", {1: 5.0}, {2: "later"}),
    "ratings.clear_mark": lambda store, person: store.ratings.clear_mark(person, "ml-100k", 1),
    "ratings.undo_last": lambda store, person: store.ratings.undo_last(person),
    "history.record_list": lambda store, person: store.history.record_list(person, LIST),
    "history.lists": lambda store, person: store.history.lists(person),
    "history.open_list": lambda store, person: store.history.open_list(person, "some-id"),
    "exports.everything": lambda store, person: store.exports.everything(person),
    "accounts.has_password": lambda store, person: store.accounts.has_password(person),
    "exports.write_everything": lambda store, person: store.exports.write_everything(person, print),
    "exports.write_film_rows": lambda store, person: store.exports.write_film_rows(person, print),
    "other_sets.rated": lambda store, person: store.other_sets.rated(person, "ml-100k"),
    "other_sets.films": lambda store, person: store.other_sets.films(person, "ml-100k"),
    "consents.of": lambda store, person: store.consents.of(person),
    "consents.answer": lambda store, person: store.consents.answer(person, "yes"),
    "other_sets.decline": lambda store, person: store.other_sets.decline(person, "ml-100k", "ml-1m"),
    "history.gone": lambda store, person: store.history.gone(person),
    "exports.film_rows": lambda store, person: store.exports.film_rows(person),
    "accounts.sign_out_everywhere": lambda store, person: store.accounts.sign_out_everywhere(person),
    "accounts.change_password": lambda store, person: store.accounts.change_password(person, PASSWORD, "four words"),
    "accounts.delete_account": lambda store, person: store.accounts.delete_account(person, PASSWORD),
}
LIST = Recommendations(dataset="ml-100k", model="ease", version="1", kind="top", request={}, films=[(1, 4.5)])


def test_every_method_that_takes_a_person_is_tried_below(store):
    import inspect

    parts = {name: part for name, part in vars(store).items() if not name.startswith("_")}
    assert parts.keys() == {
        "accounts",
        "ratings",
        "history",
        "exports",
        "films",
        "other_sets",
        "consents",
        "evidence",
        "evenings",
        "turns",
    }
    methods = {
        f"{part}.{name}": getattr(one, name)
        for part, one in {"store": store, **parts}.items()
        for name in dir(one)
        if not name.startswith("_")
    }
    taking = {name for name, one in methods.items() if callable(one) and "person" in inspect.signature(one).parameters}
    assert taking == CALLS.keys()


@pytest.mark.parametrize("name", CALLS)
def test_a_person_made_up_or_signed_out_gets_and_changes_nothing(store, ann, ben, name):
    store.ratings.set_rating(ann, "ml-100k", 1, 3.0)
    before = all_rows(store)
    nobody = ben.id + 1
    forged = [replace(ann, session=ben.session), replace(ann, session=b"x" * 32), replace(ann, id=nobody)]
    for person in forged:
        with pytest.raises(SignedOutError, match="you are signed out"):
            CALLS[name](store, person)
    assert all_rows(store) == before
    store.accounts.sign_out_everywhere(ann)
    with pytest.raises(SignedOutError, match="you are signed out"):
        CALLS[name](store, ann)


def test_a_person_is_shown_without_the_session():
    assert repr(Person(1, "Ann", b"secret", datetime(2026, 3, 1, tzinfo=UTC))) == "Person(id=1, name='Ann')"


# --- deleting an account


def filled(store, person):
    """Put something of a person into every table that has things of people."""
    store.ratings.set_ratings(person, "ml-100k", {1: 3.0, 2: 4.0})
    store.ratings.set_mark(person, "ml-100k", 3, "hidden")
    store.history.record_list(person, LIST)
    store.other_sets.decline(person, "ml-100k", "ml-1m")
    store.consents.answer(person, "yes")
    fails_to_sign_in(store, person.name, HERE)


def test_an_account_is_deleted_with_all_that_belongs_to_it_and_nothing_else(store, ann):
    before = all_rows(store)
    margarete = signed_up(store, "Margarete")
    filled(store, margarete)
    with pytest.raises(StoreError, match="the password is not right"):
        store.accounts.delete_account(margarete, "a wrong password")
    grown = [name for name, rows in all_rows(store).items() if len(rows) > len(before[name])]
    of_nobody = {"secrets", "films", "evenings", "seats", "farewells", "wrong_codes"}
    assert {*grown} == before.keys() - {*of_nobody, "identities", "gone"}
    store.accounts.delete_account(margarete, PASSWORD)
    after = all_rows(store)
    assert after | {"attempts": []} == before | {"attempts": []}
    assert len(after["attempts"]) == len(before["attempts"]) + 2  # from the address: to register, and to sign in
    fails_to_sign_in(store, "Margarete", THERE, PASSWORD)


def test_a_deleted_account_leaves_nothing_in_the_files_of_sqlite(tmp_path):
    with open_store(tmp_path / "people.sqlite", config=CHEAP) as store:
        margarete = signed_up(store, "Margarete")
        store.history.record_list(margarete, replace(LIST, request={"genres": ["Film-Noir"]}))

        def written() -> bytes:
            return b"".join(path.read_bytes() for path in Path(tmp_path).iterdir())

        assert b"Margarete" in written()
        assert b"Film-Noir" in written()
        store.accounts.delete_account(margarete, PASSWORD)
        assert b"argarete" not in written()
        assert b"Film-Noir" not in written()


def test_the_number_of_a_deleted_account_is_not_given_to_another(store):
    ann = signed_up(store, "Ann")
    store.accounts.delete_account(ann, PASSWORD)
    assert signed_up(store, "Ben").id != ann.id
    with pytest.raises(SignedOutError, match="you are signed out"):
        store.ratings.of(ann, "ml-100k")


def test_a_name_is_free_again_once_its_account_is_deleted(store, ann):
    store.ratings.set_rating(ann, "ml-100k", 1, 5.0)
    store.accounts.delete_account(ann, PASSWORD)
    assert store.ratings.of(signed_up(store, "Ann"), "ml-100k") == {}


def test_deleting_while_others_write_loses_nothing_of_theirs(store, ann, ben):
    start = threading.Barrier(2)

    def rate():
        start.wait()
        for item in range(30):
            store.ratings.set_rating(ben, "ml-100k", item, 4.0)

    with ThreadPoolExecutor(1) as threads:
        rating = threads.submit(rate)
        start.wait()
        store.accounts.delete_account(ann, PASSWORD)
        rating.result()
    assert store.ratings.of(ben, "ml-100k").keys() == {*range(30)}


# --- secrets


def test_a_secret_is_made_once_and_shared(place, store):
    key = store.secret("cookies")
    assert len(key) == 32
    assert store.secret("cookies") == key
    assert store.secret("forms") != key
    with open_store(place, config=CHEAP) as other:
        assert other.secret("cookies") == key


def test_many_who_ask_for_a_new_secret_at_once_get_the_same(store):
    with ThreadPoolExecutor(8) as threads:
        assert len({*threads.map(store.secret, ["cookies"] * 16)}) == 1
