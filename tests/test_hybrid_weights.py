"""How the flagship's weights are chosen: on made-up trials where it is known which are right."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.weights import (
    HybridWeights,
    ListTrial,
    StarTrial,
    best,
    weighed_for_lists,
    weighed_for_stars,
    whole_ndcg,
)

DEFAULT = HybridWeights.of(HybridVAEConfig())


def test_the_ndcg_of_a_whole_ranking_by_hand():
    score = np.array([[4.0, 3.0, 2.0, 1.0], [0.0, 0.0, 0.0, -np.inf], [1.0, 2.0, 3.0, 4.0]])
    relevant = sp.csr_array(np.array([[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool))
    first = (1 / np.log2(3) + 1 / np.log2(5)) / (1 + 1 / np.log2(3))
    equal = 1 / np.log2(4)  # the last of three that are alike
    np.testing.assert_allclose(whole_ndcg(score, relevant), [first, equal])
    assert whole_ndcg(np.array([[3.0, 2.0, 9.0]]), sp.csr_array(np.array([[True, True, True]]))) == pytest.approx([1.0])


@pytest.mark.parametrize(("gain", "is_chosen"), [(0.5, True), (0.1, False), (-0.5, False)])
def test_a_default_stands_within_two_standard_errors(gain, is_chosen):
    """The gains of 100 people have mean `gain` and spread 1: a standard error is a tenth."""
    noise = np.random.default_rng(0).normal(size=100)
    noise = (noise - noise.mean()) / noise.std()
    other = replace(DEFAULT, linear_weight=1.0)
    found = best(DEFAULT, [other], lambda weights: np.zeros(100) if weights == DEFAULT else -(gain + noise))
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


def star_trial(truth: str, scale=WHOLE_STARS) -> StarTrial:
    """400 people gave stars as one of the parts foretold; the others foretold as sure something else."""
    rng, n_levels, shape = np.random.default_rng(1), len(scale.levels), (400, 60)
    foretold, drawn = {}, None
    known = sp.csr_array((rng.random(shape) < 0.3) * scale.levels[rng.integers(n_levels, size=shape)])
    aside_at = (known.toarray() == 0) & (rng.random(shape) < 0.2)
    for name in ("vae", "normal", "ordinal"):
        distribution = rng.dirichlet(0.3 * np.ones(n_levels), size=int(aside_at.sum())).astype(np.float32)
        learned = np.full((known.nnz, n_levels), 1 / n_levels, dtype=np.float32)
        foretold[name] = Foretold.of(distribution, learned, known)
        if name == truth:
            drawn = (distribution.cumsum(axis=1) < rng.random((len(distribution), 1))).sum(axis=1)
    values = np.zeros(shape)
    values[aside_at] = scale.levels[np.minimum(drawn, n_levels - 1)]
    return StarTrial(foretold, known, sp.csr_array(values), scale)


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS])
def test_stars_are_those_of_the_side_that_foretold_them(scale):
    by_vae, by_normal = (weighed_for_stars(star_trial(truth, scale), DEFAULT) for truth in ("vae", "normal"))
    assert by_vae.shares["vae"] >= 0.8
    assert by_normal.shares["vae"] <= 0.1
    ratio = DEFAULT.normal_share / DEFAULT.ordinal_share
    assert by_normal.normal_share / by_normal.ordinal_share == pytest.approx(ratio)


def test_films_of_few_ratings_keep_their_levels():
    trial, last = star_trial("vae"), 59
    stars = trial.known.toarray()
    stars[np.flatnonzero(stars[:, last])[4:], last] = 0.0  # four people are left
    factor = replace(trial, known=sp.csr_array(stars)).film_use(DEFAULT)
    np.testing.assert_array_equal(factor[last], 1.0)
    assert not np.isclose(factor[:last], 1.0).all(axis=1).any()


def test_what_was_chosen_is_said():
    chosen = replace(DEFAULT, linear_weight=40.0, n_kept_aside=9000)
    assert chosen.in_words(DEFAULT) == "chosen on 9,000 ratings kept aside: weight of the linear path 40 instead of 10"
    assert replace(chosen, linear_weight=10.0).in_words(DEFAULT).endswith("aside: the usual weights stand")
    assert HybridWeights.of_array(chosen.as_array()) == chosen
