"""Seconds and memory of every part at the sizes of MovieLens, each in a process of its own; see `of_size`.

    python -m pytest tests/benchmarks/test_sizes.py --benchmark-only -n 0 -m large -k "1m and not fit"

Without `-m large` the smallest size alone is run, untimed, so that what is measured stays right.
"""

import json
import os
import subprocess
import sys

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tests.benchmarks.of_size import PARTS
from tests.benchmarks.steps_of_networks import SHAPES

LARGE = [size for size in SHAPES if size != "100k"]
QUICK = [part for part in PARTS if not part.startswith("fit")]


def of_size(size: str, part: str) -> dict[str, float]:
    """What a process says of a part; AssertionError if it did not come out as it should."""
    plain = {name: value for name, value in os.environ.items() if name != "XLA_FLAGS"}  # Keras compiles as for people
    command = [sys.executable, "-m", "tests.benchmarks.of_size", size, part]
    done = subprocess.run(command, capture_output=True, text=True, env=plain, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.large
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("size", LARGE)
def test_a_part_at_a_size(benchmark: BenchmarkFixture, size: str, part: str):
    """The time that is told is that of the process, with what it prepares; `extra_info` has the part's own."""
    benchmark.group, benchmark.name = f"of size {size}", part
    benchmark.extra_info.update(benchmark.pedantic(of_size, (size, part), rounds=1))


@pytest.mark.parametrize("part", ["read-again", "list-with-reasons"])
def test_what_a_process_says_of_a_part(part: str):
    told = of_size("100k", part)
    assert told.keys() == {"seconds", "cpu_seconds", "peak_bytes", "bytes_before", "rounds"}
    assert 0 < told["bytes_before"] <= told["peak_bytes"]
