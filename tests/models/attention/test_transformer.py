"""transformer: what it reads of a history, what it answers, and what it learns."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import HALF_STARS, RatingScale
from recsys.models.attention.config import TransformerConfig
from recsys.models.attention.network import SetTransformer
from recsys.models.attention.tokens import Tokens, anchored, highest, told_and_hidden
from recsys.models.attention.transformer import Lessons, Transformer, slopes
from recsys.models.base import entry_rows
from recsys.training import Training
from tests.support.small_models import made_small, ratings

SMALL = made_small(TransformerConfig())
DEEP = replace(SMALL, n_blocks=2)
TRAIN = ratings(1)
N_ITEMS = TRAIN.shape[1]


def grades_of(stars: sp.csr_array) -> sp.csr_array:
    return sp.csr_array(((stars.data - 1) / 4, stars.indices, stars.indptr), shape=stars.shape)


def network(config: TransformerConfig = DEEP, seed: int = 0) -> SetTransformer:
    """Far from where learning starts, so that everything matters; float64."""
    rng = np.random.default_rng(seed)
    drawn = SetTransformer.drawn(np.zeros(N_ITEMS), config, rng)
    return replace(drawn, weights={name: rng.normal(size=each.shape) / 2 for name, each in drawn.weights.items()})


@pytest.mark.parametrize("config", [SMALL, DEEP])
def test_the_order_of_tokens_cannot_be_read(config):
    tokens, net = Tokens.of(grades_of(TRAIN[:6])), network(config)
    order = np.random.default_rng(0).permutation(tokens.films.shape[1])
    permuted = Tokens(tokens.films[:, order], tokens.grades[:, order], tokens.is_token[:, order])
    np.testing.assert_allclose(net.taste(permuted)[0], net.taste(tokens)[0], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("config", [SMALL, DEEP])
def test_what_is_filled_up_is_not_read(config):
    tokens, net = Tokens.of(grades_of(TRAIN[:6])), network(config)
    filling = np.random.default_rng(0).integers(N_ITEMS, size=(6, 9))
    filled = Tokens(
        np.hstack([tokens.films, filling]),
        np.hstack([tokens.grades, np.ones((6, 9))]),
        np.hstack([tokens.is_token, np.zeros((6, 9), dtype=bool)]),
    )
    np.testing.assert_allclose(net.taste(filled)[0], net.taste(tokens)[0], rtol=1e-9, atol=1e-9)


def test_films_and_stars_are_read():
    net = network()
    told = np.array([[5.0, 3.0, 0.0], [0.0, 3.0, 5.0], [1.0, 3.0, 0.0]])
    tastes, _ = net.taste(Tokens.of(grades_of(sp.csr_array(np.hstack([told, np.zeros((3, N_ITEMS - 3))])))))
    apart = np.abs(tastes[:, None] - tastes[None]).max(axis=2)
    assert apart[np.triu_indices(3, 1)].min() > 0.05


def test_a_grade_between_two_anchors_is_read_as_some_of_each():
    grades = np.random.default_rng(0).random(50)
    shares = anchored(grades)
    np.testing.assert_allclose(shares @ np.linspace(0, 1, 5), grades, atol=1e-6)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert ((shares > 0).sum(axis=1) <= 2).all()


def test_scores_are_those_of_the_network_that_was_trained():
    """One history, not filled up, in the network's own way; whatever else is answered with it."""
    model = Transformer(DEEP).fit(Interactions(TRAIN), Training(seed=3))
    found = model.score(Histories(TRAIN))
    for row in (0, 7, 23):
        taste, _ = model.network.taste(Tokens.of(highest(grades_of(TRAIN[[row]]), DEEP.n_read)))
        np.testing.assert_allclose(found[[row]], model.network.scores(taste), rtol=1e-5, atol=1e-5)
    again = Transformer(DEEP).restore(model.arrays())
    np.testing.assert_array_equal(again.score(Histories(TRAIN)), found)


def test_half_stars_lie_between_whole_ones_and_scales_are_read_by_grades():
    stars = ratings(2)[:4]
    whole = Transformer(SMALL).fit(Interactions(TRAIN), Training(seed=3))
    tens = Transformer(SMALL, RatingScale(lowest=1, highest=9)).restore(whole.arrays())
    nine = sp.csr_array((stars.data * 2 - 1, stars.indices, stars.indptr), shape=stars.shape)
    np.testing.assert_allclose(tens.score(Histories(nine)), whole.score(Histories(stars)), rtol=1e-5, atol=1e-5)
    half = Transformer(SMALL, HALF_STARS).restore(whole.arrays())
    assert np.isfinite(half.score(Histories(stars))).all()


