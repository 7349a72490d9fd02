"""Kill a process that makes version after version, again and again: `python -m tests.eval.retraining.kills DIR ROUNDS`.

Prints a line for every round: how many versions there are, how many of the newest are halved, whether one answers, and
whether another process may retrain now.
"""

import os
import random
import signal
import sys
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

from eval.retrain import TURN
from eval.retraining.gate import GateConfig
from eval.retraining.making import retrained
from eval.retraining.order import Order
from recsys.artifacts import artifact as artifacts
from recsys.artifacts.artifact import load_artifact
from recsys.data.movielens import Dataset, load_dataset
from recsys.store import Store, open_store
from recsys.testing.synthetic import low_rank
from recsys.versions import registry as registries
from recsys.versions.registry import Registry
from tests.eval.retraining.conftest import join, wished, written
from tests.support.store_places import CHEAP

ORDER = Order(model="ease", gate=GateConfig(ndcg_margin=1.0, rmse_margin=1.0, n_resamples=20))
NEWEST = 4  # versions that are loaded after each kill
LONGEST, AS_LONG = 0.4, 4  # seconds of work before the kill; more where so many versions take longer


def work(dataset: Dataset, place: Path, registry: Registry) -> None:
    """Make version after version; each has a seed that none had before, so that there is something to do."""
    with open_store(place, config=CHEAP) as store, store.turns.of(TURN):
        for turn in count():
            seed = 1 + len(registry.versions())
            order = replace(ORDER, model=("ease", "item-mean")[turn % 2], seed=seed, promotes=turn % 2 == 0)
            retrained(dataset, store, registry, order, tell=lambda line: None)


def killed(dataset: Dataset, place: Path, registry: Registry, seconds: float) -> None:
    """Let a process work for so long."""
    child = os.fork()
    if not child:
        try:
            work(dataset, place, registry)
        finally:
            os._exit(1)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the process ended by itself"


def settled(store: Store, label: str, keys, stars) -> None:
    """Some people who consent."""
    for row in range(stars.shape[0]):
        join(store, f"Person {row}", label, wished(stars, row, keys))


def main(folder: Path, rounds: int) -> None:
    """Kill, look, and compare."""
    from eval.retraining.people import film_keys

    artifacts.installed = registries.installed = lambda _: {}  # takes ten times as long as all that is tried here
    everybody = low_rank(60, 40, 900, seed=1, min_ratings=8)
    dataset, place = load_dataset(written(folder / "town", everybody[:50]), min_ratings=1), folder / "people.sqlite"
    registry, chance, keys = Registry(folder / "versions"), random.Random(0), film_keys(dataset)
    with open_store(place, config=CHEAP) as store:
        settled(store, keys.label, keys, everybody[50:])
        retrained(dataset, store, registry, ORDER, tell=lambda line: None)
        begun = time.monotonic()
        retrained(dataset, store, registry, replace(ORDER, model="item-mean", promotes=False), tell=lambda line: None)
        longest = max(LONGEST, AS_LONG * (time.monotonic() - begun))
    for _ in range(rounds):
        killed(dataset, place, registry, chance.uniform(0, longest))
        versions, current = registry.versions(), registry.current()
        n_bad = sum(load_artifact(one.folder).fingerprint() != one.record.fingerprint for one in versions[:NEWEST])
        answers = current is not None and current.has_model
        with open_store(place, config=CHEAP) as store, store.turns.of(TURN) as is_free:
            print(len(versions), n_bad, answers, bool(is_free), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
