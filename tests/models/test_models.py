"""Models under their names: what settings they get, and what they are told of the films."""

from dataclasses import fields, replace

import numpy as np
import pytest

from recsys.artifacts.first_answer import understands_genres
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS
from recsys.models import FLAGSHIP, MODELS, create, require_known, with_value
from recsys.models.base import RatingModel
from recsys.models.bayes.config import BMFConfig
from recsys.models.factors.config import ALSConfig
from recsys.models.finite import name_of
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.linear.config import EASEConfig
from tests.support.small_models import N_ITEMS, ratings, small_config


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


@pytest.mark.parametrize("name", MODELS)
def test_what_is_known_of_films_matters_to_the_models_that_learn_from_it(name):
    learns = {
        "content",
        "knowledge",
        "trident-metadata",
        "dbn-clusters",
        "ease-features",
        "conditioned-vae",
        "dp-vae",
        "cascade-autoencoder",
        "embedding-vae",
        "twin-vae",
        "aligned-vae",
        "bmf",
        "bmf-ordinal",
        FLAGSHIP,
    }  # their scores; the taste of mult-vae stays
    facts = FilmFacts(
        features=np.random.default_rng(0).random((N_ITEMS, 3)),
        genres=np.eye(N_ITEMS, 2, dtype=bool),
        genre_names=("Drama", "Thriller"),
    )
    told, deaf = (
        create(name, WHOLE_STARS, config=small_config(name)).fit(Interactions(ratings(1), films=films))
        for films in (facts, None)
    )
    people = Histories(ratings(2)[:4])
    assert (name in learns) != np.array_equal(told.score(people), deaf.score(people))
    assert understands_genres(told) == (name in ("knowledge", "conditioned-vae", "twin-vae", "mult-vae", FLAGSHIP))
    assert not understands_genres(deaf)


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
    slow = {name for name, recipe in MODELS.items() if not recipe.by_default}
    of_a_few_seconds = {
        "boltzmann",
        "rbm",
        "rbm-2007",
        "rbm-gaussian",
        "rbm-choice",
        "rbm-time",
        "dbn",
        "dbm",
        "dbn-clusters",
        "autorec",
        "item-autorec",
        "deep-autoencoder",
        "mixed",
        "cascade",
        "weighted",
        "switching",
        "cascade-autoencoder",
        "embedding-vae",
        "twin-vae",
        "trident-metadata",
        "transformer",
        "cfgan",
        "conditioned-vae",
        "dp-popularity",
        "dp-vae",
        "irgan",
        "vaegan",
        "aligned-vae",
    }
    assert slow == {"bmf", "bmf-ordinal", "mult-vae", FLAGSHIP, *of_a_few_seconds}


def test_variants_of_a_model_differ_from_it_in_what_their_names_say():
    assert MODELS["ease-binary"].config.feedback == "binary"
    assert MODELS["ease"].config.feedback == "graded"
    assert MODELS["bmf-ordinal"].config.likelihood == "ordinal"
