"""Turns: a few calls at once, a bounded number that wait, and nobody kept waiting by other people's turns."""

import asyncio
import sys
import threading
from contextlib import suppress

import pytest

from recsys.errors import DataError
from recsys.serve.background import Background
from recsys.serve.concurrency import LATE, TOO_MANY, ConcurrencyLimit, GivingWay, LateError, is_open

NOBODY_LEFT = 30.0  # seconds, if something is wrong


class Hanging:
    """A call that ends when it is let go."""

    def __init__(self):
        self.ends, self.begun = threading.Event(), threading.Semaphore(0)

    def __call__(self):
        self.begun.release()
        self.ends.wait(NOBODY_LEFT)
        return "done"


@pytest.fixture
def hanging():
    call = Hanging()
    yield call
    call.ends.set()


def test_a_call_that_hangs_keeps_its_own_turns_and_no_others(hanging):
    async def course():
        members, guests = ConcurrencyLimit(1, 1, patience=0.05), ConcurrencyLimit(1, 1)
        with pytest.raises(LateError, match=LATE) as late:
            await members.take(hanging)
        assert is_open(late.value)
        assert await guests.take(lambda: 3) == 3
        with pytest.raises(DataError, match=TOO_MANY) as early:  # not begun in time, so certainly not done
            await members.take(hanging)
        assert not is_open(early.value)
        assert hanging.begun.acquire(timeout=NOBODY_LEFT)
        assert not hanging.begun.acquire(blocking=False)
        hanging.ends.set()
        while True:  # until its turn is over
            try:
                return await members.take(lambda: 4)
            except DataError:
                await asyncio.sleep(0.01)

    assert asyncio.run(course()) == 4


def test_so_many_wait_and_no_more_and_all_of_them_are_answered(hanging):
    async def course():
        turns = ConcurrencyLimit(2, 3)
        waiting = [asyncio.ensure_future(turns.take(hanging)) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(DataError, match=TOO_MANY):
            await turns.take(hanging)
        hanging.ends.set()
        return await asyncio.gather(*waiting)

    assert asyncio.run(course()) == ["done"] * 5


def test_what_a_call_raises_is_raised_and_its_turn_is_over():
    async def course():
        turns = ConcurrencyLimit(1, 0)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError, match="division"):
                await turns.take(lambda: 1 // 0)

    asyncio.run(course())


def test_work_that_nobody_waits_for_lets_others_go_on_sooner_until_the_last_has_ended():
    one, seen = GivingWay(), [sys.getswitchinterval()]
    with suppress(ZeroDivisionError), one:
        with one:
            seen.append(sys.getswitchinterval())
        seen.append(sys.getswitchinterval())
        raise ZeroDivisionError
    seen.append(sys.getswitchinterval())
    usual = seen[0]
    assert seen == pytest.approx([usual, usual / 10, usual / 10, usual])


def test_what_is_made_in_the_background_gives_way():
    usual, kept = sys.getswitchinterval(), {}
    background = Background(kept)
    while background.ask("a turn", sys.getswitchinterval) is None:
        pass
    assert kept["a turn"] == pytest.approx(usual / 10)
