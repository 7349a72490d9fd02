"""The flagship: that it is its parts, put together as it says, and that it understands genres."""

from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS
from recsys.models.base import CompositeModel, GenreModel, StagedModel
from recsys.models.bayes.rehearsal import Foretold
from recsys.models.hybrids import hybrid_vae
from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.hybrids.hybrid_vae import HybridVAE, fit_one
from recsys.models.hybrids.level_use import with_level_use, with_means
from recsys.models.hybrids.trial import Trial
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.settings import from_json
from recsys.split import carve_evenly
from recsys.training import Training
from recsys.training.processes import ALONE
from tests.support.small_models import N_ITEMS, artifact_of, made_small, ratings

SMALL = made_small(HybridVAEConfig())
NO_LEVEL_USE = 1e9  # ratings: a prior that no history moves
GENRES = np.random.default_rng(5).random((N_ITEMS, 4)) < 0.4
DATA = Interactions(ratings(1), films=FilmFacts(features=GENRES.astype(float), genres=GENRES))
NOBODY = sp.csr_array((1, N_ITEMS), dtype=np.float32)


@cache
def small_model() -> HybridVAE:
    return HybridVAE(SMALL).fit(DATA)


def weighed(**changes: float) -> HybridVAE:
    """The same parts with other weights."""
    model = HybridVAE(SMALL, WHOLE_STARS).assemble(small_model().fitted)
    model.weights = replace(small_model().weights, **changes)
    return model


def test_the_score_adds_the_linear_path_to_the_nats_of_the_vae():
    model, history = small_model(), ratings(3)[:5]
    vae, linear = (model.fitted[name].score(Histories(history)) for name in ("vae", "linear"))
    np.testing.assert_allclose(model.score(Histories(history)), vae + 10 * linear, rtol=1e-5)


def test_stars_are_pooled_by_shares_that_sum_to_one():
    model, history = weighed(level_prior=NO_LEVEL_USE, shape_prior=0.0), ratings(3)[:5]
    vae, normal, ordinal = (
        model.fitted[name].rating_distribution(Histories(history)) for name in ("vae", "normal", "ordinal")
    )
    shares = model.weights.shares_of(np.diff(history.indptr), 2.0)
    vae_share, normal_share, ordinal_share = (shares[name][:, None] for name in ("vae", "normal", "ordinal"))
    np.testing.assert_allclose(vae_share + normal_share + ordinal_share, 1.0, rtol=1e-6)
    expected = vae_share[..., None] * vae + normal_share[..., None] * normal + ordinal_share[..., None] * ordinal
    np.testing.assert_allclose(model.pooled(Histories(history))[0], expected, rtol=1e-4, atol=1e-6)
    told = model.fitted["normal"].predict(Histories(history)).clip(1, 5)
    means = expected @ WHOLE_STARS.levels + normal_share * (told - normal @ WHOLE_STARS.levels)
    np.testing.assert_allclose(model.predict(Histories(history)), means, atol=4e-3)
    model.config = replace(model.config, has_parts_stars=False)
    np.testing.assert_allclose(model.rating_distribution(Histories(history)), expected, rtol=1e-4, atol=1e-6)


def test_the_prediction_is_the_mean_of_the_distribution():
    history = ratings(3)[:5]
    expected = small_model().rating_distribution(Histories(history)) @ WHOLE_STARS.levels
    np.testing.assert_allclose(small_model().predict(Histories(history)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({}, ["vae", "linear", "normal", "ordinal"]),
        ({"linear_weight": 0}, ["vae", "normal", "ordinal"]),
        ({"normal_share": 0}, ["vae", "linear", "ordinal"]),
        ({"normal_share": 0, "ordinal_share": 0, "linear_weight": 0}, ["vae"]),
    ],
)
def test_a_part_of_weight_0_is_left_out(change, names):
    assert list(HybridVAE(replace(SMALL, **change)).parts()) == names


def test_the_vae_alone_is_the_vae():
    """Without a linear path, with no share for the others and no use of levels."""
    settings = {"linear_weight": 0, "normal_share": 0, "ordinal_share": 0, "kept_aside": 0, "shape_prior": 0}
    config = replace(SMALL, **settings, level_prior=NO_LEVEL_USE)
    alone, history = HybridVAE(config).fit(Interactions(ratings(1))), ratings(3)[:5]
    vae = MultVAE(SMALL.vae).fit(Interactions(ratings(1)))
    np.testing.assert_array_equal(alone.score(Histories(history)), vae.score(Histories(history)))
    np.testing.assert_allclose(
        alone.rating_distribution(Histories(history)), vae.rating_distribution(Histories(history)), atol=1e-6
    )


