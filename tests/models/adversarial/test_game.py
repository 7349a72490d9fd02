"""The step of two players: turns, and where a tiny game comes to rest."""

from types import SimpleNamespace

import numpy as np
import pytest

from recsys.models.adversarial.game import Game, Player, told_apart
from recsys.models.numeric.dense_stack import sigmoid

ROWS = np.arange(4)


def pulling(value: float, name: str, seen: list[str], turns: int = 1) -> tuple[np.ndarray, Player]:
    """A number with a slope of 1 whose player notes when it was asked."""
    number = np.array([value])

    def gradient(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        seen.append(name)
        return [np.ones(1)], float(number[0])

    return number, Player(name=name, parameters=[number], gradient=gradient, rate=0.1, turns=turns)


def test_players_step_in_order_each_as_often_as_it_has_turns():
    seen: list[str] = []
    (first, one), (second, other) = pulling(1.0, "critic", seen, turns=2), pulling(5.0, "loss", seen)
    losses = Game(one, other).step(ROWS)
    assert seen == ["critic", "critic", "loss"]
    assert losses == {"critic": pytest.approx(0.95), "loss": 5.0}
    assert (first[0], second[0]) == (pytest.approx(0.8), pytest.approx(4.9))


def test_the_second_sees_what_the_first_has_become():
    """x steps by 1 first; y is then pulled towards x as it is by then."""
    first, second, met = np.array([0.0]), np.array([0.0]), []

    def of_second(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        met.append(float(first[0]))
        return [second - first], 0.0

    one = Player(name="a", parameters=[first], gradient=lambda rows: ([-np.ones(1)], 0.0), rate=1.0)
    Game(one, Player(name="b", parameters=[second], gradient=of_second, rate=1.0)).step(ROWS)
    assert met == [pytest.approx(1.0)]


def test_rates_fall_to_nothing_and_every_row_is_seen_in_each_epoch():
    rows_seen, number = [], np.array([0.0])

    def gradient(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        rows_seen.append(rows)
        return [np.ones(1)], 3.0

    player = Player(name="loss", parameters=[number], gradient=gradient, rate=0.1)
    places = []
    for losses in Game(player).epochs(10, SimpleNamespace(epochs=5, batch_size=4), np.random.default_rng(0)):
        assert losses == {"loss": 3.0}
        places.append(float(number[0]))
    moved = -np.diff([0.0, *places])
    assert (np.diff(moved) < 0).all()
    assert moved[-1] < 0.1 * moved[0]
    assert all(sorted(np.concatenate(rows_seen[n : n + 3])) == list(range(10)) for n in range(0, 15, 3))


def test_where_there_are_no_rows_nobody_moves():
    (number, player) = pulling(2.0, "loss", [])
    assert list(Game(player).epochs(0, SimpleNamespace(epochs=2, batch_size=4), np.random.default_rng(0))) == [
        {"loss": 0.0},
        {"loss": 0.0},
    ]
    assert number[0] == 2.0


def test_a_critic_who_cannot_tell_loses_log_4_and_its_slope_is_that_of_finite_differences():
    is_real = np.array([[1.0], [0.0], [1.0], [0.0]])
    slope, loss = told_apart(np.zeros((4, 1)), is_real)
    assert loss == pytest.approx(np.log(4))
    logits = np.array([[0.3], [-1.0], [2.0], [0.7]])
    slope, loss = told_apart(logits, is_real)
    chances = sigmoid(logits)
    assert loss == pytest.approx(-np.log(chances[is_real == 1]).mean() - np.log(1 - chances[is_real == 0]).mean())
    for place in range(4):
        moved = np.zeros((4, 1))
        moved[place] = 1e-5
        differences = told_apart(logits + moved, is_real)[1] - told_apart(logits - moved, is_real)[1]
        assert differences / 2e-5 == pytest.approx(slope[place, 0], rel=1e-5)


def test_a_tiny_game_comes_to_rest_where_what_is_generated_is_what_is_true():
    """Of four films true people like one, with chances that are known; the generator has a softmax, the critic a score.

    Both gradients are exact. Where they rest the chances are the true ones, and the critic loses log 4 (Goodfellow et
    al. 2014, theorem 1).
    """
    true = np.array([0.4, 0.3, 0.2, 0.1])
    logits, score = np.zeros(4), np.zeros(4)

    def chances() -> np.ndarray:
        return np.exp(logits) / np.exp(logits).sum()

    def criticism(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        loss = true @ np.logaddexp(0, -score) + chances() @ np.logaddexp(0, score)
        return [sigmoid(score) * (true + chances()) - true], float(loss)

    def lesson(rows: np.ndarray) -> tuple[list[np.ndarray], float]:
        worth = -np.logaddexp(0, score)  # log(1 - D)
        return [chances() * (worth - chances() @ worth)], float(chances() @ worth)

    critic = Player(name="critic", parameters=[score], gradient=criticism, rate=0.05, turns=5)
    generator = Player(name="loss", parameters=[logits], gradient=lesson, rate=0.02)
    losses = list(
        Game(critic, generator).epochs(1, SimpleNamespace(epochs=600, batch_size=1), np.random.default_rng(0))
    )
    np.testing.assert_allclose(chances(), true, atol=0.01)
    assert losses[-1]["critic"] == pytest.approx(np.log(4), abs=1e-3)
