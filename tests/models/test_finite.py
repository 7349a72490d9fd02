"""NaN and infinity are refused in a sentence that names the model, wherever a model learns or answers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import eval.run
import eval.tune
from recsys import Recommender
from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.models import MODELS, create
from recsys.models.base import LatentModel, RatingModel
from recsys.models.factors.config import SVDConfig
from recsys.models.finite import NotFiniteError, is_finite, name_of, require_finite
from recsys.models.mult_vae.inference import NetworkWeights
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.models.vae.config import VAEConfig
from recsys.recommend import answers, exploring
from recsys.recommend.lists.filters import Filters
from tests.support.data_folders import write_genres
from tests.support.small_models import N_ITEMS, ratings, small_config

WIDE = RatingScale(lowest=1, highest=100, step=9)  # few levels, since networks are compiled for each
BAD = (np.nan, np.inf, -np.inf, 1e38, -1e38)  # the last two are numbers that models cannot compute with
TRAIN = ratings(seed=1)
every_model = pytest.mark.parametrize("name", MODELS)


def wide_ratings(n_users: int = 40, n_items: int = N_ITEMS) -> sp.csr_array:
    """Random ratings from 1 to 100."""
    rng = np.random.default_rng(0)
    cells = rng.choice(WIDE.levels, (n_users, n_items)) * (rng.random((n_users, n_items)) < 0.4)
    return sp.csr_array(cells.astype(np.float32))


IDS = np.arange(N_ITEMS) + 1
CATALOG = Catalog.from_films(IDS, {int(i): Film(f"Film {i} (1990)", ("War", "Drama")[: 1 + i % 2]) for i in IDS})


def served(name: str, model: Any, train: sp.csr_array) -> Recommender:
    return Recommender(Artifact(name, model, Items.of(IDS, train, CATALOG.genre_names), {}), CATALOG)


def learned(name: str, train: sp.csr_array, scale: RatingScale = WHOLE_STARS) -> Any:
    """A small model, fitted."""
    config = small_config(name)
    if isinstance(config, VAEConfig):
        config = replace(config, n_draws=2)  # each is compiled, for every size of a batch
    model = create(name, scale, config=config)
    return model.fit(Interactions(train, films=FilmFacts.of(CATALOG)))


CALLS: dict[str, Callable[[Recommender], Any]] = {
    "recommend": lambda model: model.recommend({1: model.scale.highest, 2: 1}, k=5),
    "recommend, nobody": lambda model: model.recommend({}, k=5),
    "recommend, adventurous": lambda model: model.recommend({1: 1, 2: 1}, k=5, adventure=0.5),
    "for_genres": lambda model: model.for_genres(["War"], k=5, ratings={3: 1}),
    "for_genres, nobody": lambda model: model.for_genres(["War"], k=5, adventure=1.0),
    "similar": lambda model: model.similar(1, k=5),
    "predict": lambda model: model.predict({1: 1}, [2, 3]),
    "sample": lambda model: model.sample(k=5, seed=0),
}


def calls_of(model: Any) -> list[str]:
    """The calls that a model can answer at all."""
    without = set() if isinstance(model, LatentModel) else {"sample"}
    without |= set() if isinstance(model, RatingModel) else {"predict"}
    return [name for name in CALLS if name not in without]


def check_table(table: Any, has_stars: bool) -> None:
    """Nothing in it is NaN or infinite but the stars of a model that predicts none."""
    numbers = table.select_dtypes("number").drop(columns=["year", *([] if has_stars else ["stars"])], errors="ignore")
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()


@cache
def healthy(name: str) -> Any:
    return learned(name, TRAIN)


@contextmanager
def suppress_refusal_of(name: str) -> Iterator[None]:
    """Let a sentence pass that names the model."""
    try:
        yield
    except DataError as refusal:
        if not str(refusal).startswith(name):
            raise


# ---- a scale that models were not made for


@every_model
def test_on_a_scale_of_1_to_100_a_model_answers_numbers_or_is_refused_by_name(name):
    train = wide_ratings()
    with suppress_refusal_of(name):
        model = learned(name, train, WIDE)
        recommender = served(name, model, train)
        for call in calls_of(model):
            check_table(CALLS[call](recommender), isinstance(model, RatingModel))


def test_a_fit_that_runs_away_is_refused():
    svd = create("svd", WIDE, config=SVDConfig(learning_rate=1e3))
    with pytest.raises(
        NotFiniteError,
        match=r"svd does not work on these ratings: .* of .* numbers that it learned \(.*\) are NaN or infinite, and "
        "all should be numbers; take another model, or fit it again with other settings",
    ):
        svd.fit(Interactions(wide_ratings(200, 50)))


# ---- learned numbers that were spoilt


@contextmanager
def spoilt(name: str, pick: int, value: float, place: float) -> Iterator[Any]:
    """A model of which one learned number is another, for as long as the block lasts.

    Args:
        pick: which of its arrays. place: where in it, from 0 to 1.
    """
    model = healthy(name)
    stored, networks = model.arrays(), of_networks(model)
    floats = sorted(what for what, values in stored.items() if values.dtype.kind == "f" and values.size)
    at = pick % (len(floats) + len(networks))
    values = [np.array(each) for each in (*(stored[what] for what in floats), *networks)]
    if values[at].dtype.kind == "f":  # what random numbers come from is none
        values[at].reshape(-1)[int(place * (values[at].size - 1))] = value
    try:
        with_networks(model, values[len(floats) :])
        yield model.restore(stored | dict(zip(floats, values, strict=False)))
    finally:
        with_networks(model, networks).restore(stored)


def mult_vae_of(model: Any) -> MultVAE | None:
    part = getattr(model, "fitted", {}).get("vae", model)
    return part if isinstance(part, MultVAE) else None


def of_networks(model: Any) -> list[np.ndarray]:
    """What a model's networks learned."""
    if (mult_vae := mult_vae_of(model)) is not None:
        return [values for network in mult_vae.weights for values in network]
    return [np.array(variable.value) for variable in model.vae.variables] if hasattr(model, "vae") else []


