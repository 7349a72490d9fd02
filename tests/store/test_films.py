"""Ratings, marks, lists that were shown, and their export, on SQLite and PostgreSQL alike."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.store import Change, FilmRow, Rating, Recommendations, ShownFilm, StoreError
from tests.support.store_places import FIXTURES, all_rows, signed_up

postgresql, place, opened, clock, store, ann, ben = FIXTURES
ML = "ml-100k"
LIST = Recommendations(
    dataset=ML,
    model="hybrid-vae",
    version="3f2a",
    kind="for you",
    request={"genres": ["Drama", "日本"], "adventure": 0.25, "films": None},
    films=[(50, 4.5), (258, 4.25), (7, None)],
)


def stars_of(store, person, dataset=ML):
    return {item_id: rating.stars for item_id, rating in store.ratings.of(person, dataset).items()}


# --- ratings and marks


def test_a_rating_is_kept_with_its_moment_until_another_takes_its_place(store, clock, ann):
    store.ratings.set_rating(ann, ML, 50, 4)
    clock.advance(hours=1)
    store.ratings.set_rating(ann, ML, 258, 3.5)
    store.ratings.set_rating(ann, ML, 50, 5.0)
    assert store.ratings.of(ann, ML) == {50: Rating(5.0, clock()), 258: Rating(3.5, clock())}
    store.ratings.remove_rating(ann, ML, 50)
    assert stars_of(store, ann) == {258: 3.5}


def test_a_moment_comes_back_to_the_microsecond_in_utc(store, clock, ann):
    clock.advance(microseconds=123457)
    store.ratings.set_rating(ann, ML, 50, 0.1 + 0.2)
    assert store.ratings.of(ann, ML) == {50: Rating(0.1 + 0.2, clock())}
    assert store.ratings.of(ann, ML)[50].at.utcoffset() == timedelta(0)


def test_the_same_film_of_another_data_set_is_another_film(store, ann):
    store.ratings.set_rating(ann, ML, 50, 4.0)
    store.ratings.set_mark(ann, "ml-1m", 50, "hidden")
    assert stars_of(store, ann, "ml-1m") == {}
    assert store.ratings.marks_of(ann, ML) == {}


def test_people_rate_the_same_film_each_for_themselves(store, ann, ben):
    store.ratings.set_rating(ann, ML, 50, 1.0)
    store.ratings.set_rating(ben, ML, 50, 5.0)
    store.ratings.set_mark(ben, ML, 50, "later")
    store.ratings.remove_rating(ann, ML, 50)
    assert stars_of(store, ann) == {}
    assert stars_of(store, ben) == {50: 5.0}
    assert store.ratings.marks_of(ann, ML) == {}


def test_a_film_has_one_mark(store, ann):
    store.ratings.set_mark(ann, ML, 50, "later")
    store.ratings.set_mark(ann, ML, 258, "later")
    store.ratings.set_mark(ann, ML, 50, "hidden")
    store.ratings.clear_mark(ann, ML, 258)
    assert store.ratings.marks_of(ann, ML) == {50: "hidden"}


def test_numbers_of_numpy_are_numbers_too(store, ann):
    store.ratings.set_rating(ann, ML, np.int64(50), np.float32(4.5))
    assert stars_of(store, ann) == {50: 4.5}


@pytest.mark.parametrize("stars", [float("nan"), float("inf"), -float("inf"), "5", None, True, [4], 4 + 0j, 10**400])
def test_stars_are_a_finite_number(store, ann, stars):
    with pytest.raises(StoreError, match="stars: got .*; expected a finite number"):
        store.ratings.set_rating(ann, ML, 50, stars)
    assert store.ratings.of(ann, ML) == {}


@pytest.mark.parametrize(
    "item_id", ["50", None, 50.0, True, 2**63, -(2**63), pytest.param(10**5000, id="huge"), [50], float("nan")]
)
def test_an_item_is_a_whole_number(store, ann, item_id):
    change = (
        lambda: store.ratings.remove_rating(ann, ML, item_id),
        lambda: store.ratings.set_mark(ann, ML, item_id, "later"),
        lambda: store.ratings.clear_mark(ann, ML, item_id),
    )
    for attempt in change:
        with pytest.raises(StoreError, match="item_id: got .*; expected a whole number of at most 64 bits"):
            attempt()


@pytest.mark.parametrize("dataset", ["", "a\x00b", "two\nlines", "x" * 201, None, 7, "\ud800"])
def test_a_data_set_is_named_by_one_line(store, ann, dataset):
    attempts = (
        lambda: store.ratings.set_rating(ann, dataset, 50, 4.0),
        lambda: store.ratings.of(ann, dataset),
        lambda: store.ratings.marks_of(ann, dataset),
        lambda: store.ratings.rating_changes(ann, dataset),
        lambda: store.history.record_list(ann, replace(LIST, dataset=dataset)),
    )
    for attempt in attempts:
        with pytest.raises(StoreError, match="dataset: got .*; expected one line of 1 to 200 characters"):
            attempt()


@pytest.mark.parametrize("mark", ["", "Hidden", "watched", None, 1, ["later"]])
def test_a_mark_is_one_of_three(store, ann, mark):
    with pytest.raises(StoreError, match="mark: got .*; expected one of hidden, later, seen"):
        store.ratings.set_mark(ann, ML, 50, mark)


def test_a_name_in_sql_is_a_name(store, ann):
    dataset = "x'; DROP TABLE ratings; --"
    store.ratings.set_rating(ann, dataset, 50, 4.0)
    assert stars_of(store, ann, dataset) == {50: 4.0}


# --- many at once


def test_many_ratings_are_kept_or_none(store, clock, ann):
    store.ratings.set_rating(ann, ML, 1, 5.0)
    with pytest.raises(StoreError, match="stars: got nan"):
        store.ratings.set_ratings(ann, ML, {1: 3.0, 2: 4.0, 3: float("nan")})
    assert stars_of(store, ann) == {1: 5.0}
    assert store.ratings.set_ratings(ann, ML, {1: 5.0, 2: 4.0, 3: 3.0}) == 2
    assert store.ratings.set_ratings(ann, ML, {}) == 0
    assert stars_of(store, ann) == {1: 5.0, 2: 4.0, 3: 3.0}


def test_ratings_and_marks_that_come_together_go_together(store, ann):
    store.ratings.set_rating(ann, ML, 1, 5.0)
    store.ratings.set_mark(ann, ML, 1, "later")
    assert store.ratings.set_many(ann, ML, {1: 5.0, 2: 4.0}, {1: "hidden", 2: "later"}) == (1, 2)
    assert {(change.item_id, change.kind) for change in store.ratings.undo_last(ann)} == {
        (2, "stars"),
        (1, "mark"),
        (2, "mark"),
    }
    assert (stars_of(store, ann), store.ratings.marks_of(ann, ML)) == ({1: 5.0}, {1: "later"})
    with pytest.raises(StoreError, match="mark"):
        store.ratings.set_many(ann, ML, {2: 4.0}, {2: "loved"})
    assert store.ratings.set_many(ann, ML, {1: 5.0}, {1: "later"}) == (0, 0)  # which leaves nothing to undo
    assert [change.kind for change in store.ratings.undo_last(ann)] == ["mark"]
    assert (stars_of(store, ann), store.ratings.marks_of(ann, ML)) == ({1: 5.0}, {})


def test_ratings_may_be_older_than_now_but_not_younger(store, clock, ann):
    past, future = clock() - timedelta(days=999), clock() + timedelta(days=1)
    store.ratings.set_ratings(ann, ML, {1: 3.0, 2: 4.0, 3: 5.0}, when={1: past, 2: future})
    assert {item: rating.at for item, rating in store.ratings.of(ann, ML).items()} == {1: past, 2: clock(), 3: clock()}


@pytest.mark.parametrize("moment", [datetime(2020, 1, 1), "2020-01-01", None, 0])
def test_a_moment_without_a_time_zone_is_refused(store, ann, moment):
    with pytest.raises(StoreError, match="when: got .*; expected a datetime with a time zone"):
        store.ratings.set_ratings(ann, ML, {1: 3.0}, when={1: moment})


def test_as_many_ratings_as_are_allowed_at_once_are_kept_and_undone_and_more_are_refused(store, ann):
    most = dict.fromkeys(range(20_000), 3.0)
    assert store.ratings.set_ratings(ann, ML, most) == 20_000
    with pytest.raises(StoreError, match="ratings: got 20001; expected at most 20000 at once; split them"):
        store.ratings.set_ratings(ann, ML, most | {-1: 3.0})
    assert len(store.ratings.undo_last(ann)) == 20_000
    assert store.ratings.of(ann, ML) == {}


def test_many_threads_lose_and_cross_nothing(store):
    people = [signed_up(store, f"Person {n}") for n in range(8)]
    same = signed_up(store, "Same")

    def rate(number):
        for item in range(12):
            store.ratings.set_rating(people[number], ML, item, number + item / 100)
            store.ratings.set_rating(same, ML, 100 * number + item, number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(rate, range(8)))
    for number, person in enumerate(people):
        assert stars_of(store, person) == {item: number + item / 100 for item in range(12)}
        assert len(store.ratings.rating_changes(person, ML)) == 12
    assert stars_of(store, same) == {100 * number + item: number for number in range(8) for item in range(12)}
    for _ in range(96):
        assert len(store.ratings.undo_last(same)) == 1
    assert stars_of(store, same) == {}


# --- undoing


def test_changes_are_undone_one_by_one_the_last_first_and_come_back_with_their_moments(store, clock, ann):
    store.ratings.set_rating(ann, ML, 50, 3.0)
    first = clock()
    clock.advance(minutes=1)
    store.ratings.set_rating(ann, ML, 50, 5.0)
    store.ratings.set_mark(ann, ML, 50, "later")
    store.ratings.set_mark(ann, ML, 50, "hidden")
    store.ratings.clear_mark(ann, ML, 50)
    store.ratings.remove_rating(ann, ML, 50)
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "stars", clock(), 5.0, None),)
    assert store.ratings.of(ann, ML) == {50: Rating(5.0, clock())}
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "mark", clock(), "hidden", None),)
    assert store.ratings.marks_of(ann, ML) == {50: "hidden"}
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "mark", clock(), "later", "hidden"),)
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "mark", clock(), None, "later"),)
    assert store.ratings.marks_of(ann, ML) == {}
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "stars", clock(), 3.0, 5.0),)
    assert store.ratings.of(ann, ML) == {50: Rating(3.0, first)}
    assert store.ratings.undo_last(ann) == (Change(ML, 50, "stars", first, None, 3.0),)
    assert store.ratings.undo_last(ann) == ()
    assert store.ratings.of(ann, ML) == {}


def test_what_changes_nothing_is_nothing_to_undo(store, ann):
    store.ratings.remove_rating(ann, ML, 50)
    store.ratings.clear_mark(ann, ML, 50)
    store.ratings.set_rating(ann, ML, 50, 4.0)
    store.ratings.set_rating(ann, ML, 50, 4.0)
    assert len(store.ratings.undo_last(ann)) == 1
    assert store.ratings.undo_last(ann) == ()


def test_what_was_set_at_once_is_undone_at_once(store, ann):
    store.ratings.set_rating(ann, ML, 1, 5.0)
    store.ratings.set_ratings(ann, ML, {1: 3.0, 2: 4.0})
    undone = store.ratings.undo_last(ann)
    assert {(change.item_id, change.before, change.after) for change in undone} == {(1, 5.0, 3.0), (2, None, 4.0)}
    assert stars_of(store, ann) == {1: 5.0}


def test_people_undo_their_own_changes_only(store, ann, ben):
    store.ratings.set_rating(ann, ML, 50, 4.0)
    store.ratings.set_rating(ben, ML, 50, 2.0)
    store.ratings.undo_last(ann)
    assert store.ratings.undo_last(ann) == ()
    assert stars_of(store, ben) == {50: 2.0}


ITEMS = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(st.just("set_rating"), ITEMS, st.integers(1, 5)),
    st.tuples(st.just("set_ratings"), st.dictionaries(ITEMS, st.integers(1, 5))),
    st.tuples(st.just("remove_rating"), ITEMS),
    st.tuples(st.just("set_mark"), ITEMS, st.sampled_from(["hidden", "later", "seen"])),
    st.tuples(st.just("clear_mark"), ITEMS),
    st.tuples(st.just("undo_last")),
)


def after(state: tuple[dict, dict], step: tuple) -> tuple[dict, dict]:
    """Stars and marks after a step that undoes nothing."""
    stars, marks = state
    match step:
        case ("set_rating", item, value):
            return stars | {item: value}, marks
        case ("set_ratings", many):
            return stars | many, marks
        case ("remove_rating", item):
            return {other: value for other, value in stars.items() if other != item}, marks
        case ("set_mark", item, mark):
            return stars, marks | {item: mark}
        case ("clear_mark", item):
            return stars, {other: value for other, value in marks.items() if other != item}
    raise AssertionError(step)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_any_steps_lead_where_they_lead_on_paper(store, steps):
    name = f"Person {len(all_rows(store)['accounts'])}"
    person = signed_up(store, name)
    states: list[tuple[dict, dict]] = [({}, {})]
    for method, *arguments in steps:
        if method == "undo_last":
            states = states[:-1] or states
            store.ratings.undo_last(person)
        else:
            then = after(states[-1], (method, *arguments))
            states += [then] if then != states[-1] else []
            getattr(store.ratings, method)(person, ML, *arguments)
        assert (stars_of(store, person), store.ratings.marks_of(person, ML)) == states[-1]


def test_changes_of_ratings_are_told_oldest_first_without_marks_and_what_was_undone(store, clock, ann):
    start = clock()
    past = start - timedelta(days=7)
    store.ratings.set_rating(ann, ML, 50, 3.0)
    clock.advance(days=1)
    store.ratings.set_mark(ann, ML, 50, "later")
    store.ratings.set_rating(ann, ML, 50, 4.0)
    store.ratings.set_ratings(ann, ML, {258: 2.0}, when={258: past})
    store.ratings.set_rating(ann, "ml-1m", 1, 2.0)
    store.ratings.remove_rating(ann, ML, 50)
    store.ratings.undo_last(ann)
    assert store.ratings.rating_changes(ann, ML) == [
        Change(ML, 258, "stars", past, None, 2.0),
        Change(ML, 50, "stars", start, None, 3.0),
        Change(ML, 50, "stars", clock(), 3.0, 4.0),
    ]


# --- lists that were shown


def test_a_list_is_opened_as_it_was_shown(store, clock, ann):
    list_id = store.history.record_list(ann, LIST)
    (shown,) = store.history.lists(ann)
    assert (shown.id, shown.shown_at, shown.n_films, shown.first) == (list_id, clock(), 3, (50, 258, 7))
    for field in ("dataset", "model", "version", "kind", "request"):
        assert getattr(shown, field) == getattr(LIST, field)
    opened_list = store.history.open_list(ann, list_id)
    assert opened_list.shown == shown
    assert opened_list.films == tuple(ShownFilm(item_id, stars, None, None) for item_id, stars in LIST.films)
    store.history.record_list(ann, replace(LIST, films=[(9, None), *LIST.films]))
    assert [shown.first for shown in store.history.lists(ann)] == [(9, 50, 258), (50, 258, 7)]


PICKED = replace(LIST, version="one+two", comparison="list:1:one:two", picks=["one", "two", None])


def test_a_list_of_two_versions_keeps_whose_pick_each_film_was(store, ann):
    store.history.record_list(ann, LIST)
    store.history.record_list(ann, PICKED)
    plain, drafted = store.exports.everything(ann)["lists"]
    assert [film.get("version") for film in drafted["films"]] == PICKED.picks
    assert (drafted["version"], drafted["comparison"]) == ("one+two", "list:1:one:two")
    assert "comparison" not in plain
    assert all("version" not in film for film in plain["films"])
    store.consents.answer(ann, "yes")
    with store.evidence.snapshot(datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)) as snapshot:
        ((one, two),) = [past.lists for past in snapshot.people()]
    assert (one.comparison, one.picks) == (None, ())
    assert (two.comparison, two.picks) == (PICKED.comparison, ("one", "two", None))
    assert [item_id for item_id, _ in two.films] == [item_id for item_id, _ in LIST.films]


@pytest.mark.parametrize("other", [{"picks": ["two", "two", None]}, {"comparison": "list:2:one:two"}])
def test_a_list_with_other_picks_is_another_list(store, ann, other):
    first = store.history.record_list(ann, PICKED, unless_newest=True)
    assert store.history.record_list(ann, PICKED, unless_newest=True) == first
    assert store.history.record_list(ann, replace(PICKED, **other), unless_newest=True) != first


@pytest.mark.parametrize("wrong", [{"picks": ["one"]}, {"picks": ["one", "", None]}, {"comparison": "a\nb"}])
def test_picks_that_are_none_are_refused(store, ann, wrong):
    with pytest.raises(StoreError, match="picks: got|comparison: got"):
        store.history.record_list(ann, replace(PICKED, **wrong))
    assert store.history.lists(ann) == []


def test_an_opened_list_says_what_became_of_its_films_since(store, clock, ann, ben):
    store.ratings.set_ratings(ann, ML, {50: 3.0, 258: 2.0})
    store.ratings.set_mark(ann, ML, 7, "later")
    clock.advance(minutes=1)
    list_id = store.history.record_list(ann, LIST)
    clock.advance(minutes=1)
    store.ratings.set_rating(ben, ML, 258, 1.0)
    store.ratings.set_rating(ann, "ml-1m", 258, 1.0)
    store.ratings.set_rating(ann, ML, 50, 5.0)
    store.ratings.set_mark(ann, ML, 258, "hidden")
    assert [(film.item_id, film.stars, film.mark) for film in store.history.open_list(ann, list_id).films] == [
        (50, 5.0, None),
        (258, None, "hidden"),
        (7, None, None),
    ]


def test_lists_come_page_by_page_the_newest_first(store, ann, ben):
    made = []
    for number in range(7):
        made.append(store.history.record_list(ann, replace(LIST, version=str(number))))
        store.history.record_list(ben, LIST)
    pages, before = [], None
    while page := store.history.lists(ann, before=before, limit=3):
        pages.append([shown.id for shown in page])
        before = page[-1].id
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [list_id for page in pages for list_id in page] == made[::-1]


@pytest.mark.parametrize(
    "list_id", ["", "1", "no-such-list", "\x00", "\ud800", "x" * 10_000_000, "' OR 1=1 --", 1, True, b"1", ["1"]]
)
def test_an_id_of_no_list_opens_nothing(store, ann, list_id):
    store.history.record_list(ann, LIST)
    assert store.history.open_list(ann, list_id) is None
    assert store.history.lists(ann, before=list_id) == []


def test_the_id_of_another_persons_list_is_as_good_as_none(store, ann, ben):
    list_id = store.history.record_list(ben, LIST)
    store.history.record_list(ann, LIST)
    assert store.history.open_list(ann, list_id) is None
    assert store.history.lists(ann, before=list_id) == []
    assert store.history.open_list(ben, list_id) is not None
    assert list_id not in json.dumps(store.exports.everything(ann))


def test_a_list_that_is_the_newest_already_is_kept_once_if_asked(store, ann, ben):
    first = store.history.record_list(ann, LIST, unless_newest=True)
    store.history.record_list(ben, LIST, unless_newest=True)
    assert store.history.record_list(ann, LIST, unless_newest=True) == first
    others = [replace(LIST, version="2"), replace(LIST, request={"slider": 1}), replace(LIST, films=LIST.films[::-1])]
    for other in others:
        made = store.history.record_list(ann, other, unless_newest=True)
        assert store.history.record_list(ann, other, unless_newest=True) == made != first
    assert store.history.record_list(ann, LIST, unless_newest=True) != first  # another came between
    assert (len(store.history.lists(ann)), len(store.history.lists(ben))) == (5, 1)


def test_a_list_that_comes_back_after_another_models_is_kept_again(store, ann):
    other = replace(LIST, model="ease", version="2")
    made = [store.history.record_list(ann, shown, unless_newest=True) for shown in (LIST, other, LIST, LIST)]
    assert len({*made}) == 3
    assert made[2] == made[3]
    assert [shown.model for shown in store.history.lists(ann)] == ["hybrid-vae", "ease", "hybrid-vae"]


def test_lists_of_two_models_side_by_side_are_kept_once_each(store, ann):
    both = [replace(LIST, kind="side by side", model=model) for model in ("ease", "hybrid-vae")]
    for _ in range(2):
        for shown in both:
            store.history.record_list(ann, shown, unless_newest=True, beside_others=True)
    store.history.record_list(ann, replace(both[0], version="2"), unless_newest=True, beside_others=True)
    assert [(shown.model, shown.version) for shown in store.history.lists(ann)] == [
        ("ease", "2"),
        ("hybrid-vae", "3f2a"),
        ("ease", "3f2a"),
    ]


def test_ids_of_lists_tell_nothing(store, ann):
    ids = {store.history.record_list(ann, LIST) for _ in range(10)}
    assert len(ids) == 10
    assert min(map(len, ids)) >= 128 / 6


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"films": [(1, float("nan"))]}, "stars: got nan; expected a finite number"),
        ({"films": [("1", 4.0)]}, "item_id: got '1'; expected a whole number"),
        ({"films": [(1, 4.0)] * 1001}, "films: got 1001; expected at most 1000 in a list"),
        ({"request": {"slider": float("nan")}}, "request: got what is not JSON"),
        ({"request": {"who": object()}}, "request: got what is not JSON"),
        ({"request": {"text": "x" * 10_000}}, "request: got 10012 characters of JSON; expected at most 10000"),
        ({"model": ""}, "model: got ''; expected one line"),
        ({"version": None}, "version: got 'NoneType'; expected one line"),
        ({"kind": "a\nb"}, "kind: got .*; expected one line"),
    ],
)
def test_a_list_that_cannot_be_kept_is_refused_whole(store, ann, wrong, message):
    with pytest.raises(StoreError, match=message):
        store.history.record_list(ann, replace(LIST, **wrong))
    assert store.history.lists(ann) == []


def test_an_empty_list_and_odd_texts_are_kept_as_they_are(store, ann):
    odd = {"text": "\x00\ud800<script>'\"", "deep": [[[]]], "number": 10**30}
    opened_list = store.history.open_list(ann, store.history.record_list(ann, replace(LIST, films=[], request=odd)))
    assert opened_list.films == ()
    assert opened_list.shown.request == odd


# --- taking everything away


def test_an_export_is_json_and_holds_all_of_one_person_and_nothing_of_another(store, clock, ann):
    margarete = signed_up(store, "Margarete")
    for person, stars in ((ann, 4.0), (margarete, 1.25)):
        store.ratings.set_rating(person, ML, 50, stars)
        store.ratings.set_mark(person, ML, 7, "hidden")
        store.history.record_list(person, LIST)
    exported = json.loads(json.dumps(store.exports.everything(ann), allow_nan=False))
    moment = clock().isoformat()
    assert exported["name"] == "Ann"
    assert exported["registered_at"] == exported["exported_at"] == moment
    assert exported["ratings"] == [{"dataset": ML, "item_id": 50, "stars": 4.0, "at": moment}]
    assert exported["marks"] == [{"dataset": ML, "item_id": 7, "mark": "hidden", "at": moment}]
    assert [(change["item_id"], change["kind"]) for change in exported["changes"]] == [(50, "stars"), (7, "mark")]
    (shown,) = exported["lists"]
    assert (shown["model"], shown["request"]) == (LIST.model, LIST.request)
    assert shown["films"] == [{"item_id": item_id, "expected": stars} for item_id, stars in LIST.films]
    assert [{*session} for session in exported["sessions"]] == [{"started_at", "expires_at"}]
    text = json.dumps(exported)
    assert "1.25" not in text
    assert "argarete" not in text
    assert "argon2" not in text


def test_every_table_of_a_person_is_exported(store, ann):
    from recsys.store.database.schema import metadata

    owned = {name for name, table in metadata.tables.items() if "person_id" in table.columns}
    assert owned <= store.exports.everything(ann).keys()


def test_exported_ratings_can_be_set_again_as_they_were(store, clock, ann, ben):
    store.ratings.set_rating(ann, ML, 50, 0.1 + 0.2)
    clock.advance(days=1, microseconds=1)
    store.ratings.set_rating(ann, ML, 258, 5.0)
    rows = store.exports.everything(ann)["ratings"]
    when = {row["item_id"]: datetime.fromisoformat(row["at"]) for row in rows}
    store.ratings.set_ratings(ben, ML, {row["item_id"]: row["stars"] for row in rows}, when=when)
    assert store.ratings.of(ben, ML) == store.ratings.of(ann, ML)


def test_films_come_as_rows_of_a_table_one_for_each(store, clock, ann, ben):
    store.ratings.set_rating(ann, ML, 258, 4.0)
    store.ratings.set_rating(ann, ML, 50, 5.0)
    store.ratings.set_mark(ann, ML, 50, "later")
    store.ratings.set_mark(ann, "ml-1m", 1, "hidden")
    store.ratings.set_rating(ben, ML, 1, 1.0)
    moment = clock().isoformat()
    assert store.exports.film_rows(ann) == [
        FilmRow(ML, 50, 5.0, moment, "later", moment),
        FilmRow(ML, 258, 4.0, moment, "", ""),
        FilmRow("ml-1m", 1, "", "", "hidden", moment),
    ]
