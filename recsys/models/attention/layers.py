"""What a transformer is made of, in NumPy: each layer answers, and says how to go back from its answer.

A layer returns its answer and a function, which takes the gradient of a loss with respect to that answer, puts down
those with respect to the layer's weights, and returns the one with respect to what the layer was given.

Legend: B histories in a batch, T tokens of each, Q of them that ask, D numbers of a token, H heads, C = D / H.
"""

from collections.abc import Callable, Mapping

import numpy as np

from recsys.models.numeric.dense_stack import sigmoid

Array = np.ndarray
Weights = Mapping[str, Array]  # by name
Slopes = dict[str, Array]  # of a loss, by the names of the weights
Back = Callable[[Array, Slopes], Array]

LEAST_VARIANCE = np.float32(1e-5)  # added to it, so that numbers that are all the same can be normalised
STEEPNESS = np.float32(1.702)  # of the sigmoid that stands for the normal distribution's (Hendrycks and Gimpel 2016)
NOWHERE = np.float32(-1e9)  # a logit whose exponential is 0


def dense(given: Array, weights: Weights, name: str) -> tuple[Array, Back]:
    """A matrix product and a bias, for every token: given @ kernel + bias."""
    kernel = weights[f"{name}_kernel"]

    def back(slope: Array, found: Slopes) -> Array:
        found[f"{name}_kernel"] = flat(given).T @ flat(slope)
        found[f"{name}_bias"] = flat(slope).sum(axis=0)
        return slope @ kernel.T

    return given @ kernel + weights[f"{name}_bias"], back


def layer_norm(given: Array, weights: Weights, name: str) -> tuple[Array, Back]:
    """Each token's numbers with mean 0 and variance 1, times a gain, plus a bias (Ba, Kiros and Hinton 2016)."""
    centred = given - given.mean(axis=-1, keepdims=True)
    narrow = 1 / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + LEAST_VARIANCE)
    normal, gain = centred * narrow, weights[f"{name}_gain"]

    def back(slope: Array, found: Slopes) -> Array:
        found[f"{name}_gain"] = flat(slope * normal).sum(axis=0)
        found[f"{name}_bias"] = flat(slope).sum(axis=0)
        slope = slope * gain
        along = np.mean(slope * normal, axis=-1, keepdims=True)
        return np.asarray(narrow * (slope - slope.mean(axis=-1, keepdims=True) - normal * along))

    return normal * gain + weights[f"{name}_bias"], back


def gelu(given: Array) -> tuple[Array, Back]:
    """The Gaussian error linear unit, by a sigmoid: each number times the chance that a normal one is below it."""
    chance = sigmoid(STEEPNESS * given)

    def back(slope: Array, found: Slopes) -> Array:
        return np.asarray(slope * chance * (1 + STEEPNESS * given * (1 - chance)))

    return given * chance, back


def attention_of(queries: Array, keys: Array, is_token: Array) -> Array:
    """How much of its attention a token gives to each: softmax of q . k / sqrt(C) over tokens that are there.

    Args:
        queries: (B, H, Q, C).
        keys: (B, H, T, C).
        is_token: (B, T) bool; False: padding, which gets none.

    Returns:
        (B, H, Q, T), which sums to 1 over T.
    """
    likeness = queries @ keys.transpose(0, 1, 3, 2) / np.float32(np.sqrt(queries.shape[-1]))
    likeness += np.where(is_token, np.float32(0), NOWHERE)[:, None, None, :]
    likeness -= likeness.max(axis=-1, keepdims=True)
    shares = np.exp(likeness, out=likeness)
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def attend(
    given: Array, n_asking: int, is_token: Array, weights: Weights, name: str, n_heads: int
) -> tuple[Array, Back]:
    """What the first tokens learn of all: means of values, by attention (Vaswani et al. 2017, section 3.2).

    Args:
        given: (B, T, D).
        n_asking: Q; the others are only looked at.
        is_token: (B, T) bool.
        weights: among them kernels and biases of queries, keys, values and of what comes out.
        name: what theirs begin with.
        n_heads: H.

    Returns:
        (B, Q, D).
    """
    queries, back_queries = dense(given[:, :n_asking], weights, f"{name}_query")
    keys, back_keys = dense(given, weights, f"{name}_key")
    values, back_values = dense(given, weights, f"{name}_value")
    queries, keys, values = (by_head(each, n_heads) for each in (queries, keys, values))
    shares = attention_of(queries, keys, is_token)
    told, back_told = dense(joined(shares @ values), weights, f"{name}_told")

    def back(slope: Array, found: Slopes) -> Array:
        slope = by_head(back_told(slope, found), n_heads)
        of_shares = slope @ values.transpose(0, 1, 3, 2)
        of_likeness = shares * (of_shares - np.sum(of_shares * shares, axis=-1, keepdims=True))
        of_likeness /= np.float32(np.sqrt(keys.shape[-1]))
        before = back_values(joined(shares.transpose(0, 1, 3, 2) @ slope), found)
        before += back_keys(joined(of_likeness.transpose(0, 1, 3, 2) @ queries), found)
        before[:, :n_asking] += back_queries(joined(of_likeness @ keys), found)
        return before

    return told, back


def block(
    given: Array, n_asking: int, is_token: Array, weights: Weights, name: str, n_heads: int
) -> tuple[Array, Back]:
    """Attention, then two dense layers, each added to what it was given the norm of (Xiong et al. 2020).

    Args:
        given: (B, T, D).
        n_asking: Q, see `attend`.
        is_token: (B, T) bool.
        weights: those of the block among them.
        name: what theirs begin with.
        n_heads: H.

    Returns:
        (B, Q, D).
    """
    normed, back_first = layer_norm(given, weights, f"{name}_first")
    told, back_told = attend(normed, n_asking, is_token, weights, name, n_heads)
    middle = given[:, :n_asking] + told
    normed, back_second = layer_norm(middle, weights, f"{name}_second")
    wide, back_wide = dense(normed, weights, f"{name}_wide")
    bent, back_bent = gelu(wide)
    thought, back_thought = dense(bent, weights, f"{name}_narrow")

    def back(slope: Array, found: Slopes) -> Array:
        inner = back_wide(back_bent(back_thought(slope, found), found), found)
        slope = slope + back_second(inner, found)
        before = back_first(back_told(slope, found), found)
        before[:, :n_asking] += slope
        return before

    return middle + thought, back


def flat(tokens: Array) -> Array:
    """(..., D) -> (n, D)."""
    return tokens.reshape(-1, tokens.shape[-1])


def by_head(tokens: Array, n_heads: int) -> Array:
    """(B, T, D) -> (B, H, T, C)."""
    n_rows, n_tokens, width = tokens.shape
    return tokens.reshape(n_rows, n_tokens, n_heads, width // n_heads).transpose(0, 2, 1, 3)


def joined(heads: Array) -> Array:
    """The inverse of `by_head`."""
    n_rows, n_heads, n_tokens, width = heads.shape
    return heads.transpose(0, 2, 1, 3).reshape(n_rows, n_tokens, n_heads * width)
