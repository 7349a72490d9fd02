"""Accounts of people whom another site vouches for, on SQLite and PostgreSQL alike."""

import json
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import argon2
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from hypothesis import given
from hypothesis import strategies as st

from recsys.store import (
    Consent,
    Person,
    Recommendations,
    SignedOutError,
    Store,
    StoreError,
    TooManyAttemptsError,
    open_store,
)
from recsys.store.accounts import _acceptable, _numbered
from recsys.store.consenting import keep_answer
from recsys.store.database.connection import Database
from recsys.store.database.migrating import MIGRATIONS, migrate, migration_context
from recsys.store.database.schema import accounts, metadata, ratings
from recsys.store.part import utc_now
from recsys.store.signing_in.names import shown_name
from tests.support.store_places import CHEAP, FIXTURES, FRESH, PASSWORD, all_rows, signed_up

postgresql, place, opened, clock, store, ann, ben = FIXTURES
_, fresh_place = FRESH
HERE = "192.0.2.1"
HF = "huggingface"
LIST = Recommendations(dataset="ml-100k", model="ease", version="1", kind="top", request={}, films=[(1, 4.5)])


def vouched_for(store: Store, subject: str, name: str) -> Person:
    """Somebody who signed in by Hugging Face."""
    person = store.accounts.person_of(store.accounts.sign_in_from(HF, subject, name))
    assert person is not None
    return person


@pytest.fixture
def zoe(store) -> Person:
    return vouched_for(store, "61f0", "zoe-films")


# --- signing in


def test_the_first_time_makes_an_account_and_later_ones_find_it_whatever_the_name_is_then(store, zoe):
    assert zoe.name == "zoe-films"
    store.ratings.set_rating(zoe, "ml-100k", 50, 4.5)
    again = vouched_for(store, "61f0", "another-name")
    assert (again.id, again.name) == (zoe.id, "zoe-films")
    assert again.session != zoe.session
    assert store.ratings.of(again, "ml-100k")[50].stars == 4.5
    assert len(all_rows(store)["accounts"]) == 1


def test_two_people_are_two_accounts_though_one_takes_the_others_former_name(store, zoe):
    other = vouched_for(store, "61f1", "zoe-films")
    assert other.name == "zoe-films 2"
    assert other.id != zoe.id
    store.ratings.set_rating(other, "ml-100k", 50, 1.0)
    assert store.ratings.of(zoe, "ml-100k") == {}


def test_the_same_subject_of_another_site_is_somebody_else(store, zoe):
    other = store.accounts.person_of(store.accounts.sign_in_from("elsewhere", "61f0", "zoe-films"))
    assert other.id != zoe.id
    assert vouched_for(store, "61f0", "zoe-films").id == zoe.id


def test_who_registered_a_name_here_keeps_the_account_to_themselves(store, ann):
    names = [vouched_for(store, f"subject {number}", name).name for number, name in enumerate(("ANN", "ann", "Ann"))]
    assert names == ["ANN 2", "ann 3", "Ann 4"]
    assert store.accounts.person_of(store.accounts.sign_in("Ann", PASSWORD, HERE)).id == ann.id


def test_a_name_of_full_length_that_is_taken_is_shortened_to_take_its_number(store):
    names = [vouched_for(store, f"subject {number}", "x" * 96).name for number in range(11)]
    assert names[:2] == ["x" * 40, "x" * 38 + " 2"]
    assert names[10] == "x" * 37 + " 11"


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("Jean-Luc_P.", "Jean-Luc_P."),
        ("  Ann \n Lee\t", "Ann Lee"),
        ("王小明", "王小明"),
        ("An\u200bna", "An na"),
        ("\u202eAnna", "Anna"),
        ("<b>\x00Bo</b>", "b Bo b"),
        ("Ann Lee " * 20, "Ann Lee Ann Lee Ann Lee Ann Lee Ann Lee"),
        ("a", "Somebody"),
        ("", "Somebody"),
        ("\u3164\u3164\u3164", "Somebody"),
        ("\ud800", "Somebody"),
        (None, "Somebody"),
        (7, "Somebody"),
        ("\x00" * 10_000_000, "Somebody"),
    ],
)
def test_a_name_from_elsewhere_is_brought_to_the_rules(store, given_name, shown):
    assert vouched_for(store, "61f0", given_name).name == shown


