"""A page takes one version after the other over: while people rate, and when it is killed in the middle of that."""

import asyncio

import pytest

from tests.load.page_load import Load, faults, titles_of
from tests.load.page_swap_kills import Place, kills, small_models
from tests.load.page_swaps import Timed, page_with, registry_of, swapped, versions_of_lists

LOAD = Load(people=4, seconds=0.8, warm_up=0.0, pause=0.1, seldom=0.2)
LOOK_EVERY = 0.1  # seconds
SWAPS, KILLS = 2, 3


@pytest.fixture
def place(tmp_path):
    """Two versions, and the folder of their films."""
    models, films = small_models(tmp_path)
    return Place(tmp_path, registry_of(tmp_path, models), films, forked=True)


def test_while_versions_change_nothing_is_refused_lost_or_crossed(place):
    people = [Timed(number, LOAD) for number in range(LOAD.people)]
    database = f"sqlite:///{place.accounts}"
    with page_with(place.folder, database, place.registry, place.dataset, LOOK_EVERY, forked=True) as page:
        found = asyncio.run(swapped(page, people, LOAD, SWAPS))
        assert faults(people, titles_of(place.dataset), database) == []
    assert [len(each.swaps) for each in found] == [0, SWAPS, 0]
    assert all(each.seconds.size for each in found)
    assert versions_of_lists(people) == {version.record.fingerprint for version in place.registry.versions()}
    assert "Traceback" not in (place.folder / "log").read_text()


def test_a_page_that_is_killed_during_a_swap_answers_with_what_was_promoted(place):
    found = [*kills(place, KILLS)]
    assert [kill.wrong for kill in found] == [[]] * KILLS
    assert all(kill.n_acknowledged for kill in found)
