"""Made-up people with lists and what they said of them, without a database."""

from datetime import UTC, datetime, timedelta

import numpy as np

from recsys.loop.making import Making
from recsys.loop.outcomes import Period
from recsys.loop.tallies import Tallies, counted
from recsys.store.evidence.pasts import KeptList, Past, Said, Version

DAY = timedelta(days=1)
NOW = datetime(2026, 6, 1, 15, tzinfo=UTC)
PERIOD = Period.until_today(NOW)
ML = "ml-100k"
VERSIONS = [Version("vae", name) for name in ("new", "old", "oldest")]


def person(rng, version, *, n_lists=4, says=0.3, days_ago=50.0, kinds=("for you", "genres")):
    """Somebody whom a version shows lists of 12 films, and who says something of some of them."""
    lists, said = [], {}
    for number in range(n_lists):
        at = NOW - days_ago * DAY + number * timedelta(hours=1)
        items = (100 * number + rng.permutation(60)[:12]).tolist()
        films = [(item, float(np.round(rng.uniform(2, 5), 1))) for item in items]
        lists.append(KeptList(version, ML, kinds[number % len(kinds)], at, films))
        for item, _ in films:
            if rng.random() < says:
                said[ML, item] = [something(rng, at + timedelta(hours=2))]
    return Past(NOW - (days_ago + 1) * DAY, lists, said, set())


def something(rng, at):
    """Stars or a mark."""
    if rng.random() < 0.6:
        return Said("stars", at, float(rng.integers(1, 6)), None, True)
    return Said("mark", at, ("seen", "later", "hidden")[rng.integers(3)], None, True)


def tallies_of(people, versions=VERSIONS, n_films=400):
    """People, counted."""
    return counted(people, PERIOD, Tallies([*versions], {ML: (n_films, 5.0)}))


def report_on(people, versions=VERSIONS, n_films=400):
    """The report on some people."""
    return Making(tallies_of(people, versions, n_films)).report(PERIOD, NOW)