@given(st.one_of(st.text(alphabet=st.characters(codec=None), max_size=60), st.text(max_size=60), st.integers()))
def test_whatever_the_name_is_elsewhere_it_and_its_numbered_forms_keep_the_rules(name):
    numbered = _numbered(_acceptable(name))
    for _ in range(12):
        shown = next(numbered)
        assert shown_name(shown) == shown


@pytest.mark.parametrize("wrong", ["", "two\nlines", "x" * 201, None, 7, "\x00", "\ud800"])
def test_what_can_be_no_subject_and_no_site_is_refused_before_anything_is_kept(store, wrong):
    with pytest.raises(StoreError, match="subject: got .*; expected one line of 1 to 200 characters"):
        store.accounts.sign_in_from(HF, wrong, "zoe-films")
    with pytest.raises(StoreError, match="provider: got .*; expected one line of 1 to 200 characters"):
        store.accounts.sign_in_from(wrong, "61f0", "zoe-films")
    assert not all_rows(store)["accounts"]


def test_one_person_who_signs_in_in_many_windows_at_once_has_one_account(store):
    with ThreadPoolExecutor(8) as threads:
        people = [*threads.map(lambda _: vouched_for(store, "61f0", "zoe-films"), range(16))]
    assert {(person.id, person.name) for person in people} == {(people[0].id, "zoe-films")}
    assert len(all_rows(store)["accounts"]) == 1
    assert len(all_rows(store)["sessions"]) == 16


def test_many_of_one_name_at_once_are_numbered_without_a_gap(store):
    with ThreadPoolExecutor(8) as threads:
        people = [*threads.map(lambda number: vouched_for(store, f"subject {number}", "Zoe"), range(12))]
    assert {person.name for person in people} == {"Zoe", *(f"Zoe {number}" for number in range(2, 13))}


def test_a_name_that_somebody_always_takes_first_ends_in_a_sentence(store, ann, monkeypatch):
    monkeypatch.setattr("recsys.store.accounts._is_taken", lambda connection, shown: False)
    with pytest.raises(StoreError, match="name: many want to be called 'ann' at this moment; try again"):
        store.accounts.sign_in_from(HF, "61f0", "ann")
    assert len(all_rows(store)["accounts"]) == 1
    assert not all_rows(store)["identities"]


# --- without a password


@pytest.fixture
def verifications(monkeypatch) -> list[bytes]:
    """Every password that is verified."""
    made = []
    verify = argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher, "verify", lambda self, kept, typed: made.append(typed) or verify(self, kept, typed)
    )
    return made


@pytest.mark.parametrize("password", [PASSWORD, "", "zoe-films", "None", None])
def test_no_password_opens_an_account_that_has_none_and_that_takes_the_same_work(store, zoe, verifications, password):
    with pytest.raises(StoreError, match="^name or password is not right; check both, or register$"):
        store.accounts.sign_in("zoe-films", password, HERE)
    assert len(verifications) == 1


def test_whether_there_is_a_password_is_known(store, ann, zoe):
    assert store.accounts.has_password(ann)
    assert not store.accounts.has_password(zoe)


def test_nobody_can_register_the_name_of_an_account_from_elsewhere(store, zoe):
    with pytest.raises(StoreError, match="name: 'Zoe-Films' is taken"):
        store.accounts.register("Zoe-Films", PASSWORD, HERE)


def test_a_password_that_is_not_there_cannot_be_changed_and_none_is_set(store, zoe):
    for typed in (PASSWORD, "zoe-films", ""):
        with pytest.raises(StoreError, match="this account has no password to change; use Hugging Face"):
            store.accounts.change_password(zoe, typed, "four other words")
    assert not store.accounts.has_password(zoe)
    with pytest.raises(StoreError, match="name or password is not right"):
        store.accounts.sign_in("zoe-films", "four other words", HERE)


# --- whose data it is, and taking it away