def test_of_a_long_history_the_highest_stars_are_read():
    stars = sp.csr_array(np.array([[2.0, 5, 4, 0, 4, 1, 4], [0, 0, 0, 1, 0, 0, 0]]))
    expected = [[0, 5, 4, 0, 4, 0, 0], [0, 0, 0, 1, 0, 0, 0]]
    np.testing.assert_array_equal(highest(stars, 3).toarray(), expected)
    turned = sp.csr_array((stars.data[6::-1], stars.indices[6::-1], [0, 6, 6]), shape=(2, 7))
    np.testing.assert_array_equal(highest(turned, 3).toarray()[0], expected[0])
    model = Transformer(replace(SMALL, n_read=4)).fit(Interactions(TRAIN))
    alike = model.score(Histories(highest(TRAIN, 4)))
    np.testing.assert_allclose(model.score(Histories(TRAIN)), alike, rtol=1e-5, atol=1e-5)


def test_of_each_person_another_share_is_hidden():
    whole = sp.csr_array(np.ones((400, 100), dtype=np.float32))
    told = keep_entries(whole, told_and_hidden(whole, (0.1, 0.9), 60, np.random.default_rng(0)))
    n_told = np.diff(told.indptr)
    assert n_told.min() in range(10, 14)
    assert n_told.max() == 60
    assert 0.3 < np.mean(n_told == 60) < 0.45  # shares up to .4 of .1 to .9
    by_film = np.bincount(told.indices, minlength=100) / 400
    assert by_film == pytest.approx(by_film.mean(), abs=0.12)


def test_the_gradient_is_that_of_finite_differences():
    """Of each weight in some direction; through two blocks, of a batch in which nothing is told of somebody."""
    net, told = network(replace(DEEP, width=4)), TRAIN[:3].copy()
    is_told = (np.random.default_rng(1).random(told.nnz) < 0.4) & (entry_rows(told) > 0)
    tokens, hidden = Tokens.of(grades_of(keep_entries(told, is_told))), grades_of(keep_entries(told, ~is_told))
    kept = np.array([2.0, 0, 1, 1]) * np.ones((3, 1))
    found, _ = slopes(net, tokens, hidden, kept)
    assert found.keys() == net.weights.keys()
    for name, values in net.weights.items():
        direction, before, losses = np.random.default_rng(2).normal(size=values.shape), values.copy(), []
        for step in (1e-5, -1e-5):
            values[...] = before + step * direction
            losses.append(slopes(net, tokens, hidden, kept)[1])
        values[...] = before
        assert np.sum(found[name] * direction) == pytest.approx((losses[0] - losses[1]) / 2e-5, rel=1e-4, abs=1e-7), (
            name
        )


def test_the_loss_counts_people_by_the_root_of_what_is_hidden_of_them():
    net = network()
    tokens = Tokens.of(sp.csr_array((2, N_ITEMS)))
    taste, _ = net.taste(tokens)
    scores = net.scores(taste)[0]
    log_chances = scores - np.log(np.exp(scores).sum())
    hidden = np.zeros((2, N_ITEMS))
    hidden[0, :3], hidden[1, 4:20] = [1, 0.5, 0.75], 1
    expected = (hidden[0] @ log_chances / 1.5 + hidden[1] @ log_chances / 4) / 2
    _, loss = slopes(net, tokens, sp.csr_array(hidden), np.ones((2, DEEP.width)))
    assert loss == pytest.approx(-expected)


def test_a_step_asks_for_what_it_does_not_tell():
    lessons = Lessons(network(), grades_of(TRAIN), np.random.default_rng(0))
    (gradient, loss), *more = lessons.steps(np.arange(6))
    assert not more
    assert loss > 0
    assert [each.shape for each in gradient] == [each.shape for each in lessons.network.weights.values()]


def test_a_rule_is_learned():
    """Who likes film 0 likes film 1, and who likes 2 likes 3."""
    stars = np.zeros((60, N_ITEMS), dtype=np.float32)
    stars[::2, :2] = stars[1::2, 2:4] = 5
    config = replace(SMALL, hides_from=0.5, hides_to=0.5, dropout=0.0, epochs=40, learning_rate=0.02)
    model = Transformer(config).fit(Interactions(sp.csr_array(stars)))
    scores = model.score(Histories.of({0: 5.0}, N_ITEMS))[0]
    assert np.exp(scores[1]) / np.exp(scores).sum() > 0.99


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 0}, "sizes and epochs >= 1"),
        ({"n_heads": 5}, "a width that the heads divide evenly"),
        ({"hides_from": 0.5, "hides_to": 0.4}, "0 <= hides_from <= hides_to <= 1"),
        ({"dropout": 1.0}, r"dropout in \[0, 1\)"),
        ({"prior": 0.0}, "prior > 0 and learning_rate > 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        TransformerConfig(**wrong)
