"""Jobs of which the newest goes first, and the oldest is given up."""

import threading

import pytest

from recsys.serve.posters.newest_first import NewestFirst


class Work:
    """Notes what is done; each job waits until it may end."""

    def __init__(self):
        self.done, self.may_end, self.begun = [], threading.Event(), threading.Semaphore(0)

    def __call__(self, job):
        self.begun.release()
        assert self.may_end.wait(20)
        self.done.append(job)
        return job.upper()


@pytest.fixture
def work():
    work = Work()
    yield work
    work.may_end.set()


def test_the_newest_goes_first_and_the_oldest_is_given_up(work):
    jobs = NewestFirst(work, at_once=1, most_waiting=3, given_up="late")
    first = jobs.ask("a")
    work.begun.acquire()
    waiting = [jobs.ask(each) for each in "bcde"]
    assert waiting[0].result(0) == "late"
    work.may_end.set()
    assert [each.result(20) for each in (first, *waiting[1:])] == ["A", "C", "D", "E"]
    assert work.done == ["a", "e", "d", "c"]


def test_who_asks_again_waits_for_the_same_and_makes_it_the_newest(work):
    jobs = NewestFirst(work, at_once=1, most_waiting=3, given_up="late")
    first = jobs.ask("a")
    work.begun.acquire()
    b, c = jobs.ask("b"), jobs.ask("c")
    assert jobs.ask("a") is first
    assert jobs.ask("b") is b
    work.may_end.set()
    assert c.result(20) == "C"
    assert work.done == ["a", "b", "c"]


def test_so_many_work_at_once_and_a_thread_ends_where_there_is_nothing_to_do(work):
    jobs = NewestFirst(work, at_once=2, most_waiting=9, given_up="late")
    answers = [jobs.ask(each) for each in "abcd"]
    for _ in range(2):
        work.begun.acquire()
    assert not work.begun.acquire(timeout=0.05)
    work.may_end.set()
    assert [each.result(20) for each in answers] == ["A", "B", "C", "D"]
    assert jobs.ask("e").result(20) == "E"
