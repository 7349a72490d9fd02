"""What a model learns is declared once; storing, shapes and restoring follow."""

from dataclasses import dataclass

import numpy as np
import pytest

from recsys.data.interactions import Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.limits import Bounded
from recsys.models.finite import NotFiniteError
from recsys.models.learned import LearningModel, learned
from recsys.training import Training
from tests.support.small_models import ratings


@dataclass(frozen=True, kw_only=True)
class OfferConfig(Bounded):
    """Settings of a model that is made up."""

    n_factors: int = 3


class Parent(LearningModel):
    """Learns a number."""

    mean: float = learned("")

    def __init__(self, config: OfferConfig = OfferConfig()):
        self.config, self.scale = config, WHOLE_STARS


class Child(Parent):
    """And more."""

    factors: np.ndarray = learned("I K={n_factors}")
    share: float = learned(" in 0..1", default=1.0)
    offset: np.ndarray | None = learned("I", default=None)

    def learn(self, data: Interactions, training: Training) -> None:
        train = data.stars
        self.mean = float(train.data.mean())
        self.factors = np.full((train.shape[1], self.config.n_factors), float(training.seed))
        self.share, self.offset = (1.0, None) if training.seed else (0.5, np.ones(train.shape[1]))


def test_names_and_shapes_are_the_ancestors_first_and_sizes_those_of_the_settings():
    model = Child(OfferConfig(n_factors=7))
    assert list(model.array_shapes().items()) == [
        ("mean", ""),
        ("factors", "I K=7"),
        ("share?", " in 0..1"),
        ("offset?", "I"),
    ]


@pytest.mark.parametrize(("seed", "stored"), [(0, ["mean", "factors", "share", "offset"]), (1, ["mean", "factors"])])
def test_what_is_as_by_default_is_not_stored_and_comes_back(seed, stored):
    model = Child().fit(Interactions(ratings(1)), Training(seed=seed))
    assert list(model.arrays()) == stored
    found = Child().restore(model.arrays())
    assert (found.mean, found.share) == (model.mean, model.share)
    assert isinstance(found.mean, float)
    np.testing.assert_array_equal(found.factors, model.factors)
    np.testing.assert_array_equal(found.offset, model.offset)


def test_a_second_fit_forgets_the_first():
    model = Child().fit(Interactions(ratings(1))).fit(Interactions(ratings(1)), Training(seed=1))
    assert (model.share, model.offset) == (1.0, None)


def test_what_was_not_learned_yet_cannot_be_read():
    with pytest.raises(AttributeError, match="Child has no factors yet; fit it first"):
        _ = Child().factors


def test_fit_refuses_what_is_no_number():
    with pytest.raises(NotFiniteError, match=r"numbers that it learned \(factors\)"):
        Child().fit(Interactions(ratings(1)), Training(seed=float("nan")))


def test_a_model_that_keeps_ratings_is_not_restored():
    model = type("Keeper", (Child,), {"keeps_ratings": True})()
    with pytest.raises(TypeError, match="Keeper consists of its training ratings"):
        model.restore({})


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"mean": 3.0}, "Sloppy.learn did not set factors; set what is declared with"),
        ({}, "Sloppy.learn did not set mean, factors"),
        ({"mean": 3.0, "factors": ratings(1)}, r"Sloppy.factors is a csr_array; expected a number or an array of n"),
        ({"mean": None, "factors": np.zeros((23, 3))}, "Sloppy.mean is a NoneType; expected a number"),
    ],
)
def test_fit_says_what_learn_left_out_and_what_cannot_be_kept(found, message):
    def learn(self, data, training):
        vars(self).update(found)

    with pytest.raises(TypeError, match=message):
        type("Sloppy", (Child,), {"learn": learn})().fit(Interactions(ratings(1)))
