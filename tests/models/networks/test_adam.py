"""Adam, against the one of Keras."""

import jax
import keras
import numpy as np

from recsys.models.networks.adam import beginning, stepped


def test_steps_are_those_of_keras_with_a_rate_along_a_cosine():
    rng, n_steps = np.random.default_rng(0), 5
    values = {"kernel": rng.normal(size=(4, 3)).astype(np.float32), "bias": np.float32(0.5)}
    theirs = {name: keras.Variable(value) for name, value in values.items()}
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.01, n_steps))
    learner, step = beginning(values), jax.jit(stepped, static_argnums=(2, 3))
    for _ in range(n_steps + 1):
        slopes = {name: rng.normal(size=np.shape(value)).astype(np.float32) for name, value in values.items()}
        optimizer.apply_gradients(zip(slopes.values(), theirs.values(), strict=True))
        learner = step(learner, slopes, 0.01, n_steps)
        for name, variable in theirs.items():
            np.testing.assert_allclose(learner.values[name], variable.value, rtol=1e-5, err_msg=name)
    assert int(learner.n_done) == n_steps + 1
    assert values["bias"] == np.float32(0.5)
