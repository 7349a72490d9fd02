"""Benchmarks: run once as tests by `pytest`, timed by `pytest tests/benchmarks --benchmark-only -n 0`.

Timed, they print one table per group and write the next .benchmarks/MACHINE/NUMBER_timed.json with the figures, the
machine and the versions.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eval.running.environment import environment
from recsys.data.interactions import Histories
from recsys.models.base import Model
from tests.benchmarks.workloads import Workload, fit, movielens, synthetic


def pytest_configure(config: pytest.Config) -> None:
    """--benchmark-only outranks the --benchmark-disable of plain runs, prints what a terminal holds, and is saved."""
    option = config.option
    option.benchmark_columns = option.benchmark_columns or ["min", "median", "max", "rounds"]
    if option.benchmark_only:
        option.benchmark_enable = True
        option.benchmark_autosave = option.benchmark_autosave or "timed"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes hours, unless `-m large` asks for it.

    Where nothing is timed, MovieLens is left to the tests of the models, which fit on it too: these take minutes.
    """
    ours = [item for item in items if item.path.parent == Path(__file__).parent]
    left_out = [] if "large" in config.option.markexpr else [item for item in ours if item.get_closest_marker("large")]
    if not is_timed(config):
        left_out += [item for item in ours if "[ml-100k" in item.name]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def is_timed(config: pytest.Config) -> bool:
    """Whether benchmarks are timed, and not only run."""
    return config.option.benchmark_enable or not config.option.benchmark_disable


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    machine_info["environment"] = environment()


@pytest.fixture(scope="session", params=[pytest.param("ml-100k", marks=pytest.mark.data), "synthetic 10x"])
def workload(request: pytest.FixtureRequest) -> Workload:
    timed = is_timed(request.config)
    if request.param == "ml-100k":
        return movielens(request.getfixturevalue("ml_100k"), timed=timed)
    return synthetic(timed=timed)


@pytest.fixture(scope="session")
def fitted(workload: Workload) -> Iterator[Callable[[str], Model]]:
    """A model by name, fitted once for all benchmarks of a workload."""
    models = cache(lambda name: fit(name, workload))
    yield models
    models.cache_clear()


@pytest.fixture(scope="session")
def scored(workload: Workload, fitted: Callable[[str], Model]) -> Iterator[Callable[[str], np.ndarray]]:
    """A model's scores by its name, (B, I), made once for all benchmarks of a workload."""
    scores = cache(lambda name: fitted(name).score(Histories(workload.histories)))
    yield scores
    scores.cache_clear()
