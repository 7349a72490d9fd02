"""CFGAN: both gradients, what is hidden and what is seen, and that it learns tastes."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import HALF_STARS
from recsys.models.adversarial.cfgan import CFGAN, Profiling
from recsys.models.adversarial.config import CFGANConfig, GameConfig
from recsys.models.adversarial.profiles import log_odds, profiles_of
from recsys.models.numeric.dense_stack import sigmoid
from recsys.ranking import top_k
from recsys.settings import LEVEL
from recsys.testing.synthetic import checkerboard
from tests.models.adversarial.finite_differences import assert_gradient, doubled
from tests.support.small_models import made_small, ratings

SMALL = made_small(CFGANConfig())
PROFILES = profiles_of(ratings(1), LEVEL, HALF_STARS)
ROWS = np.arange(9)
ALL_SEEN = replace(SMALL, forgets=0.0, shown=1.0, held=1.0, alpha=0.4, adversary=0.7)  # nothing is drawn


def contest(config: CFGANConfig = ALL_SEEN, profiles: sp.csr_array = PROFILES) -> Profiling:
    begun = Profiling.begun(profiles, config, np.random.default_rng(0))
    return replace(begun, generator=doubled(begun.generator), critic=doubled(begun.critic))


def test_the_critic_s_gradient_is_that_of_finite_differences():
    game, true = contest(), PROFILES[ROWS].toarray()

    def loss() -> float:
        said = game.generator(true)
        real, made = (sigmoid(game.critic(np.hstack([each, true]))) for each in (true, said))
        return float(-np.log(real).mean() - np.log(1 - made).mean())

    gradient, value = game.criticism(ROWS)
    assert value == pytest.approx(loss())
    assert_gradient(gradient, game.critic.parameters, loss)


@pytest.mark.parametrize("tells_likes", [True, False])
def test_the_generator_s_gradient_is_that_of_finite_differences(tells_likes):
    game, true = contest(replace(ALL_SEEN, tells_likes=tells_likes)), PROFILES[ROWS].toarray()

    def loss() -> float:
        said = game.generator(true)
        fooled = np.log(1 - sigmoid(game.critic(np.hstack([said, true])))).mean()
        counted = np.ones_like(true) if tells_likes else 1 - true
        return float(0.7 * fooled + 0.4 * np.sum(counted * (said - true) ** 2) / len(ROWS))

    gradient, value = game.lesson(ROWS)
    assert value == pytest.approx(loss())
    assert_gradient(gradient, game.generator.parameters, loss)


def test_part_of_the_likes_is_hidden_from_the_condition_and_part_of_the_rest_from_the_critic():
    game = contest(replace(SMALL, forgets=0.3, shown=0.2))
    true, condition = game.drawn(np.arange(40))
    assert not (condition > true).any()
    assert condition.sum() / true.sum() == pytest.approx(0.7, abs=0.08)
    seen = game.seen(true)
    assert (seen[true > 0] == 1).all()
    assert seen[true == 0].mean() == pytest.approx(0.2, abs=0.05)


def test_some_films_without_a_like_are_pulled_to_0_and_likes_to_1():
    game, true = contest(replace(SMALL, held=0.3)), PROFILES.toarray()
    missed = game.missed(np.full(true.shape, 0.2), true)
    np.testing.assert_allclose(missed[true > 0], -0.8)
    assert set(np.unique(missed[true == 0])) == {0.0, 0.2}
    assert np.mean(missed[true == 0] > 0) == pytest.approx(0.3, abs=0.06)


def test_without_an_adversary_there_is_one_player():
    alone = contest(replace(SMALL, adversary=0.0))
    before = [each.copy() for each in alone.critic.parameters]
    assert [losses.keys() for losses in alone.epochs()] == [{"loss"}] * SMALL.game.epochs
    for each, was in zip(alone.critic.parameters, before, strict=True):
        np.testing.assert_array_equal(each, was)


def test_before_the_first_step_films_stand_by_how_often_they_are_liked():
    said = contest(replace(SMALL, prior=2.0)).scores(sp.csr_array((1, PROFILES.shape[1])))[0]
    likes = PROFILES.toarray().sum(axis=0)
    np.testing.assert_allclose(sigmoid(said), (likes + 2) / (PROFILES.shape[0] + 4), rtol=1e-5)
    assert np.isfinite(log_odds(sp.csr_array((0, 3)), 0.5)).all()


def test_a_score_is_the_log_odds_of_what_the_generator_says():
    model, people = CFGAN(SMALL).fit(Interactions(ratings(1))), ratings(2)[:5]
    liked = (people.toarray() >= 4).astype(float)
    hidden = np.tanh(liked @ model.into_kernel + model.into_bias)
    expected = hidden @ model.out_kernel + model.out_bias
    np.testing.assert_allclose(model.score(Histories(people)), expected, rtol=1e-4, atol=1e-5)


def test_people_of_two_tastes_are_told_films_of_their_own():
    board = Interactions(checkerboard(60, 20))
    config = CFGANConfig(n_hidden=8, n_critic=8, game=GameConfig(epochs=30, batch_size=10, rate=0.01))
    ranked = top_k(CFGAN(config).fit(board).score(Histories(board.stars)), board.stars, 1)[:, 0]
    assert (ranked % 2 == np.arange(60) % 2).all()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"forgets": 1.0}, r"forgets in \[0, 1\)"),
        ({"shown": 1.1}, r"shares in \[0, 1\]"),
        ({"alpha": -1.0}, "weights >= 0"),
        ({"n_critic": 0}, "units >= 1 and prior > 0"),
        ({"liked_from": -1.0}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        CFGANConfig(**wrong)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"patience": 0}, "patience >= 1"), ({"aside": 1.0}, r"aside in \[0, 1\)"), ({"critic_rate": 0.0}, "rates > 0")],
)
def test_games_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        GameConfig(**wrong)
