"""Kill a process that adds and promotes versions: `python -m tests.support.version_kills DIR ROUNDS`.

Each round it is killed before another of the steps that it takes on the disk.

Looks at the registry all the while as a page does. Prints a line for every round: how many versions were acknowledged
and are there whole, how many were lost or halved, how often no version answered, and how many drafts are left once
somebody has written again.
"""

import os
import random
import signal
import sys
from pathlib import Path

from recsys.artifacts import artifact as artifacts
from recsys.artifacts.artifact import load_artifact
from recsys.errors import DataError
from recsys.versions import registry as registries
from recsys.versions.entries import Version
from recsys.versions.lineage import Lineage
from recsys.versions.registry import Registry
from recsys.versions.writing import DRAFT, locked
from tests.support.small_models import artifact_of, fitted, ratings

STEPS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "fcntl.flock", "shutil.rmtree", "shutil.copytree"}
MOST_STEPS = 130  # before the kill; a version takes about 56
LINEAGE = Lineage(data_sha256="0" * 64)


def add_and_promote(registry: Registry, artifact, acknowledgements: int) -> None:
    """Add version after version, promote each, and write its number once it answers; prune now and then."""
    while True:
        made = registry.add(artifact, LINEAGE)
        registry.promote(made.number)
        os.write(acknowledgements, f"{made.number}\n".encode())
        if made.number % 3 == 0:
            registry.prune(2)
        if made.number % 5 == 0:
            registry.rollback()


def is_whole(version: Version) -> bool:
    """Whether the model of a version loads, if it is there."""
    return not version.folder.exists() or load_artifact(version.folder).fingerprint() == version.record.fingerprint


def kill_at_step(number: int) -> None:
    """End this process as by kill -9 just before it opens, renames, makes, deletes or locks something once more."""
    left = iter(range(number, -1, -1))

    def look(event: str, _: object) -> None:
        if event in STEPS and next(left) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(look)


def killed(registry: Registry, artifact, step: int) -> tuple[list[int], int]:
    """The versions that a process acknowledged before it was killed, and how often none answered meanwhile."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            kill_at_step(step)
            add_and_promote(registry, artifact, writing)
        finally:
            os._exit(1)
    os.close(writing)
    n_without = 0
    while not (ended := os.waitpid(child, os.WNOHANG))[0]:
        n_without += not answers(registry)
    assert os.WIFSIGNALED(ended[1]), "the process ended by itself"
    with os.fdopen(reading) as stream:
        return [int(line) for line in stream if line.endswith("\n")], n_without


def answers(registry: Registry) -> bool:
    """Whether there is a version that answers."""
    try:
        found = registry.current()
        return found is not None and found.has_model
    except DataError:
        return False


def main(folder: Path, rounds: int) -> None:
    """Kill, look, and compare."""
    artifacts.installed = registries.installed = lambda _: {}  # takes ten times as long as all that is tried here
    chance, registry, train = random.Random(0), Registry(folder), ratings()
    artifact = artifact_of("popularity", fitted("popularity", train), train)
    registry.promote(registry.add(artifact, LINEAGE).number)
    for _ in range(rounds):
        acknowledged, n_without = killed(registry, artifact, chance.randrange(MOST_STEPS))
        there = {version.number: version for version in registry.versions()}
        n_without += not answers(registry)
        n_bad = len({*acknowledged} - there.keys()) + sum(not is_whole(version) for version in there.values())
        with locked(folder):
            n_left = len([*folder.glob(f"{DRAFT}*")])
        print(len(acknowledged), n_bad, n_without, n_left, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