def test_an_export_says_who_one_is_elsewhere_and_nothing_of_others(store, ann, zoe):
    vouched_for(store, "61f1", "ben-films")
    exported = json.loads(json.dumps(store.exports.everything(zoe), allow_nan=False))
    assert exported["identities"] == [{"provider": HF, "subject": "61f0"}]
    assert "61f1" not in json.dumps(exported)
    assert store.exports.everything(ann)["identities"] == []


def test_a_person_from_elsewhere_is_kept_apart_like_any_other(store, ann, zoe):
    store.ratings.set_rating(ann, "ml-100k", 1, 3.0)
    for forged in (replace(ann, session=zoe.session), replace(zoe, session=ann.session)):
        with pytest.raises(SignedOutError, match="you are signed out"):
            store.ratings.of(forged, "ml-100k")
        with pytest.raises(SignedOutError, match="you are signed out"):
            store.accounts.delete_account(forged, zoe.name)
    assert store.ratings.of(zoe, "ml-100k") == {}


def test_signing_out_everywhere_ends_all_sessions_and_the_account_is_found_again(store, zoe):
    other = vouched_for(store, "61f0", "zoe-films")
    store.accounts.sign_out_everywhere(zoe)
    for person in (zoe, other):
        with pytest.raises(SignedOutError, match="you are signed out"):
            store.accounts.has_password(person)
    assert vouched_for(store, "61f0", "zoe-films").id == zoe.id


def test_a_session_from_elsewhere_ends_like_any_other(store, clock):
    token = store.accounts.sign_in_from(HF, "61f0", "zoe-films")
    clock.advance(days=30)
    assert store.accounts.person_of(token) is None


def test_an_account_without_a_password_is_deleted_by_typing_its_name_as_it_is_shown(store, ann, zoe):
    before = all_rows(store)
    margarete = vouched_for(store, "61f2", "Margarete")
    store.ratings.set_ratings(margarete, "ml-100k", {1: 3.0, 2: 4.0})
    store.ratings.set_mark(margarete, "ml-100k", 3, "hidden")
    store.history.record_list(margarete, LIST)
    for typed in ("", "margarete", "zoe-films", PASSWORD, None):
        with pytest.raises(StoreError, match="the name is not right; type 'Margarete', and nothing is changed until"):
            store.accounts.delete_account(margarete, typed)
    assert len(all_rows(store)["identities"]) == 2
    store.accounts.delete_account(margarete, " Margarete ")
    assert all_rows(store) == before


def test_a_name_does_not_stand_for_the_password_of_who_has_one(store, ann):
    with pytest.raises(StoreError, match="the password is not right"):
        store.accounts.delete_account(ann, "Ann")


def test_who_holds_a_session_cannot_try_names_without_end(store, zoe):
    for _ in range(10):
        with pytest.raises(StoreError, match="the name is not right"):
            store.accounts.delete_account(zoe, "another")
    with pytest.raises(TooManyAttemptsError, match="too many attempts"):
        store.accounts.delete_account(zoe, "zoe-films")


def test_whoever_comes_back_after_deleting_is_new(store, zoe):
    store.ratings.set_rating(zoe, "ml-100k", 50, 4.5)
    store.accounts.delete_account(zoe, "zoe-films")
    again = vouched_for(store, "61f0", "zoe-films")
    assert (again.id != zoe.id, again.name) == (True, "zoe-films")
    assert store.ratings.of(again, "ml-100k") == {}


def test_a_deleted_identity_leaves_nothing_in_the_files_of_sqlite(tmp_path):
    with open_store(tmp_path / "people.sqlite", config=CHEAP) as store:
        person = vouched_for(store, "subject-of-margarete", "Margarete")

        def written() -> bytes:
            return b"".join(path.read_bytes() for path in Path(tmp_path).iterdir())

        assert b"subject-of-margarete" in written()
        store.accounts.delete_account(person, "Margarete")
        assert b"argarete" not in written()


# --- from a database that knew no identities

