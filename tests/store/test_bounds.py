"""Bounds on what is kept of a person's past, and what people take away in pieces, on SQLite and PostgreSQL alike."""

import json
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import count, pairwise

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recsys.store import AnswerConfig, Gone, HistoryConfig, Recommendations, bounds, open_store
from recsys.store.database.connection import Database
from recsys.store.database.migrating import MIGRATIONS, VERSION_TABLE, migrate
from recsys.store.database.schema import changes
from recsys.store.ratings import MOST_AT_ONCE
from tests.support.store_places import CHEAP, FIXTURES, FRESH, all_rows, signed_up

_, fresh_place = FRESH
postgresql, place, opened, clock, store, ann, ben = FIXTURES
ML = "ml-100k"
LIST = Recommendations(dataset=ML, model="ease", version="1", kind="top", request={"n": 0}, films=[(1, 4.5), (2, 4.0)])


@pytest.fixture
def bounded(store, monkeypatch):
    """Sets bounds that are soon reached."""

    def few(**bounds):
        for part in (store.ratings, store.history):
            monkeypatch.setattr(part, "_config", replace(CHEAP, history=HistoryConfig(**bounds)))
        return store

    return few


def kept(store, person):
    """How many changes there are, and whether their numbers say so."""
    with store._database.reading() as connection:
        query = sa.select(changes.c.step).where(changes.c.person_id == person.id)
        steps = sorted(connection.execute(query).scalars())
    firsts = sorted({*steps})
    sizes = [steps.count(step) for step in firsts]
    assert all(after - before == size for (before, after), size in zip(pairwise(firsts), sizes, strict=False))
    return len(steps)


# ---- bounds


def test_the_newest_changes_stay_and_the_older_are_counted_and_no_rating_goes(bounded, ann):
    store = bounded(changes=10)
    for item in range(35):
        store.ratings.set_rating(ann, ML, item, 3.0)
        n_kept = kept(store, ann)
        assert n_kept <= 10
        assert store.history.gone(ann) == Gone(changes=item + 1 - n_kept, lists=0, most_changes=10, most_lists=1000)
    assert store.ratings.of(ann, ML).keys() == {*range(35)}
    assert [change.item_id for change in store.ratings.rating_changes(ann, ML)] == [*range(35 - kept(store, ann), 35)]


def test_what_is_kept_of_the_past_can_be_undone_and_the_rest_stays_as_it_is(bounded, ann):
    store = bounded(changes=10)
    for stars in range(1, 6):
        store.ratings.set_ratings(ann, ML, dict.fromkeys(range(4), float(stars)))
    assert kept(store, ann) == 8
    for before in (4.0, 3.0):
        assert len(store.ratings.undo_last(ann)) == 4
        assert {rating.stars for rating in store.ratings.of(ann, ML).values()} == {before}
    assert store.ratings.undo_last(ann) == ()
    assert {rating.stars for rating in store.ratings.of(ann, ML).values()} == {3.0}
    assert store.history.gone(ann).changes == 12  # although nothing newer is left
    store.ratings.set_rating(ann, ML, 7, 1.0)
    assert len(store.ratings.undo_last(ann)) == 1
    assert store.history.gone(ann).changes == 12


def test_the_newest_step_is_kept_whole_however_large(bounded, ann):
    store = bounded(changes=10)
    store.ratings.set_rating(ann, ML, 1, 1.0)
    store.ratings.set_many(ann, ML, dict.fromkeys(range(30), 3.0), dict.fromkeys(range(30), "later"))
    assert kept(store, ann) == 60
    assert len(store.ratings.undo_last(ann)) == 60
    assert {item: rating.stars for item, rating in store.ratings.of(ann, ML).items()} == {1: 1.0}
    assert HistoryConfig().changes * (1 - 1 / bounds.SLACK) >= 2 * MOST_AT_ONCE  # so that the bound holds all the same


