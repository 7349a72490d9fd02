"""The layers of a transformer, against their equations and finite differences."""

import numpy as np
import pytest
from scipy.special import ndtr

from recsys.models.attention.layers import Weights, attend, attention_of, block, by_head, gelu, joined, layer_norm
from recsys.models.attention.network import block_shapes

RNG = np.random.default_rng(0)
WIDTH, N_HEADS = 4, 2
GIVEN = RNG.normal(size=(2, 3, WIDTH))
IS_TOKEN = np.array([[True, True, False], [True, True, True]])


def drawn() -> Weights:
    return {name: RNG.normal(size=shape) for name, shape in block_shapes("b", WIDTH, 2 * WIDTH).items()}


WEIGHTS = drawn()


def through(name: str, tokens: np.ndarray) -> np.ndarray:
    return tokens @ WEIGHTS[f"b_{name}_kernel"] + WEIGHTS[f"b_{name}_bias"]


def test_attention_is_shared_out_among_the_tokens_that_are_there():
    queries, keys = RNG.normal(size=(2, 5, 3, 7)), RNG.normal(size=(2, 5, 3, 7))
    shares = attention_of(queries, 30 * keys, IS_TOKEN)
    np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-12)
    assert (shares >= 0).all()
    assert (shares[0, :, :, 2] == 0).all()


def test_attention_is_what_its_equation_says():
    """softmax(q . k / sqrt(C)) times values, head by head, token by token."""
    found, _ = attend(GIVEN, 3, IS_TOKEN, WEIGHTS, "b", N_HEADS)
    queries, keys, values = (through(name, GIVEN) for name in ("query", "key", "value"))
    for row in range(2):
        n_there = IS_TOKEN[row].sum()
        for asking in range(3):
            heard = []
            for head in (slice(0, 2), slice(2, 4)):
                likeness = [queries[row, asking, head] @ keys[row, n, head] / np.sqrt(2) for n in range(n_there)]
                shares = np.exp(likeness) / np.exp(likeness).sum()
                heard.append(sum(share * values[row, n, head] for n, share in enumerate(shares)))
            np.testing.assert_allclose(found[row, asking], through("told", np.concatenate(heard)), rtol=1e-6)


def test_those_that_ask_learn_the_same_whoever_else_asks():
    whole, _ = block(GIVEN, 3, IS_TOKEN, WEIGHTS, "b", N_HEADS)
    first, _ = block(GIVEN, 1, IS_TOKEN, WEIGHTS, "b", N_HEADS)
    np.testing.assert_allclose(first, whole[:, :1], rtol=1e-12)


def test_a_token_is_normalised_by_itself():
    weights = {"n_gain": np.ones(WIDTH), "n_bias": np.zeros(WIDTH)}
    found, _ = layer_norm(100 * GIVEN, weights, "n")
    np.testing.assert_allclose(found.mean(axis=-1), 0, atol=1e-12)
    np.testing.assert_allclose(found.var(axis=-1), 1, rtol=1e-6)
    moved, _ = layer_norm(GIVEN, {"n_gain": np.full(WIDTH, 2.0), "n_bias": np.full(WIDTH, 3.0)}, "n")
    plain, _ = layer_norm(GIVEN, weights, "n")
    np.testing.assert_allclose(moved, 2 * plain + 3)
    assert (layer_norm(np.full((1, 1, WIDTH), 5.0), weights, "n")[0] == 0).all()


def test_the_sigmoid_stands_for_the_normal_distribution():
    values = np.linspace(-1e3, 1e3, 20_001)
    found, _ = gelu(values)
    np.testing.assert_allclose(found, values * ndtr(values), atol=0.021)


def test_heads_are_joined_as_they_were():
    np.testing.assert_array_equal(joined(by_head(GIVEN, N_HEADS)), GIVEN)
    np.testing.assert_array_equal(by_head(GIVEN, N_HEADS)[0, 1, 2], GIVEN[0, 2, 2:])


@pytest.mark.parametrize("n_asking", [1, 3])
def test_the_way_back_is_that_of_finite_differences(n_asking):
    weights, given = drawn(), GIVEN.copy()
    wanted = RNG.normal(size=(2, n_asking, WIDTH))

    def loss() -> float:
        return float(np.sum(wanted * block(given, n_asking, IS_TOKEN, weights, "b", N_HEADS)[0]))

    found: dict[str, np.ndarray] = {}
    found["given"] = block(given, n_asking, IS_TOKEN, weights, "b", N_HEADS)[1](wanted, found)
    assert found.keys() == {"given", *weights}
    for name, slope in found.items():
        values = given if name == "given" else weights[name]
        np.testing.assert_allclose(slope, differences(values, loss), rtol=1e-5, atol=1e-6, err_msg=name)


def differences(values: np.ndarray, loss) -> np.ndarray:
    """The gradient of a loss, by moving each of the values, where they are."""
    found = np.zeros_like(values)
    for place in np.ndindex(values.shape):
        before, losses = values[place], []
        for step in (1e-5, -1e-5):
            values[place] = before + step
            losses.append(loss())
        values[place], found[place] = before, (losses[0] - losses[1]) / 2e-5
    return found
