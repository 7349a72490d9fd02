"""The prior of vectors: its draws without chance worked by hand, those with chance by their moments."""

from collections.abc import Iterator

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.models.bayes.linked_prior import LinkedPrior, Span, draw_noise, draw_wishart
from recsys.models.numeric.threads import one_thread


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Thousands of tiny systems: threads that wait for each other would make minutes of seconds."""
    with one_thread():
        yield


class NoChance:
    """Stands for a generator of random numbers: every draw is the mean of its distribution."""

    def standard_normal(self, shape: tuple[int, ...]) -> np.ndarray:
        return np.zeros(shape)

    def random(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.zeros(shape, dtype)  # a radius of 0

    def chisquare(self, degrees: np.ndarray) -> np.ndarray:
        return degrees

    def gamma(self, shape: float, scale: float) -> float:
        return shape * scale


def test_wishart_draws_have_the_right_mean():
    """E[W] = degrees * scale."""
    rng, scale = np.random.default_rng(0), np.array([[2.0, 0.6], [0.6, 1.0]])
    draws = [draw_wishart(np.linalg.inv(scale), 7, rng) for _ in range(4000)]
    np.testing.assert_allclose(np.mean(draws, axis=0), 7 * scale, rtol=0.05)


def test_noise_has_the_inverse_of_the_precision_as_covariance():
    precision = np.array([[2.0, 0.6], [0.6, 1.0]])
    noise = draw_noise(precision, 40_000, np.random.default_rng(0))
    np.testing.assert_allclose(np.cov(noise.T), np.linalg.inv(precision), atol=0.03)


def with_link(prior: LinkedPrior, link: np.ndarray) -> LinkedPrior:
    """A prior whose link is this one, (M, D), as far as features see it."""
    prior.rotated = prior.span.seen(link)
    prior.linked = prior.span.added(prior.rotated)
    return prior


SHAPES = [(9, 4), (4, 9)]  # more vectors than features, and fewer


def some_features(shape: tuple[int, int]) -> np.ndarray:
    return np.random.default_rng(0).random(shape) * (np.random.default_rng(1).random(shape) < 0.6)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_link_solves_its_ridge_system_whichever_side_is_longer(shape):
    features, vectors = some_features(shape), np.random.default_rng(2).normal(size=(shape[0], 3))
    prior = LinkedPrior(sp.csr_array(features), 3)
    prior.link_l2 = 0.7
    prior.draw_link(vectors, NoChance())
    expected = np.linalg.solve(features.T @ features + 0.7 * np.eye(shape[1]), features.T @ vectors)
    np.testing.assert_allclose(prior.draw_whole_link(NoChance()), expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(prior.means(), features @ expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_directions_that_no_features_take_are_left_out(shape):
    """Of rank 2: every vector of features is a mixture of two."""
    rng = np.random.default_rng(0)
    features = rng.random((shape[0], 2)) @ rng.random((2, shape[1]))
    span = Span.of(sp.csr_array(features))
    np.testing.assert_allclose(span.values, np.linalg.svd(features)[1][[1, 0]], rtol=1e-5)
    link = rng.normal(size=(shape[1], 3))
    np.testing.assert_allclose(span.added(span.seen(link)), features @ link, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_span_is_the_singular_value_decomposition(shape):
    features, rng = some_features(shape), np.random.default_rng(2)
    span = Span.of(sp.csr_array(features))
    left, values, right = np.linalg.svd(features, full_matrices=False)
    np.testing.assert_allclose(span.values, values[::-1], rtol=1e-5)
    sign = np.sign(np.sum(right.T[:, ::-1] * span.link(np.eye(4)), axis=0))[:, np.newaxis]  # of each pair of vectors
    vectors, rotated, link = rng.normal(size=(shape[0], 3)), rng.normal(size=(4, 3)), rng.normal(size=(shape[1], 3))
    left, right, values = sign * left.T[::-1], sign * right[::-1], values[::-1, np.newaxis]
    np.testing.assert_allclose(span.rotated(vectors), values * (left @ vectors), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        span.added(rotated.astype(np.float32)), left.T @ (values * rotated), rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(span.link(rotated.astype(np.float32)), right.T @ rotated, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(span.seen(link), right @ link, rtol=1e-4, atol=1e-5)


def test_the_link_finds_what_features_say():
    """Vectors that follow from their features: drawn links point there."""
    rng = np.random.default_rng(0)
    features = (rng.random((400, 5)) < 0.4).astype(float)
    link = rng.normal(size=(5, 2))
    vectors = features @ link + 0.1 * rng.normal(size=(400, 2))
    prior, links = LinkedPrior(sp.csr_array(features), 2), []
    for sweep in range(120):
        prior.draw(vectors, rng)
        links += [prior.draw_whole_link(rng)] if sweep >= 40 else []
    np.testing.assert_allclose(np.mean(links, axis=0), link, atol=0.05)


def test_mean_and_precision_worked_by_hand():
    """One dimension, three vectors less their link: 1, 2 and 6, centre 3; two features of link 1 and 2, l2 of 1 / 2.

    The mean of five vectors, two of them 0, is 9 / 5. The inverse scale is 1 + 14 around the centre + 2 * 3 / 5 * 9
    for the centre + 5 / 2 for the link; the degrees are 1 + 1 + 3 + 2.
    """
    prior = with_link(LinkedPrior(sp.csr_array(np.eye(3, 2)), 1), np.array([[1.0], [2.0]]))
    prior.link_l2 = 0.5
    prior.draw_mean_and_precision(np.array([[1.0], [2.0], [6.0]]), NoChance())
    assert prior.mean == pytest.approx([9 / 5])
    assert prior.precision == pytest.approx(np.array([[7 / (1 + 14 + 6 / 5 * 9 + 5 / 2)]]), rel=1e-6)


def test_a_prior_without_vectors_is_the_prior_alone():
    """Of two dimensions: degrees of 2 + 1, less 1 for the second in Bartlett's decomposition."""
    prior = LinkedPrior(sp.csr_array((0, 0)), 2)
    prior.draw(np.zeros((0, 2)), NoChance())
    np.testing.assert_allclose(prior.precision, np.diag([3.0, 2.0]))
    assert prior.mean.tolist() == [0, 0]


