"""Visits: oracles, recommenders by chance, activity, and the log by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from recsys.data.scale import WHOLE_STARS
from recsys.ranking import top_k
from recsys.simulation.habits import Habits
from recsys.simulation.people import People, people_of
from recsys.simulation.session import Chances, VisitConfig, Visits, visit
from recsys.simulation.traits import Traits

CONFIG = VisitConfig()


@pytest.fixture(scope="module")
def people(crowd):
    return people_of(crowd, Habits(base=-2.0, appeal=1.0), np.random.default_rng(0))


def shown_by(scores, people, seed=0, config=CONFIG):
    ranked = top_k(scores.astype(np.float32), None, config.n_places)
    return visit(people, ranked, Chances.drawn(people, config, seed), config)


def by_chance(people, seed):
    return np.random.default_rng(seed).random(people.wish.shape)


def test_nothing_satisfies_more_than_an_oracle(people):
    def satisfaction(scores):
        return np.mean([shown_by(scores, people, seed).satisfaction.mean() for seed in range(20)])

    oracle = satisfaction(people.worth)
    others = [people.wish, people.stars, people.joy * 0.5 + people.wish, -people.worth, by_chance(people, 3)]
    assert all(satisfaction(scores) < oracle for scores in others)
    assert satisfaction(-people.worth) < 0 < oracle


def test_a_recommender_by_chance_gives_base_rates(people):
    visits = [shown_by(by_chance(people, seed), people, seed + 100) for seed in range(30)]
    shares = [each.share_watched for each in visits]
    assert np.mean(shares) == pytest.approx(expit(people.wish).mean(), abs=0.01)
    joy = (expit(people.wish) * people.joy).sum() / expit(people.wish).sum()
    assert np.mean([each.mean_joy for each in visits]) == pytest.approx(joy, abs=0.04)


def test_the_more_active_somebody_is_the_more_pages_they_see(people):
    def pages(activity):
        traits = replace(people.traits, activity=np.full(len(people.wish), activity))
        return shown_by(people.wish, replace(people, traits=traits)).pages

    calm, usual, busy = map(pages, range(3))
    assert (calm <= usual).all()
    assert (usual <= busy).all()
    assert calm.mean() < usual.mean() < busy.mean()


def test_the_same_seed_gives_the_same_log_and_another_seed_another(people):
    one, same, other = (shown_by(people.wish, people, seed) for seed in (5, 5, 6))
    for field in ("shown", "watched", "joy", "pages"):
        np.testing.assert_array_equal(getattr(one, field), getattr(same, field))
    assert (one.watched != other.watched).any()


def test_a_visit_by_hand():
    traits = Traits(*(np.zeros(2, dtype=int) for _ in range(3)))
    wish, stars = np.full((2, 4), 50.0), np.array([[5.0, 1, 3, 4], [5, 5, 5, 5]])
    people = People(traits, wish, stars, np.zeros((2, 4)), WHOLE_STARS)
    config = VisitConfig(page_size=2, pages=2, leaving=0.0, tiring=0.0, content=0.0, busy=0.0)
    chances = Chances(np.full((2, 4), 0.5), np.array([[0.6, 0.0], [0.4, 0.0]]))  # of leaving: a half
    found = visit(people, np.array([[0, 1, 3, 2], [3, 2, 1, 0]]), chances, config)
    assert found.pages.tolist() == [2, 1]
    assert found.shown.tolist() == [[0, 1, 3, 2], [3, 2, -1, -1]]
    assert found.watched.tolist() == [[True] * 4, [True, True, False, False]]
    assert found.joy.tolist() == [[1, -1, 0.5, 0], [1, 1, 0, 0]]
    assert found.satisfaction.tolist() == [0.125, 0.5]
    assert (found.share_watched, found.mean_joy, found.coverage(4)) == (1, 2.5 / 6, 1)


def test_joy_makes_people_stay():
    traits = Traits(*(np.zeros(1, dtype=int) for _ in range(3)))
    config = VisitConfig(page_size=1, pages=2, leaving=0.0, tiring=0.0, content=2.0)
    chances = Chances(np.zeros((1, 2)), np.array([[0.5, 0.5]]))

    def pages(stars):
        people = People(traits, np.full((1, 2), 50.0), np.full((1, 2), stars), np.zeros((1, 2)), WHOLE_STARS)
        return visit(people, np.array([[0, 1]]), chances, config).pages[0]

    assert (pages(5.0), pages(1.0)) == (2, 1)


def test_where_films_run_out_places_stay_empty(people):
    ranked = np.full((len(people.wish), CONFIG.n_places), -1)
    ranked[:, 0] = 3
    found = visit(people, ranked, Chances.drawn(people, CONFIG, 0), CONFIG)
    assert {*np.unique(found.shown)} == {-1, 3}
    assert found.watched[:, 1:].sum() == 0
    assert found.coverage(50) == 1 / 50


def test_entropy_of_genres_by_hand():
    shown = np.array([[0, 1], [0, 0], [2, -1]])
    visits = Visits(shown, shown > 9, np.zeros((3, 2)), np.ones(3), 2)
    genres = np.array([[1.0, 0], [0, 1], [0, 0]])
    np.testing.assert_allclose(visits.entropy(genres), [np.log(2), 0, 0], atol=1e-9)


@pytest.mark.parametrize("wrong", [{"pages": 0}, {"page_size": 0}])
def test_a_visit_has_a_page_with_a_film(wrong):
    with pytest.raises(ValueError, match="expected at least one of each"):
        VisitConfig(**wrong)
