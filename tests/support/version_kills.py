"""Kill a process that adds and promotes versions, again and again: `python -m tests.support.version_kills DIR ROUNDS`.

Looks at the registry all the while as a page does. Prints a line for every round: how many versions were acknowledged
and are there whole, how many were lost or halved, how often no version answered, and how many drafts are left once
somebody has written again.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from recsys.artifacts import artifact as artifacts
from recsys.artifacts.artifact import load_artifact
from recsys.versions import registry as registries
from recsys.versions.lineage import Lineage
from recsys.versions.registry import Registry, Version
from recsys.versions.writing import DRAFT, locked
from tests.support.small_models import artifact_of, fitted, ratings

LONGEST = 0.15  # seconds of writing before the kill
LINEAGE = Lineage(data_sha256="0" * 64)


def add_and_promote(registry: Registry, artifact, acknowledgements: int) -> None:
    """Add version after version, promote each, and write its number once it answers; prune now and then."""
    while True:
        made = registry.add(artifact, LINEAGE)
        registry.promote(made.number)
        os.write(acknowledgements, f"{made.number}\n".encode())
        if made.number % 5 == 0:
            registry.prune(3)
        if made.number % 7 == 0:
            registry.rollback()


def is_whole(version: Version) -> bool:
    """Whether the model of a version loads, if it is there."""
    return not version.folder.exists() or load_artifact(version.folder).fingerprint() == version.record.fingerprint


def killed(registry: Registry, artifact, chance: random.Random) -> tuple[list[int], int]:
    """The versions that a process acknowledged before it was killed, and how often none answered meanwhile."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            add_and_promote(registry, artifact, writing)
        finally:
            os._exit(1)
    os.close(writing)
    n_without, ends = 0, time.monotonic() + chance.uniform(0, LONGEST)
    while time.monotonic() < ends:
        found = registry.current()
        n_without += found is None or not found.has_model
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the process ended by itself"
    with os.fdopen(reading) as stream:
        return [int(line) for line in stream if line.endswith("\n")], n_without


def main(folder: Path, rounds: int) -> None:
    """Kill, look, and compare."""
    artifacts.installed = registries.installed = lambda _: {}  # takes ten times as long as all that is tried here
    chance, registry, train = random.Random(0), Registry(folder), ratings()
    artifact = artifact_of("popularity", fitted("popularity", train), train)
    registry.promote(registry.add(artifact, LINEAGE).number)
    for _ in range(rounds):
        acknowledged, n_without = killed(registry, artifact, chance)
        there = {version.number: version for version in registry.versions()}
        current = registry.current()
        n_without += current is None or not current.has_model
        n_bad = len({*acknowledged} - there.keys()) + sum(not is_whole(version) for version in there.values())
        with locked(folder):
            n_left = len([*folder.glob(f"{DRAFT}*")])
        print(len(acknowledged), n_bad, n_without, n_left, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
