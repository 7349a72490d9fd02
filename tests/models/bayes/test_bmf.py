"""Bayesian matrix factorization: its parts against closed forms, the whole against known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.array_shapes import check_arrays
from recsys.models.bayes import bmf
from recsys.models.bayes.bmf import BMF, MOST_KEPT, TEMPERING, together
from recsys.models.bayes.chain import membership, most_rated
from recsys.models.bayes.config import BMFConfig
from recsys.models.bayes.held_out_noise import HeldOutNoise
from recsys.models.bayes.rehearsal import Moments
from recsys.models.simple.baseline import Baseline
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import carved, ratings


def test_membership_weighs_a_row_by_the_root_of_its_length():
    stars = sp.csr_array(np.array([[5.0, 0, 1, 2], [0, 0, 0, 0]]))
    found = membership(stars, np.array([0, 1, 3])).toarray()
    np.testing.assert_allclose(found, [[1 / np.sqrt(3), 0, 1 / np.sqrt(3)], [0, 0, 0]])


def test_only_the_most_rated_columns_serve_as_features():
    counts = np.array([1, 1, 3, 2])
    np.testing.assert_array_equal(most_rated(counts, 2), [2, 3])
    np.testing.assert_array_equal(most_rated(counts, 9), [0, 1, 2, 3])


@pytest.mark.parametrize(("n_rows", "n_features"), [(5, 200), (48, 360), (120, 400)])
def test_the_fewer_ratings_there_are_the_fewer_columns_serve_as_features(n_rows, n_features):
    """Everybody rated 300 of 600 films: a feature for 40 ratings, 200 in any case, and no more than was asked for."""
    counts = np.bincount(np.concatenate([np.random.default_rng(row).permutation(600)[:300] for row in range(n_rows)]))
    found = most_rated(counts, 400)
    assert len(found) == n_features
    assert counts[found].min() >= np.delete(counts, found).max()


@pytest.mark.parametrize("likelihood", ["gaussian", "ordinal"])
def test_beats_offsets_where_tastes_differ(likelihood):
    stars = low_rank(200, 80, 6000, seed=0, scale=HALF_STARS)
    train, held_out = carved(stars, seed=0)
    config = BMFConfig(likelihood=likelihood, n_factors=6, epochs=60, burn_in=20)
    model = BMF(config, HALF_STARS).fit(Interactions(train))
    rows, columns = held_out.nonzero()

    def error(predicted: np.ndarray) -> float:
        return float(np.sqrt(np.mean((predicted[rows, columns] - held_out.data) ** 2)))

    assert error(model.predict(Histories(train))) < 0.9 * error(
        Baseline(scale=HALF_STARS).fit(Interactions(train)).predict(Histories(train))
    )
    level = np.rint(held_out.data * 2 - 1).astype(int)
    given = model.rating_distribution(Histories(train))[rows, columns, level]
    frequencies = np.bincount(level, minlength=10) / len(level)
    assert -np.log(given).mean() < -np.log(frequencies[level]).mean()


def test_the_mean_of_an_ordinal_distribution_is_the_prediction():
    model = BMF(BMFConfig(likelihood="ordinal", n_factors=3, epochs=10, burn_in=4)).fit(
        Interactions(ratings(1)), Training(seed=0)
    )
    history = ratings(2)[:5]
    np.testing.assert_allclose(
        model.rating_distribution(Histories(history)) @ WHOLE_STARS.levels, model.predict(Histories(history)), rtol=1e-6
    )


def test_features_of_films_reach_the_model_and_are_not_needed_to_use_it():
    small = BMFConfig(n_factors=3, epochs=6, burn_in=2)
    with_side, without = (
        BMF(small).fit(Interactions(ratings(1), films=FilmFacts(features=side))) for side in (np.eye(23)[:, :4], None)
    )
    assert not np.allclose(with_side.predict(Histories(ratings(1))), without.predict(Histories(ratings(1))))
    restored = BMF(small).restore(with_side.arrays())
    np.testing.assert_array_equal(restored.predict(Histories(ratings(1))), with_side.predict(Histories(ratings(1))))


def test_a_chain_shorter_than_its_burn_in_keeps_the_last_draw():
    model = BMF(BMFConfig(n_factors=3, epochs=2, burn_in=5)).fit(Interactions(ratings(1)))
    assert model.items.shape == (1, 23, 3 + 1)


@pytest.mark.parametrize(("thin", "kept"), [(1, [3, 4, 5, 6, 7, 8]), (2, [3, 5, 7, 8]), (9, [3, 8])])
def test_draws_are_kept_after_the_burn_in_and_the_last_in_any_case(thin, kept):
    model = BMF(BMFConfig(epochs=9, burn_in=3, thin=thin))
    assert [epoch for epoch in range(9) if model.keeps(epoch)] == kept


@pytest.mark.parametrize("n_items", [0, 1000, 87_585, 500_000, 10**7])
def test_draws_of_many_films_are_kept_thin(n_items):
    """Their numbers are bounded, but for the first draw and the last; on less data they are as the settings have it."""
    model = BMF()
    kept = [epoch for epoch in range(140) if model.keeps(epoch, n_items)]
    assert max(0, len(kept) - 2) * n_items * 17 <= MOST_KEPT
    assert kept[-1] == 139
    assert (kept == [*range(0, 140, 5), 139]) == (n_items < 100_000)


@pytest.mark.parametrize("likelihood", ["gaussian", "ordinal"])
def test_where_plain_offsets_alone_answer_no_more_is_drawn_than_is_kept(likelihood):
    few, steps = low_rank(200, 200, 1600, seed=0, min_ratings=3), []
    note = Training(seed=0, on_progress=lambda stage, done, total, **_: steps.append((stage, done, total)))
    config = BMFConfig(likelihood=likelihood, n_factors=3, rehearsal=20, epochs=40)
    model = BMF(config).fit(Interactions(few), note)
    assert model.share == 0
    assert [step for step in steps if step[0] == "epoch"] == [("epoch", 1, 1)]
    assert len(model.items) == 1
    restored = BMF(config).restore(model.arrays())
    np.testing.assert_array_equal(restored.predict(Histories(few)), model.predict(Histories(few)))
    if likelihood == "gaussian":
        plain = Baseline().fit(Interactions(few)).predict(Histories(few))
        np.testing.assert_allclose(model.predict(Histories(few)), plain, rtol=1e-5)


def test_a_model_of_few_draws_is_restored(monkeypatch):
    monkeypatch.setattr(bmf, "MOST_KEPT", 23 * 4 * 2)
    small = BMFConfig(n_factors=3, epochs=8, rehearsal=4, thin=1)
    model = BMF(small).fit(Interactions(ratings(1)))
    assert model.items.shape == (3, 23, 4)  # of sweeps 0, 4 and the last
    check_arrays(model.arrays(), model.array_shapes(), 23)
    restored = BMF(small).restore(model.arrays())
    np.testing.assert_array_equal(restored.predict(Histories(ratings(1))), model.predict(Histories(ratings(1))))


def test_ratings_known_and_kept_aside_are_put_together_whatever_their_order():
    known, aside = sp.csr_array(np.array([[0, 4.0, 0], [1, 0, 2]])), sp.csr_array(np.array([[3.0, 0, 0], [0, 5, 0]]))
    known = sp.csr_array((known.data[[0, 2, 1]], known.indices[[0, 2, 1]], known.indptr), shape=known.shape)
    both, is_aside = together(known, aside)
    assert both.toarray().tolist() == [[3, 4, 0], [1, 5, 2]]
    assert both.data[is_aside].tolist() == [3, 5]
    assert both.has_sorted_indices


# ---- how large the noise is

MADE_UP = {  # people, films, ratings, how far tastes spread; then lowest and highest stars, and the noise
    "dense": ((150, 100, 6000, 0.7), (1.0, 5.0, 0.8)),
    "very sparse": ((1200, 1200, 9600, 0.0), (1.0, 5.0, 0.8)),
    "1 to 100": ((150, 100, 6000, 15.0), (1.0, 100.0, 15.0)),
}


def made_up(shape, stars, seed=0):
    """Ratings around offsets and two factors, with normal noise; none is rounded or cut off."""
    (n_users, n_items, n, tastes), (lowest, highest, noise) = shape, stars
    rng, spread = np.random.default_rng(seed), 0.12 * (highest - lowest)
    cells = rng.choice(n_users * n_items, n, replace=False)
    users, items = cells // n_items, cells % n_items
    offsets = rng.normal(0, spread, n_users)[users] + rng.normal(0, spread, n_items)[items]
    factors = rng.normal(size=(n_users, 2))[users] * rng.normal(size=(n_items, 2))[items]
    latent = offsets + tastes / np.sqrt(2) * factors.sum(axis=1)
    values = (lowest + highest) / 2 + latent + rng.normal(0, noise, n)
    return sp.csr_array((values, (users, items)), shape=(n_users, n_items)), latent


@pytest.mark.parametrize("kind", MADE_UP)
def test_the_noise_is_what_it_was_made_with(kind):
    shape, (lowest, highest, noise) = MADE_UP[kind]
    scale = RatingScale(lowest=lowest, highest=highest)
    config = BMFConfig(n_factors=8, epochs=8, burn_in=4)
    model = BMF(config, scale).fit(Interactions(made_up(shape, (lowest, highest, noise))[0]), Training(seed=0))
    assert (np.mean(model.noise_precision) / TEMPERING["gaussian"]) ** -0.5 == pytest.approx(noise, rel=0.1)


@pytest.mark.parametrize("kind", ["dense", "very sparse"])
def test_ordinal_noise_is_as_large_beside_the_levels_as_it_was_made(kind):
    shape, stars = MADE_UP[kind]
    values, _ = made_up(shape, stars)
    values.data = np.digitize(values.data, [1.5, 2.5, 3.5, 4.5]) + 1.0
    model = BMF(BMFConfig(likelihood="ordinal", n_factors=8, epochs=80, burn_in=60)).fit(
        Interactions(values), Training(seed=0)
    )
    assert np.ptp(model.cutpoints.mean(axis=0)) == pytest.approx(3.0 / stars[-1], rel=0.1)


def test_what_is_unsure_is_not_taken_for_noise():
    """Draws that lie around the truth as the truth lies around their mean: the noise is told from both."""
    rng, n = np.random.default_rng(0), 20_000
    mean = rng.normal(size=n)
    targets = mean + rng.normal(0, 0.7, n) + rng.normal(0, 0.5, n)
    noise = HeldOutNoise(targets)
    for _ in range(150):
        noise.add(mean + rng.normal(0, 0.7, n))
    assert np.sqrt(noise.variance) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("newest", "estimate"),
    [
        (-0.5, 0.25 * 0.0625),  # 0.25 - 2 * 0.375 < 0: a quarter of the error of the mean
        (0.0, 0.25),  # 0 + 2 * 0.5: all of it
        (1.2, 0.52),  # 1.44 - 2 * 0.46, of an error of 1.21
    ],
)
def test_an_estimate_of_the_noise_worked_by_hand(newest, estimate):
    """Of 0, six draws say 1, of which the last counts; the mean of two draws is as unsure as half of each is."""
    noise = HeldOutNoise(np.zeros(4))
    for _ in range(6):
        noise.add(np.ones(4))
    assert noise.variance == 1.0
    noise.add(np.full(4, newest))
    assert noise.variance == pytest.approx(0.9 + 0.1 * estimate, rel=1e-12)


def test_other_units_of_the_stars_make_the_same_model():
    stars = made_up(*MADE_UP["dense"])[0]
    config = BMFConfig(n_factors=4, epochs=12, burn_in=4)
    few = BMF(config).fit(Interactions(stars))
    many = BMF(config, RatingScale(lowest=8.0, highest=40.0, step=8.0)).fit(Interactions(8.0 * stars))
    np.testing.assert_allclose(
        8.0 * few.predict(Histories(stars[:9])), many.predict(Histories(8.0 * stars[:9])), rtol=1e-3
    )
    assert np.mean(many.noise_precision) == pytest.approx(np.mean(few.noise_precision) / 64, rel=1e-3)


# ---- the rehearsal


def rehearsed(likelihood: str, fitting: sp.csr_array, validation: sp.csr_array) -> BMF:
    config = BMFConfig(likelihood=likelihood, n_factors=4, epochs=12, burn_in=4)
    return BMF(config).fit_and_foretell(Interactions(fitting), Interactions(validation), Training(seed=0))


@pytest.mark.parametrize("likelihood", ["gaussian", "ordinal"])
def test_a_rehearsal_foretells_what_it_does_not_know_and_then_all_is_learned(likelihood):
    stars = low_rank(150, 60, 4000, seed=1)
    fitting, validation = carved(stars, seed=0)
    model = rehearsed(likelihood, fitting, validation)
    level = validation.data.astype(int) - 1
    frequencies = np.bincount(level, minlength=5) / len(level)
    given = model.foretold.held_out[np.arange(len(level)), level]
    np.testing.assert_allclose(model.foretold.held_out.sum(axis=1), 1.0, rtol=1e-5)
    assert -np.log(given).mean() < -np.log(frequencies[level]).mean() - 0.1
    rows, columns = validation.nonzero()
    after = model.rating_distribution(Histories(stars))[rows, columns, level]
    assert -np.log(after).mean() < -np.log(given).mean() - 0.05
    assert BMF(model.config).fit(Interactions(stars)).foretold is None


def test_what_a_rehearsal_expects_is_summed_over_people_and_over_films():
    fitting, validation = carved(low_rank(60, 40, 1200, seed=1), seed=0)
    foretold = rehearsed("gaussian", fitting, validation).foretold
    np.testing.assert_allclose(foretold.of_people.sum(axis=1), np.diff(fitting.indptr), rtol=1e-5)
    np.testing.assert_allclose(foretold.of_films.sum(axis=1), np.bincount(fitting.indices, minlength=40), rtol=1e-5)
    np.testing.assert_allclose(foretold.of_people.sum(axis=0), foretold.of_films.sum(axis=0), rtol=1e-6)


def test_plain_offsets_are_as_unsure_as_they_missed_what_was_held_out():
    fitting, validation = carved(low_rank(60, 40, 1200, seed=1), seed=0)
    plain = Baseline().fit(Interactions(fitting)).predict(Histories(fitting))[validation.nonzero()]
    expected = np.sqrt(np.mean((validation.data - plain) ** 2))
    assert rehearsed("gaussian", fitting, validation).plain_noise == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("n_draws", [1, 5])
def test_moments_are_the_mean_and_the_variance_of_all_draws(n_draws):
    draws, moments = np.random.default_rng(0).normal(2.0, 3.0, size=(n_draws, 4)), Moments()
    for draw in draws:
        moments.add(draw)
    np.testing.assert_allclose(
        moments.mean_and_variance(), [draws.mean(axis=0), draws.var(axis=0)], rtol=1e-12, atol=1e-12
    )


def test_held_out_stars_do_not_enter_what_is_foretold_of_them():
    """Of many ratings: where they are few, those held out say how far the model is believed beside plain offsets."""
    fitting, validation = carved(ratings(1, (60, 60), 0.9), seed=0)
    other = validation.copy()
    other.data = 6.0 - other.data
    first, second = (rehearsed("ordinal", fitting, held_out).foretold for held_out in (validation, other))
    np.testing.assert_array_equal(first.held_out, second.held_out)


@pytest.mark.parametrize("likelihood", ["gaussian", "ordinal"])
def test_where_all_ratings_are_the_same_so_are_the_predictions(likelihood):
    stars = ratings(1).copy()
    stars.data[:] = 4.0
    model = BMF(BMFConfig(likelihood=likelihood, n_factors=3, epochs=12, burn_in=4)).fit(
        Interactions(stars), Training(seed=0)
    )
    np.testing.assert_allclose(model.predict(Histories(stars)), 4.0, atol=0.2)
