"""Vectorised models against a referee: scikit-learn, naive loops, or an answer known in advance."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.base import RatingModel
from recsys.models.factors.als import ALS
from recsys.models.factors.config import ALSConfig, SVDConfig
from recsys.models.factors.folded import centred, ridge_rows, solve_rows, training_rmse, with_ones
from recsys.models.factors.svd import SVD, compiled_epoch, first_parameters, shuffled_batches
from recsys.models.linear import ease
from recsys.models.linear.config import EASEConfig, SLIMConfig
from recsys.models.linear.ease import EASE
from recsys.models.linear.grams import gram_matrix, inverse_spd
from recsys.models.linear.slim import SLIM
from recsys.models.neighbours.config import UserKNNConfig
from recsys.models.neighbours.user_knn import UserKNN
from recsys.models.simple.baseline import Baseline
from recsys.models.simple.config import BaselineConfig, PopularityConfig
from recsys.models.simple.popularity import Popularity
from recsys.models.simple.sums import shrunk_means
from recsys.ranking import top_k
from recsys.testing.synthetic import checkerboard, low_rank
from recsys.training import Training
from tests.support.small_models import fitted, ratings

seeds = st.integers(0, 2**32 - 1)
TO_TEN = RatingScale(lowest=1.0, highest=10.0)
BY_THREES = RatingScale(lowest=2.0, highest=8.0, step=3.0)
every_scale = pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, TO_TEN, BY_THREES])


def ratings_on(
    scale: RatingScale, seed: int = 0, shape: tuple[int, int] = (20, 10), density: float = 0.5
) -> sp.csr_array:
    """Random stars of every level of a scale; about `density` of the cells are rated."""
    rng = np.random.default_rng(seed)
    return sp.csr_array((rng.choice(scale.levels, shape) * (rng.random(shape) < density)).astype(np.float32))


def graded(stars: sp.csr_array, scale: RatingScale) -> np.ndarray:
    """Dense grades from 0 for the lowest stars to 1 for the highest; 0 where nothing is rated."""
    n_steps = (stars.toarray().astype(float) - scale.lowest) / scale.step
    return np.where(stars.toarray() > 0, n_steps / (len(scale.levels) - 1), 0.0)


@every_scale
@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_ease_equals_one_ridge_regression_per_item(scale, seed):
    stars = ratings_on(scale, seed, (60, 9), 0.5)
    liked = graded(stars, scale)
    model = EASE(EASEConfig(l2=3.0), scale).fit(Interactions(stars))
    weights = model.weights
    np.testing.assert_allclose(model.score(Histories(stars[:4])), liked[:4] @ weights, rtol=1e-4, atol=1e-5)
    for j in range(9):
        ridge = Ridge(alpha=3.0, fit_intercept=False).fit(np.delete(liked, j, axis=1), liked[:, j])
        np.testing.assert_allclose(np.delete(weights[:, j], j), ridge.coef_, rtol=1e-4, atol=1e-6)
        assert weights[j, j] == 0


def test_binary_ease_sees_only_who_liked_what():
    stars = ratings(3)
    liked = stars.copy()
    liked.data = np.where(liked.data >= 4, 5, 1).astype(np.float32)
    config = EASEConfig(feedback="binary")
    np.testing.assert_array_equal(
        EASE(config).fit(Interactions(stars)).matrix(), EASE(config).fit(Interactions(liked)).matrix()
    )


def test_features_of_films_are_more_people_to_ease():
    """Each feature, times the root of its weight, is a row below those of people; without a weight it is nothing."""
    stars, has = ratings(3), np.random.default_rng(1).random((23, 4)) < 0.4
    liked = np.vstack([(stars.toarray() - 1).clip(min=0) / 4, np.sqrt(2.5) * has.T])
    precision = np.linalg.inv(liked.T @ liked + 3.0 * np.eye(23))
    expected = -precision / np.diag(precision)
    np.fill_diagonal(expected, 0)
    facts = FilmFacts(features=has.astype(float))
    found = EASE(EASEConfig(l2=3.0, feature_weight=2.5)).fit(Interactions(stars, films=facts))
    np.testing.assert_allclose(found.matrix(), expected, rtol=1e-4, atol=1e-6)
    deaf, plain = (EASE(EASEConfig(l2=3.0)).fit(Interactions(stars, films=each)) for each in (facts, None))
    np.testing.assert_array_equal(deaf.matrix(), plain.matrix())


@given(seed=seeds)
@settings(max_examples=5, deadline=None)
@pytest.mark.parametrize("n_features", [0, 3])
@pytest.mark.parametrize(("n_people", "n_films"), [(30, 12), (5, 30)], ids=["more people", "more films"])
def test_ease_leaves_out_whom_and_what_nobody_rated_and_learns_the_same(n_people, n_films, n_features, seed):
    """Of a third of the people, and of a third of the films, there is no rating; features tell of every film."""
    rng = np.random.default_rng(seed)
    stars = ratings_on(WHOLE_STARS, seed, (n_people, n_films)).toarray()
    stars[rng.random(n_people) < 1 / 3] = 0
    stars[:, rng.random(n_films) < 1 / 3] = 0
    has = (rng.random((n_films, n_features)) < 0.5).astype(float)
    evidence = np.vstack([graded(sp.csr_array(stars), WHOLE_STARS), np.sqrt(2.5) * has.T])
    precision = np.linalg.inv(evidence.T @ evidence + 3.0 * np.eye(n_films))
    expected = -precision / np.diag(precision)
    np.fill_diagonal(expected, 0)
    data = Interactions(sp.csr_array(stars), films=FilmFacts(features=has))
    found = EASE(EASEConfig(l2=3.0, feature_weight=2.5)).fit(data).matrix()
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_ease_inverts_a_matrix_of_the_smaller_side_that_has_ratings(monkeypatch):
    sizes = []

    def note(name: str) -> None:
        solve = getattr(ease, name)

        def noted(matrix: np.ndarray, **options: bool) -> np.ndarray:
            sizes.append(len(matrix))
            return solve(matrix, **options)

        monkeypatch.setattr(ease, name, noted)

    note("inverse_spd")
    note("eigh")
    stars = np.zeros((50, 40), dtype=np.float32)
    stars[:30, :9] = 4
    EASE().fit(Interactions(sp.csr_array(stars)))
    EASE().fit(Interactions(sp.csr_array(stars.T)))
    assert sizes == [9, 9]


def test_few_people_are_kept_instead_of_a_matrix_of_films_by_films():
    stars = ratings_on(WHOLE_STARS, 5, (6, 40))
    model = EASE().fit(Interactions(stars))
    assert model.arrays().keys() == {"halves", "rest"}
    assert model.halves.shape == (40, 6)
    found = model.score(Histories(stars))
    np.testing.assert_allclose(found, model.feedback(stars) @ model.matrix(), rtol=1e-4, atol=1e-6)
    again = EASE().restore(model.arrays())
    np.testing.assert_array_equal(again.score(Histories(stars)), found)
    again.fit(Interactions(ratings_on(WHOLE_STARS, 5, (40, 9))))
    assert again.arrays().keys() == {"weights"}


@pytest.mark.parametrize("kept", [(), ("halves",), ("rest",), ("weights", "rest"), ("weights", "halves", "rest")])
def test_half_of_what_ease_learned_is_refused(kept):
    arrays = {"weights": np.zeros((3, 3)), "halves": np.ones((3, 2)), "rest": np.ones(3)}
    with pytest.raises(ValueError, match="expected weights, or halves and rest"):
        EASE().restore({name: arrays[name] for name in kept})


def test_slim_warns_before_it_takes_much_memory():
    """By a category that Python shows by default, unlike a ResourceWarning."""
    with pytest.warns(RuntimeWarning, match=r"fitting takes 0.0 GiB for matrices of 23 x 23 numbers; leave the"):
        SLIM(SLIMConfig(warn_above_bytes=32 * 23**2 - 1, epochs=1)).fit(Interactions(ratings()))
    SLIM(SLIMConfig(warn_above_bytes=32 * 23**2, epochs=1)).fit(Interactions(ratings()))  # here it would be an error


def test_the_gram_matrix_in_blocks_equals_the_product(monkeypatch):
    monkeypatch.setattr("recsys.models.linear.grams.BLOCK", 5)
    stars = ratings(3).astype(np.float64)
    np.testing.assert_allclose(gram_matrix(stars), stars.toarray().T @ stars.toarray())


def test_inverse_of_a_positive_definite_matrix_is_its_inverse():
    factor = np.random.default_rng(0).normal(size=(50, 20))
    matrix = factor.T @ factor + np.eye(20)
    np.testing.assert_allclose(inverse_spd(np.asfortranarray(matrix)), np.linalg.inv(matrix), rtol=1e-10, atol=1e-12)
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite"):
        inverse_spd(np.asfortranarray(-matrix))


def test_popularity_counts_likes():
    stars = ratings(2)
    np.testing.assert_array_equal(
        Popularity().fit(Interactions(stars)).score(Histories(stars[:1]))[0], (stars.toarray() >= 4).sum(axis=0)
    )


@pytest.mark.parametrize("liked_from", [0.5, 3.5, 5.0])
def test_popularity_counts_half_stars_from_the_first_that_is_a_like(liked_from):
    stars = ratings_on(HALF_STARS)
    model = Popularity(PopularityConfig(liked_from=liked_from), HALF_STARS).fit(Interactions(stars))
    expected = [sum(given >= liked_from for given in column) for column in stars.toarray().T]
    np.testing.assert_array_equal(model.score(Histories(stars[:3])), [expected] * 3)
    np.testing.assert_array_equal(Popularity().restore(model.arrays()).n_likes, expected)


@every_scale
def test_baseline_is_a_stationary_point_of_its_loss(scale):
    """At the minimum of sum (r - mean - b_u - b_i)^2 + l2_u |b_u|^2 + l2_i |b_i|^2 every offset is its shrunk mean."""
    stars = ratings_on(scale, 4, (40, 23)).astype(np.float64)
    model = Baseline(BaselineConfig(l2_user=2.0, l2_item=3.0, sweeps=200), scale).fit(Interactions(stars))
    assert model.mean == pytest.approx(stars.data.mean())
    dense, is_rated = stars.toarray(), stars.toarray() > 0
    rest = np.where(is_rated, dense - model.mean - model.user_offset(stars)[:, None], 0)
    np.testing.assert_allclose(model.item_offset, rest.sum(axis=0) / (is_rated.sum(axis=0) + 3.0), rtol=1e-9, atol=1e-9)
    rest = np.where(is_rated, dense - model.mean - model.item_offset, 0)
    np.testing.assert_allclose(model.user_offset(stars), rest.sum(axis=1) / (is_rated.sum(axis=1) + 2.0), rtol=1e-9)


def test_baseline_worked_by_hand():
    """One sweep: users first, shrunk by one rating, then films by two. Mean 3; 4.5 and 2.5 by one, 2 by another."""
    stars = sp.csr_array(np.array([[4.5, 2.5, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]]))
    model = Baseline(BaselineConfig(l2_user=1.0, l2_item=2.0, sweeps=1), HALF_STARS).fit(Interactions(stars))
    users = np.array([(1.5 - 0.5) / 3, -1 / 2])
    films = np.array([(1.5 - users[0]) / 3, (-0.5 - users[0] - 1 - users[1]) / 4, 0.0])
    np.testing.assert_allclose(model.item_offset, films)
    served = np.array([(1.5 - films[0] - 0.5 - films[1]) / 3, (-1 - films[1]) / 2, 0.0])
    np.testing.assert_allclose(model.predict(Histories(stars)), 3 + served[:, np.newaxis] + films, rtol=1e-6)
    residuals = [1.5 - films[0] - served[0], -0.5 - films[1] - served[0], -1 - films[1] - served[1]]
    np.testing.assert_allclose(model.residuals(stars), residuals)
    again = Baseline(model.config, HALF_STARS).restore(model.arrays())
    np.testing.assert_array_equal(again.score(Histories(stars)), model.predict(Histories(stars)))


def test_an_offset_without_ratings_and_without_shrinkage_is_0():
    assert shrunk_means(np.array([0, 0, 2]), np.array([1.0, 2.0, 5.0]), 4, 0.0).tolist() == [1.5, 0, 5, 0]


@pytest.mark.parametrize(("scale", "middle"), [(HALF_STARS, 2.75), (TO_TEN, 5.5)])
@pytest.mark.parametrize("made", [Baseline, ALS, SVD, UserKNN])
def test_without_any_ratings_everything_is_the_middle_of_the_scale(made, scale, middle):
    nothing = sp.csr_array((2, 3), dtype=np.float32)
    np.testing.assert_allclose(
        made(scale=scale).fit(Interactions(nothing)).predict(Histories(nothing)), [[middle] * 3] * 2
    )


def naive_similarity(own: np.ndarray, other: np.ndarray, shrinkage: float) -> float:
    """Shrunk Pearson correlation of two rows of residuals, NaN where unrated."""
    shared = ~np.isnan(own) & ~np.isnan(other)
    norm = np.sqrt((own[shared] ** 2).sum() * (other[shared] ** 2).sum())
    correlation = (own[shared] * other[shared]).sum() / norm if norm > 0 else 0.0
    return max(correlation, 0.0) * shared.sum() / (shared.sum() + shrinkage)


def residuals_of(model: UserKNN, stars: sp.csr_array) -> np.ndarray:
    """Dense residuals, NaN where unrated."""
    dense = np.full(stars.shape, np.nan)
    rows = np.repeat(np.arange(stars.shape[0]), np.diff(stars.indptr))
    dense[rows, stars.indices] = model.baseline.residuals(stars)
    return dense


@every_scale
@given(seed=seeds)
@settings(max_examples=3, deadline=None)
def test_user_knn_predicts_like_a_naive_loop(scale, seed):
    train, history = ratings_on(scale, seed, (15, 12)), ratings_on(scale, seed + 1, (4, 12))
    model = UserKNN(UserKNNConfig(n_neighbours=3, shrinkage=2.0, l2=0.7), scale).fit(Interactions(train))
    theirs, own, base = (
        residuals_of(model, train),
        residuals_of(model, history),
        model.baseline.predict(Histories(history)),
    )
    found = model.predict(Histories(history))
    for b in range(4):
        similarity = np.array([naive_similarity(own[b], other, 2.0) for other in theirs])
        for i in range(12):
            raters = np.flatnonzero(~np.isnan(theirs[:, i]))
            third = np.sort(similarity[raters])[-3:].min(initial=np.inf)
            chosen = raters[similarity[raters] > third - 1e-9]  # whoever ties with the third votes too
            votes = (similarity[chosen] * theirs[chosen, i]).sum() / (similarity[chosen].sum() + 0.7)
            assert found[b, i] == pytest.approx(base[b, i] + votes, abs=1e-4)


@every_scale
def test_user_knn_ranks_by_the_summed_grades_of_the_most_similar(scale):
    train, history = ratings_on(scale, 1, (15, 12)), ratings_on(scale, 2, (4, 12))
    found = UserKNN(UserKNNConfig(n_neighbours=3), scale).fit(Interactions(train)).score(Histories(history))
    theirs, own = graded(train, scale), graded(history, scale)
    for b in range(4):
        cosine = theirs @ own[b] / (np.linalg.norm(theirs, axis=1) * np.linalg.norm(own[b]))
        third = np.sort(cosine)[-3]
        votes = np.where(cosine > third - 1e-12, cosine, 0.0)  # whoever ties with the third votes too
        np.testing.assert_allclose(found[b], votes @ theirs, rtol=1e-5, atol=1e-6)


@every_scale
def test_user_knn_has_no_votes_for_or_from_people_who_gave_nothing_but_the_lowest_stars(scale):
    """Their graded histories have no length to be divided by."""
    stars = ratings_on(scale).toarray()
    stars[3, :4] = stars[7] = scale.lowest
    stars[3, 4:] = 0
    found = UserKNN(scale=scale).fit(Interactions(sp.csr_array(stars))).score(Histories(sp.csr_array(stars)))
    assert not found[[3, 7]].any()
    without = (
        UserKNN(scale=scale)
        .fit(Interactions(sp.csr_array(np.delete(stars, [3, 7], axis=0))))
        .score(Histories(sp.csr_array(stars)))
    )
    np.testing.assert_allclose(found, without, rtol=1e-5)


@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_ridge_rows_solves_each_row_like_scikit_learn(seed):
    """With equal penalties on weights and offset it is scikit-learn's ridge with a column of ones."""
    rng, n_items = np.random.default_rng(seed), 12
    residuals = ratings(seed, (6, n_items), 0.7).astype(np.float64)
    factors = rng.normal(size=(n_items, 3))
    for row in range(6):
        items = residuals[[row]].indices
        if not len(items):
            continue
        found = ridge_rows(residuals[[row]], factors, l2=0.2, l2_offset=0.2 * len(items))[0]
        features = np.column_stack([factors[items], np.ones(len(items))])
        ridge = Ridge(alpha=0.2 * len(items), fit_intercept=False).fit(features, residuals[[row]].data)
        np.testing.assert_allclose(found, ridge.coef_, rtol=1e-7, atol=1e-9)


