"""Bayesian matrix factorization: its parts against closed forms, the whole against known answers."""

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.bayes.bmf import BMF, TEMPERING
from recsys.models.bayes.chain import Given, as_seen, draw_vectors, membership, most_rated, products
from recsys.models.bayes.config import BMFConfig
from recsys.models.bayes.held_out_noise import HeldOutNoise
from recsys.models.bayes.linked_prior import LinkedPrior
from recsys.models.bayes.rehearsal import Moments
from recsys.models.numeric.row_groups import RowGroups
from recsys.models.numeric.small_normals import means_and_draws
from recsys.models.simple.baseline import Baseline
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import carved, ratings

N_DRAWS = 20_000


def test_vectors_are_drawn_from_their_posterior():
    """Many rows alike: mean and covariance of Bayesian linear regression."""
    rng = np.random.default_rng(0)
    rows = sp.csr_array(np.tile([1.0, 0, 1, 1], (N_DRAWS, 1)))
    others = rng.normal(size=(4, 3))
    prior = LinkedPrior(sp.csr_array((N_DRAWS, 0)), 3)
    prior.mean, prior.precision = np.array([0.5, -1.0, 0.2]), np.diag([2.0, 1.0, 3.0])
    targets, seen = np.array([1.0, -0.5, 0.3]), [0, 2, 3]
    design = np.column_stack([others[seen, :-1], np.ones(3)])
    covariance = np.linalg.inv(1.7 * design.T @ design + prior.precision)
    mean = covariance @ (1.7 * design.T @ (targets - others[seen, -1]) + prior.precision @ prior.mean)
    draws, means = draw_vectors(RowGroups(rows), np.tile(targets, N_DRAWS), others, prior, 1.7, rng)
    np.testing.assert_allclose(means, np.tile(mean, (N_DRAWS, 1)), rtol=1e-5)
    np.testing.assert_allclose(draws.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(draws.T), covariance, atol=0.02)


def test_rows_without_ratings_are_drawn_from_the_prior():
    rng, n = np.random.default_rng(0), N_DRAWS
    rows = sp.csr_array((np.ones(2), ([n, n], [0, 1])), shape=(n + 1, 2))
    prior = LinkedPrior(sp.csr_array(np.ones((n + 1, 1))), 3)
    prior.mean, prior.link, prior.precision = np.array([0.5, -1.0, 0.2]), np.array([[2.0, 1, 0]]), np.diag([2.0, 1, 3])
    draws = draw_vectors(RowGroups(rows), np.array([1.0, -0.5]), rng.normal(size=(2, 3)), prior, 1.7, rng)[0][:-1]
    np.testing.assert_allclose(draws.mean(axis=0), [2.5, 0.0, 0.2], atol=0.03)
    np.testing.assert_allclose(np.cov(draws.T), np.diag([1 / 2, 1, 1 / 3]), atol=0.03)


SHAPES = {  # people, films, share of the cells that are rated
    "dense": (40, 30, 1.0),
    "very sparse": (400, 300, 0.005),
    "of all lengths": (60, 900, np.linspace(0.0, 1.0, 60)[:, None]),
    "one rating": (1, 5, np.array([[0, 0, 1.0, 0, 0]])),
}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("digits", [np.float32, np.float64])
def test_means_and_draws_are_those_of_a_regression_for_every_row(kind, digits):
    """The draw is the mean and what the root of the precision makes of the noise; of a row without ratings, too."""
    n_users, n_items, share = SHAPES[kind]
    rng = np.random.default_rng(0)
    rows = sp.csr_array((rng.random((n_users, n_items)) < share).astype(float))
    targets, others = rng.normal(size=rows.nnz), rng.normal(size=(n_items, 4))
    prior = LinkedPrior(sp.csr_array(rng.random((n_users, 2))), 4)
    prior.mean, prior.link, prior.precision = rng.normal(size=4), rng.normal(size=(2, 4)), np.eye(4) + 0.3
    groups = RowGroups(rows)
    noise, numbers = rng.normal(size=(n_users, 4)), {np.float32: (1e-4, 1e-4), np.float64: (1e-10, 1e-10)}
    given = Given(as_seen(others), np.append(targets, 0.0), prior.means() @ prior.precision, noise, prior.precision)
    given = given.in_float32 if digits is np.float32 else given
    for batch in groups.batches():
        drawn = np.concatenate([group.rows for group in batch])
        for row, mean, draw in zip(drawn, *given.drawn(batch, drawn, digits(1.7)), strict=True):
            stored = slice(*rows.indptr[row : row + 2])
            design = np.column_stack([others[rows.indices[stored], :-1], np.ones(rows.indptr[row + 1] - stored.start)])
            precision = 1.7 * design.T @ design + prior.precision
            pull = 1.7 * design.T @ (targets[stored] - others[rows.indices[stored], -1])
            rtol, atol = numbers[digits]
            expected = np.linalg.solve(precision, pull + prior.precision @ prior.means()[row])
            np.testing.assert_allclose(mean, expected, rtol=rtol, atol=atol)
            np.testing.assert_allclose(
                np.linalg.cholesky(precision).T @ (draw - mean), noise[row], rtol=10 * rtol, atol=10 * atol
            )
    assert set(np.concatenate([group.rows for group in groups.groups])) == set(np.flatnonzero(np.diff(rows.indptr)))


