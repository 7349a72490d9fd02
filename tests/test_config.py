from dataclasses import FrozenInstanceError, fields

import pytest

from recsys import config
from recsys.config import ALSConfig, BaselineConfig, EASEConfig, PopularityConfig, SVDConfig, UserKNNConfig, VAEConfig
from recsys.models import MODELS


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


def test_every_config_is_the_default_of_some_model_or_of_the_split():
    classes = {
        value for value in vars(config).values() if isinstance(value, type) and value.__module__ == config.__name__
    }
    assert classes - {type(recipe.config) for recipe in MODELS.values()} == {config.ValidationConfig}


def test_the_paper_s_network_is_the_one_of_figure_5():
    for name, loss in (("vae", "mse"), ("vae-bce", "bce"), ("vae-masked", "masked-mse")):
        paper = MODELS[name].config
        assert (paper.hidden, paper.n_latent) == ((1024, 512, 256), 50)
        assert (paper.epochs, paper.batch_size, paper.loss) == (10, 64, loss)
