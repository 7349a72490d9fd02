"""How the flagship's weights are chosen: on made-up trials where it is known which are right."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.weights import (
    HybridWeights,
    ListTrial,
    StarTrial,
    best,
    shaped,
    weighed_for_lists,
    weighed_for_stars,
)

DEFAULT = HybridWeights.of(HybridVAEConfig())
NOTHING = sp.csr_array((9, 9))


@pytest.mark.parametrize(
    ("gain", "margin", "is_chosen"),
    [(0.21, 0.0, True), (0.19, 0.0, False), (-0.5, 0.0, False), (0.21, 0.9, True), (0.21, 1.1, False)],
)
def test_a_default_stands_within_two_standard_errors_and_a_margin(gain, margin, is_chosen):
    """The gains of 100 people have mean `gain` and spread 1: their sum has a standard error of 10."""
    noise = np.random.default_rng(0).normal(size=100)
    noise = (noise - noise.mean()) / noise.std()
    other = replace(DEFAULT, linear_weight=1.0)
    found = best(DEFAULT, [other], lambda weights: np.zeros(100) if weights == DEFAULT else -(gain + noise), margin)
    assert (found == other) is is_chosen


def list_trial(speaks: str) -> ListTrial:
    """Scores of which one tells the relevant films, the others nothing."""
    rng, shape = np.random.default_rng(0), (200, 50)
    relevant = rng.random(shape) < 0.1
    scores = {name: rng.normal(size=shape).astype(np.float32) for name in ("nats", "liking", "0", "0.5", "1")}
    scores[speaks] = scores[speaks] + 2.0 * relevant.astype(np.float32)
    linear = {share: 0.1 * scores[f"{share:g}"] for share in (0.0, 0.5, 1.0)}
    known = sp.csr_array(np.where(~relevant & (rng.random(shape) < 0.2), 3.0, 0.0))
    return ListTrial(scores["nats"], scores["liking"], linear, known, sp.csr_array(relevant))


def test_lists_lean_on_what_tells_relevant_films():
    by_nats, by_liking, by_seen = (
        weighed_for_lists(list_trial(name), DEFAULT, True) for name in ("nats", "liking", "1")
    )
    assert by_nats.linear_weight < DEFAULT.linear_weight
    assert by_liking.liked_weight == 2.0
    assert by_seen.seen_share == 1.0
    assert by_seen.linear_weight > DEFAULT.linear_weight
    assert weighed_for_lists(list_trial("1"), DEFAULT, False).linear_weight == DEFAULT.linear_weight


@pytest.mark.parametrize(
    ("weigh", "name", "least", "most"),
    [
        (lambda trial: weighed_for_lists(trial, DEFAULT, True), "linear_weight", 0.0, 16 * DEFAULT.linear_weight),
        (lambda trial: weighed_for_lists(trial, DEFAULT, True), "seen_share", 0.0, 1.0),
        (lambda trial: weighed_for_lists(trial, DEFAULT, True), "liked_weight", 0.0, 2.0),
        (lambda trial: weighed_for_stars(trial, DEFAULT), "normal_share", 0.0, 0.5 / (0.5 + 0.4)),
        (lambda trial: weighed_for_stars(trial, DEFAULT), "level_prior", 10.0, 1e6),
        (lambda trial: weighed_for_stars(trial, DEFAULT), "shape_prior", 10.0, 1e6),
        (lambda trial: weighed_for_stars(trial, DEFAULT), "film_prior", 10.0, 1e6),
    ],
)
def test_no_weight_is_chosen_that_makes_no_sense(weigh, name, least, most):
    """Not even where less would always be better, or more."""

    def chosen(sign: float) -> float:
        trial = SimpleNamespace(losses=lambda weights: np.full(9, sign * getattr(weights, name)), aside=NOTHING)
        return getattr(weigh(trial), name)

    assert (chosen(1.0), chosen(-1.0)) == pytest.approx((least, most))


def star_trial(truth: str, scale=WHOLE_STARS) -> StarTrial:
    """400 people gave stars as one of the parts foretold; the others foretold as sure something else."""
    rng, n_levels, shape = np.random.default_rng(1), len(scale.levels), (400, 60)
    foretold, drawn = {}, None
    known = sp.csr_array((rng.random(shape) < 0.3) * scale.levels[rng.integers(n_levels, size=shape)])
    aside_at = (known.toarray() == 0) & (rng.random(shape) < 0.2)
    for name in ("vae", "normal", "ordinal"):
        distribution = rng.dirichlet(0.3 * np.ones(n_levels), size=int(aside_at.sum())).astype(np.float32)
        learned = rng.dirichlet(np.ones(n_levels), size=known.nnz).astype(np.float32)
        foretold[name] = Foretold.of(distribution, scale.mean_of(distribution), learned.__getitem__, known)
        if name == truth:
            drawn = (distribution.cumsum(axis=1) < rng.random((len(distribution), 1))).sum(axis=1)
    values = np.zeros(shape)
    values[aside_at] = scale.levels[np.minimum(drawn, n_levels - 1)]
    return StarTrial(foretold, known, sp.csr_array(values), scale, has_parts_stars=True, few_ratings=2.0)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS])
def test_stars_are_those_of_the_side_that_foretold_them(scale):
    by_vae, by_normal = (weighed_for_stars(star_trial(truth, scale), DEFAULT) for truth in ("vae", "normal"))
    assert by_vae.shares["vae"] >= 0.8
    assert by_normal.shares["vae"] <= 0.1
    ratio = DEFAULT.normal_share / DEFAULT.ordinal_share
    assert by_normal.normal_share / by_normal.ordinal_share == pytest.approx(ratio)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS])
def test_levels_that_people_and_films_gave_are_counted(scale):
    trial = star_trial("vae", scale)
    rows, columns = trial.known.nonzero()
    for found, whose in ((trial.people_gave, rows), (trial.films_gave, columns)):
        expected = np.zeros_like(found)
        np.add.at(expected, (whose, scale.level_of(trial.known.data)), 1.0)
        np.testing.assert_array_equal(found, expected)


def test_films_of_few_ratings_keep_their_levels():
    trial, last = star_trial("vae"), 59
    stars = trial.known.toarray()
    stars[np.flatnonzero(stars[:, last])[4:], last] = 0.0  # four people are left
    factor = replace(trial, known=sp.csr_array(stars)).film_use(DEFAULT)
    np.testing.assert_array_equal(factor[last], 1.0)
    assert not np.isclose(factor[:last], 1.0).all(axis=1).any()


@pytest.mark.parametrize("has_film", [False, True])
def test_a_distribution_takes_its_mean_from_the_person_and_its_shape_from_the_film_too(has_film):
    """The nearest to that shape of that mean: what both differ by is exponential in the level."""
    rng = np.random.default_rng(0)
    pooled, by_level, by_shape, film = rng.dirichlet(3 * np.ones(5), size=(4, 6))
    weights = replace(DEFAULT, level_prior=10.0, shape_prior=20.0)
    found = shaped(pooled, {10.0: by_level, 20.0: by_shape}.get, film if has_film else None, WHOLE_STARS, weights)
    moved = pooled * by_level / (pooled * by_level).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.sum(axis=1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(found @ WHOLE_STARS.levels, moved @ WHOLE_STARS.levels, atol=4e-3)
    tilt = np.log(found / (pooled * by_shape * (film if has_film else 1.0)))
    np.testing.assert_allclose(np.diff(tilt, n=2), 0.0, atol=1e-4)
    by_person_alone = shaped(pooled, {10.0: by_level}.get, film, WHOLE_STARS, replace(weights, shape_prior=0.0))
    np.testing.assert_allclose(by_person_alone, moved)


@pytest.mark.parametrize("shape_prior", [0.0, 20.0])
def test_stars_that_are_expected_move_the_mean_by_what_they_differ_from_that_of_the_pool(shape_prior):
    rng = np.random.default_rng(0)
    pooled, by_level, by_shape = rng.dirichlet(3 * np.ones(5), size=(3, 6))
    weights, factor = replace(DEFAULT, level_prior=10.0, shape_prior=shape_prior), {10.0: by_level, 20.0: by_shape}.get
    stars = pooled @ WHOLE_STARS.levels + np.array([0.3, -0.2, 0.0, 0.1, 9.0, -9.0])
    before, found = (
        shaped(pooled, factor, None, WHOLE_STARS, weights, given) @ WHOLE_STARS.levels for given in (None, stars)
    )
    np.testing.assert_allclose((found - before)[:4], [0.3, -0.2, 0.0, 0.1], atol=4e-3)
    assert found[4] > 4.8
    assert found[5] < 1.2


def test_no_mean_is_asked_for_that_no_distribution_can_have():
    scale = RatingScale(step=0.0)
    pooled, weights = np.full((1, len(scale.levels)), 1 / len(scale.levels)), replace(DEFAULT, shape_prior=0.0)

    def factor(prior):
        return np.ones_like(pooled)

    found = shaped(pooled, factor, None, scale, weights, np.array([scale.highest]))
    asked = shaped(pooled, factor, None, scale, weights, scale.levels[-1:])
    np.testing.assert_array_equal(found, asked)


@pytest.mark.parametrize("has_parts_stars", [False, True])
def test_a_trial_expects_the_stars_that_its_parts_do_where_that_is_set(has_parts_stars):
    trial, alone = star_trial("normal"), replace(DEFAULT, normal_share=1.0, ordinal_share=0.0, level_prior=1e9)
    unsure = 0.5 * trial.foretold["normal"].held_out + 0.1
    told = replace(trial.foretold["normal"], held_out=unsure, stars=WHOLE_STARS.mean_of(unsure))
    moved = replace(told, stars=told.stars + np.float32(0.2))
    trial = replace(trial, foretold=trial.foretold | {"normal": moved}, has_parts_stars=has_parts_stars, few_ratings=0)
    means = trial.distribution(replace(alone, shape_prior=0.0, film_prior=0.0)) @ WHOLE_STARS.levels
    np.testing.assert_allclose(means, moved.stars if has_parts_stars else told.stars, atol=4e-3)


def test_whoever_has_few_ratings_is_foretold_by_the_vae():
    shares = DEFAULT.shares_of(np.array([0, 2, 6, 10**9]), few_ratings=2.0)
    np.testing.assert_allclose(sum(shares.values()), 1.0)
    np.testing.assert_allclose(shares["normal"], DEFAULT.normal_share * np.array([0, 0.5, 0.75, 1]))
    np.testing.assert_allclose(shares["vae"][[0, -1]], [1.0, DEFAULT.shares["vae"]])
    assert list(DEFAULT.shares_of(np.zeros(3, dtype=int), few_ratings=2.0)) == ["vae"]
    for name, share in DEFAULT.shares_of(np.array([0, 5]), few_ratings=0.0).items():
        np.testing.assert_allclose(share, DEFAULT.shares[name])
    alone = replace(DEFAULT, normal_share=0.0, ordinal_share=0.0).shares_of(np.array([3]), few_ratings=2.0)
    assert alone == {"vae": [1.0]}


def test_a_trial_weighs_each_persons_ratings_by_how_many_they_are():
    trial = star_trial("normal")
    n_ratings = np.diff(trial.known.indptr)
    shares, people = DEFAULT.shares_of(n_ratings, 2.0), np.repeat(np.arange(400), np.diff(trial.aside.indptr))
    pooled = trial.pooled(DEFAULT)
    expected = sum(share[people, None] * trial.foretold[name].held_out for name, share in shares.items())
    np.testing.assert_allclose(pooled.held_out, expected, rtol=1e-6)
    np.testing.assert_allclose(pooled.held_out.sum(axis=1), 1.0, rtol=1e-5)
    of_people = sum(share[:, None] * trial.foretold[name].of_people for name, share in shares.items())
    np.testing.assert_allclose(pooled.of_people, of_people, rtol=1e-6)
    of_films = sum(share * trial.foretold[name].of_films for name, share in DEFAULT.shares.items())
    np.testing.assert_allclose(pooled.of_films, of_films, rtol=1e-6)
    np.testing.assert_allclose(pooled.stars, pooled.held_out @ WHOLE_STARS.levels, rtol=1e-5)


def test_what_was_chosen_is_said():
    chosen = replace(DEFAULT, linear_weight=40.0, n_kept_aside=9000)
    assert chosen.in_words(DEFAULT) == "chosen on 9,000 ratings kept aside: weight of the linear path 40 instead of 10"
    assert replace(chosen, linear_weight=10.0).in_words(DEFAULT).endswith("aside: the usual weights stand")
    assert HybridWeights.of_array(chosen.as_array()) == chosen
