"""A database that hangs: nobody waits long, nobody is told of it, and nothing is said to be kept that may not be."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from recsys.serve.accounts import members
from recsys.store import AnswerConfig, OutcomeUnknownError, UnavailableError, open_store
from recsys.store.errors import OUT_OF_REACH, UNKNOWN
from tests.support.store_places import CHEAP, FRESH, PASSWORD, signed_up

postgresql, _ = FRESH
HASTY = AnswerConfig(lock=0.1, statement=0.4, silence=0.5, turn=20.0)
CONFIG = type(CHEAP)(passwords=CHEAP.passwords, answers=HASTY)


def heard(store):
    """Wait until the store knows that its database answers."""
    for pulse in (store._database._reads, store._database._writes):
        if (listener := pulse._listener) is not None:
            listener.join(30)
        assert pulse._listener is None


@pytest.fixture(scope="module")
def server(postgresql):
    """A server of this module's own database, which is running again after each test."""
    postgresql.run("DROP DATABASE IF EXISTS hangs WITH (FORCE)")
    postgresql.run("CREATE DATABASE hangs")
    return postgresql


@pytest.fixture
def frozen(server):
    """Freezes the server when it is called; it goes on at the end."""
    yield server.freeze
    server.thaw()


@pytest.fixture
def distant(server, request):
    """A store on the server, and somebody in it."""
    with open_store(server.url("hangs"), config=CONFIG) as store:
        yield store, signed_up(store, request.node.name[-40:])
        server.thaw()


CALLS = {
    "person_of": lambda store, person: store.accounts.person_of("token"),
    "ratings": lambda store, person: store.ratings.of(person, "films"),
    "set_rating": lambda store, person: store.ratings.set_rating(person, "films", 1, 3.0),
    "undo_last": lambda store, person: store.ratings.undo_last(person),
    "export": lambda store, person: store.exports.everything(person),
    "sign_in": lambda store, person: store.accounts.sign_in("Ann", PASSWORD, "here"),
    "register": lambda store, person: store.accounts.register("Ann", PASSWORD, "here"),
}


@pytest.mark.parametrize("name", ["ratings", "set_rating"])
def test_a_server_that_is_frozen_is_given_up_and_then_not_asked_until_it_answers(distant, frozen, server, caplog, name):
    store, person = distant
    frozen()
    with pytest.raises(UnavailableError, match="it has not answered of late"):
        CALLS[name](store, person)
    n_connections = store._database.engine.pool.checkedout()
    for call in CALLS.values():
        with pytest.raises(UnavailableError, match="it has not answered of late") as refusal:
            call(store, person)
        assert str(refusal.value) == OUT_OF_REACH == members.OUT_OF_REACH
    assert store._database.engine.pool.checkedout() <= n_connections + 1  # of the thread that tries
    assert caplog.text.count("members are told to try again") == 1
    server.thaw()
    heard(store)
    store.ratings.set_rating(person, "films", 2, 4.0)
    assert {item: rating.stars for item, rating in store.ratings.of(person, "films").items()} == {2: 4.0}


def delete_everybody(store, *, freeze_first=None, freeze_last=None):
    """A transaction that hangs before its statement, or while it is committed."""
    with store._database.writing() as connection:
        connection.exec_driver_sql("SELECT 1")
        if freeze_first:
            freeze_first()
        connection.exec_driver_sql("DELETE FROM accounts")
        if freeze_last:
            freeze_last()


def test_it_is_not_known_whether_a_commit_is_kept_that_was_under_way(distant, frozen):
    store, _ = distant
    with pytest.raises(OutcomeUnknownError, match="no answer within 0.5 seconds") as refusal:
        delete_everybody(store, freeze_last=frozen)
    assert str(refusal.value) == UNKNOWN


def test_what_hung_before_the_commit_is_known_not_to_be_kept(distant, frozen, server):
    store, person = distant
    with pytest.raises(UnavailableError, match="no answer within 0.5 seconds") as refusal:
        delete_everybody(store, freeze_first=frozen)
    assert type(refusal.value) is UnavailableError
    server.thaw()
    heard(store)
    assert store.ratings.of(person, "films") == {}  # the account is there


