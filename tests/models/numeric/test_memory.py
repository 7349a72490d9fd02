"""Memory goes back to the operating system once nothing uses it."""

import gc
import sys
import weakref

import pytest

from recsys.models.numeric import memory
from recsys.models.numeric.memory import give_back_memory


class Ring:
    """Refers to itself, as networks do."""

    def __init__(self) -> None:
        self.own = self


def test_cycles_of_objects_are_gone():
    gc.disable()
    try:
        ring = weakref.ref(Ring())
        assert ring() is not None
        give_back_memory()
        assert ring() is None
    finally:
        gc.enable()


@pytest.mark.skipif(sys.platform != "linux", reason="only the C library of Linux is asked")
@pytest.mark.parametrize("has_it", [True, False])
def test_the_c_library_is_asked_where_it_can(monkeypatch, has_it):
    asked: list[int] = []
    library = type("Library", (), {"malloc_trim": staticmethod(asked.append)} if has_it else {})
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: library)
    give_back_memory()
    assert asked == [0] * has_it