def test_a_single_vector_counts_for_a_third_of_the_mean():
    prior = LinkedPrior(sp.csr_array((1, 0)), 2)
    prior.draw_mean_and_precision(np.array([[6.0, 3.0]]), NoChance())
    np.testing.assert_allclose(prior.mean, [2.0, 1.0])


def test_the_mean_is_as_sure_as_its_vectors_and_two_more():
    """Covariance of the drawn means: the inverse of (2 + 6) precisions; the precision is held by the many degrees."""
    rng, means, precisions = np.random.default_rng(0), [], []
    rest = np.random.default_rng(1).normal(size=(6, 2))
    prior = LinkedPrior(sp.csr_array((6, 0)), 2)
    for _ in range(4000):
        prior.draw_mean_and_precision(rest, rng)
        means.append(prior.mean)
        precisions.append(prior.precision)
    centred = np.array(means) - rest.sum(axis=0) / 8
    products = np.einsum("nd,ne,nef->ndf", centred, centred, np.array(precisions))
    np.testing.assert_allclose(products.mean(axis=0), np.eye(2) / 8, atol=0.01)


def test_a_link_worked_by_hand():
    """One feature, of 1 and 2, two vectors, of 2 and 7, and an l2 of 3; its next from a size of 2 * 4 * 2."""
    prior = LinkedPrior(sp.csr_array(np.array([[1.0], [2.0]])), 1)
    prior.precision, prior.link_l2 = np.array([[4.0]]), 3.0
    prior.draw_link(np.array([[2.0], [7.0]]), NoChance())
    assert prior.draw_whole_link(NoChance()) == pytest.approx(
        np.array([[16 / 8]]), rel=1e-6
    )  # (1 * 2 + 2 * 7) / (1 + 4 + 3)
    assert prior.link_l2 == pytest.approx((1 + 1 / 2) / (1 + 2 * 4 * 2 / 2), rel=1e-6)


def test_the_next_l2_of_a_link_follows_from_all_its_numbers():
    """Two features of two dimensions, each its own vector: links of half the vectors at an l2 of 1."""
    prior = LinkedPrior(sp.csr_array(np.eye(2)), 2)
    prior.precision = np.diag([2.0, 3.0])
    prior.draw_link(np.array([[2.0, 4.0], [6.0, 8.0]]), NoChance())
    np.testing.assert_allclose(prior.draw_whole_link(NoChance()), [[1, 2], [3, 4]], rtol=1e-6)
    size = 2 * (1 + 9) + 3 * (4 + 16)
    assert prior.link_l2 == pytest.approx((1 + 4 / 2) / (1 + size / 2), rel=1e-6)


