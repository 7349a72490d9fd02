"""Studies that any number of workers share, in PostgreSQL."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest
from optuna.trial import TrialState

from eval.console import make_console
from eval.tune import main, parse, prepare
from eval.tuning import workers as workers_module
from eval.tuning.search import Search
from eval.tuning.search_spaces import grid_of
from eval.tuning.workers import key_of, open_shared_study
from tests.support.data_folders import write_genres
from tests.support.job_members.run import PATIENCE, ROOT
from tests.support.store_places import postgresql

FIXTURES = (postgresql,)
WORKER = """
import os, signal, sys
from eval.tuning import search, study_plots
study_plots.draw_study = lambda *_: None
if sys.argv[1] == "dies":
    search.value_of = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
from eval.tune import main
sys.exit(main(sys.argv[2:]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_genres(tmp_path_factory.mktemp("data") / "own")


@pytest.fixture(scope="module")
def storage(postgresql):
    """The URL of a database for the studies here, each of which has a seed of its own."""
    postgresql.run("DROP DATABASE IF EXISTS studies WITH (FORCE)")
    postgresql.run("CREATE DATABASE studies")
    return postgresql.url("studies")


@pytest.fixture(scope="module")
def tasks(folder):
    """What is searched, by model."""
    data = ["--dataset", str(folder), "--min-ratings", "5"]
    quiet = make_console(stderr=True, quiet=True)
    return {model: prepare(parse(["--model", model, *data]), quiet) for model in ("ease", "popularity")}


@pytest.fixture
def study(tasks, storage, request):
    """What makes a worker of a new study of a model, each with a connection of its own."""
    seed = key_of(request.node.name) % 2**31

    @contextmanager
    def opened(model: str):
        with open_shared_study(replace(tasks[model], seed=seed), storage) as worker:
            yield worker

    return opened


def states(worker) -> Counter:
    return Counter(trial.state for trial in worker.study.get_trials(deepcopy=False))


def finish(worker, trial, value: float = 0.1) -> None:
    worker.study.tell(trial, value)


def test_all_together_begin_no_more_trials_than_asked_and_none_twice(study):
    with study("ease") as one, study("ease") as other:
        begun = [worker.claimed(4, "tpe") for worker in (one, other, one, other)]
        assert [trial.number for trial in begun] == [0, 1, 2, 3]
        assert one.settings(one.study.get_trials()[0]) == {"feedback": "graded", "l2": 300.0}, "the default is first"
        assert len({tuple(trial.params.items()) for trial in begun}) == 4
        assert one.claimed(4, "tpe") is None
        assert other.claimed(5, "tpe").number == 4


def test_what_a_dead_worker_has_begun_is_begun_again_and_it_alone(study):
    with study("ease") as living:
        with study("ease") as dead:
            assert dead.claimed(2, "tpe").number == 0
            running = living.claimed(2, "tpe")
            assert living.claimed(2, "tpe") is None
        again = living.claimed(2, "tpe")
        assert (running.number, again.number) == (1, 2)
        assert again.params["l2"] == 300.0, "the default, which died with the other"
        finish(living, running)
        finish(living, again)
        assert states(living) == {TrialState.FAIL: 1, TrialState.COMPLETE: 2}
        assert living.claimed(2, "tpe") is None


def test_a_trial_that_ends_while_others_look_for_dead_workers_stays_as_it_ended(study, monkeypatch):
    with study("ease") as one, study("ease") as other:
        working = one.trials(1, "tpe", make_console(stderr=True))
        trial, _ = next(working)
        seen = other.running()
        assert [each.number for each in seen] == [trial.number]
        finish(one, trial)
        assert next(working, None) is None  # its lock is free
        monkeypatch.setattr(other, "running", lambda: seen)
        assert other.claimed(1, "tpe") is None
        assert states(other) == {TrialState.COMPLETE: 1}


def test_a_worker_waits_for_the_last_trials_of_others_and_takes_over_those_of_the_dead(study, monkeypatch, capsys):
    with ExitStack() as stack:
        living = stack.enter_context(study("ease"))
        dead = stack.enter_context(ExitStack())
        dead.enter_context(study("ease")).claimed(1, "tpe")
        monkeypatch.setattr(workers_module.time, "sleep", lambda _: dead.close())
        for trial, _ in living.trials(1, "tpe", make_console(stderr=True)):
            finish(living, trial)
        assert states(living) == {TrialState.FAIL: 1, TrialState.COMPLETE: 1}
    assert "All trials are taken; waiting for 1 of other workers." in capsys.readouterr().err


def test_a_grid_is_shared_out(study):
    with study("popularity") as one, study("popularity") as other:
        n_all = len(grid_of(one.task.space, one.task.base))
        begun = [worker.claimed(99, "grid") for worker in (one, other, one, other, one)]
        assert len(begun) == n_all
        assert len({tuple(trial.params.items()) for trial in begun}) == n_all
        assert other.claimed(99, "grid") is None


def test_what_a_worker_finds_that_was_taken_for_dead_is_left_out(study, tmp_path, capsys):
    with study("popularity") as one, study("popularity") as other:
        trial = one.claimed(1, "tpe")
        search = Search(one.task, one.study, tmp_path, make_console(stderr=True))
        one.connection.invalidate()
        one.connection.rollback()
        assert other.claimed(1, "tpe").number == 1
        search.attempt(trial, "0")
        assert states(other) == {TrialState.FAIL: 1, TrialState.RUNNING: 1}
    assert "was taken over" in capsys.readouterr().err


def test_workers_and_one_that_is_killed_end_a_study_with_the_trials_that_were_asked_for(folder, storage, tmp_path):
    options = ["--model", "ease", "--trials", "6", "--dataset", str(folder), "--min-ratings", "5", "--storage", storage]

    def worker(number: int, *program: str) -> subprocess.Popen[str]:
        command = [sys.executable, *program, *options, "--out", str(tmp_path / str(number))]
        given = {**os.environ, "COLUMNS": "200"}
        return subprocess.Popen(
            command, cwd=ROOT, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    dying = worker(0, "-c", WORKER, "dies")  # first, since others may have taken all trials before it has begun
    said = [dying.communicate(timeout=PATIENCE)[0]]
    begun = [dying, worker(1, "-c", WORKER, "lives"), worker(2, "-c", WORKER, "lives")]
    said += [each.communicate(timeout=PATIENCE)[0] for each in begun[1:]]
    assert [each.returncode for each in begun] == [-9, 0, 0], said
    tables = [(tmp_path / str(number)).glob("*.csv") for number in (1, 2)]
    first, second = (next(table).read_text().splitlines() for table in tables)
    assert first == second
    ended = Counter(line.split(",")[1] for line in first[1:])
    assert ended == {"complete": 6, "failed": 1}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("not a url", "got a text that is no URL; expected postgresql://"),
        ("sqlite:///studies.db", "got a URL of 'sqlite'"),
        ("postgresql://nobody:secret@127.0.0.1:1/nothing", "cannot be used as a database of studies"),
    ],
)
def test_a_storage_that_cannot_be_used_is_told_in_a_sentence(url, message, folder, tmp_path, capsys):
    options = ["--model", "ease", "--dataset", str(folder), "--min-ratings", "5", "--out", str(tmp_path)]
    assert main([*options, "--storage", url]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "secret" not in said
