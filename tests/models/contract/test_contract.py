"""What every model promises: it is a function of a rating history, and of nothing else."""

from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models import MODELS, create
from recsys.models.array_shapes import check_arrays
from recsys.models.base import ContrastModel, DistributionModel, Model, RatingModel
from recsys.training import Training
from tests.support.small_models import N_ITEMS, RANDOM_START, RATING_MODELS, artifact_of, fitted, ratings, small_config

TRAIN = ratings(seed=1)
HEAR_STARS = ("vae", "vae-bce", "vae-masked")  # as shares of the highest, with 0 for what is not rated: see their paper


@cache
def model_of(name: str) -> Model:
    """The model of a name, fitted once for all tests."""
    return fitted(name, TRAIN)


every_model = pytest.mark.parametrize("name", MODELS)
CONTRASTS = [name for name in MODELS if isinstance(model_of(name), ContrastModel)]


def outputs(model: Model, history: sp.csr_array) -> dict[str, np.ndarray]:
    """Scores, and stars where the model predicts them."""
    found = {"score": model.score(Histories(history))}
    if isinstance(model, RatingModel):
        found["predict"] = model.predict(Histories(history))
    if isinstance(model, DistributionModel):
        found["rating_distribution"] = model.rating_distribution(Histories(history))
    return found


def assert_same(model: Model, history: sp.csr_array, expected: dict[str, np.ndarray]) -> None:
    found = outputs(model, history)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-5, atol=2e-5, err_msg=name)


@every_model
def test_scores_and_stars_are_finite_float32_of_the_histories_shape(name):
    for kind, values in outputs(model_of(name), TRAIN[:7]).items():
        assert values.shape == ((7, N_ITEMS, 5) if kind == "rating_distribution" else (7, N_ITEMS))
        assert values.dtype == np.float32
        assert np.isfinite(values).all()


def test_the_models_that_predict_stars_are_known():
    assert [name for name in MODELS if isinstance(model_of(name), RatingModel)] == RATING_MODELS


@every_model
def test_models_rank_by_what_their_recipe_says(name):
    """The harness saves a second prediction where the score is the stars, and shows no lists of constants."""
    found = outputs(model_of(name), TRAIN)
    if MODELS[name].ranks_by == "stars":
        np.testing.assert_array_equal(found["score"], found["predict"])
    constant = (found["score"] == found["score"][:, :1]).all()
    assert constant == (MODELS[name].ranks_by == "nothing")


@pytest.mark.parametrize("name", [name for name in MODELS if isinstance(model_of(name), DistributionModel)])
def test_a_distribution_of_stars_sums_to_one(name):
    probabilities = model_of(name).rating_distribution(Histories(TRAIN))
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=2), 1, rtol=1e-5)


@pytest.mark.parametrize("name", [name for name in MODELS if isinstance(model_of(name), DistributionModel)])
def test_stars_are_the_mean_of_the_distribution_where_a_model_says_so(name):
    model = model_of(name)
    means = model.rating_distribution(Histories(TRAIN)) @ model.scale.levels
    assert np.allclose(means, model.predict(Histories(TRAIN)), atol=1e-4) == model.predicts_means


@pytest.mark.parametrize("name", [name for name in MODELS if isinstance(model_of(name), DistributionModel)])
def test_a_distribution_of_some_items_is_part_of_the_whole(name):
    items = np.array([7, 2, 2, 22])
    whole = model_of(name).rating_distribution(Histories(TRAIN[:5]))
    np.testing.assert_allclose(
        model_of(name).rating_distribution(Histories(TRAIN[:5]), items), whole[:, items], atol=1e-6
    )
    alone = model_of(name).rating_distribution(Histories(sp.csr_array((1, N_ITEMS), dtype=np.float32)), items)
    assert alone.shape == (1, 4, 5)


def test_the_models_that_say_what_sets_few_films_apart_are_known():
    assert CONTRASTS == ["ease", "ease-binary", "ease-features", "mult-vae", "hybrid-vae"]