NUMBERS = count()
ACTS = st.one_of(
    st.tuples(st.just("set_rating"), st.integers(0, 3), st.integers(1, 5)),
    st.tuples(st.just("set_ratings"), st.dictionaries(st.integers(0, 7), st.integers(1, 5), max_size=8)),
    st.tuples(st.just("set_mark"), st.integers(0, 3), st.sampled_from(["hidden", "later"])),
    st.tuples(st.just("remove_rating"), st.integers(0, 3)),
    st.tuples(st.just("undo_last")),
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(ACTS, min_size=5, max_size=25))
def test_whatever_is_done_and_undone_the_bound_holds_and_all_is_counted(bounded, acts):
    store = bounded(changes=8)
    person = signed_up(store, f"Person {next(NUMBERS)}")
    total = 0
    for method, *arguments in acts:
        n_before, gone_before = kept(store, person), store.history.gone(person).changes
        if method == "undo_last":
            total -= len(store.ratings.undo_last(person))
            assert store.history.gone(person).changes == gone_before
        else:
            getattr(store.ratings, method)(person, ML, *arguments)
            total += kept(store, person) - n_before + store.history.gone(person).changes - gone_before
        assert kept(store, person) <= 8
        assert kept(store, person) + store.history.gone(person).changes == total


def test_imports_of_the_largest_size_by_several_at_once_stay_within_the_bound(place, store, ann, ben):
    unhurried = AnswerConfig(lock=50.0, statement=55.0, silence=58.0, turn=100.0)
    config = replace(CHEAP, history=HistoryConfig(changes=2 * MOST_AT_ONCE + 1000), answers=unhurried)

    def bring(about):
        person, stars = about
        return other.ratings.set_ratings(person, ML, dict.fromkeys(range(MOST_AT_ONCE), stars))

    with open_store(place, config=config, now=store.accounts._now) as other, ThreadPoolExecutor(4) as threads:
        assert {*threads.map(bring, [(who, stars) for stars in (1.0, 2.0, 3.0) for who in (ann, ben)])} == {20_000}
    with store._database.reading() as connection:
        counted = sa.select(changes.c.person_id, sa.func.count()).group_by(changes.c.person_id)
        assert dict(connection.execute(counted).all()) == {ann.id: 40_000, ben.id: 40_000}
    for person in (ann, ben):
        assert store.history.gone(person).changes == 20_000
        assert len(store.ratings.of(person, ML)) == MOST_AT_ONCE


def test_old_things_do_not_go_one_by_one_at_every_act(bounded, ann, monkeypatch):
    monkeypatch.setattr(bounds, "SLACK", 4)
    store = bounded(changes=20, lists=20)
    swept = 0
    for item in range(60):
        before = store.history.gone(ann)
        store.ratings.set_rating(ann, ML, item, 3.0)
        store.history.record_list(ann, LIST)
        after = store.history.gone(ann)
        swept += (after.changes, after.lists) != (before.changes, before.lists)
    assert after.changes >= 40 <= after.lists
    assert swept <= 2 * 40 / (20 / 4)


def test_the_newest_lists_stay_with_their_films_and_the_older_are_counted(bounded, ann, ben):
    store = bounded(lists=5)
    store.history.record_list(ben, LIST)
    ids = []
    for number in range(12):
        ids.append(store.history.record_list(ann, replace(LIST, request={"n": number})))
        n_kept = len(store.history.lists(ann))
        assert n_kept <= 5
        assert store.history.gone(ann).lists == number + 1 - n_kept
    assert [shown.id for shown in store.history.lists(ann)] == ids[::-1][:n_kept]
    assert store.history.open_list(ann, ids[0]) is None
    assert len(all_rows(store)["list_films"]) == 2 * (n_kept + 1)
    assert (len(store.history.lists(ben)), store.history.gone(ben).lists) == (1, 0)


