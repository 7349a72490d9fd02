"""Work that one process does at a time, on SQLite and PostgreSQL alike."""

import subprocess
import sys
import time

import pytest

from recsys.store import UnavailableError, open_store
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
    print(is_ours, flush=True)
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


def test_people_use_the_page_meanwhile(store, ann):
    with store.turns.of("retraining"):
        store.ratings.set_ratings(ann, "ml-100k", {1: 5.0})
        assert store.ratings.of(ann, "ml-100k")[1].stars == 5.0


def test_a_place_where_no_file_can_be_made_is_told(store, monkeypatch):
    monkeypatch.setattr(Turns, "_in_session", Turns._in_file)
    monkeypatch.setattr(store._database, "place", "/proc/nowhere/people")
    with pytest.raises(UnavailableError, match="the file cannot be made"), store.turns.of("retraining"):
        pass