def test_ridge_rows_in_chunks_equals_all_at_once(monkeypatch):
    residuals, factors = ratings(1).astype(np.float64), np.random.default_rng(1).normal(size=(23, 3))
    at_once, sizes = ridge_rows(residuals, factors, 0.1, 1.0), []

    def noted(chunk: sp.csr_array, *rest) -> np.ndarray:
        sizes.append(chunk.shape[0])
        return solve_rows(chunk, *rest)

    monkeypatch.setattr("recsys.models.factors.folded.solve_rows", noted)
    monkeypatch.setattr("recsys.models.numeric.grams.CHUNK_BYTES", 3 * 8 * 4**2)
    np.testing.assert_allclose(ridge_rows(residuals, factors, 0.1, 1.0), at_once, rtol=1e-12)
    assert sizes == 13 * [3] + [1]  # of 40


def test_parts_of_factor_models_worked_by_hand():
    train = sp.csr_array(np.array([[3.5, 0.0], [1.0, 4.0]]))
    residuals = centred(train, 2.0, np.array([0.5, 1.0]))
    assert residuals.toarray().tolist() == [[1.0, 0.0], [-1.5, 1.0]]
    assert with_ones(np.array([[2.0], [3.0]])).tolist() == [[2, 1], [3, 1]]
    weights, features = np.array([[1.0, 0.5], [0.0, 1.0]]), np.array([[2.0, 1.0], [3.0, 1.0]])
    # fitted 2.5 of 1, 1 of -1.5, and 1 of 1
    assert training_rmse(residuals, weights, features) == pytest.approx(np.sqrt((1.5**2 + 2.5**2 + 0) / 3))


