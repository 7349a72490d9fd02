"""Standard errors and comparisons against closed forms, SciPy, derivatives by hand, and simulated truth."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import eval.measures.stats
from eval.measures.stats import UserSums, compare_to_best, estimate, paired_bootstrap, standard_error

SEEDS = st.integers(0, 2**32 - 1)


def one_split(values: np.ndarray) -> UserSums:
    """A metric with a value for every user."""
    return UserSums(values[np.newaxis], np.ones((1, len(values))))


def random_sums(seed: int, *, n_splits: int = 3, n_users: int = 60, root: bool = False) -> UserSums:
    """Sums like those of squared errors: users differ in size, some are in no split or not in all."""
    rng = np.random.default_rng(seed)
    n_ratings = rng.poisson(rng.gamma(2.0, 2.0, n_users), size=(n_splits, n_users)).astype(np.float64)
    n_ratings[:, 0] = 1.0
    return UserSums(n_ratings * rng.gamma(2.0, 0.5, (n_splits, n_users)), n_ratings, root)


def weighted_estimate(sums: UserSums, weights: np.ndarray) -> float:
    """The definition, in a loop, with a weight for each user."""
    values = []
    for numerator, denominator in zip(sums.numerator, sums.denominator, strict=True):
        ratio = sum(weights * numerator) / sum(weights * denominator)
        values.append(ratio**0.5 if sums.root else ratio)
    return sum(values) / len(values)


# Reference


@settings(deadline=None)
@given(SEEDS, st.booleans())
def test_estimate_is_the_mean_over_splits_of_the_ratio_of_sums(seed, root):
    sums = random_sums(seed, root=root)
    assert estimate(sums) == pytest.approx(weighted_estimate(sums, np.ones(60)))


@settings(deadline=None)
@given(SEEDS, st.integers(2, 50))
def test_standard_error_of_one_split_is_the_textbook_one(seed, n_users):
    values = np.random.default_rng(seed).random(n_users)
    assert standard_error(one_split(values)) == pytest.approx(scipy.stats.sem(values))


@settings(deadline=None, max_examples=30)
@given(SEEDS, st.booleans())
def test_standard_error_is_made_of_derivatives_by_user_weights(seed, root):
    sums = random_sums(seed, n_users=20, root=root)
    step = 1e-5
    derivatives = [
        (weighted_estimate(sums, 1 + step * user) - weighted_estimate(sums, 1 - step * user)) / (2 * step)
        for user in np.eye(20)
    ]
    n = np.sum(sums.denominator.any(axis=0))
    assert standard_error(sums) == pytest.approx(np.sqrt(n / (n - 1) * np.sum(np.square(derivatives))), rel=1e-6)


def test_standard_error_of_the_rmse_follows_from_that_of_the_mse():
    squares = random_sums(0, n_splits=1)
    roots = replace(squares, root=True)
    assert standard_error(roots) == pytest.approx(standard_error(squares) / (2 * estimate(roots)))


@pytest.mark.parametrize("root", [False, True])
def test_standard_error_agrees_with_scipys_bootstrap_over_users(root):
    sums = random_sums(1, n_users=400, root=root)

    def statistic(users: np.ndarray, axis: int) -> np.ndarray:  # users: (..., n_users)
        ratio = sums.numerator[:, users].sum(axis=-1) / sums.denominator[:, users].sum(axis=-1)
        return (np.sqrt(ratio) if root else ratio).mean(axis=0)

    theirs = scipy.stats.bootstrap(
        (np.arange(400),), statistic, n_resamples=4000, method="percentile", rng=np.random.default_rng(0), batch=500
    )
    assert standard_error(sums) == pytest.approx(theirs.standard_error, rel=0.05)


@pytest.mark.parametrize("root", [False, True])
def test_paired_bootstrap_agrees_with_scipys_paired_bootstrap(root):
    a = random_sums(2, n_splits=1, n_users=300, root=root)
    noise = np.random.default_rng(3).normal(1.05, 0.2, a.numerator.shape)
    b = replace(a, numerator=a.numerator * np.abs(noise))

    def statistic(numerator_a, numerator_b, denominator, axis):
        ratios = [part.sum(axis=axis) / denominator.sum(axis=axis) for part in (numerator_a, numerator_b)]
        return np.subtract(*(np.sqrt(ratios) if root else ratios))

    theirs = scipy.stats.bootstrap(
        (a.numerator[0], b.numerator[0], a.denominator[0]),
        statistic,
        paired=True,
        n_resamples=10_000,
        method="percentile",
        rng=np.random.default_rng(0),
        batch=1000,
    )
    ours = paired_bootstrap(a, b, rng=np.random.default_rng(1), n_resamples=10_000)
    within = 0.1 * theirs.standard_error
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=within)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=within)


@pytest.mark.parametrize("shift", [0.0, 0.01, 0.02, 0.03])
def test_paired_bootstrap_agrees_with_the_paired_t_test_on_many_users(shift):
    rng = np.random.default_rng(4)
    b = rng.random(800)
    a = b + rng.normal(shift, 0.3, 800)
    ours = paired_bootstrap(one_split(a), one_split(b), rng=rng, n_resamples=10_000)
    theirs = scipy.stats.ttest_rel(a, b)
    low, high = theirs.confidence_interval(0.95)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=0.02)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.03 * (high - low))


def test_intervals_cover_the_truth_and_p_values_reject_it_as_often_as_they_say():
    rng = np.random.default_rng(5)
    n_trials, covered, rejected = 400, 0, 0
    for _ in range(n_trials):
        n_ratings = 1.0 + rng.poisson(5.0, (1, 120))
        person = rng.gamma(2.0, 0.5, (1, 120))  # what a user's two errors share
        errors = [n_ratings * person * rng.gamma(4.0, 0.25, (1, 120)) for _ in range(2)]
        a, b = (UserSums(error, n_ratings, root=True) for error in errors)
        result = paired_bootstrap(a, b, rng=rng, n_resamples=400)  # the true difference is 0
        covered += result.low <= 0 <= result.high
        rejected += result.p_value < 0.05
    assert 0.91 <= covered / n_trials <= 0.98  # 95 %, three standard errors of 1.1 points, and a small-sample loss
    assert 0.02 <= rejected / n_trials <= 0.09


# Under changes that must not matter


@settings(deadline=None)
@given(SEEDS, st.booleans())
def test_permuting_users_changes_neither_estimate_nor_standard_error(seed, root):
    sums = random_sums(seed, root=root)
    order = np.random.default_rng(seed).permutation(60)
    shuffled = UserSums(sums.numerator[:, order], sums.denominator[:, order], root)
    assert estimate(shuffled) == pytest.approx(estimate(sums))
    assert standard_error(shuffled) == pytest.approx(standard_error(sums))


def test_a_user_left_out_of_every_split_changes_nothing():
    sums, other = random_sums(6), random_sums(6)
    other = replace(other, numerator=other.numerator * 1.1)
    wider, wider_other = (
        UserSums(np.pad(each.numerator, ((0, 0), (0, 9))), np.pad(each.denominator, ((0, 0), (0, 9))))
        for each in (sums, other)
    )
    assert estimate(wider) == pytest.approx(estimate(sums))
    assert standard_error(wider) == pytest.approx(standard_error(sums))
    first, second = (
        paired_bootstrap(*pair, rng=np.random.default_rng(0), n_resamples=50)
        for pair in ((sums, other), (wider, wider_other))
    )
    assert (first.low, first.high) == pytest.approx((second.low, second.high))


def test_a_split_counted_twice_adds_no_certainty():
    once = random_sums(7, n_splits=1)
    twice = UserSums(np.repeat(once.numerator, 2, axis=0), np.repeat(once.denominator, 2, axis=0))
    assert standard_error(twice) == pytest.approx(standard_error(once))


def test_splits_over_different_users_add_up_as_independent_means():
    rng = np.random.default_rng(8)
    left, right = rng.random(30), rng.random(30)
    numerator = np.array([[*left, *np.zeros(30)], [*np.zeros(30), *right]])
    denominator = np.array([[1.0] * 30 + [0.0] * 30, [0.0] * 30 + [1.0] * 30])
    biased = np.hypot(left.std() / np.sqrt(30), right.std() / np.sqrt(30)) / 2
    assert standard_error(UserSums(numerator, denominator)) == pytest.approx(biased * np.sqrt(60 / 59))


@pytest.mark.parametrize("root", [False, True])
def test_identical_models_differ_by_exactly_0_with_p_1(root):
    sums = random_sums(9, root=root)
    result = paired_bootstrap(sums, replace(sums, numerator=sums.numerator.copy()), rng=np.random.default_rng(0))
    assert (result.difference, result.low, result.high, result.p_value) == (0.0, 0.0, 0.0, 1.0)


def test_a_difference_of_rounding_is_no_difference():
    sums = random_sums(10)
    nearly = replace(sums, numerator=np.where(sums.numerator > 0, np.nextafter(sums.numerator, np.inf), 0.0))
    result = paired_bootstrap(nearly, sums, rng=np.random.default_rng(0), n_resamples=100)
    assert (result.difference, result.p_value) == (0.0, 1.0)


@settings(deadline=None, max_examples=20)
@given(SEEDS, st.booleans())
def test_exchanging_the_models_turns_the_comparison_round(seed, root):
    a = random_sums(seed, root=root)
    b = replace(a, numerator=a.numerator * np.random.default_rng(seed).random(a.numerator.shape))
    forth = paired_bootstrap(a, b, rng=np.random.default_rng(seed), n_resamples=200)
    back = paired_bootstrap(b, a, rng=np.random.default_rng(seed), n_resamples=200)
    assert (forth.difference, forth.low, forth.high) == pytest.approx((-back.difference, -back.high, -back.low))
    assert forth.p_value == back.p_value
    assert forth.difference == pytest.approx(estimate(a) - estimate(b))


def test_the_same_seed_gives_the_same_comparison_and_another_seed_another():
    a, b = one_split(np.random.default_rng(0).random(40)), one_split(np.random.default_rng(1).random(40))
    first, again, other = (paired_bootstrap(a, b, rng=np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert first == again
    assert first.low != other.low


@pytest.mark.parametrize("chunk", [1, 130, 10**9])
def test_the_chunk_size_does_not_matter(monkeypatch, chunk):
    a, b = random_sums(11), random_sums(11)
    b = replace(b, numerator=b.numerator[:, ::-1] * (b.denominator > 0))
    whole = paired_bootstrap(a, b, rng=np.random.default_rng(0), n_resamples=101)
    monkeypatch.setattr(eval.measures.stats, "CHUNK_WEIGHTS", chunk)
    parts = paired_bootstrap(a, b, rng=np.random.default_rng(0), n_resamples=101)
    assert (parts.low, parts.high, parts.p_value) == pytest.approx((whole.low, whole.high, whole.p_value))


# Worked by hand


def test_the_smallest_p_value_is_two_counts_over_the_resamples_plus_one():
    better, worse = one_split(np.full(10, 0.5)), one_split(np.full(10, 0.25))
    result = paired_bootstrap(better, worse, rng=np.random.default_rng(0), n_resamples=99)
    assert (result.difference, result.low, result.high) == (0.25, 0.25, 0.25)
    assert result.p_value == pytest.approx(2 / 100)


def test_a_split_that_a_resample_leaves_empty_is_left_out_of_its_mean():
    apart = np.eye(2)  # user 0 is split 0, user 1 is split 1: a draw of one user twice leaves the other split empty
    a, b = UserSums(np.diag([1.0, 3.0]), apart), UserSums(np.zeros((2, 2)), apart)
    result = paired_bootstrap(a, b, rng=np.random.default_rng(0), n_resamples=400)
    assert (result.difference, result.low, result.high) == (2.0, 1.0, 3.0)


def test_a_model_without_errors_has_standard_error_0():
    assert standard_error(UserSums(np.zeros((2, 3)), np.ones((2, 3)), root=True)) == 0.0


# All models against the best


def three_models() -> dict[str, UserSums]:
    rng = np.random.default_rng(12)
    base = rng.random(50)
    return {name: one_split(base + rng.normal(shift, 0.2, 50)) for name, shift in [("a", 0.0), ("b", 0.1), ("c", -0.2)]}


@pytest.mark.parametrize(("higher_is_better", "best"), [(True, "b"), (False, "c")])
def test_every_model_is_compared_with_the_best_as_by_paired_bootstrap(higher_is_better, best):
    models = three_models()
    comparison = compare_to_best(
        models, higher_is_better=higher_is_better, rng=np.random.default_rng(0), n_resamples=300
    )
    assert comparison.best == best
    assert list(comparison.differences) == ["a", "b", "c"]
    assert comparison.differences.pop(best) is None
    for name, result in comparison.differences.items():
        alone = paired_bootstrap(models[name], models[best], rng=np.random.default_rng(0), n_resamples=300)
        assert vars(result) == pytest.approx(vars(alone))


def test_users_are_drawn_once_for_all_models():
    models, many, two = three_models(), np.random.default_rng(0), np.random.default_rng(0)
    compare_to_best(models, higher_is_better=True, rng=many, n_resamples=30)
    paired_bootstrap(models["a"], models["b"], rng=two, n_resamples=30)
    assert many.bit_generator.state == two.bit_generator.state


def test_the_first_of_equally_good_models_is_the_best():
    models = {"second": one_split(np.ones(3)), "first": one_split(np.ones(3)), "third": one_split(np.zeros(3))}
    comparison = compare_to_best(models, higher_is_better=True, rng=np.random.default_rng(0), n_resamples=20)
    assert comparison.best == "second"
    assert comparison.differences["first"].p_value == 1.0


def test_a_single_model_is_the_best():
    comparison = compare_to_best(
        {"alone": one_split(np.ones(3))}, higher_is_better=False, rng=np.random.default_rng(0), n_resamples=1
    )
    assert (comparison.best, comparison.differences) == ("alone", {"alone": None})


# Refusals

ONES = np.ones((2, 3))


@pytest.mark.parametrize(
    ("numerator", "denominator", "message"),
    [
        (np.ones((2, 4)), ONES, r"numerator has shape \(2, 4\) and denominator \(2, 3\); expected the same"),
        (np.ones(3), np.ones(3), r"numerator has shape \(3,\) .* for one split pass values\[np.newaxis\]"),
        (np.ones((2, 0)), np.ones((2, 0)), r"numerator has shape \(2, 0\) .* at least one of each"),
        (np.ones((2, 3), dtype=int), ONES, r"numerator has dtype int64; expected float64"),
        (ONES, np.ones((2, 3), dtype=np.float32), r"denominator has dtype float32; expected float64"),
        (np.full((2, 3), np.nan), ONES, r"in 6 cells, the first in split 0, user 0, numerator is NaN or infinite"),
        (
            ONES,
            np.array([[1, 1, 1], [1, 1, np.inf]]),
            r"in 1 cells, the first in split 1, user 2, denominator is NaN or",
        ),
        (
            ONES,
            np.array([[1.0, -1, 1], [1, 1, 1]]),
            r"in 1 cells, the first in split 0, user 1, denominator is negative",
        ),
        (ONES, np.array([[1.0, 0, 1], [1, 1, 1]]), r"split 0, user 1, denominator is 0 but numerator is not"),
        (
            np.array([[1.0, 1, 1], [0, 0, 0]]),
            np.array([[1.0, 1, 1], [0, 0, 0]]),
            r"split 1 has denominator 0 for all users",
        ),
    ],
)
def test_sums_refuse_what_has_no_mean(numerator, denominator, message):
    with pytest.raises(ValueError, match=message):
        UserSums(numerator, denominator)


def test_sums_under_a_root_refuse_negative_numerators():
    assert estimate(UserSums(-ONES, ONES)) == -1.0
    with pytest.raises(ValueError, match=r"in 6 cells, .* numerator is negative under a root"):
        UserSums(-ONES, ONES, root=True)


def test_standard_error_refuses_a_single_user():
    with pytest.raises(ValueError, match=r"got 1 user with a value; a standard error needs at least 2"):
        standard_error(UserSums(np.array([[1.0, 0.0]]), np.array([[1.0, 0.0]])))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (UserSums(np.ones((1, 3)), np.ones((1, 3))), r"b has another denominator \(1, 3\) than a \(2, 3\)"),
        (UserSums(ONES, 2 * ONES), r"needs both measured on the same splits, users and test ratings"),
        (UserSums(ONES, ONES, root=True), r"b has root=True but a root=False; compare the same metric"),
    ],
)
def test_comparisons_refuse_models_measured_on_something_else(other, message):
    with pytest.raises(ValueError, match=message):
        paired_bootstrap(UserSums(ONES, ONES), other, rng=np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        compare_to_best({"a": UserSums(ONES, ONES), "b": other}, higher_is_better=True, rng=np.random.default_rng(0))


def test_a_comparison_of_no_models_is_refused():
    with pytest.raises(ValueError, match=r"got no models; a comparison needs at least 1"):
        compare_to_best({}, higher_is_better=True, rng=np.random.default_rng(0))


def test_a_bootstrap_without_resamples_is_refused():
    with pytest.raises(ValueError, match=r"n_resamples is 0; a bootstrap needs at least 1 resample"):
        paired_bootstrap(UserSums(ONES, ONES), UserSums(ONES, ONES), rng=np.random.default_rng(0), n_resamples=0)
