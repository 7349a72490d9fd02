"""Models under their names: what settings they get, and what they are told of the films."""

from dataclasses import fields, replace

import numpy as np
import pytest

from recsys.data.scale import HALF_STARS
from recsys.films.catalog import Catalog, Film
from recsys.models import FLAGSHIP, MODELS, create, require_known, with_value
from recsys.models.base import RatingModel
from recsys.models.bayes.config import BMFConfig
from recsys.models.factors.config import ALSConfig
from recsys.models.finite import name_of
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.linear.config import EASEConfig

CATALOG = Catalog.from_films(
    np.array([1, 2]), {1: Film("One (1950)", ("War",)), 2: Film("Two (1990)", ("War", "Drama"))}
)


def test_a_number_of_epochs_reaches_every_part_that_has_any_and_nothing_else():
    before = HybridVAEConfig()
    after = with_value(before, "epochs", 7)
    assert after.vae.epochs == 7
    for field in fields(before):
        part, found = getattr(before, field.name), getattr(after, field.name)
        assert found == (replace(part, epochs=7) if hasattr(part, "epochs") else part)


def test_settings_without_epochs_stay_as_they_were():
    assert with_value(EASEConfig(l2=7.0), "epochs", 3) == EASEConfig(l2=7.0)


@pytest.mark.parametrize("name", ["als", "ease", "baseline", "bmf-ordinal"])
def test_a_model_gets_the_scale_and_the_settings_of_its_name(name):
    model = create(name, HALF_STARS)
    assert model.scale == HALF_STARS
    assert model.config == MODELS[name].config
    assert name_of(model) == name


def test_settings_of_one_s_own_replace_those_of_the_name_and_epochs_replace_theirs():
    own = ALSConfig(n_factors=3, epochs=8)
    assert create("als", HALF_STARS, config=own).config == own
    assert create("als", HALF_STARS, config=own, epochs=2).config == replace(own, epochs=2)
    assert create("bmf", HALF_STARS, epochs=2).config == BMFConfig(epochs=2, rehearsal=2)


@pytest.mark.parametrize("name", ["ease", "ease-features", "bmf", "mult-vae", FLAGSHIP])
def test_a_model_is_told_of_films_what_it_can_learn_from(name):
    told = {
        "ease": (None, None),
        "ease-features": (CATALOG.features(), None),
        "bmf": (CATALOG.features(), None),
        "mult-vae": (None, CATALOG.genre_matrix),
        FLAGSHIP: (CATALOG.features(), CATALOG.genre_matrix),
    }[name]
    for catalog, expected in ((CATALOG, told), (None, (None, None))):
        model = create(name, HALF_STARS, catalog=catalog)
        for fact, values in zip(("item_features", "item_genres"), expected, strict=True):
            np.testing.assert_array_equal(getattr(model, fact, None), values)


def test_all_unknown_names_are_said():
    require_known(MODELS)
    with pytest.raises(
        ValueError, match="unknown model 'x', 'y'; the models are global-mean, item-mean, .*hybrid-vae$"
    ):
        require_known(["als", "x", "y"])


def test_only_the_paper_s_networks_use_validation_and_only_neighbours_are_the_ratings_themselves():
    made = {name: create(name, HALF_STARS) for name in MODELS}
    using = [name for name, model in made.items() if model.uses_validation]
    assert using == [name for name, recipe in MODELS.items() if recipe.is_keras]
    assert [name for name, model in made.items() if model.keeps_ratings] == ["user-knn"]


def test_a_recipe_says_whether_its_model_predicts_stars():
    for name, recipe in MODELS.items():
        assert isinstance(create(name, HALF_STARS), RatingModel) == recipe.predicts_stars


def test_what_an_evaluation_runs_by_default_takes_no_time():
    slow = [name for name, recipe in MODELS.items() if not recipe.by_default]
    assert slow == ["bmf", "bmf-ordinal", "mult-vae", FLAGSHIP]


def test_variants_of_a_model_differ_from_it_in_what_their_names_say():
    assert MODELS["ease-binary"].config.feedback == "binary"
    assert MODELS["ease"].config.feedback == "graded"
    assert MODELS["bmf-ordinal"].config.likelihood == "ordinal"
