"""How many threads work: one for linear algebra inside the context, as many as before once all have left it."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.models.numeric.threads import BLOCK, OneThread, by_blocks, linear_algebra_libraries, one_thread


class Limiter:
    """Stands for the libraries: notes what they are told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def limit(self, limits: int) -> "Limiter":
        self.told.append(f"limit to {limits}")
        return self

    def restore_original_limits(self) -> None:
        self.told.append("restore")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    limiter = Limiter()
    monkeypatch.setattr("recsys.models.numeric.threads.linear_algebra_libraries", lambda: limiter)
    return limiter.told


def test_who_enters_first_sets_the_limit_and_who_leaves_last_lifts_it(told):
    context = OneThread()
    with context:
        assert told == ["limit to 1"]
        with context:
            assert told == ["limit to 1"]
        assert told == ["limit to 1"]
    assert told == ["limit to 1", "restore"]
    with context:
        assert told == ["limit to 1", "restore", "limit to 1"]


def test_an_error_inside_lifts_the_limit_and_goes_on(told):
    with pytest.raises(LookupError, match="not there"), OneThread():
        raise LookupError("not there")
    assert told == ["limit to 1", "restore"]


def threads_of_libraries() -> list[int]:
    libraries = linear_algebra_libraries().select(user_api="blas")  # others may have a number for each thread
    return [library["num_threads"] for library in libraries.info()]


def test_the_libraries_use_one_thread_inside():
    before = threads_of_libraries()
    with one_thread():
        assert set(threads_of_libraries()) == {1}
    assert threads_of_libraries() == before
    assert one_thread() is one_thread()


def test_any_thread_sets_the_limit_and_another_may_lift_it():
    before = threads_of_libraries()

    def by_another(call: Callable[[], object]) -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(call).result()

    def here(call: Callable[[], object]) -> None:
        call()

    for enter, leave in ((by_another, by_another), (by_another, here), (here, by_another)):
        enter(one_thread().__enter__)
        assert set(threads_of_libraries()) == {1}
        leave(one_thread().__exit__)
        assert threads_of_libraries() == before


@pytest.mark.parametrize("n_people", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK - 1])
def test_blocks_are_answered_each_once_and_come_back_in_order(n_people, told):
    history = sp.csr_array(np.arange(1.0, 2 * n_people + 1).reshape(n_people, 2))
    sizes: list[int] = []

    def answer(block: sp.csr_array) -> np.ndarray:
        sizes.append(len(block))
        return 10 * block.stars.toarray()[:, :, np.newaxis]

    np.testing.assert_array_equal(by_blocks(answer, Histories(history))[:, :, 0], 10 * history.toarray())
    assert sorted(sizes, reverse=True) == [BLOCK] * (n_people // BLOCK) + [n_people % BLOCK] * (
        n_people % BLOCK > 0
    ) or [0]
    assert told == ["limit to 1", "restore"]


@pytest.mark.parametrize(("n_people", "is_here"), [(1, True), (BLOCK, True), (BLOCK + 1, False)])
def test_a_single_block_is_answered_here_and_several_in_threads_of_their_own(n_people, is_here):
    names: set[str] = set()

    def answer(block: Histories) -> np.ndarray:
        names.add(threading.current_thread().name)
        return np.zeros(len(block))

    by_blocks(answer, Histories(sp.csr_array((n_people, 1))))
    assert (threading.current_thread().name in names) == is_here