def test_fitting_is_fitting_the_parts_and_assembling_them():
    model = HybridVAE(replace(SMALL, kept_aside=0))
    assert isinstance(model, CompositeModel)
    parts = {name: part.fit(DATA) for name, part in model.parts().items()}
    whole = HybridVAE(model.config).fit(DATA)
    np.testing.assert_array_equal(
        model.assemble(parts).score(Histories(ratings(3))), whole.score(Histories(ratings(3)))
    )
    np.testing.assert_array_equal(model.predict(Histories(ratings(3))), whole.predict(Histories(ratings(3))))


def test_no_more_ratings_are_kept_aside_than_decide(monkeypatch):
    monkeypatch.setattr(hybrid_vae, "MOST_ASIDE", 40)
    data, kept = Interactions(ratings(1, (200, 60), 0.5)), []

    def fit_part(name, part, known, kept_aside):
        kept.append(data.n_ratings - known.n_ratings)
        raise KeyError(name)

    config = replace(SMALL, normal_share=0, ordinal_share=0)
    with pytest.raises(KeyError, match="trial vae"):
        next(HybridVAE(config).fit_by(fit_part, data, 0))
    assert 0.5 * 40 < kept[0] < 1.5 * 40 < 0.1 * data.n_ratings


def test_the_vae_and_the_linear_path_answer_before_the_rest_is_trained():
    model = HybridVAE(SMALL)
    assert isinstance(model, StagedModel)
    quick, complete = model.fit_in_stages(DATA, Training(seed=0))
    assert list(quick.fitted) == ["vae", "linear"]
    assert complete is model
    history = ratings(3)[:5]
    np.testing.assert_array_equal(quick.score(Histories(history)), small_model().score(Histories(history)))
    vae = quick.fitted["vae"].rating_distribution(Histories(history))
    moved, shape = (
        with_level_use(vae, history, WHOLE_STARS, prior) for prior in (SMALL.level_prior, SMALL.shape_prior)
    )
    means = WHOLE_STARS.mean_of(moved)
    np.testing.assert_allclose(
        quick.rating_distribution(Histories(history)), with_means(shape, means, WHOLE_STARS), atol=1e-5
    )
    np.testing.assert_array_equal(complete.predict(Histories(history)), small_model().predict(Histories(history)))


@pytest.mark.parametrize("chosen_share", [SMALL.linear.seen_share, 0.5])
def test_a_linear_path_that_was_fitted_ahead_is_used_if_the_trial_leaves_its_settings(monkeypatch, chosen_share):
    def chosen(trial, weights, has_linear):
        return replace(weights, seen_share=chosen_share)

    monkeypatch.setattr(hybrid_vae, "weighed_for_lists", chosen)
    model, plain = HybridVAE(SMALL), HybridVAE(SMALL).fit(DATA)
    ahead = model.fit_ahead(DATA, Training())
    linear = ahead.fitted["ease_features"]
    model.fit(DATA)
    assert (model.fitted["linear"] is linear) == (chosen_share == SMALL.linear.seen_share)
    assert model.ahead is None
    assert model.arrays().keys() == plain.arrays().keys()
    for name, array in plain.arrays().items():
        np.testing.assert_array_equal(model.arrays()[name], array)
    np.testing.assert_array_equal(model.score(Histories(ratings(3))), plain.score(Histories(ratings(3))))


def test_without_a_linear_path_nothing_is_fitted_ahead():
    assert HybridVAE(replace(SMALL, linear_weight=0)).fit_ahead(DATA, Training()) is None