@pytest.mark.parametrize("name", CONTRASTS)
def test_what_sets_few_films_apart_is_how_far_they_stand_above_the_mean_of_all(name):
    items = np.array([7, 2, 2, 22])
    for stars in (TRAIN[:5], without_each(TRAIN[[5]]), sp.csr_array((1, N_ITEMS), dtype=np.float32)):
        scores = model_of(name).score(Histories(stars))
        expected = (scores - scores.mean(axis=1, keepdims=True))[:, items]
        found = model_of(name).above_mean(Histories(stars), items)
        assert (found.shape, found.dtype) == ((stars.shape[0], 4), np.float32)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def without_each(history: sp.csr_array) -> sp.csr_array:
    """(1, I) with n ratings -> (n, I): each row lacks another one."""
    rows = np.repeat(history.toarray(), history.nnz, axis=0)
    rows[np.arange(history.nnz), history.indices] = 0
    return sp.csr_array(rows)


@every_model
def test_fold_in_equals_known_user(name):
    """Somebody with the very ratings of a training user is served like that user, wherever the row stands."""
    stranger = sp.csr_array(sp.vstack([ratings(seed=9)[:3], TRAIN[[5]]]))
    for kind, values in outputs(model_of(name), TRAIN).items():
        np.testing.assert_allclose(outputs(model_of(name), stranger)[kind][3], values[5], rtol=2e-5, atol=2e-5)


@every_model
def test_one_by_one_equals_batch(name):
    histories = ratings(seed=2)[:6]
    singles = [outputs(model_of(name), histories[[row]]) for row in range(6)]
    assert_same(model_of(name), histories, {kind: np.vstack([one[kind] for one in singles]) for kind in singles[0]})


@every_model
def test_permuted_histories_permute_scores(name):
    histories, order = ratings(seed=2), np.random.default_rng(3).permutation(40)
    expected = {kind: values[order] for kind, values in outputs(model_of(name), histories).items()}
    assert_same(model_of(name), histories[order], expected)


@pytest.mark.parametrize("name", [name for name in MODELS if name not in RANDOM_START or name == "als"])
def test_the_order_of_training_users_does_not_matter(name):
    """Models with random numbers for every user or batch come out otherwise; the others must not care."""
    order = np.random.default_rng(3).permutation(40)
    assert_same(fitted(name, TRAIN[order]), TRAIN[:8], outputs(model_of(name), TRAIN[:8]))


@pytest.mark.parametrize("name", [name for name in MODELS if name not in RANDOM_START])
def test_permuted_items_permute_scores(name):
    order = np.random.default_rng(4).permutation(N_ITEMS)
    expected = {kind: values[:, order] for kind, values in outputs(model_of(name), TRAIN[:8]).items()}
    assert_same(fitted(name, TRAIN[:, order]), TRAIN[:8][:, order], expected)


@every_model
def test_an_empty_history_gets_the_same_answer_every_time(name):
    empty = sp.csr_array((2, N_ITEMS), dtype=np.float32)
    for values in outputs(model_of(name), empty).values():
        assert np.isfinite(values).all()
        np.testing.assert_array_equal(values[0], values[1])


@every_model
def test_no_histories_at_all_get_no_scores(name):
    assert model_of(name).score(Histories(sp.csr_array((0, N_ITEMS), dtype=np.float32))).shape == (0, N_ITEMS)


@every_model
def test_a_history_of_every_item_works(name):
    full = sp.csr_array(np.random.default_rng(5).integers(1, 6, (1, N_ITEMS)).astype(np.float32))
    for values in outputs(model_of(name), full).values():
        assert np.isfinite(values).all()


@every_model
def test_nothing_but_the_history_matters(name):
    """Not what was scored before, nor how the matrix is stored, nor its number type."""
    history = ratings(seed=6)[:4]
    expected = outputs(model_of(name), history)
    model_of(name).score(Histories(ratings(seed=7)))
    unsorted = sp.csr_array((history.data[::-1], history.indices[::-1], [0, *np.cumsum(np.diff(history.indptr)[::-1])]))
    unsorted = sp.csr_array((unsorted.data, unsorted.indices, unsorted.indptr), shape=history.shape)
    assert not unsorted.has_sorted_indices
    assert_same(model_of(name), unsorted[::-1], expected)
    assert_same(model_of(name), history.astype(np.float64), expected)
    assert_same(model_of(name), history.astype(np.int32), expected)


def shuffled_within_rows(history: sp.csr_array) -> sp.csr_array:
    """The same ratings, those of each person stored in another order."""
    rng = np.random.default_rng(0)
    rows = np.repeat(np.arange(history.shape[0]), np.diff(history.indptr))
    order = np.lexsort((rng.random(history.nnz), rows))
    return sp.csr_array((history.data[order], history.indices[order], history.indptr), shape=history.shape)


