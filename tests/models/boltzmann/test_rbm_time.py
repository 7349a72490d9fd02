"""The machine that hears when films were rated, against its definition."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.optimize import approx_fprime

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.boltzmann.config import SoftmaxRBMConfig, TimedRBMConfig
from recsys.models.boltzmann.machine import free_energy, slopes, up
from recsys.models.boltzmann.moments import N_CLOCK, N_NUMBERS, ages, clock
from recsys.models.boltzmann.rbm import SoftmaxRBM
from recsys.models.boltzmann.rbm_time import TimedBatch, TimedRBM, TimedUnits
from recsys.models.numeric.dense_stack import sigmoid
from tests.models.boltzmann.enumeration import (
    LEVELS,
    N_FILMS,
    N_LEVELS,
    all_levels,
    energies,
    levels_of,
    machine_of,
)
from tests.support.small_models import N_ITEMS, made_small, ratings

CONFIG = made_small(TimedRBMConfig(leans_by_time=True))
TRAIN, RNG = ratings(1), np.random.default_rng(0)
TIMES = RNG.integers(8 * 10**8, 9 * 10**8, TRAIN.nnz)
FILMS = FilmFacts(years=tuple(int(year) if year % 4 else None for year in RNG.integers(1960, 2000, N_ITEMS)))
MODEL = TimedRBM(CONFIG).fit(Interactions(TRAIN, TIMES, FILMS))
PEOPLE = Interactions(TRAIN, TIMES).histories[np.arange(5)]
MADE_UP = TimedUnits(LEVELS)


# ---- moments


def test_a_moment_is_what_the_calendar_says():
    when = datetime(1998, 3, 4, 6, 0, tzinfo=UTC)  # a Wednesday; 1 January 1970, when days begin, was a Thursday
    moment = clock(np.array([int(when.timestamp())]), np.array([int(when.timestamp()) - 600]))[0]
    np.testing.assert_allclose(moment[:4], [0, 1, -1, 0], atol=1e-9)
    assert np.flatnonzero(moment[4:11]).tolist() == [6]
    assert np.flatnonzero(moment[11:23]).tolist() == [2]
    assert np.flatnonzero(moment[23:]).tolist() == [1]


def test_a_film_s_age_is_told_where_its_year_is_known():
    times = np.full(4, int(datetime(1998, 6, 1, tzinfo=UTC).timestamp()))
    found = ages(times, np.array([1998, 1996, 1950, 0]))
    assert [np.flatnonzero(row).tolist() for row in found] == [[0], [2], [4], []]


def test_moments_are_measured_from_the_usual_one_and_unknown_times_are_usual():
    np.testing.assert_allclose(
        MODEL.calendar.of_ratings(Interactions(TRAIN, TIMES).histories).mean(axis=0), 0, atol=1e-5
    )
    assert not MODEL.calendar.of_ratings(Histories(TRAIN)).any()
    assert not MODEL.calendar.leaning(Histories(TRAIN[:3]), MODEL.moment_lean, None).any()


def test_somebody_leans_as_the_median_moment_of_theirs_says():
    lean = np.random.default_rng(1).normal(size=N_NUMBERS)
    found = MODEL.calendar.leaning(PEOPLE, lean, np.array([3, 1]))
    for row in range(5):
        own = PEOPLE.times[PEOPLE.stars.indptr[row] : PEOPLE.stars.indptr[row + 1]]
        asked = np.array([int(np.median(own))])
        person = clock(asked, own[[own.argmin()]])[0]
        for column, film in enumerate((3, 1)):
            moment = np.concatenate([person, ages(asked, MODEL.years[[film]])[0]]) - MODEL.usual_moment
            assert found[row, column] == pytest.approx(moment @ lean, abs=1e-5)


# ---- the machine


def timed(states: np.ndarray, seed: int = 3) -> TimedBatch:
    """People who gave these levels, (B, I) int, -1 = unrated, at moments that are made up."""
    rng, rated = np.random.default_rng(seed), (states >= 0).astype(float)
    rows, columns = rated.nonzero()
    return TimedBatch(
        values=levels_of(states),
        is_unit=np.tile(rated, (1, N_LEVELS)),
        generosity=np.full((len(states), 1), 0.4),
        rated=rng.normal(size=(1, N_FILMS)).repeat(len(states), axis=0),
        rows=rows,
        columns=columns,
        moments=np.tile(rng.normal(size=(N_FILMS, 2)), (len(states), 1))
        if rated.all()
        else rng.normal(size=(len(rows), 2)),
    )


def machine() -> dict[str, np.ndarray]:
    return {**machine_of(N_FILMS * N_LEVELS), "moment_lean": np.array([0.7, -0.4])}


def test_the_free_energy_sums_over_all_hidden_states():
    batch = timed(all_levels())
    expected = -np.logaddexp.reduce(-energies(MADE_UP, batch, machine()), axis=1)
    np.testing.assert_allclose(free_energy(MADE_UP, batch, machine()), expected, atol=1e-10)


def test_chances_of_levels_are_those_that_counting_all_of_them_gives():
    """Given hidden units: by energies of all levels of all films, and by the odds of each film."""
    batch, hidden = timed(all_levels()), np.array([1.0, 0.0])
    weight = np.exp(-energies(MADE_UP, batch, machine())[:, 2])  # the hidden state (1, 0)
    shares = weight @ batch.values / weight.sum()
    one = timed(all_levels()[:1])
    np.testing.assert_allclose(MADE_UP.expected(hidden[None], one, machine())[0], shares, atol=1e-10)


def test_slopes_are_derivatives_of_minus_the_free_energy():
    batch = timed(np.array([[0, -1, 2], [1, 1, -1]]))
    given = machine()
    found = slopes(MADE_UP, batch, sigmoid(up(MADE_UP, batch, given)), given)
    for name in ("moment_lean", "rated_weights", "generosity"):

        def value(flat: np.ndarray, name: str = name) -> float:
            return -float(free_energy(MADE_UP, batch, {**given, name: flat.reshape(given[name].shape)}).sum())

        expected = approx_fprime(given[name].ravel(), value, 1e-6).reshape(given[name].shape)
        np.testing.assert_allclose(found[name], expected, rtol=1e-4, atol=1e-4)


def test_a_machine_to_which_moments_say_nothing_is_rbm():
    deaf = {**MODEL.arrays(), "moment_weights": 0 * MODEL.moment_weights, "moment_lean": 0 * MODEL.moment_lean}
    names = ("mean", "item_offset", "weights", "visible_bias", "hidden_bias", "generosity")
    plain = SoftmaxRBM(made_small(SoftmaxRBMConfig())).restore({name: deaf[name] for name in names})
    expected = plain.rating_distribution(PEOPLE)
    np.testing.assert_allclose(TimedRBM(CONFIG).restore(deaf).rating_distribution(PEOPLE), expected, atol=1e-6)
    assert not np.allclose(MODEL.rating_distribution(PEOPLE), expected, atol=1e-4)


def test_what_is_neither_heard_nor_leant_by_is_learned_as_by_rbm():
    neither = replace(CONFIG, hears_time=False, leans_by_time=False)
    found = TimedRBM(neither).fit(Interactions(TRAIN, TIMES, FILMS))
    plain = SoftmaxRBM(made_small(SoftmaxRBMConfig())).fit(Interactions(TRAIN))
    np.testing.assert_allclose(found.predict(PEOPLE), plain.predict(PEOPLE), atol=1e-5)


def test_stars_that_rise_over_time_are_found_to():
    """Everybody gives more in the weeks after the first day."""
    rng = np.random.default_rng(2)
    late = rng.random(TRAIN.nnz) < 0.5
    stars = np.where(late, 4, 2) + rng.integers(2, size=TRAIN.nnz)
    told = sp.csr_array((stars.astype(np.float32), TRAIN.indices, TRAIN.indptr), shape=TRAIN.shape)
    times = 8 * 10**8 + late * 10 * 86_400
    config = replace(CONFIG, hears_time=False, learning=replace(CONFIG.learning, epochs=60, learning_rate=0.03))
    model = TimedRBM(config, WHOLE_STARS).fit(Interactions(told, times))
    since_first = model.moment_lean[N_CLOCK - 5 : N_CLOCK]
    assert since_first[3] > since_first[0] + 0.3


def test_items_are_answered_as_among_all_films():
    items = np.array([7, 2])
    np.testing.assert_allclose(
        MODEL.rating_distribution(PEOPLE, items), MODEL.rating_distribution(PEOPLE)[:, items], atol=1e-6
    )


def test_one_of_two_that_hear_of_time_and_of_films_is_refused():
    with pytest.raises(ValueError, match="knows_rated false"):
        TimedRBMConfig(knows_rated=True)
