"""Work that one process does at a time, on SQLite and PostgreSQL alike."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from recsys.store import AnswerConfig, UnavailableError, open_store
from recsys.store.database.limits import IDLE, LONG, lift
from recsys.store.errors import TurnLostError
from recsys.store.turns import Turns
from tests.support.store_places import CHEAP, FIXTURES

postgresql, place, opened, clock, store, ann, ben = FIXTURES


def test_one_at_a_time_is_at_it_and_other_work_is_nobodys_concern(store, place):
    with open_store(place, config=CHEAP) as other:
        with store.turns.of("retraining") as is_ours:
            assert is_ours
            with other.turns.of("retraining") as is_theirs:
                assert not is_theirs
            with other.turns.of("something else") as is_theirs:
                assert is_theirs
        with other.turns.of("retraining") as is_theirs:
            assert is_theirs


def test_a_turn_ends_with_what_goes_wrong(store):
    with pytest.raises(ZeroDivisionError), store.turns.of("retraining"):
        raise ZeroDivisionError
    with store.turns.of("retraining") as is_ours:
        assert is_ours


TAKES_ITS_TURN = """
import sys, time
from pathlib import Path
from recsys.store import open_store
from tests.support.store_places import CHEAP
place = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
with open_store(place, config=CHEAP) as store, store.turns.of("retraining") as is_ours:
    print(bool(is_ours), flush=True)
    time.sleep(600)
"""


def test_a_turn_ends_with_the_process_that_is_killed(store, place):
    with subprocess.Popen(
        [sys.executable, "-c", TAKES_ITS_TURN, str(place)], stdout=subprocess.PIPE, text=True
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "True\n"
            with store.turns.of("retraining") as is_ours:
                assert not is_ours
        finally:
            child.kill()
    assert is_free_soon(store)


def is_free_soon(store) -> bool:
    """Whether it is, once a server has noticed that a connection is gone."""
    for _ in range(200):
        with store.turns.of("retraining") as is_ours:
            if is_ours:
                return True
        time.sleep(0.05)
    return False


def test_a_turn_that_was_lost_is_told(store, place, postgresql):
    with store.turns.of("retraining") as turn:
        turn.require()
        if store.is_file:
            Path(f"{place}.retraining").unlink()
        else:
            postgresql.run(f"SELECT pg_terminate_backend(pid) FROM ({ADVISORY}) AS held")
        for _ in range(2):
            with pytest.raises(TurnLostError, match="the lock .* was lost, and another may be at it; look whether"):
                turn.require()
    assert is_free_soon(store)
    with store.turns.of("retraining"), store.turns.of("retraining") as turn, pytest.raises(TurnLostError):
        turn.require()  # it was another's


ADVISORY = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"


def test_a_pooler_that_keeps_sessions_keeps_no_turn(postgresql, monkeypatch):
    """Behind one, what ends is a transaction, and the session goes on with somebody else."""
    with open_store(postgresql.url(), config=CHEAP) as store:
        monkeypatch.setattr("sqlalchemy.engine.Connection.invalidate", lambda _: None)
        with store.turns.of("retraining") as turn, psycopg.connect(postgresql.url(), autocommit=True) as other:
            turn.require()
            [held] = other.execute(
                f"SELECT state, backend_xid, backend_xmin FROM pg_stat_activity WHERE pid IN ({ADVISORY})"
            ).fetchall()
            assert held == ("idle in transaction", None, None)  # so that nothing waits for it to be cleared away
        with psycopg.connect(postgresql.url()) as other:
            assert other.execute(ADVISORY).fetchall() == []


def test_a_turn_outlasts_the_limit_on_idle_transactions(postgresql):
    hasty = replace(CHEAP, answers=AnswerConfig(lock=0.1, statement=0.2, silence=0.3, patient=2.0))
    with open_store(postgresql.url(), config=hasty) as store, store.turns.of("retraining") as turn:
        time.sleep(2.5)
        turn.require()


@pytest.fixture
def hurried(postgresql):
    """A database whose transactions end after a short time, whatever they do."""
    if postgresql.version < 17:
        pytest.skip("PostgreSQL knows this limit from 17 on")
    postgresql.run("DROP DATABASE IF EXISTS hurried WITH (FORCE)")
    postgresql.run("CREATE DATABASE hurried")
    with open_store(postgresql.url("hurried"), config=CHEAP):
        postgresql.run("ALTER DATABASE hurried SET transaction_timeout TO '300ms'")
    with open_store(postgresql.url("hurried"), config=CHEAP) as store:
        yield store


def test_a_turn_and_what_may_take_long_outlast_the_limit_on_transactions(hurried):
    with hurried.turns.of("retraining") as turn:
        for writes in (False, True):
            with hurried._database.patiently(writes=writes) as connection:
                connection.exec_driver_sql("SELECT pg_sleep(0.5)")
        turn.require()
    with pytest.raises(UnavailableError), hurried._database.reading() as connection:
        connection.exec_driver_sql("SELECT pg_sleep(0.5)")


@pytest.mark.parametrize("limits", [LONG, IDLE])
def test_limits_are_lifted_for_a_transaction_alone_and_as_far_as_a_server_knows_them(postgresql, limits):
    """A setting with a dot in its name is known once it is set, as that of a later server is."""
    names = (*limits, "films.later_limit", "films.no_limit")

    def held(connection):
        kept = [connection.exec_driver_sql(f"SELECT current_setting('{name}', true)").scalar_one() for name in names]
        return dict(zip(names, kept, strict=True))

    with open_store(postgresql.url(), config=CHEAP) as store, store._database.engine.connect() as connection:
        connection.exec_driver_sql("SET films.later_limit TO 300")
        connection.commit()
        before = held(connection)
        lift(connection, names)
        lifted = held(connection)
        connection.rollback()
        assert (before["films.later_limit"], before["films.no_limit"]) == ("300", None)
        assert lifted == {name: None if value is None else "0" for name, value in before.items()}
        assert held(connection) == before


def test_people_use_the_page_meanwhile(store, ann):
    with store.turns.of("retraining"):
        store.ratings.set_ratings(ann, "ml-100k", {1: 5.0})
        assert store.ratings.of(ann, "ml-100k")[1].stars == 5.0


def test_a_place_where_no_file_can_be_made_is_told(store, monkeypatch):
    monkeypatch.setattr(Turns, "_in_transaction", Turns._in_file)
    monkeypatch.setattr(store._database, "place", "/proc/nowhere/people")
    with pytest.raises(UnavailableError, match="the file cannot be made"), store.turns.of("retraining"):
        pass
