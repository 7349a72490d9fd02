"""How machines learn, step by step."""

import numpy as np
import pytest

from recsys.models.boltzmann.config import ContrastiveConfig
from recsys.models.boltzmann.learning import downwards, gap, learn
from recsys.models.boltzmann.machine import Batch, first_machine
from recsys.models.boltzmann.visible import CountUnits
from recsys.training import Training

COUNTS = np.random.default_rng(0).integers(0, 3, (5, 4)).astype(np.float32)


def batch_of(people: np.ndarray) -> Batch:
    return Batch(values=COUNTS[people], is_unit=COUNTS[people].sum(axis=1, keepdims=True))


def test_weights_decay_and_biases_do_not():
    machine = {"weights": np.full(2, 3.0), "rated_weights": np.full(2, 4.0), "hidden_bias": np.full(2, 5.0)}
    weights, rated_weights, bias = downwards(dict.fromkeys(machine, np.ones(2)), machine, ContrastiveConfig(decay=0.1))
    np.testing.assert_allclose([weights[0], rated_weights[0], bias[0]], [0.3 - 1, 0.4 - 1, -1])


@pytest.mark.parametrize("rule", ["adam", "momentum"])
def test_the_first_steps_go_up_the_gap_at_a_rate_that_falls_by_a_cosine(rule):
    """Two batches of an epoch: one of the first three people that are drawn, one of the two others."""
    config = ContrastiveConfig(epochs=1, batch_size=3, learning_rate=0.1, decay=0.2, rule=rule)
    found, expected = (first_machine(np.zeros(4), 2, 0.5, np.random.default_rng(1)) for _ in range(2))
    learn(CountUnits(), found, batch_of, 5, config, Training(seed=4))
    rng, past = np.random.default_rng(4), dict.fromkeys(expected, (0.0, 0.0))
    order = rng.permutation(5)
    for n, (people, rate) in enumerate([(order[:3], 0.1), (order[3:], 0.05)], start=1):
        slopes, _ = gap(CountUnits(), batch_of(people), expected, rng)
        for name, slope in slopes.items():
            slope = slope - (0.2 * expected[name] if name == "weights" else 0)
            mean, square = past[name]
            if rule == "adam":
                past[name] = mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
                step = mean / (1 - 0.9**n) / (np.sqrt(square / (1 - 0.999**n)) + 1e-12)
            else:
                past[name] = mean, _ = 0.9 * mean + rate * slope, 0.0
                step = mean / rate
            expected[name] = (expected[name] + rate * step).astype(np.float32)
    for name in expected:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-4, atol=1e-6, err_msg=name)