@pytest.mark.parametrize("made", [lambda: ALS(ALSConfig(n_factors=3)), lambda: SVD(SVDConfig(n_factors=3))])
def test_factor_models_fold_somebody_in_by_one_ridge_regression(made):
    history = ratings_on(HALF_STARS, 1)[[4]]
    model = made().fit(Interactions(ratings_on(HALF_STARS)))
    seen, rest = history.indices, history.data - model.mean - model.item_offset[history.indices]
    features = np.column_stack([model.item_factors[seen], np.ones(len(seen))])
    penalty = np.diag([model.config.l2 * len(seen)] * 3 + [model.config.l2_offset])
    weights = np.linalg.solve(features.T @ features + penalty, features.T @ rest)
    expected = model.mean + model.item_offset + model.item_factors @ weights[:3] + weights[3]
    np.testing.assert_allclose(model.predict(Histories(history)), [expected], rtol=1e-5)
    again = made().restore(model.arrays())
    np.testing.assert_array_equal(again.score(Histories(history)), model.predict(Histories(history)))


@every_scale
@pytest.mark.parametrize("epochs", [2, 4])
def test_als_reports_the_error_of_its_last_half_sweep(scale, epochs):
    """By the people's weights that the films were solved with, which are not kept: told from the sweep before."""
    train, told = ratings_on(scale), []
    model = ALS(ALSConfig(n_factors=3, epochs=epochs), scale)
    model.fit(Interactions(train), Training(seed=0, on_progress=lambda *step, rmse: told.append((*step, rmse))))
    before = ALS(ALSConfig(n_factors=3, epochs=epochs - 1), scale).fit(Interactions(train))
    people = before.user_weights(train)
    fitted_stars = model.mean + people @ np.column_stack([model.item_factors, np.ones(10)]).T + model.item_offset
    errors = (train.toarray() - fitted_stars)[train.toarray() > 0]
    assert [step[:3] for step in told] == [("epoch", epoch + 1, epochs) for epoch in range(epochs)]
    assert told[-1][3] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-6)