def test_a_chain_begins_without_a_link_and_with_an_l2_of_one():
    prior = LinkedPrior(sp.csr_array(np.array([[1.0], [2.0]])), 1)
    assert prior.means().tolist() == [[0.0], [0.0]]
    prior.draw_link(np.array([[2.0], [7.0]]), NoChance())
    assert prior.draw_whole_link(NoChance()) == pytest.approx(
        np.array([[16 / 6]]), rel=1e-6
    )  # (1 * 2 + 2 * 7) / (1 + 4 + 1)


@pytest.mark.parametrize("shape", [(7, 3), (2, 3)])
def test_links_are_drawn_from_their_posterior(shape):
    """Ridge regression of every dimension; covariance of rows by features, of columns by the precision."""
    rng, features = np.random.default_rng(0), np.random.default_rng(1).normal(size=shape)
    prior, vectors = LinkedPrior(sp.csr_array(features), 2), np.random.default_rng(2).normal(size=(shape[0], 2))
    prior.precision = np.array([[2.0, 0.6], [0.6, 1.0]])
    links = []
    for _ in range(9000):
        prior.link_l2 = 1.5
        prior.draw_link(vectors, rng)
        prior.link_l2 = 1.5
        links.append(prior.draw_whole_link(rng))
    covariance = np.linalg.inv(features.T @ features + 1.5 * np.eye(3))
    np.testing.assert_allclose(np.mean(links, axis=0), covariance @ features.T @ vectors, atol=0.03)
    found = np.cov(np.reshape(links, (9000, 6)).T)
    np.testing.assert_allclose(found, np.kron(covariance, np.linalg.inv(prior.precision)), atol=0.03)


def test_a_draw_takes_turns_between_the_link_and_the_rest():
    """Mean and precision are of what the link leaves; the link is of what that mean leaves."""
    features, vectors = np.array([[1.0], [0.0], [1.0]]), np.array([[5.0], [1.0], [3.0]])
    prior, apart = (with_link(LinkedPrior(sp.csr_array(features), 1), np.array([[2.0]])) for _ in range(2))
    prior.draw(vectors, NoChance())
    apart.draw_mean_and_precision(np.array([[3.0], [1.0], [1.0]]), NoChance())
    apart.draw_link(vectors - 1.0, NoChance())  # the mean of five: 5 / 5
    assert prior.mean == pytest.approx([1.0], rel=1e-6)
    np.testing.assert_allclose(prior.rotated, apart.rotated, rtol=1e-6)
    np.testing.assert_allclose(
        [prior.precision[0, 0], prior.link_l2], [apart.precision[0, 0], apart.link_l2], rtol=1e-6
    )
    np.testing.assert_allclose(prior.means(), 1.0 + features * prior.draw_whole_link(NoChance()), rtol=1e-6)


def test_what_no_features_see_of_a_link_is_drawn_from_its_prior():
    """One vector, which has two features alike: their sum is of the posterior, their difference of the prior."""
    rng, prior = np.random.default_rng(0), LinkedPrior(sp.csr_array(np.ones((1, 2))), 1)
    prior.precision, prior.link_l2 = np.array([[4.0]]), 3.0
    prior = with_link(prior, np.array([[5.0], [1.0]]))
    links = np.array([prior.draw_whole_link(rng)[:, 0] for _ in range(20_000)])
    np.testing.assert_allclose(links.sum(axis=1), 6.0, rtol=1e-5)
    difference = links[:, 0] - links[:, 1]
    assert difference.mean() == pytest.approx(0.0, abs=0.01)
    assert difference.var() == pytest.approx(2 / (3 * 4), rel=0.05)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_prior_takes_over_what_another_has_learned(shape):
    """Of other vectors with the same features: the link means the same for them."""
    rng, features = np.random.default_rng(0), some_features(shape)
    before, after = (LinkedPrior(sp.csr_array(each), 2) for each in (features, features[::-1]))
    for _ in range(3):
        before.draw(rng.normal(size=(shape[0], 2)), rng)
    after.take(before.parameters(rng))
    np.testing.assert_allclose(after.means(), before.means()[::-1], rtol=1e-3, atol=1e-4)
    assert after.precision is before.precision
    assert after.link_l2 == before.link_l2


def test_priors_of_the_same_features_share_their_span_and_others_do_not():
    features = sp.csr_array(np.random.default_rng(0).random((6, 4)))
    first, again = LinkedPrior(features, 2), LinkedPrior(features.copy(), 3)
    assert first.span is again.span
    for other in (features * 2.0, features[:, [1, 0, 2, 3]], features[:5], sp.csr_array((6, 4))):
        assert LinkedPrior(sp.csr_array(other), 2).span is not first.span
