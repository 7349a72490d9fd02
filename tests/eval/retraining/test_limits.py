"""How little a few people can do to the next model."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from eval.retraining.limits import DAY, LimitsConfig, limited
from eval.retraining.people import joined
from recsys.artifacts.fitting import fit_all
from recsys.data.interactions import Histories
from recsys.data.movielens import load_dataset
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.eval.retraining.conftest import NOON, given, written

CONFIG = LimitsConfig()
OPEN = LimitsConfig(least_ratings=1, most_per_day=10**6, contrary=0.0, surplus=0.0)
N_BASE, N_HONEST, N_FILMS = 400, 190, 150
N_ATTACKERS = 10  # a twentieth of all accounts


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A data set, and the stars of honest people beside it."""
    everybody = low_rank(N_BASE + N_HONEST, N_FILMS, 9000, seed=1, min_ratings=8)
    folder = written(tmp_path_factory.mktemp("city") / "city", everybody[:N_BASE])
    return load_dataset(folder, min_ratings=1), everybody[N_BASE:]


def mean_rank(city, people, film, config):
    """Where a film is on honest people's lists, on average, once a model has learned from some people."""
    dataset, honest = city
    model = fit_all("ease", joined(dataset, limited(dataset, people, config).given), Training()).model
    scores = model.score(Histories(honest))
    scores[honest.nonzero()] = -np.inf
    has_not_rated = scores[:, film] > -np.inf
    return (1 + (scores > scores[:, [film]]).sum(axis=1))[has_not_rated].mean()


def as_others(film):
    """Accounts that love a film, and otherwise rate at random."""
    rng = np.random.default_rng(0)
    stars = rng.integers(3, 6, (N_ATTACKERS, N_FILMS)) * (rng.random((N_ATTACKERS, N_FILMS)) < 0.3)
    return loving(stars.astype(np.float32), film)


def as_a_fan(film, dataset):
    """Accounts that love a film, and six of the fifteen that most people rated."""
    famous = np.argsort(-np.bincount(dataset.ratings.item_idx))[:15]
    stars = np.zeros((N_ATTACKERS, N_FILMS), dtype=np.float32)
    for row in range(N_ATTACKERS):
        stars[row, np.random.default_rng(row).choice(famous, 6, replace=False)] = 5
    return loving(stars, film)


def loving(stars, film):
    stars[:, film] = 5
    return sp.csr_array(stars)


@pytest.mark.parametrize("how", ["as others", "as a fan"])
@pytest.mark.parametrize(("fame", "bound"), [(0, 5.0), (50, 10.0)], ids=["unknown", "known"])
def test_a_twentieth_of_accounts_that_push_a_film_hardly_move_it(city, how, fame, bound):
    dataset, honest = city
    film = int(np.argsort(np.bincount(dataset.ratings.item_idx, minlength=N_FILMS))[fame])
    attackers = as_others(film) if how == "as others" else as_a_fan(film, dataset)
    everybody = sp.csr_array(sp.vstack([honest, attackers]))
    is_honest = np.arange(everybody.nnz) < honest.nnz
    attacked = given(everybody, np.where(is_honest, NOON, NOON + DAY))
    attacked = replace(attacked, times=np.where(is_honest, attacked.times, 0))  # they say that theirs are the oldest
    moved = {}
    for name, config in (("defended", CONFIG), ("open", OPEN)):
        before, after = (mean_rank(city, people, film, config) for people in (given(honest), attacked))
        moved[name] = before - after
    assert abs(moved["defended"]) < bound
    assert moved["open"] > 20


def test_what_honest_people_say_is_hardly_touched(city):
    dataset, honest = city
    left = limited(dataset, given(honest), CONFIG)
    assert left.n_contrary + left.n_few <= 0.05 * N_HONEST
    assert left.n_pushed <= 0.1 * honest.nnz


def test_a_film_that_many_come_to_love_is_known_to_be_loved(city):
    dataset, honest = city
    film = int(np.argmin(np.bincount(dataset.ratings.item_idx, minlength=N_FILMS)))
    stars = honest.toarray()
    stars[: N_HONEST // 2, film] = 5
    counted = limited(dataset, given(sp.csr_array(stars)), CONFIG).given
    assert np.sum(counted.item_idx == film) >= 0.35 * N_HONEST


def test_so_many_ratings_of_a_day_count_and_people_with_few_do_not(city):
    dataset, honest = city
    busy, quiet = sp.csr_array(np.full((1, 90), 4.0)), sp.csr_array(np.full((1, 3), 4.0))
    for stars in (busy, quiet):
        stars.resize((1, N_FILMS))
    people = given(sp.csr_array(sp.vstack([honest[:100], busy, quiet])))
    config = replace(OPEN, most_per_day=40, least_ratings=4)
    left = limited(dataset, people, config)
    n = np.diff(honest[:100].indptr)
    assert left.n_hurried == 90 - 40 + np.maximum(n - 40, 0).sum()
    assert left.n_few == 1
    assert left.given.n_people == 101
    over_days = limited(dataset, replace(people, entered=NOON + DAY * np.arange(people.n_ratings)), config)
    assert over_days.n_hurried == 0
    said_to_be = replace(people, times=NOON + DAY * np.arange(people.n_ratings))
    assert limited(dataset, said_to_be, config).n_hurried == left.n_hurried


@pytest.mark.parametrize(
    ("n_people", "n_loving", "n_counting"), [(3, 2, 2), (3, 3, 2), (9, 6, 5), (9, 2, 2), (20, 12, 10)]
)
def test_of_few_people_one_is_beyond_what_is_usual(city, n_people, n_loving, n_counting):
    dataset, honest = city
    film = int(np.argmin(np.bincount(dataset.ratings.item_idx, minlength=N_FILMS)))
    stars = honest[:n_people].toarray()
    stars[:, film] = 0
    stars[:n_loving, film] = 5
    people = given(sp.csr_array(stars))
    people = replace(people, entered=NOON - people.person_idx.astype(np.float64))  # the first of them came last
    counted = limited(dataset, people, replace(CONFIG, contrary=0.0)).given
    loving = counted.person_idx[counted.item_idx == film]
    assert loving.tolist() == [*range(n_loving - n_counting, n_loving)]


def test_what_counts_of_a_day_does_not_depend_on_other_people(city):
    dataset, honest = city
    config = replace(OPEN, most_per_day=5)
    alone = limited(dataset, given(honest[[7]]), config).given
    among = limited(dataset, given(honest), config).given
    assert alone.item_idx.tolist() == among.item_idx[among.person_idx == 7].tolist()


def test_stars_that_are_turned_round_do_not_count(city):
    dataset, _ = city
    means = np.bincount(dataset.ratings.item_idx, dataset.ratings.stars, N_FILMS)
    means /= np.bincount(dataset.ratings.item_idx, minlength=N_FILMS)
    usual = np.clip(np.rint(means), 1, 5)
    same, few = np.full(N_FILMS, 5.0), np.where(np.arange(N_FILMS) < 10, 6 - usual, 0)
    people = given(sp.csr_array(np.stack([usual, 6 - usual, same, few])))
    left = limited(dataset, people, replace(OPEN, contrary=0.02))
    assert left.n_contrary == 1
    assert left.given.n_people == 3
    assert left.given.stars[left.given.person_idx == 0].tolist() == usual.tolist()