def test_of_many_people_some_teach_the_trial_and_all_are_foretold(monkeypatch):
    monkeypatch.setattr("recsys.models.hybrids.hybrid_vae.TRIAL_PEOPLE", 15)
    known, aside = carve_evenly(DATA, 0.1, seed=0)
    met = []

    def fit_part(name, part, data, kept_aside):
        met.append((name, data.stars.toarray()))
        return part.fit(data)

    trial = HybridVAE(replace(SMALL, chooses_weights=False)).try_vae(fit_part, DATA, known, aside, ALONE)
    ((name, learned),) = met
    assert name == "trial vae"
    np.testing.assert_array_equal(learned, known.stars.toarray()[::3])
    assert trial.foretold.held_out.shape == (aside.n_ratings, 5)
    assert (trial.foretold.of_people.sum(axis=1) > 0).all()
    assert trial.begun == ()  # a network that has met a third of the people does not go on


def test_the_network_of_the_trial_goes_on_with_what_was_kept_aside():
    fitted = {}

    def fit_part(name, part, data, kept_aside):
        begun = getattr(part, "begun", ())
        fitted[name] = fit_one(part, data, kept_aside, Training(seed=0)), begun
        return fitted[name][0]

    *_, whole = HybridVAE(SMALL).fit_by(fit_part, DATA, 0)
    (trial, none), (vae, begun) = fitted["trial vae"], fitted["vae"]
    assert none == ()
    (one,) = begun
    np.testing.assert_array_equal(one.hidden_kernel, trial.weights[0].hidden_kernel)
    assert whole.fitted["vae"] is vae
    assert vae.config.more_epochs == SMALL.vae.more_epochs


def test_without_a_trial_all_networks_begin_anew():
    def fit_part(name, part, data, kept_aside):
        if name == "vae":
            assert (part.begun, part.config.more_epochs) == ((), 0)
        return part.fit(data)

    list(HybridVAE(replace(SMALL, kept_aside=0.0)).fit_by(fit_part, DATA, 0))


def test_what_is_kept_of_a_trial_is_all_of_it():
    networks = tuple(MultVAE(SMALL.vae).fit(DATA, Training(seed=0)).weights)
    trial = Trial(Foretold(np.ones((3, 5)), np.ones(3), np.ones((2, 5)), np.ones((4, 5))), networks)
    again = Trial.of(trial.arrays())
    np.testing.assert_array_equal(again.foretold.of_films, trial.foretold.of_films)
    assert len(again.begun) == len(networks)
    for one, other in zip(again.begun, networks, strict=True):
        for mine, theirs in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_progress_says_which_part_is_trained():
    seen = []
    HybridVAE(SMALL).fit(
        Interactions(ratings(1)), Training(seed=0, on_progress=lambda stage, *_, **__: seen.append(stage))
    )
    first, second, third, *both = dict.fromkeys(seen)
    assert (first, second, third) == ("trial vae epoch", "vae network 1 of 2 epoch", "vae epoch")
    assert set(both) <= {"normal epoch", "normal rehearsal", "ordinal epoch", "ordinal rehearsal"}  # fitted meanwhile


def test_the_weights_and_the_films_use_of_levels_are_saved_too(tmp_path):
    model, history = weighed(linear_weight=3.0, seen_share=0.5, liked_weight=2.0, normal_share=0.1), ratings(3)[:5]
    model.film_use = small_model().film_use
    assert not np.allclose(model.film_use, 1.0)
    model.fitted["vae"].liked_weight, model.fitted["linear"].seen_share = 2.0, 0.5
    save_artifact(tmp_path / "model", artifact_of("hybrid-vae", model, ratings(1)))
    loaded = load_artifact(tmp_path / "model").model
    assert loaded.weights == model.weights
    np.testing.assert_allclose(loaded.score(Histories(history)), model.score(Histories(history)), rtol=1e-5)
    np.testing.assert_allclose(loaded.predict(Histories(history)), model.predict(Histories(history)), rtol=1e-5)
    assert not np.allclose(loaded.score(Histories(history)), small_model().score(Histories(history)))
    small_model.cache_clear()


def test_a_second_fit_knows_nothing_of_the_first():
    model = HybridVAE(SMALL)
    model.weights, model.film_use = replace(model.weights, linear_weight=999.0), np.zeros((N_ITEMS, 5), np.float32)
    again, fresh = (each.fit(Interactions(ratings(1))) for each in (model, HybridVAE(SMALL)))
    assert again.weights == fresh.weights
    np.testing.assert_array_equal(again.predict(Histories(ratings(3))), fresh.predict(Histories(ratings(3))))


