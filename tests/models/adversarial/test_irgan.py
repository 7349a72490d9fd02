"""IRGAN: what is told and to be found, all gradients, and that the game finds tastes by itself."""

from dataclasses import replace

import numpy as np
import pytest

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.adversarial.config import GameConfig, IRGANConfig
from recsys.models.adversarial.irgan import IRGAN, Batch, Choosing
from recsys.models.adversarial.policy import Films, drawn_films, softmax
from recsys.models.adversarial.profiles import profiles_of
from recsys.models.numeric.dense_stack import sigmoid
from recsys.ranking import top_k
from recsys.settings import LEVEL
from recsys.testing.synthetic import checkerboard
from tests.models.adversarial.finite_differences import assert_gradient, doubled
from tests.support.small_models import made_small, ratings

SMALL = made_small(IRGANConfig())
PROFILES = profiles_of(ratings(1), LEVEL, WHOLE_STARS)
ROWS = np.arange(9)


def contest(config: IRGANConfig = SMALL) -> Choosing:
    begun = Choosing.begun(PROFILES, config, np.random.default_rng(0))
    return replace(begun, generator=doubled(begun.generator), critic=doubled(begun.critic))


class Same(Choosing):
    """Always the same batch, and the same choices."""

    def drawn(self, rows: np.ndarray) -> Batch:
        return replace(contest(self.config), rng=np.random.default_rng(7)).drawn(rows)


def same(config: IRGANConfig) -> tuple[Same, Batch]:
    begun = contest(config)
    game = Same(begun.profiles, begun.generator, begun.critic, config, np.random.default_rng(8))
    return game, game.drawn(ROWS)


def test_the_generator_s_gradient_is_that_of_what_choices_earn():
    """By all films, against finite differences; each person counts by how much they have to find."""
    game, batch = same(replace(SMALL, draws=0))
    rewards = 2 * sigmoid(game.critic(batch.told)) - 1

    def loss() -> float:
        chances = softmax(game.generator(batch.told) - batch.barred)
        return -float(batch.n_unknown @ np.sum(chances * rewards, axis=1)) / len(ROWS)

    gradient, _ = game.lesson(ROWS)
    assert_gradient([each.astype(float) for each in gradient], game.generator.parameters, loss)


def test_by_many_draws_it_is_the_same():
    (many, _), (few, _), (exact, _) = (same(replace(SMALL, draws=draws)) for draws in (1000, 1, 0))
    wanted = exact.lesson(ROWS)[0][3]
    apart = [np.abs(game.lesson(ROWS)[0][3] - wanted).max() / np.abs(wanted).max() for game in (many, few)]
    assert apart[0] < 0.15 < 0.5 < apart[1]


def test_the_critic_s_gradient_is_that_of_finite_differences():
    game, batch = same(SMALL)
    chances = softmax((game.generator(batch.told) - batch.barred) / np.float32(SMALL.temperature))
    state = game.rng.bit_generator.state
    gradient, value = game.criticism(ROWS)
    game.rng.bit_generator.state = state
    choices, likes = drawn_films(chances, batch.n_unknown, game.rng), Films(*batch.unknown.nonzero())

    def loss() -> float:
        logits = game.critic(batch.told)
        return float(-np.log(sigmoid(logits[likes])).mean() - np.log(1 - sigmoid(logits[choices])).mean())

    assert value == pytest.approx(loss(), rel=1e-6)
    assert_gradient(gradient, game.critic.parameters, loss)


def test_before_the_game_the_gradient_is_that_of_likelihood():
    game, batch = same(SMALL)

    def loss() -> float:
        chances = softmax(game.generator(batch.told) - batch.barred)
        return -float(np.sum(batch.unknown.toarray() * np.log(np.maximum(chances, 1e-30)))) / len(ROWS)

    gradient, value = game.imitation(ROWS)
    assert value == pytest.approx(loss() * len(ROWS) / batch.unknown.nnz)
    assert_gradient(gradient, game.generator.parameters, loss)


def test_a_like_is_told_or_to_be_found_and_what_is_told_is_not_chosen():
    batch = contest(replace(SMALL, forgets=0.3)).drawn(np.arange(40))
    told, unknown = batch.told.toarray() > 0, batch.unknown.toarray() > 0
    assert not (told & unknown).any()
    np.testing.assert_array_equal(told | unknown, PROFILES.toarray() > 0)
    assert unknown.sum() / PROFILES.nnz == pytest.approx(0.3, abs=0.08)
    np.testing.assert_allclose((batch.told**2).sum(axis=1)[told.any(axis=1)], 1, rtol=1e-5)
    assert (softmax(np.zeros(told.shape) - batch.barred)[told] == 0).all()


def test_a_score_is_what_the_factors_of_likes_say():
    model, people = IRGAN(SMALL).fit(Interactions(ratings(1))), ratings(2)[:5]
    likes = (people.toarray() >= 4).astype(float)
    factors = likes @ model.into_kernel / np.sqrt(likes.sum(axis=1, keepdims=True)) + model.into_bias
    expected = factors @ model.out_kernel + model.out_bias
    np.testing.assert_allclose(model.score(Histories(people)), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("draws", [0, 2])
def test_the_game_alone_tells_films_of_two_tastes_apart(draws):
    """Without learning from likes before it: all that the generator knows it has of the critic."""
    board = Interactions(checkerboard(60, 20))
    game = GameConfig(epochs=60, batch_size=10, rate=0.03, critic_rate=0.03, aside=0.0)
    config = IRGANConfig(n_factors=4, draws=draws, first_epochs=0, game=game)
    ranked = top_k(IRGAN(config).fit(board).score(Histories(board.stars)), board.stars, 1)[:, 0]
    assert np.mean(ranked % 2 == np.arange(60) % 2) > 0.9


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"forgets": 0.0}, r"forgets in \(0, 1\)"),
        ({"likes_share": 1.0}, r"likes_share in \[0, 1\)"),
        ({"draws": -1}, "counts >= 0"),
        ({"temperature": 0.0}, "temperature, prior and first_rate > 0"),
        ({"liked_from": -1.0}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        IRGANConfig(**wrong)
