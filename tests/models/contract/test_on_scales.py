"""What every model of stars promises on data of every kind: numbers, and errors no larger than those of plain offsets.

The ratings are made up: offsets of people and films, tastes in three dimensions and noise, put on the scale.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models import MODELS, create
from recsys.models.autoencoders.config import CascadeConfig
from recsys.models.base import CompositeModel, Model, entry_rows
from recsys.models.bayes.config import BMFConfig
from recsys.models.boltzmann.config import DBMConfig, SoftmaxRBMConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.vae.config import TwinVAEConfig
from recsys.settings import Config
from tests.support.small_models import RATING_MODELS, made_small

TO_HUNDRED = RatingScale(lowest=1.0, highest=100.0)
WORSE = 1.005  # of the error of plain offsets that a model may have
NO_RIVALS = {  # models that are worse than plain offsets by their nature
    "global-mean": "knows neither people nor films",
    "item-mean": "knows no people",
    "user-mean": "knows no films",
    "rbm-2007": "knows nothing of offsets, and finds out how generous somebody is film by film: 150 people are too few",
    "vae": "the paper's: predicts 0 for what is not rated, as it was told to",
    "vae-bce": "likewise",
    "vae-masked": "the paper's network of half a million weights without anything that holds them",
}


@dataclass(frozen=True)
class Kind:
    """Of data: how many people and films, what share of the cells is rated, and on which scale."""

    scale: RatingScale = WHOLE_STARS
    shape: tuple[int, int] = (150, 100)
    density: float = 0.4


KINDS = {"dense": Kind(), "sparse": Kind(shape=(400, 300), density=0.015), "to 100": Kind(TO_HUNDRED)}
MORE_KINDS = {
    "two levels": Kind(RatingScale(lowest=1.0, highest=2.0)),
    "to ten": Kind(RatingScale(lowest=1.0, highest=10.0)),
    "half stars to four": Kind(RatingScale(lowest=0.5, highest=4.0, step=0.5)),
    "any number": Kind(RatingScale(lowest=1.0, highest=10.0, step=0.0)),
    "sparse, to 100": Kind(TO_HUNDRED, (400, 300), 0.015),
}
QUICK = ("baseline", "user-knn", "svd", "als")


@cache
def parts_of(kind: Kind) -> tuple[sp.csr_array, sp.csr_array]:
    """Training ratings and a fifth that is held out, (U, I) stars each."""
    rng, scale = np.random.default_rng(0), kind.scale
    taste, traits = (rng.normal(size=(n, 3)) for n in kind.shape)
    people, films = 0.4 * rng.normal(size=(kind.shape[0], 1)), 0.5 * rng.normal(size=(1, kind.shape[1]))
    opinion = 3.5 + people + films + 0.3 * taste @ traits.T + 0.5 * rng.normal(size=kind.shape)
    stars = scale.lowest + (np.clip(opinion, 1, 5) - 1) * scale.unit
    given = stars if scale.is_continuous else scale.levels[scale.level_of(stars)]
    rated = sp.csr_array((given * (rng.random(kind.shape) < kind.density)).astype(np.float32))
    is_held_out = rng.random(rated.nnz) < 0.2
    return keep_entries(rated, ~is_held_out), keep_entries(rated, is_held_out)


def quick(config: Config) -> Config:
    """Settings that take a fraction of the time and mean the same."""
    if isinstance(config, BMFConfig):
        return replace(config, rehearsal=30, epochs=60, n_factors=8)
    if isinstance(config, SoftmaxRBMConfig) and config.knows_generosity:
        return replace(config, n_hidden=30, learning=replace(config.learning, epochs=15))
    if isinstance(config, DBMConfig):
        return replace(config, choices=made_small(config.choices))
    if isinstance(config, CascadeConfig):
        content = replace(config.content, sweeps=3, steps=5)
        return replace(config, content=content, lists=replace(config.lists, epochs=1, n_hidden=8))
    return replace(config, n_networks=1, n_hidden=50) if isinstance(config, MultVAEConfig | TwinVAEConfig) else config


@cache
def model_of(name: str, kind: Kind) -> Model:
    """Fitted; the flagship is made of its parts as they are."""
    model = create(name, kind.scale, config=quick(MODELS[name].config))
    if isinstance(model, CompositeModel):
        alone = {"vae": "mult-vae", "linear": "ease-features", "normal": "bmf", "ordinal": "bmf-ordinal"}
        names = {part: alone.get(part, part.replace("_", "-")) for part in model.parts()}
        return model.assemble({part: model_of(name, kind) for part, name in names.items()})
    return model.fit(Interactions(parts_of(kind)[0]))


def error_of(name: str, kind: Kind) -> float:
    """Root mean square in stars on the held-out ratings."""
    train, held_out = parts_of(kind)
    stars = model_of(name, kind).predict(Histories(train))
    assert np.isfinite(stars).all()
    missed = kind.scale.clip(stars[entry_rows(held_out), held_out.indices]) - held_out.data
    return float(np.sqrt(np.mean(missed**2)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", [name for name in RATING_MODELS if name not in NO_RIVALS])
def test_no_model_is_worse_than_plain_offsets(name, kind):
    assert error_of(name, KINDS[kind]) <= WORSE * error_of("baseline", KINDS[kind]), (
        f"{name} is worse than plain offsets: let it say of few ratings what `Baseline` says, as ItemKNN does, or say "
        "in NO_RIVALS what it does not know"
    )


@pytest.mark.parametrize("kind", MORE_KINDS)
@pytest.mark.parametrize("name", QUICK)
def test_quick_models_are_no_worse_than_plain_offsets_on_any_scale(name, kind):
    assert error_of(name, MORE_KINDS[kind]) <= WORSE * error_of("baseline", MORE_KINDS[kind])


@pytest.mark.parametrize("kind", ["dense", "to 100"])
@pytest.mark.parametrize("name", ["svd", "als", "user-knn", "bmf", "bmf-ordinal", "hybrid-vae"])
def test_models_of_tastes_beat_plain_offsets_where_there_are_tastes(name, kind):
    assert error_of(name, KINDS[kind]) < 0.97 * error_of("baseline", KINDS[kind])


def test_only_known_models_are_excused():
    assert set(NO_RIVALS) < set(RATING_MODELS)


def test_the_machine_of_2007_is_no_worse_than_plain_offsets_where_people_are_many():
    """Four times as many, each with as many ratings as before: so it is for want of people that it is excused."""
    many = Kind(shape=(600, 100))
    assert error_of("rbm-2007", many) < error_of("baseline", many)


def test_few_ratings_give_factors_no_share_and_many_all_of_it():
    for name in ("svd", "als", "bmf", "bmf-ordinal"):
        assert model_of(name, KINDS["dense"]).share > 0.9
        few = model_of(name, KINDS["sparse"])
        assert few.share < 0.5
        again = create(name, WHOLE_STARS, config=few.config).restore(few.arrays())
        train = parts_of(KINDS["sparse"])[0][:9]
        np.testing.assert_array_equal(again.predict(Histories(train)), few.predict(Histories(train)))


@pytest.mark.parametrize("name", ["bmf", "bmf-ordinal"])
def test_plain_offsets_share_in_the_distribution_as_in_the_stars(name):
    """Of all films and of some, as fitted and as loaded; what is rounded to levels differs a little."""
    few, train, items = model_of(name, KINDS["sparse"]), parts_of(KINDS["sparse"])[0][:9], np.array([7, 2, 200])
    again = create(name, WHOLE_STARS, config=few.config).restore(few.arrays())
    distribution = again.rating_distribution(Histories(train))
    np.testing.assert_allclose(distribution.sum(axis=-1), 1.0, rtol=1e-5)
    np.testing.assert_allclose(again.rating_distribution(Histories(train), items), distribution[:, items], rtol=1e-5)
    np.testing.assert_allclose(
        again.predict(Histories(train), items), few.predict(Histories(train))[:, items], rtol=1e-6
    )
    alone = create(name, WHOLE_STARS, config=few.config).restore({**few.arrays(), "share": np.array(1.0)})
    mixed = few.share * alone.predict(Histories(train)) + (1 - few.share) * few.plain.predict(Histories(train))
    inside = (mixed > 2) & (mixed < 4)  # at the ends of the scale levels are no normal variable
    np.testing.assert_allclose(few.predict(Histories(train))[inside], mixed[inside], atol=0.05)
    np.testing.assert_allclose(WHOLE_STARS.mean_of(distribution)[inside], mixed[inside], atol=0.05)