def naive_als(stars: np.ndarray, config: ALSConfig, item_factors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Item factors and offsets by loops over users and items, one linear system each."""
    is_rated, mean = stars > 0, stars[stars > 0].mean()
    items = np.column_stack([item_factors, np.zeros(len(item_factors))])  # factors, offset
    users = np.zeros((len(stars), items.shape[1]))

    def solve(own: np.ndarray, other: np.ndarray, target: np.ndarray, observed: np.ndarray) -> None:
        for row in range(len(own)):
            seen = np.flatnonzero(observed[row])
            features = np.column_stack([other[seen, :-1], np.ones(len(seen))])
            penalty = np.diag([config.l2 * len(seen)] * config.n_factors + [config.l2_offset])
            rest = target[row, seen] - mean - other[seen, -1]
            own[row] = np.linalg.solve(features.T @ features + penalty, features.T @ rest)

    for _ in range(config.epochs):
        solve(users, items, stars, is_rated)
        solve(items, users, stars.T, is_rated.T)
    return items[:, :-1], items[:, -1]


@every_scale
def test_als_equals_a_naive_loop(scale):
    train, config = ratings_on(scale, 5, density=0.6).astype(np.float64), ALSConfig(n_factors=3, epochs=4)
    first = np.random.default_rng(0).normal(0.0, config.init_scale, (10, 3))
    factors, offsets = naive_als(train.toarray() / scale.unit, config, first)
    model = ALS(config, scale).fit(Interactions(train))
    np.testing.assert_allclose(model.item_factors, factors, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(model.item_offset, scale.unit * offsets, rtol=1e-6, atol=1e-8)


def naive_sgd_epoch(
    state: dict, users: np.ndarray, items: np.ndarray, stars: np.ndarray, rate: float, l2: float
) -> float:
    """Koren's updates, one rating after the other; the root mean square of the errors that came before each."""
    errors = []
    for u, i, r in zip(users, items, stars, strict=True):
        p, q = state["user_factors"][u].copy(), state["item_factors"][i].copy()
        error = r - state["user_offset"][u] - state["item_offset"][i] - p @ q
        errors.append(error)
        state["user_offset"][u] += rate * (error - l2 * state["user_offset"][u])
        state["item_offset"][i] += rate * (error - l2 * state["item_offset"][i])
        state["user_factors"][u] += rate * (error * q - l2 * p)
        state["item_factors"][i] += rate * (error * p - l2 * q)
    return float(np.sqrt(np.mean(np.square(errors))))


def test_svd_with_batches_of_one_equals_koren_s_updates_one_after_the_other():
    train, config, rng = ratings(6, (8, 7), 0.6), SVDConfig(n_factors=3), np.random.default_rng(0)
    parameters = first_parameters(train.shape, config, rng)
    users, items = train.nonzero()
    naive = {name: values.astype(np.float64) for name, values in parameters.items()}
    naive_sgd_epoch(naive, users, items, train.data - 3.0, 0.05, 0.1)
    ones = np.ones((train.nnz, 1), dtype=np.float32)
    batches = (users[:, None].astype(np.int32), items[:, None].astype(np.int32), train.data[:, None] - 3, ones)
    found, _ = compiled_epoch()(parameters, batches, np.float32(0.05), np.float32(0.1))
    for name, values in naive.items():
        np.testing.assert_allclose(np.asarray(found[name]), values, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("scale", [HALF_STARS, TO_TEN])
def test_svd_is_koren_s_updates_in_a_new_order_every_epoch_at_a_rate_that_falls_to_a_tenth(scale):
    train, rng, told = ratings_on(scale, 6, (8, 7), 0.6), np.random.default_rng(0), []
    config = SVDConfig(n_factors=3, epochs=3, batch_size=1, learning_rate=0.02, l2=0.1)
    model = SVD(config, scale).fit(
        Interactions(train), Training(seed=0, on_progress=lambda *step, rmse: told.append((*step, rmse)))
    )
    naive = {name: values.astype(np.float64) for name, values in first_parameters(train.shape, config, rng).items()}
    users, items = train.nonzero()
    targets = (train.data - model.mean) / scale.unit
    for epoch in range(3):
        order = rng.permutation(train.nnz)
        rate = 0.02 * (1 - 0.9 * epoch / 3)
        error = naive_sgd_epoch(naive, users[order], items[order], targets[order], rate, 0.1)
        assert told[epoch] == ("epoch", epoch + 1, 3, pytest.approx(scale.unit * error, rel=1e-5))
    assert model.mean == pytest.approx(train.data.mean())
    np.testing.assert_allclose(model.item_offset, scale.unit * naive["item_offset"], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(model.item_factors, naive["item_factors"], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("batch_size", [7, 1000])
def test_svd_reports_the_error_of_all_ratings_however_they_are_batched(batch_size):
    """At a rate of next to nothing it is that of the first factors; the last batch is filled up with weights of 0."""
    train, told = ratings_on(HALF_STARS), []
    config = SVDConfig(n_factors=3, epochs=1, batch_size=batch_size, learning_rate=1e-9)
    SVD(config, HALF_STARS).fit(Interactions(train), Training(seed=0, on_progress=lambda *_, rmse: told.append(rmse)))
    first = first_parameters(train.shape, config, np.random.default_rng(0))
    guesses = first["user_factors"] @ first["item_factors"].T
    users, items = train.nonzero()
    errors = train.data - train.data.mean() - HALF_STARS.unit * guesses[users, items]
    assert told == [pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-5)]


def test_svd_begins_without_offsets_and_with_small_factors():
    first = first_parameters((400, 300), SVDConfig(n_factors=10, init_scale=0.2), np.random.default_rng(0))
    assert {name: values.shape for name, values in first.items()} == {
        "user_offset": (400,),
        "item_offset": (300,),
        "user_factors": (400, 10),
        "item_factors": (300, 10),
    }
    assert {values.dtype for values in first.values()} == {np.dtype(np.float32)}
    assert not first["user_offset"].any()
    assert not first["item_offset"].any()
    for name in ("user_factors", "item_factors"):
        assert first[name].mean() == pytest.approx(0, abs=0.02)
        assert first[name].std() == pytest.approx(0.2, rel=0.05)


def test_svd_has_no_batches_where_there_are_no_ratings():
    nothing = np.zeros(0, dtype=np.int32)
    batches = shuffled_batches(nothing, nothing, nothing.astype(np.float32), 4, np.random.default_rng(0))
    assert [column.shape for column in batches] == [(0, 4)] * 4


def test_svd_s_batches_hold_every_rating_once_and_pad_with_weight_0():
    train = ratings(7)
    users, items = train.nonzero()
    batches = shuffled_batches(users, items, train.data, 64, np.random.default_rng(0))
    assert {column.shape for column in batches} == {(-(-train.nnz // 64), 64)}
    is_real = batches[3].ravel() == 1
    found = sorted(zip(*(column.ravel()[is_real].tolist() for column in batches[:3]), strict=True))
    assert found == sorted(zip(users.tolist(), items.tolist(), train.data.tolist(), strict=True))


@pytest.mark.parametrize("name", ["svd", "als", "user-knn", "baseline"])
def test_beats_the_mean_where_ratings_have_structure(name):
    stars = low_rank(300, 120, 9000, seed=0, scale=WHOLE_STARS)
    in_test = np.random.default_rng(0).random(stars.nnz) < 0.2
    rows, columns = stars.nonzero()
    train = sp.csr_array((stars.data * ~in_test, (rows, columns)), shape=stars.shape)
    train.eliminate_zeros()
    model = fitted(name, train)
    assert isinstance(model, RatingModel)
    error = model.predict(Histories(train))[rows[in_test], columns[in_test]] - stars.data[in_test]
    assert np.sqrt((error**2).mean()) < 0.95 * stars.data[in_test].std()


@pytest.mark.parametrize("name", ["user-knn", "ease", "ease-binary"])
def test_a_checkerboard_is_understood(name):
    """Even users like even items: what they have not seen of them comes before everything else."""
    board = checkerboard(40, 20)
    ranked = top_k(fitted(name, board).score(Histories(board)), board, 1)[:, 0]
    assert (ranked % 2 == np.arange(40) % 2).all()
