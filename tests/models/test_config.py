from dataclasses import FrozenInstanceError, fields, is_dataclass, replace

import pytest

from eval.tuning.search_spaces import SPACES, with_settings
from recsys.data.scale import RatingScale
from recsys.limits import LARGEST_NUMBER, MOST, SMALLEST_NUMBER
from recsys.models import MODELS
from recsys.models.factors.config import ALSConfig, SVDConfig
from recsys.models.linear.config import EASEConfig
from recsys.models.neighbours.config import UserKNNConfig
from recsys.models.simple.config import BaselineConfig, PopularityConfig
from recsys.models.vae.config import VAEConfig
from recsys.models.vocabulary.config import RareFilmsConfig
from recsys.settings import ValidationConfig
from tests.support.small_models import CONFIGS


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PopularityConfig(liked_from=0), "liked_from above 0 stars"),
        (lambda: BaselineConfig(l2_user=-1), "l2 >= 0 and sweeps >= 1"),
        (lambda: UserKNNConfig(n_neighbours=0), "n_neighbours >= 1"),
        (lambda: UserKNNConfig(l2=0), "shrinkage >= 0 and l2 > 0"),
        (lambda: SVDConfig(epochs=0), "n_factors, epochs and batch_size >= 1"),
        (lambda: SVDConfig(learning_rate=0), "learning_rate, l2, l2_offset and init_scale > 0"),
        (lambda: ALSConfig(n_factors=0), "n_factors and epochs >= 1"),
        (lambda: ALSConfig(l2=-0.1), "l2, l2_offset and init_scale > 0"),
        (lambda: EASEConfig(feedback="likes"), "feedback 'graded' or 'binary'"),
        (lambda: EASEConfig(l2=0), "l2 > 0"),
        (lambda: VAEConfig(loss="mae"), "loss 'mse', 'bce' or 'masked-mse'"),
        (lambda: VAEConfig(hidden=()), "sizes, epochs and patience >= 1"),
        (lambda: VAEConfig(learning_rate=-1), "learning_rate > 0"),
        (lambda: VAEConfig(n_draws=3), "an even n_draws >= 2"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_what_came_and_what_was_expected(make, message):
    with pytest.raises(ValueError, match=rf"got \w+Config\(.*\); expected {message}"):
        make()


@pytest.mark.parametrize("recipe", MODELS.values(), ids=MODELS)
def test_settings_are_frozen(recipe):
    for field in fields(recipe.config):
        with pytest.raises(FrozenInstanceError):
            setattr(recipe.config, field.name, None)


def kinds_of(settings):
    """The config's own kind, and those of its parts."""
    held = [getattr(settings, field.name) for field in fields(settings)]
    members = [member for value in held if isinstance(value, tuple) for member in value]
    return {type(settings)}.union(*(kinds_of(part) for part in (*held, *members) if is_dataclass(part)))


def test_every_config_is_that_of_a_model_or_a_part_or_of_what_goes_with_any():
    used = set().union(*(kinds_of(recipe.config) for recipe in MODELS.values()))
    assert set(CONFIGS.values()) - used == {ValidationConfig, RareFilmsConfig}


def test_the_paper_s_network_is_the_one_of_figure_5():
    for name, loss in (("vae", "mse"), ("vae-bce", "bce"), ("vae-masked", "masked-mse")):
        paper = MODELS[name].config
        assert (paper.hidden, paper.n_latent) == ((1024, 512, 256), 50)
        assert (paper.epochs, paper.batch_size, paper.loss) == (10, 64, loss)


# ---- bounds


def numbers_of(settings):
    """Every number that a config holds, in its parts too: the config that has it, and the field."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        if is_dataclass(value):
            yield from numbers_of(value)
        elif isinstance(value, tuple) and value and is_dataclass(value[0]):
            for member in value:
                yield from numbers_of(member)
        elif isinstance(value, int | float | tuple) and not isinstance(value, bool):
            yield settings, field.name


ALL = [each for recipe in MODELS.values() for each in numbers_of(recipe.config)]
NUMBERS = {f"{type(made).__name__}.{name}": (made, name) for made, name in ALL}


@pytest.mark.parametrize(("made", "name"), NUMBERS.values(), ids=NUMBERS)
def test_no_number_of_any_config_can_be_beyond_what_a_machine_bears(made, name):
    default = getattr(made, name)
    if isinstance(default, float):
        too_much, message = (LARGEST_NUMBER * 1.01, 1e308, float("inf"), float("nan"), 10**400), "in size: the arith"
    else:
        most = {**MOST, **made.most}.get(name)
        assert most, f"give {name} a largest value: {type(made).__name__}.most, or recsys.limits.MOST"
        too_much, message = (most + 1, 2**63, 10**400), "at most .* so that a model fits into memory"
    for value in too_much:
        with pytest.raises(ValueError, match=rf"{type(made).__name__}.{name}; expected .*{message}"):
            replace(made, **{name: (value,) if isinstance(default, tuple) else value})


def test_so_many_layers_and_such_tiny_numbers_are_refused():
    with pytest.raises(ValueError, match=r"got 100,000 layers for VAEConfig.hidden; expected at most 8"):
        VAEConfig(hidden=(1,) * 100_000)
    with pytest.raises(ValueError, match=r"got 1e-300 for ALSConfig.l2; expected 0, or a number of 1e-09 to 1e\+09"):
        ALSConfig(l2=1e-300)
    assert ALSConfig(l2=SMALLEST_NUMBER, l2_offset=LARGEST_NUMBER).l2 == SMALLEST_NUMBER


@pytest.mark.parametrize("model", SPACES)
def test_what_a_search_tries_is_within_the_bounds(model):
    for end in (0.0, 1.0):
        ends = {name: dimension for name, dimension in SPACES[model].items() if hasattr(dimension, "low")}
        tried = {name: dimension.decoded(dimension.at(end)) for name, dimension in ends.items()}
        assert with_settings(MODELS[model].config, tried)


@pytest.mark.parametrize(
    ("scale", "message"),
    [
        ({"step": 2.0**-23}, "expected at most 1,000 levels: models hold numbers for each"),
        ({"step": 1e-320}, "expected at most 1,000 levels"),
        ({"highest": float("inf")}, "expected 0 < lowest < highest <= 1000"),
        ({"highest": 10**400}, "expected 0 < lowest < highest <= 1000"),
        ({"step": float("nan")}, "expected 0 < lowest < highest <= 1000 and a step that divides the range"),
        ({"lowest": 0.0}, "expected 0 < lowest < highest"),
        ({"highest": 4.5}, "expected 0 < lowest < highest and a step that divides the range"),
    ],
)
def test_a_scale_has_a_bounded_number_of_levels(scale, message):
    with pytest.raises(ValueError, match=f"got a rating scale from .*; {message}"):
        RatingScale(**scale)
    assert len(RatingScale(lowest=0.5, highest=100.0, step=0.5).levels) == 200
