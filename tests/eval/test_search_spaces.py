"""What can be tuned, and how settings get into a config and out of it as text."""

from dataclasses import dataclass, fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.tuning.search_spaces import SPACES, grid_of, settings_of, with_settings
from recsys.models import MODELS
from recsys.models.bayes.config import BMFConfig
from recsys.models.linear.config import EASEConfig
from recsys.models.neighbours.config import UserKNNConfig
from recsys.models.search_space import Choice, Float, Int, code, field_of, rounded
from recsys.models.simple.config import BaselineConfig
from recsys.models.vae.config import VAEConfig
from tests.support.small_models import CONFIGS

FIELDS = [(model, name) for model, space in SPACES.items() for name in space]


def test_a_model_has_a_space_unless_it_has_no_settings():
    assert {name for name, recipe in MODELS.items() if fields(recipe.config)} == set(SPACES)


@pytest.mark.parametrize(("model", "name"), FIELDS)
def test_a_field_exists_and_the_default_lies_inside_its_limits_with_three_digits(model, name):
    dimension, default = SPACES[model][name], field_of(MODELS[model].config, name)
    assert 0 <= dimension.place(default) <= 1
    assert dimension.decoded(dimension.encoded(default)) == default


@pytest.mark.parametrize(("model", "name"), [(m, n) for m, n in FIELDS if not isinstance(SPACES[m][n], Choice)])
def test_rounding_never_leaves_the_limits(model, name):
    dimension = SPACES[model][name]
    for end in (dimension.low, dimension.high):
        assert dimension.decoded(end) == end


@pytest.mark.parametrize("model", SPACES)
def test_every_combination_of_limits_is_a_config(model):
    default = MODELS[model].config
    for place in (0, -1):
        ends = {name: dimension.grid(None)[place] for name, dimension in SPACES[model].items()}
        allowed = {name: value for name, value in ends.items() if value is not None}  # one point: the default stays
        assert settings_of(with_settings(default, allowed), allowed) == allowed


@given(st.floats(0, 1))
def test_a_place_on_an_axis_and_its_value_are_inverse(place):
    for dimension in (Float(low=0.02, high=30, log=True), Float(low=-1, high=4)):
        assert dimension.place(dimension.at(place)) == pytest.approx(place, abs=1e-9)
    assert Choice((16, 32, 64)).place(32) == 0.5


def test_a_grid_has_even_steps_or_even_ratios_and_both_ends():
    assert Float(low=0, high=1, n_grid=5).grid(None) == [0, 0.25, 0.5, 0.75, 1]
    assert Float(low=0.01, high=100, log=True, n_grid=5).grid(None) == [0.01, 0.1, 1, 10, 100]
    assert Int(low=1, high=3, n_grid=9).grid(None) == [1, 2, 3]
    assert Choice(("a", "b")).grid(None) == ["a", "b"]


def test_a_field_with_one_point_stays_at_its_default_in_a_grid():
    space = {"l2": Float(low=1, high=100, log=True), "feedback": Choice(("graded", "binary"))}
    assert len(grid_of(space, EASEConfig())) == 6
    fixed = {**space, "l2": Float(low=1, high=100, n_grid=1)}
    assert grid_of(fixed, EASEConfig(l2=7)) == [{"l2": 7, "feedback": "graded"}, {"l2": 7, "feedback": "binary"}]


def test_a_dotted_field_reaches_the_config_inside():
    settings = {"l2": 0.7, "baseline.l2_user": 9.0, "baseline.sweeps": 3}
    changed = with_settings(UserKNNConfig(n_neighbours=5), settings)
    assert changed == UserKNNConfig(n_neighbours=5, l2=0.7, baseline=BaselineConfig(l2_user=9.0, sweeps=3))
    assert settings_of(changed, settings) == settings


def test_fields_that_are_checked_together_are_replaced_together():
    @dataclass(frozen=True, kw_only=True)
    class Limits:
        low: int = 0
        high: int = 1

        def __post_init__(self):
            if self.low >= self.high:
                raise ValueError(f"got {self}; expected low < high")

    assert with_settings(Limits(), {"low": 5, "high": 6}) == Limits(low=5, high=6)
    with pytest.raises(ValueError, match="expected low < high"):
        with_settings(Limits(), {"low": 5})


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (EASEConfig(), "EASEConfig()"),
        (BMFConfig(n_factors=24, likelihood="ordinal"), 'BMFConfig(likelihood="ordinal", n_factors=24)'),
        (VAEConfig(hidden=(600,), learning_rate=1e-5), "VAEConfig(hidden=(600,), learning_rate=1e-05)"),
        (
            UserKNNConfig(l2=0.25, baseline=BaselineConfig(l2_item=1.5)),
            "UserKNNConfig(l2=0.25, baseline=BaselineConfig(l2_item=1.5))",
        ),
    ],
)
def test_a_config_is_written_as_python_with_what_differs_from_its_class(config, text):
    assert code(config) == text


@given(st.sampled_from(sorted(SPACES)), st.integers(0, 2**32 - 1))
def test_what_is_written_can_be_pasted(model, seed):
    rng, space = np.random.default_rng(seed), SPACES[model]
    settings = {}
    for name, dimension in space.items():
        if isinstance(dimension, Choice):
            settings[name] = dimension.values[rng.integers(len(dimension.values))]
        else:
            settings[name] = dimension.decoded(dimension.at(rng.random()))
    config = with_settings(MODELS[model].config, settings)
    assert eval(code(config), CONFIGS.copy()) == config


def test_numbers_have_three_significant_digits():
    assert [rounded(value) for value in (123.456, 0.00123456, 1999.6)] == [123.0, 0.00123, 2000.0]


def test_a_value_that_a_database_cannot_hold_is_kept_as_text():
    layers = Choice(((600,), (512, 256)))
    assert layers.encoded((512, 256)) == "(512, 256)"
    assert layers.decoded("(600,)") == (600,)
    assert layers.ends() == [(0.0, "(600,)"), (1.0, "(512, 256)")]
