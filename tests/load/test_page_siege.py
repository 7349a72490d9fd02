"""A small siege of the page: what strangers do costs it little, and nobody else is refused."""

import asyncio

from tests.load.page_load import Load, Person, faults, titles_of
from tests.load.page_siege import ATTACKS, Siege, besieged, failures, process_of
from tests.support.pages.page_server import served, small_page

SIEGE = Siege(people=4, pause=0.5, seconds=1.2, share=0.1, silent=300, connections=120)


def test_attacks_cost_the_page_little_and_others_nothing(tmp_path):
    load = Load(people=SIEGE.people, pause=SIEGE.pause)
    people, member = [Person(number, load) for number in range(SIEGE.people)], Person(SIEGE.people, load)
    options, place = small_page(), f"sqlite:///{tmp_path / 'people.sqlite3'}"
    with served(tmp_path / "log", *options, database=place) as url:
        outcomes = asyncio.run(besieged(url, [process_of(int(url.rpartition(":")[2]))], SIEGE, people, member))
        assert failures(outcomes) == []
        assert faults(people, titles_of(options[-1])) == []
    answers = {each.attack: each.answers for each in outcomes}
    assert answers.keys() == ATTACKS.keys()
    assert not any(status.startswith("5") for status in answers["bodies of 1 MB"])
    assert answers["greedy guest"].keys() == {"kept", "refused"}
    assert (tmp_path / "log").stat().st_size < 20_000
