"""Many people at the page at once: nothing is refused, lost, or shown to somebody else."""

import asyncio

import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.recommend.answers import recommend
from recsys.testing.synthetic import low_rank
from tests.load.page_load import Load, Person, faults, titles_of, visited
from tests.support.pages.page_server import made, served, write_data
from tests.support.store_places import FRESH

postgresql, fresh_place = FRESH
LOAD = Load(people=8, seconds=5.0, warm_up=0.0, pause=0.2, seldom=0.2)
N_FILMS = 60


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A folder with films that nobody has rated all of when the time is over."""
    titles = [f"Film {item} ({1950 + item})" for item in range(N_FILMS)]
    genres = ["Drama" if item % 3 else "War" for item in range(N_FILMS)]
    folder = tmp_path_factory.mktemp("load") / "films"
    return write_data(folder, low_rank(50, N_FILMS, 1200, seed=0), titles, genres)


@pytest.fixture(scope="module")
def model(films):
    return made("ease", films)


def test_of_people_who_rate_at_once_nothing_is_refused_lost_or_crossed(films, model, fresh_place, tmp_path):
    place = fresh_place if isinstance(fresh_place, str) else f"sqlite:///{fresh_place}"
    save_artifact(tmp_path / "model", model.artifact)
    people = [Person(number, LOAD) for number in range(LOAD.people)]
    with served(
        tmp_path / "log", "--model", str(tmp_path / "model"), "--dataset", str(films), database=place, forked=True
    ) as url:
        figures = asyncio.run(visited(url, people, LOAD))
        assert faults(people, titles_of(films), place) == []
    assert len(figures.seconds) == sum(len(person.answers) for person in people) >= LOAD.people
    assert all(person.said.stars for person in people)
    for answer in (answer for person in people for answer in person.answers):
        wanted = recommend(model, answer.ratings, [*answer.marks])
        assert list(answer.films) == [film.title for film in wanted]
    assert "Traceback" not in (tmp_path / "log").read_text()