OLD = {  # table: columns, and what the person of number n had in them when there were no identities
    "accounts": "name, name_key, password_hash, registered_at: 'Ann {n}', 'ann {n}', 'hash {n}', {at}",
    "sessions": "digest, person_id, started_at, expires_at: '{n}', {n}, {at}, {at}",
    "ratings": "person_id, dataset, item_id, stars, at: {n}, 'films', 50, 4.5, {at}",
    "marks": "person_id, dataset, item_id, mark, at: {n}, 'films', 50, 'later', {at}",
    "changes": "person_id, step, dataset, item_id, kind, at, stars: {n}, 1, 'films', 50, 'stars', {at}, 4.5",
    "lists": "person_id, id, dataset, model, version, kind, request, shown_at: "
    "{n}, 'list {n}', 'films', 'ease', '1', 'top', '[]', {at}",
    "list_films": "list_number, rank, item_id, stars: {n}, 0, 50, 4.5",
}
MOMENT = "'2026-03-01 12:00:00.000000'"


@pytest.fixture
def old_database(fresh_place, tmp_path) -> Iterator[Database]:
    """Two accounts with something in every table, and a third, of the highest number, that was deleted."""
    later = shutil.ignore_patterns("__pycache__", "v000[2-9]*")
    with closing(Database(fresh_place)) as database:
        migrate(database, Path(shutil.copytree(MIGRATIONS, tmp_path / "migrations", ignore=later)))
        with database.writing() as connection:
            for number in (1, 2, 3):
                for table, row in OLD.items():
                    columns, values = row.format(n=number, at=MOMENT).split(": ", 1)
                    connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({values})")
            connection.exec_driver_sql("DELETE FROM accounts WHERE id = 3")
        yield database


def without_news(row: Mapping) -> dict:
    """A row without the columns that have come since, of which nothing is known."""
    news = {"entered_at", "comparison", "version"}
    return {name: value for name, value in row.items() if name not in news or value is not None}


def rows_of_old(database: Database) -> dict[str, list[dict]]:
    """What the tables hold that there were before there were identities."""
    held = {}
    with database.reading() as connection:
        for table in OLD:
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            held[table] = sorted((without_news(row) for row in rows), key=lambda row: str(sorted(row.items())))
    return held


def test_accounts_from_before_identities_keep_everything(old_database):
    before = rows_of_old(old_database)
    assert {table: len(rows) for table, rows in before.items()} == dict.fromkeys(OLD, 2)
    migrate(old_database)
    assert rows_of_old(old_database) == before
    with old_database.reading() as connection:
        assert compare_metadata(migration_context(connection), metadata) == []


def test_ratings_that_are_said_to_be_older_than_the_account_came_with_it(old_database):
    with old_database.writing() as connection:
        connection.exec_driver_sql("UPDATE ratings SET at = '2001-01-01 00:00:00.000000' WHERE person_id = 1")
    migrate(old_database)
    with old_database.reading() as connection:
        asked = sa.select(ratings.c.entered_at, accounts.c.registered_at).join(accounts).order_by(accounts.c.id)
        (imported, registered), (usual, _) = connection.execute(asked)
    assert imported == registered
    assert usual is None


def test_accounts_from_before_they_were_asked_have_not_consented(old_database, fresh_place):
    with open_store(fresh_place, config=CHEAP) as store:
        assert store.consents.ratings("films").people == ()
        with store._database.writing() as connection:
            keep_answer(connection, 2, Consent(agrees=True, at=utc_now()))
        assert store.consents.ratings("films").item_ids.tolist() == [50]


def test_a_number_that_was_given_before_identities_is_not_given_again(old_database, fresh_place):
    migrate(old_database)
    with open_store(fresh_place, config=CHEAP) as store:
        assert signed_up(store, "Ann").id == 4
        assert vouched_for(store, "61f0", "zoe-films").id == 5


def test_rows_still_go_with_their_account_and_names_are_still_given_once(old_database):
    migrate(old_database)
    with old_database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM accounts WHERE id = 1")
    assert {table: len(rows) for table, rows in rows_of_old(old_database).items()} == dict.fromkeys(OLD, 1)
    again = f"INSERT INTO accounts (name, name_key, registered_at) VALUES ('ANN 2', 'ann 2', {MOMENT})"
    with pytest.raises(sa.exc.IntegrityError, match="(?i)unique"), old_database.writing() as connection:
        connection.exec_driver_sql(again)
