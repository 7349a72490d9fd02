"""What several threads need: made once while it is held, and anew afterwards."""

import gc
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from recsys.models.numeric.shared import Shared


class Result:
    """Something that can be held."""


def test_whoever_comes_while_it_is_made_waits_and_gets_the_same():
    shared: Shared[Result] = Shared()
    begun, may_end, n_made = Event(), Event(), []

    def make() -> Result:
        n_made.append(1)
        begun.set()
        assert may_end.wait(10)
        return Result()

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(shared.get, b"key", make)
        assert begun.wait(10)
        second = pool.submit(shared.get, b"key", make)
        other = pool.submit(shared.get, b"other", Result)
        assert isinstance(other.result(10), Result)  # of another key: nobody waits
        assert not second.done()
        may_end.set()
        assert first.result(10) is second.result(10)
    assert len(n_made) == 1


def test_what_nobody_holds_is_forgotten():
    shared: Shared[Result] = Shared()
    kept, gone = shared.get(b"kept", Result), id(shared.get(b"gone", Result))
    gc.collect()
    assert shared.get(b"kept", Result) is kept
    assert len(shared._made) == 1, gone
    assert not shared._at_work