@every_model
def test_the_order_of_ratings_of_the_same_moment_does_not_matter(name):
    history = ratings(2)[:5]
    moments = np.full(history.nnz, 10**9)
    one, other = (Histories(each, moments) for each in (history, shuffled_within_rows(history)))
    np.testing.assert_allclose(model_of(name).score(one), model_of(name).score(other), rtol=2e-5, atol=2e-5)


@every_model
def test_scoring_leaves_the_history_as_it_was(name):
    history = ratings(seed=6)[:4]
    before = history.copy()
    outputs(model_of(name), history)
    np.testing.assert_array_equal(history.toarray(), before.toarray())
    assert history.dtype == before.dtype


@every_model
def test_the_same_seed_gives_the_same_model_bit_for_bit(name):
    """Whatever validation ratings come, if the model says that it ignores them; the paper's networks alone do not."""
    assert model_of(name).uses_validation == MODELS[name].is_keras
    again = outputs(fitted(name, TRAIN, None if MODELS[name].is_keras else ratings(8)), TRAIN)
    for kind, values in outputs(model_of(name), TRAIN).items():
        np.testing.assert_array_equal(again[kind], values)


@pytest.mark.parametrize("name", RANDOM_START)
def test_another_seed_gives_another_model(name):
    found, expected = outputs(fitted(name, TRAIN, seed=1), TRAIN), outputs(model_of(name), TRAIN)
    kinds = ["predict"] if name == "switching" else ["score"]  # its lists are of members without random numbers
    assert all(not np.array_equal(found[kind], expected[kind]) for kind in kinds)


@every_model
def test_save_and_load_give_the_same_scores(name, tmp_path):
    model = model_of(name)
    save_artifact(tmp_path / "model", artifact_of(name, model, TRAIN, seed=0))
    loaded = load_artifact(tmp_path / "model", train=Interactions(TRAIN) if model.keeps_ratings else None)
    assert (loaded.name, loaded.facts) == (name, {"seed": 0})
    assert loaded.model.config == model.config
    np.testing.assert_array_equal(loaded.items.ids, np.arange(N_ITEMS) + 1)
    np.testing.assert_array_equal(loaded.items.n_ratings, np.bincount(TRAIN.indices))
    for kind, values in outputs(model, TRAIN).items():
        np.testing.assert_array_equal(outputs(loaded.model, TRAIN)[kind], values)


@every_model
def test_arrays_look_as_the_model_says(name):
    check_arrays(model_of(name).arrays(), model_of(name).array_shapes(), N_ITEMS)


@every_model
def test_the_same_opinions_on_another_scale_are_the_same_model(name):
    """Moved from 1 to 5 onto 10 to 90: the same scores and chances, and stars that are moved likewise."""
    stars = sp.csr_array((10 + 20 * (TRAIN.data - 1), TRAIN.indices, TRAIN.indptr), shape=TRAIN.shape)
    model = create(name, RatingScale(lowest=10.0, highest=90.0, step=20.0), config=small_config(name))
    found = outputs(model.fit(Interactions(stars), Training(seed=0)), stars)
    if name in HEAR_STARS:
        assert all(np.isfinite(values).all() for values in found.values())
        return
    for kind, values in outputs(model_of(name), TRAIN).items():
        is_stars = kind == "predict" or (kind == "score" and MODELS[name].ranks_by != "scores")
        back = (found[kind] - 10) / 20 + 1 if is_stars else found[kind]
        np.testing.assert_allclose(back, values, rtol=1e-4, atol=1e-4, err_msg=kind)


@every_model
def test_an_item_without_training_ratings_and_a_user_without_any_do_no_harm(name):
    stars = ratings(seed=1).toarray()
    stars[:, 4] = stars[7] = 0
    for values in outputs(fitted(name, sp.csr_array(stars)), TRAIN).values():
        assert np.isfinite(values).all()


@pytest.mark.parametrize("name", RATING_MODELS)
def test_no_training_ratings_at_all_predict_something_finite(name):
    nothing = sp.csr_array((5, N_ITEMS), dtype=np.float32)
    assert np.isfinite(fitted(name, nothing).predict(Histories(TRAIN))).all()


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown model 'eaze'; the models are global-mean, "):
        create("eaze", WHOLE_STARS)