def test_where_float32_has_too_few_digits_vectors_are_drawn_in_float64():
    """Noise next to nothing, fewer ratings than factors: what the ratings leave open is as sure as the prior has it."""
    rng = np.random.default_rng(0)
    rows = sp.csr_array(np.tile([1.0, 0, 1], (N_DRAWS, 1)))
    others, targets = np.array([[1.0, 2, 0], [9, 9, 0], [1, 2, 0]]), np.tile([3.0, 3.0], N_DRAWS)
    draws, means = draw_vectors(RowGroups(rows), targets, others, LinkedPrior(sp.csr_array((N_DRAWS, 0)), 3), 1e7, rng)
    np.testing.assert_allclose(draws @ [1, 2, 1], 3.0, atol=0.01)
    np.testing.assert_allclose(means, np.tile([3 / 6, 6 / 6, 3 / 6], (N_DRAWS, 1)), rtol=1e-3)
    np.testing.assert_allclose(np.cov(draws.T), np.eye(3) - np.outer([1, 2, 1], [1, 2, 1]) / 6, atol=0.03)


def test_predictions_are_products_of_factors_and_both_offsets():
    rng = np.random.default_rng(0)
    cells = sp.csr_array((rng.random((30, 20)) < np.linspace(0, 1, 30)[:, None]).astype(float))
    users, items = rng.normal(size=(30, 4)), rng.normal(size=(20, 4))
    expected = users[:, :-1] @ items[:, :-1].T + users[:, -1:] + items[:, -1]
    np.testing.assert_allclose(
        products(users, items, RowGroups(cells)), expected[cells.nonzero()], rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize(("n", "n_dimensions"), [(7, 1), (5, 2), (300, 17), (0, 3)])
def test_many_small_normals_are_what_a_solver_makes_of_each(n, n_dimensions):
    rng = np.random.default_rng(0)
    roots = rng.normal(size=(n, n_dimensions, n_dimensions))
    precision = roots @ roots.transpose(0, 2, 1) + np.eye(n_dimensions)
    pull, noise = rng.normal(size=(2, n_dimensions, n))
    means, draws = means_and_draws(np.tril(precision).transpose(1, 2, 0), pull, noise)
    for each, mean, draw, towards, by in zip(precision, means.T, draws.T, pull.T, noise.T, strict=True):
        np.testing.assert_allclose(mean, np.linalg.solve(each, towards), rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(np.linalg.cholesky(each).T @ (draw - mean), by, rtol=1e-8, atol=1e-8)


def test_membership_weighs_a_row_by_the_root_of_its_length():
    stars = sp.csr_array(np.array([[5.0, 0, 1, 2], [0, 0, 0, 0]]))
    found = membership(stars, np.array([0, 1, 3])).toarray()
    np.testing.assert_allclose(found, [[1 / np.sqrt(3), 0, 1 / np.sqrt(3)], [0, 0, 0]])


def test_only_the_most_rated_columns_serve_as_features():
    stars = sp.csr_array(np.array([[1, 0, 1, 1], [0, 0, 1, 1], [0, 1, 1, 0]]))
    np.testing.assert_array_equal(most_rated(stars, 2), [2, 3])
    np.testing.assert_array_equal(most_rated(stars, 9), [0, 1, 2, 3])


@pytest.mark.parametrize(("n_rows", "n_features"), [(5, 200), (30, 360), (60, 400)])
def test_the_fewer_ratings_there_are_the_fewer_columns_serve_as_features(n_rows, n_features):
    """Everybody rated 300 of 600 films: a feature for 25 ratings, 200 in any case, and no more than was asked for."""
    rng = np.random.default_rng(0)
    rated = np.zeros((n_rows, 600))
    for row in rated:
        row[rng.permutation(600)[:300]] = 3.0
    found = most_rated(sp.csr_array(rated), 400)
    assert len(found) == n_features
    counts = (rated > 0).sum(axis=0)
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
