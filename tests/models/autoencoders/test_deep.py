"""deep-autoencoder: what it learns from a batch, and what it leaves out of it."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.models.autoencoders.config import DeepAutoencoderConfig
from recsys.models.autoencoders.deep import DeepAutoencoder, Lessons
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.simple.baseline import Baseline
from recsys.testing.synthetic import low_rank
from recsys.training import Training
from tests.support.small_models import ratings

SMALL = DeepAutoencoderConfig(hidden=(8, 4), epochs=4, batch_size=16)
PLAIN = replace(SMALL, hidden=(4,), forgets=0.0, dropout=0.0, l2=0.0)
TRAIN = ratings(1)


def projection(n_items: int, n_kept: int, bend: float = 1.0) -> DenseStack:
    """A linear network of one hidden layer: onto a few axes and back, so much longer or shorter."""
    axes, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(n_items, n_kept)))
    kernels = [axes, bend * axes.T]
    return DenseStack(kernels, [np.zeros(n_kept), np.zeros(n_items)], ("linear", "linear"))


def lessons(stack: DenseStack, config: DeepAutoencoderConfig, told: sp.csr_array = TRAIN) -> list:
    return list(Lessons(stack, told, config, np.random.default_rng(0)).steps(np.arange(6)))


def test_what_is_a_fixed_point_already_is_not_moved_by_feeding_it_again():
    (_, missed), (gradient, again) = lessons(projection(TRAIN.shape[1], 4), PLAIN)
    assert missed > 1
    assert again == pytest.approx(0, abs=1e-20)
    assert max(np.abs(slope).max() for slope in gradient) < 1e-12


def test_what_is_none_is_pulled_towards_one():
    """The loss is the mean of squares of all cells, and its gradient that of finite differences, the target held."""
    stack = projection(TRAIN.shape[1], 4, bend=0.5)
    _, (gradient, loss) = lessons(stack, PLAIN)
    said = stack(TRAIN[:6])
    assert loss == pytest.approx(np.mean((stack(said) - said) ** 2))

    def halved() -> float:
        return float(np.mean((stack(said) - said) ** 2) / 2)

    for each, slope in zip(stack.parameters, gradient, strict=True):
        for place in [(0,) * each.ndim, (3,) * each.ndim]:
            before = halved()
            each[place] += 1e-7
            assert (halved() - before) / 1e-7 == pytest.approx(slope[place], abs=1e-4)
            each[place] -= 1e-7


def test_a_step_on_ratings_counts_rated_films_alone_and_weights_as_so_many_ratings():
    stack = projection(TRAIN.shape[1], 4, bend=0.5)
    (gradient, loss), *_ = lessons(stack, replace(PLAIN, l2=7.0))
    batch = TRAIN[:6]
    missed = np.where(batch.toarray() > 0, stack(batch) - batch.toarray(), 0)
    assert loss == pytest.approx(np.sum(missed**2) / batch.nnz)
    np.testing.assert_allclose(gradient[3], missed.sum(axis=0) / batch.nnz, rtol=1e-5)
    hidden = batch @ stack.kernels[0]
    expected = hidden.T @ missed / batch.nnz + 7 / TRAIN.nnz * stack.kernels[1]
    np.testing.assert_allclose(gradient[2], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("refeeds", [0, 1, 3])
def test_each_batch_is_followed_by_as_many_steps_on_answers(refeeds):
    assert len(lessons(projection(TRAIN.shape[1], 4), replace(PLAIN, refeeds=refeeds))) == 1 + refeeds


def test_hidden_ratings_and_dropped_units_leave_the_mean_as_it_is():
    config = replace(PLAIN, forgets=0.4, dropout=0.25, hidden=(400,))
    whole = sp.csr_array(np.ones((300, 30), dtype=np.float32))
    teacher = Lessons(projection(30, 4), whole, config, np.random.default_rng(0))
    told = teacher.partly_hidden(whole)
    assert np.mean(told.data == 0) == pytest.approx(0.4, abs=0.02)
    assert told.data.mean() == pytest.approx(1, abs=0.03)
    stack = DenseStack.drawn((30, 400, 30), ("selu", "linear"), np.random.default_rng(0))
    _, masks = Lessons(stack, whole, config, np.random.default_rng(0)).answered(whole)
    assert masks.keys() == {1}
    assert np.unique(masks[1]) == pytest.approx([0, 1 / 0.75])
    assert masks[1].mean() == pytest.approx(1, abs=0.02)


def test_units_are_dropped_from_the_code_alone():
    """The narrowest layer is the third input of five."""
    config = replace(SMALL, hidden=(8, 4), dropout=0.5)
    stack = DenseStack.drawn(
        (TRAIN.shape[1], 8, 4, 8, TRAIN.shape[1]), ("selu",) * 3 + ("linear",), np.random.default_rng(0)
    )
    _, masks = Lessons(stack, TRAIN, config, np.random.default_rng(0)).answered(TRAIN[:6])
    assert {n: mask.shape for n, mask in masks.items()} == {2: (6, 4)}


def test_stars_are_offsets_plus_what_the_layers_say():
    model, people = DeepAutoencoder(SMALL).fit(Interactions(TRAIN), Training(seed=2)), ratings(2)[:4]
    arrays, plain = model.arrays(), model.plain.predict(Histories(people))
    values = np.where(people.toarray() > 0, people.toarray() - plain, 0)
    for n in range(4):
        values = values @ arrays[f"kernel_{n}"] + arrays[f"bias_{n}"]
        if n < 3:
            values = 1.0507009873554805 * np.where(values > 0, values, 1.6732632423543772 * np.expm1(values))
    np.testing.assert_allclose(model.predict(Histories(people)), plain + values, atol=1e-5)
    assert [arrays[f"kernel_{n}"].shape[1] for n in range(4)] == [8, 4, 8, TRAIN.shape[1]]


def test_it_learns_tastes_that_offsets_do_not_know():
    whole = low_rank(200, 80, 8000, seed=0)  # so many that offsets have no share
    is_held_out = np.random.default_rng(0).random(whole.nnz) < 0.2
    train, held_out = (Interactions(whole).only(keep).stars for keep in (~is_held_out, is_held_out))
    config = DeepAutoencoderConfig(hidden=(40, 20), l2=20.0, epochs=40, batch_size=32, learning_rate=0.01)
    errors = []
    for model in (Baseline(), DeepAutoencoder(config)):
        model.fit(Interactions(train))
        errors.append(np.sqrt(np.mean((model.stars_of(train, held_out) - held_out.data) ** 2)))
    assert errors[1] < 0.95 * errors[0]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"target": "ranks"}, "target 'residuals' or 'stars'"),
        ({"hidden": ()}, "sizes and epochs >= 1"),
        ({"hidden": (4, 0)}, "sizes and epochs >= 1"),
        ({"dropout": 1.0}, r"probabilities in \[0, 1\)"),
        ({"forgets": -0.1}, r"probabilities in \[0, 1\)"),
        ({"refeeds": -1}, "refeeds, l2 >= 0 and learning_rate > 0"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        DeepAutoencoderConfig(**wrong)