def test_what_a_model_may_learn_from_is_waited_for_where_people_are_told_to_try_again(distant):
    """Somebody holds all ratings for longer than anybody may wait for a lock."""
    store, person = distant
    store.ratings.set_rating(person, "films", 1, 3.0)
    store.consents.answer(person, "yes")
    with ThreadPoolExecutor(1) as threads, store._database.patiently() as connection:
        connection.exec_driver_sql("LOCK ratings")
        reading = threads.submit(store.consents.ratings, "films")
        with pytest.raises(UnavailableError, match="lock timeout"):
            store.ratings.of(person, "films")
        with pytest.raises(TimeoutError):
            reading.result(timeout=2 * HASTY.statement)
        connection.rollback()
        assert reading.result(timeout=30).stars.tolist() == [3.0]


def test_a_server_that_is_alive_ends_what_takes_too_long_and_nobody_else_is_refused(distant):
    store, person = distant
    for command, words in (("SELECT pg_sleep(30)", "statement timeout"), ("LOCK accounts", "lock timeout")):
        with store._database.writing() as other:
            other.exec_driver_sql("LOCK accounts IN SHARE ROW EXCLUSIVE MODE")
            with pytest.raises(UnavailableError, match=words), store._database.writing() as connection:
                connection.exec_driver_sql(command)
            assert store.ratings.of(person, "films") == {}


def test_a_connection_is_given_up_by_a_server_that_never_greets(tmp_path):
    """As where a firewall drops everything: connecting hangs, and not a statement."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"postgresql://ann:hush@127.0.0.1:{deaf.getsockname()[1]}/films"
        config = type(CHEAP)(
            passwords=CHEAP.passwords, answers=AnswerConfig(lock=0.1, statement=0.2, silence=0.3, patient=2.0)
        )
        with pytest.raises(UnavailableError, match="timeout") as refusal:
            open_store(url, config=config)
        assert str(refusal.value) == OUT_OF_REACH


@pytest.fixture
def local(tmp_path):
    with open_store(tmp_path / "people.sqlite", config=CONFIG) as store:
        yield store, signed_up(store, "Ann")


def test_a_file_that_another_program_locks_can_be_read_and_is_written_again_afterwards(local, tmp_path):
    store, person = local
    store.ratings.set_rating(person, "films", 1, 3.0)
    with closing(sqlite3.connect(tmp_path / "people.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError, match="database is locked"):
            store.ratings.set_rating(person, "films", 1, 5.0)
        for _ in range(100):  # at once: to wait each time would take longer than anybody's patience
            with pytest.raises(UnavailableError, match="it has not answered of late"):
                store.ratings.set_rating(person, "films", 1, 5.0)
        assert store.ratings.of(person, "films")[1].stars == 3.0
        other.execute("ROLLBACK")
    heard(store)
    store.ratings.set_rating(person, "films", 1, 4.0)
    assert store.ratings.of(person, "films")[1].stars == 4.0


def test_many_who_wait_behind_one_who_does_not_end_are_all_told(local):
    store, person = local
    refused, go_on, holds = [], threading.Event(), threading.Event()

    def hold():
        with store._database.writing():
            holds.set()
            go_on.wait(30)

    def rate(item):
        try:
            store.ratings.set_rating(person, "films", item, 3.0)
        except UnavailableError as reason:
            refused.append(str(reason))

    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait(30)
    waiting = [threading.Thread(target=rate, args=(item,)) for item in range(8)]
    for thread in waiting:
        thread.start()
    for thread in waiting:
        thread.join(30)
    assert refused == [OUT_OF_REACH] * 8
    go_on.set()
    holder.join()
    heard(store)
    store.ratings.set_rating(person, "films", 1, 4.0)


@pytest.mark.parametrize("wrong", [{"lock": 0.0}, {"lock": 3.0}, {"silence": 2.0}, {"connect": 1}, {"turn": 0.0}])
def test_limits_of_time_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        AnswerConfig(**wrong)