def test_a_database_that_is_older_than_the_bounds_comes_down_to_them_as_it_is_used(bounded, ann):

    store = bounded(changes=10**6, lists=10**6)
    for item in range(40):
        store.ratings.set_rating(ann, ML, item, 3.0)
        store.history.record_list(ann, LIST)
    store = bounded(changes=10, lists=10)
    store.ratings.set_rating(ann, ML, 99, 3.0)
    store.history.record_list(ann, LIST)
    assert kept(store, ann) == len(store.history.lists(ann)) == 10
    assert (store.history.gone(ann).changes, store.history.gone(ann).lists) == (31, 31)


@pytest.mark.parametrize("wrong", [{"changes": 0}, {"lists": 0}])
def test_bounds_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="expected whole numbers >= 1"):
        HistoryConfig(**wrong)


def migrated_to(database, revision):
    """Bring a fresh database to an older schema."""
    script = ScriptDirectory(str(MIGRATIONS))
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        with Operations.context(context):
            for step in reversed([*script.iterate_revisions(revision, "base")]):
                step.module.upgrade()
        context.stamp(script, revision)


def test_steps_of_an_older_database_are_numbered_anew_and_undone_as_before(fresh_place):
    with closing(Database(fresh_place)) as database:
        migrated_to(database, "0003")
        account = "INSERT INTO accounts (id, name, name_key, registered_at) VALUES (?, 'Ann', ?, '2026-03-01 12:00:00')"
        change = (
            "INSERT INTO changes (id, person_id, step, dataset, item_id, kind, at, stars) "
            "VALUES (?, ?, ?, 'films', ?, 'stars', '2026-03-01 12:00:00', 3)"
        )
        steps = {1: [1, 2, 2, 2, 3, 4, 4], 2: [1, 1, 2]}  # person -> of each change
        with database.writing() as connection:
            rows = [(person, step) for person, numbers in steps.items() for step in numbers]
            for person in steps:
                connection.exec_driver_sql(filled(account, person, f"key {person}"))
            for number, (person, step) in enumerate(rows):
                connection.exec_driver_sql(filled(change, number, person, step, number))
        migrate(database)
        with database.reading() as connection:
            found = connection.execute(sa.select(changes.c.step).order_by(changes.c.id)).scalars().all()
    assert found == [1, 2, 2, 2, 5, 6, 6, 1, 1, 3]


def filled(statement, *values):
    """A statement with its values in place of question marks, which the two drivers write in two ways."""
    for value in values:
        statement = statement.replace("?", repr(value), 1)
    return statement


# ---- taking away in pieces


def test_an_export_says_what_is_gone_and_is_the_same_in_pieces(bounded, ann):
    store = bounded(changes=4, lists=2)
    for item in range(6):
        store.ratings.set_rating(ann, ML, item, 3.0)
        store.history.record_list(ann, replace(LIST, films=LIST.films[: item % 3], request={"odd": "\ud800\x00日"}))
    store.ratings.set_mark(ann, ML, 9, "later")
    pieces = []
    store.exports.write_everything(ann, pieces.append)
    exported = json.loads("".join(pieces))
    assert exported == store.exports.everything(ann)
    assert exported["gone"] == {"changes": store.history.gone(ann).changes, "lists": store.history.gone(ann).lists}
    assert exported["gone"]["changes"] > 0
    assert [len(shown["films"]) for shown in exported["lists"]] == [1, 2]
    assert {shown["request"]["odd"] for shown in exported["lists"]} == {"\ud800\x00日"}
    assert len(exported["ratings"]) == 6


def test_what_is_taken_away_does_not_lie_in_memory_whole(store, ann):
    n_films = 2000
    store.ratings.set_many(ann, ML, dict.fromkeys(range(n_films), 3.0), dict.fromkeys(range(n_films), "later"))
    sizes = []
    tracemalloc.start()
    try:
        store.exports.write_everything(ann, lambda piece: sizes.append(len(piece)))
        store.exports.write_film_rows(ann, lambda row: sizes.append(len(repr(row))))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sum(sizes) > 900_000
    assert max(sizes) < 1000
    assert peak < 1_500_000  # bytes; whole, it would be five times as much