def test_settings_of_before_there_was_a_choice_are_read_and_stand():
    saved = asdict(HybridVAEConfig())
    for name in ("shape_prior", "film_prior", "kept_aside", "chooses_weights", "has_parts_stars", "few_ratings"):
        del saved[name]
    del saved["linear"]["seen_share"]
    config = from_json(HybridVAEConfig(), saved)
    assert (config.shape_prior, config.film_prior, config.kept_aside, config.chooses_weights) == (0, 0, 0, False)
    assert (config.has_parts_stars, config.few_ratings) == (False, 0)
    del saved["level_prior"]
    with pytest.raises(ValueError, match="got the settings .* for HybridVAEConfig; expected"):
        from_json(HybridVAEConfig(), saved)


def test_what_it_knows_of_genres_is_saved_too(tmp_path):
    save_artifact(tmp_path / "model", artifact_of("hybrid-vae", small_model(), ratings(1)))
    loaded = load_artifact(tmp_path / "model").model
    asked = np.array([[True, False, True, False]])
    assert isinstance(loaded, GenreModel)
    np.testing.assert_array_equal(
        loaded.score(Histories(NOBODY, genres=asked)), small_model().score(Histories(NOBODY, genres=asked))
    )


def test_genres_move_a_taste_and_none_leave_it_alone():
    model, history = small_model(), ratings(3)[:2]
    asked = np.array([[True, False, False, False], [False] * 4])
    plain, moved = model.score(Histories(history)), model.score(Histories(history, genres=asked))
    assert not np.allclose(plain[0], moved[0])
    np.testing.assert_allclose(plain[1], moved[1], rtol=1e-5)
    (mean, variance), (joint, joint_variance) = (
        model.latent(Histories(history)),
        model.latent(Histories(history, genres=asked)),
    )
    assert not np.allclose(mean[0], joint[0])
    np.testing.assert_array_equal(mean[1], joint[1])
    assert (joint_variance <= variance + 1e-6).all()


def test_somebody_who_asks_for_a_genre_gets_what_its_friends_like():
    """Two camps: the first half of people likes the first half of films, which are of genre 0, and so on."""
    camp = np.arange(60) % 2
    stars = np.where(camp[:, None] == (np.arange(20) >= 10), 5.0, 1.0) * (
        np.random.default_rng(0).random((60, 20)) < 0.6
    )
    genres = np.stack([np.arange(20) < 10, np.arange(20) >= 10], axis=1)
    config = replace(SMALL.vae, epochs=40, n_latent=8, beta=0.1)
    data = Interactions(sp.csr_array(stars.astype(np.float32)), films=FilmFacts(genres=genres))
    model = MultVAE(config).fit(data)
    nobody = sp.csr_array((2, 20), dtype=np.float32)
    found = model.score(Histories(nobody, genres=np.eye(2, dtype=bool)))
    assert found[0, :10].mean() > found[0, 10:].mean()
    assert found[1, :10].mean() < found[1, 10:].mean()


def test_a_model_that_never_heard_of_genres_says_so():
    model = MultVAE(SMALL.vae).fit(Interactions(ratings(1)))
    with pytest.raises(ValueError, match="got genres, but the model was fitted without films' genres; fit it with"):
        model.score(Histories(NOBODY, genres=np.array([[True, False]])))


def test_level_use_worked_by_hand():
    """Two films got 5 stars where 1 and 5 were equally likely; a prior of 2 ratings: factors 1 / 2 and 3 / 2."""
    even = np.tile(np.array([0.5, 0, 0, 0, 0.5], dtype=np.float32), (2, 3, 1))
    history = sp.csr_array(np.array([[5, 5, 0], [0, 0, 0]], dtype=np.float32))
    found = with_level_use(even, history, WHOLE_STARS, prior_ratings=2.0)
    np.testing.assert_allclose(found[0, 2], [0.25, 0, 0, 0, 0.75], atol=1e-5)
    np.testing.assert_array_equal(found[1], even[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"linear_weight": -1}, "linear_weight >= 0"),
        ({"level_prior": 0}, "level_prior > 0"),
        ({"normal_share": 0.6, "ordinal_share": 0.6}, "shares >= 0 that sum to at most 1"),
        ({"normal": HybridVAEConfig().ordinal}, "likelihood 'gaussian' of normal"),
    ],
)
def test_a_setting_out_of_range_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(HybridVAEConfig(), **change)
