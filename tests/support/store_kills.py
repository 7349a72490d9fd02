"""Kill a process in the middle of saving, again and again: `python -m tests.support.store_kills PLACE ROUNDS`.

Prints a line for every round: how many ratings were acknowledged, and how many of them are kept afterwards.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

from recsys.store import PasswordConfig, StoreConfig, open_store

CHEAP = StoreConfig(passwords=PasswordConfig(time_cost=1, memory_cost=8, parallelism=1))
LONGEST = 0.05  # seconds of saving before the kill


def save_and_acknowledge(place: str | Path, token: str, start: int, acknowledgements: int) -> None:
    """Rate film after film, and write its number once the store has said that it is kept."""
    with open_store(place, config=CHEAP) as store:
        person = store.accounts.person_of(token)
        for item in range(start, sys.maxsize):
            store.ratings.set_rating(person, "films", item, item % 5 + 1)
            os.write(acknowledgements, f"{item}\n".encode())


def killed(place: str | Path, token: str, start: int, chance: random.Random) -> list[int]:
    """The films that a process acknowledged before it was killed, at least one."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            save_and_acknowledge(place, token, start, writing)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as stream:
        first = stream.readline()
        time.sleep(chance.uniform(0, LONGEST))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), "the process ended by itself"
        return [int(line) for line in [first, *stream] if line.endswith("\n")]


def main(place: str, rounds: int) -> None:
    """Kill, open again, and compare."""
    where: str | Path = place if "://" in place else Path(place)
    chance, start = random.Random(0), 1
    with open_store(where, config=CHEAP) as store:
        token = store.accounts.register("Ann", "four random words", "here")
    for _ in range(rounds):
        acknowledged = killed(where, token, start, chance)
        with open_store(where, config=CHEAP) as store:
            person = store.accounts.person_of(token)
            kept = store.ratings.of(person, "films")
        right = [item for item in acknowledged if item in kept and kept[item].stars == item % 5 + 1]
        print(len(acknowledged), len(right), len(kept) - len(range(1, acknowledged[-1] + 1)), flush=True)
        start = max(kept) + 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