def with_networks(model: Any, values: list[np.ndarray]) -> Any:
    """The model, whose networks now hold these values."""
    if (mult_vae := mult_vae_of(model)) is not None:
        each = len(NetworkWeights._fields)
        mult_vae.take([NetworkWeights(*values[at : at + each]) for at in range(0, len(values), each)])
    else:
        for variable, value in zip(getattr(model, "vae", healthy).variables if values else (), values, strict=True):
            variable.assign(value)
    return model


ALIKE = ("user-knn", "vae-bce", "vae-masked")  # learns nothing but ratings; are vae, learned from another loss


@pytest.mark.parametrize("name", [name for name in MODELS if name not in ALIKE])
@given(pick=st.integers(0, 100), value=st.sampled_from(BAD), place=st.floats(0, 1))
@settings(max_examples=10, deadline=None)
def test_a_spoilt_number_ends_in_numbers_or_in_a_sentence_that_names_the_model(name, pick, value, place):
    calls = calls_of(healthy(name))
    with spoilt(name, pick, value, place) as model:
        recommender = served(name, model, TRAIN)
        for call in calls:
            with suppress_refusal_of(name):
                check_table(CALLS[call](recommender), isinstance(model, RatingModel))


@pytest.mark.parametrize("call", ["recommend", "recommend, nobody", "for_genres", "similar", "predict", "sample"])
def test_every_method_refuses_what_is_no_number(call):
    model = healthy("hybrid-vae")
    stored, networks = model.arrays(), of_networks(model)
    nothing = {what: values * np.nan if values.dtype.kind == "f" else values for what, values in stored.items()}
    try:
        with_networks(model, [values * np.nan for values in networks]).restore(nothing)
        with pytest.raises(NotFiniteError, match="hybrid-vae does not work on these ratings: .* are NaN or infinite"):
            CALLS[call](served("hybrid-vae", model, TRAIN))
    finally:
        with_networks(model, networks).restore(stored)


# ---- the check


@given(arrays(np.float32, st.integers(0, 12), elements=st.floats(width=32)))
def test_the_check_says_what_numpy_says(values):
    assert is_finite(values) == np.isfinite(values).all()


def test_the_sentence_counts_what_is_no_number():
    with pytest.raises(NotFiniteError, match="svd does not work on these ratings: 2 of 4 stars are NaN or infinite"):
        require_finite("svd", "stars", np.array([1.0, np.nan, np.inf, 2.0]))


@every_model
def test_a_model_is_called_by_its_name(name):
    assert name_of(create(name, WHOLE_STARS)) == name


def test_a_part_of_a_composite_is_called_by_both_names():
    parts = create("hybrid-vae", WHOLE_STARS).parts()
    assert [name_of(part) for part in parts.values()] == [f"hybrid-vae ({name})" for name in parts]


# ---- the doors beside the Recommender


def without_numbers(model: Any, history: sp.csr_array) -> np.ndarray:
    return np.full(history.shape, np.nan, dtype=np.float32)


def test_a_run_names_the_model_that_answers_no_numbers_and_measures_the_others(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("recsys.models.factors.als.ALS.predict", without_numbers)
    options = ["--models", "als", "baseline", "--min-ratings", "1", "--out", str(tmp_path / "out")]
    assert eval.run.main(["--dataset", str(write_genres(tmp_path / "own")), *options]) == 1
    out, err = capsys.readouterr()
    assert "als failed on f1: NotFiniteError: als does not work on these ratings: " in err.replace("\n", "")
    assert "baseline" in out
    assert "NotFiniteError" in (tmp_path / "out/failures.txt").read_text()


def test_a_study_goes_on_after_settings_that_give_no_numbers(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("recsys.models.factors.als.ALS.predict", without_numbers)
    options = ["--model", "als", "--trials", "2", "--min-ratings", "1", "--out", str(tmp_path / "out")]
    assert eval.tune.main(["--dataset", str(write_genres(tmp_path / "own")), "--protocol", "random", *options]) == 1
    err = capsys.readouterr().err
    assert err.count("NotFiniteError: als does not work on these ratings: ") == 2
    assert "No trial has a value yet." in err


def test_the_page_is_given_the_sentence(monkeypatch):
    recommender = served("als", healthy("als"), TRAIN)
    monkeypatch.setattr("recsys.models.factors.als.ALS.predict", without_numbers)
    film = recommender.display_titles[0]
    for call in (
        lambda: answers.recommend(recommender, {film: 5}),
        lambda: answers.in_genres(recommender, Filters(genres=["War"])),
        lambda: answers.predict(recommender, {film: 5}, [film]),
        lambda: answers.near(recommender, film),
        lambda: exploring.listed(recommender, {}),
    ):
        with pytest.raises(DataError, match="als does not work on these ratings: "):
            call()


def test_a_space_of_no_numbers_is_refused(monkeypatch):
    recommender = served("hybrid-vae", healthy("hybrid-vae"), TRAIN)
    no_chances = np.full((1, N_ITEMS), np.nan)
    monkeypatch.setattr(
        "recsys.models.hybrids.hybrid_vae.HybridVAE.log_chances", lambda _, taste: np.repeat(no_chances, len(taste), 0)
    )
    with pytest.raises(DataError, match="hybrid-vae does not work on these ratings: .* coordinates of films are NaN"):
        exploring.LatentSpace.of(recommender)
