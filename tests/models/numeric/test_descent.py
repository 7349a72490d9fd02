"""Steps down a gradient, against their equations."""

import numpy as np
import pytest

from recsys.models.autoencoders.config import AutoRecConfig
from recsys.models.numeric.descent import Adam, Momentum, descend, shuffled
from recsys.training import Training


def test_adam_steps_as_its_paper_says():
    parameter, mean, square = np.array([1.0, -2.0]), np.zeros(2), np.zeros(2)
    adam, expected = Adam([parameter]), parameter.copy()
    for n, gradient in enumerate(np.random.default_rng(0).normal(size=(5, 2)), start=1):
        adam.step([gradient], 0.1)
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        expected -= 0.1 * (mean / (1 - 0.9**n)) / (np.sqrt(square / (1 - 0.999**n)) + 1e-8)
        np.testing.assert_allclose(parameter, expected, rtol=1e-6)


def test_adam_keeps_the_type_of_parameters():
    parameter = np.ones(3, dtype=np.float32)
    adam = Adam([parameter])
    adam.step([np.ones(3, dtype=np.float32)], 0.1)
    np.testing.assert_allclose(parameter, 0.9, rtol=1e-5)
    assert {each.dtype for each in (parameter, *adam.means, *adam.squares)} == {np.dtype(np.float32)}


def test_momentum_goes_on_where_it_went():
    parameter, velocity, expected = np.array([1.0, -2.0]), np.zeros(2), np.array([1.0, -2.0])
    momentum = Momentum([parameter])
    for n, gradient in enumerate(np.random.default_rng(0).normal(size=(5, 2)), start=1):
        momentum.step([gradient], 0.1 / n)
        velocity = 0.9 * velocity - 0.1 / n * gradient
        expected += velocity
        np.testing.assert_allclose(parameter, expected, rtol=1e-12)


def test_rows_are_taken_once_in_an_order_that_the_seed_draws():
    first, again, other = (list(shuffled(10, 4, np.random.default_rng(seed))) for seed in (0, 0, 1))
    assert [len(rows) for rows in first] == [4, 4, 2]
    assert sorted(np.concatenate(first)) == list(range(10))
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))
    assert (np.concatenate(first) != np.concatenate(other)).any()


def test_every_epoch_takes_all_rows_and_tells_its_mean_loss():
    seen, told, parameter = [], [], np.zeros(1)

    def steps(rows):
        seen.append(rows)
        yield [parameter - 3], 1.0
        yield [parameter - 3], 3.0

    training = Training(on_progress=lambda stage, done, total, **figures: told.append((done, total, figures)))
    pace = AutoRecConfig(epochs=40, batch_size=4, learning_rate=0.2)
    descend([parameter], 10, steps, pace, np.random.default_rng(0), training)
    assert [len(rows) for rows in seen[:3]] == [4, 4, 2]
    assert sorted(np.concatenate(seen[3:6])) == list(range(10))
    assert told[-1] == (40, 40, {"loss": 2.0})
    assert parameter[0] == pytest.approx(3, abs=0.05)
