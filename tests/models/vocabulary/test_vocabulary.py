"""Models that are told of films with some ratings alone: they answer for all films, and of what they know as ever."""

import json
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.artifacts.fitting import fit_on
from recsys.artifacts.manifest import ArtifactError, write_manifest
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.models import create
from recsys.models.base import (
    ChoosingModel,
    DistributionModel,
    GenreModel,
    KerasModel,
    LatentModel,
    Model,
    PrivateModel,
    RatingModel,
    StagedModel,
)
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.models.vocabulary.known_films import KnownFilms
from recsys.models.vocabulary.rare_films import RareFilms
from recsys.training import Training
from tests.support.small_models import N_ITEMS, artifact_of, ratings, small_config

LEAST = 8
KEPT = np.delete(np.arange(N_ITEMS), [0, 5, 6, 17])  # the films with so many ratings
RARE = [0, 5, 6, 17]
GENRES = np.column_stack([np.arange(N_ITEMS) % 2 == 0, np.arange(N_ITEMS) > 15])
FACTS = FilmFacts(genres=GENRES, genre_names=("Comedy", "War"), features=GENRES.astype(np.float64))
CONTRACTS = (RatingModel, DistributionModel, GenreModel, LatentModel, KerasModel, ChoosingModel, StagedModel)
QUICK = ("popularity", "baseline", "ease-features", "item-knn", "user-knn", "als", "bmf-ordinal", "knowledge")
MODELS_TRIED = (*QUICK, "vae", "hybrid-vae")


def data() -> Interactions:
    """Ratings of which four films have few: none, one, two and seven; with times."""
    stars = ratings(seed=3).toarray()
    for film, n in zip(RARE, (0, 1, 2, LEAST - 1), strict=True):
        stars[np.flatnonzero(stars[:, film])[n:], film] = 0
    matrix = sp.csr_array(stars)
    return Interactions(matrix, np.arange(matrix.nnz), FACTS)


PEOPLE = Histories(sp.csr_array(np.vstack([data().stars[:6].toarray(), np.zeros(N_ITEMS), [5] + [0] * 22])))


@cache
def fitted(name: str) -> Model:
    """The model, told of some films."""
    return fit_on(data(), with_vocabulary(create(name, WHOLE_STARS, config=small_config(name)), LEAST), Training())


def answers(model: Model, people: Histories = PEOPLE) -> dict[str, np.ndarray]:
    found = {"score": model.score(people)}
    if isinstance(model, RatingModel):
        found["predict"] = model.predict(people)
    if isinstance(model, DistributionModel):
        found["chances"] = model.rating_distribution(people)
    if isinstance(model, LatentModel):
        taste = model.latent(people)[0]
        found |= {"log chances": model.log_chances(taste), "stars of taste": model.stars_of_taste(taste)}
    return found


@pytest.mark.parametrize("name", MODELS_TRIED)
def test_a_model_can_what_it_can_without(name):
    plain = create(name, WHOLE_STARS, config=small_config(name))
    told = with_vocabulary(plain, LEAST)
    assert [isinstance(told, each) for each in CONTRACTS] == [isinstance(plain, each) for each in CONTRACTS]
    assert (told.uses_validation, told.keeps_ratings, told.config, told.name) == (
        plain.uses_validation,
        plain.keeps_ratings,
        plain.config,
        name,
    )


@pytest.mark.parametrize("name", MODELS_TRIED)
def test_answers_are_finite_for_all_films_and_rare_films_come_last(name):
    for what, answer in answers(fitted(name)).items():
        assert answer.dtype == np.float32, what
        assert answer.shape[:2] == (len(PEOPLE.stars.toarray()), N_ITEMS), what
        assert np.isfinite(answer).all(), what
    score = fitted(name).score(PEOPLE)
    lowest, highest = score[:, KEPT].min(axis=1), score[:, RARE].max(axis=1)
    assert np.all((highest < lowest) | (np.ptp(score, axis=1) == 0))
    assert np.ptp(score[0]) > 0


@pytest.mark.parametrize("name", QUICK)
def test_of_known_films_it_answers_like_a_model_of_these_alone(name):
    few = KnownFilms.of(data().stars, LEAST)
    assert few.films.tolist() == KEPT.tolist()
    own = create(name, WHOLE_STARS, config=small_config(name)).fit(few.of_data(data()))
    of_few = Histories(PEOPLE.stars[:, KEPT])
    for what, answer in answers(own, of_few).items():
        np.testing.assert_array_equal(answers(fitted(name))[what][:, KEPT], answer, err_msg=what)


@pytest.mark.parametrize("name", ["bmf-ordinal", "hybrid-vae"])
def test_chances_sum_to_1_and_their_mean_is_what_is_predicted(name):
    model = fitted(name)
    chances = model.rating_distribution(PEOPLE)
    np.testing.assert_allclose(chances.sum(axis=2), 1, atol=1e-5)
    np.testing.assert_allclose(WHOLE_STARS.mean_of(chances)[:, RARE], model.predict(PEOPLE)[:, RARE], atol=1e-4)
    for items in ([], [17], [3, 17, 0, 22], list(range(N_ITEMS))):
        asked = np.array(items, dtype=np.int64)
        np.testing.assert_allclose(model.rating_distribution(PEOPLE, asked), chances[:, asked], atol=1e-6)


@pytest.mark.parametrize("name", ["hybrid-vae"])
def test_what_a_taste_chooses_is_a_distribution_over_all_films(name):
    model = fitted(name)
    chances = np.exp(model.log_chances(model.latent(PEOPLE)[0]).astype(np.float64))
    np.testing.assert_allclose(chances.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in MODELS_TRIED if name != "user-knn"])
def test_what_is_saved_answers_the_same(name, tmp_path):
    save_artifact(tmp_path / "model", artifact_of(name, fitted(name), data().stars))
    told = json.loads((tmp_path / "model/model.json").read_text())["vocabulary"]
    assert (told["min_film_ratings"], told["n_films"]) == (LEAST, len(KEPT))
    loaded = answers(load_artifact(tmp_path / "model").model)
    for what, answer in answers(fitted(name)).items():
        np.testing.assert_allclose(loaded[what], answer, rtol=1e-5, atol=1e-6, err_msg=what)


def test_what_consists_of_ratings_is_fitted_again_on_the_same_films(tmp_path):
    save_artifact(tmp_path / "model", artifact_of("user-knn", fitted("user-knn"), data().stars))
    with pytest.raises(ArtifactError, match="consists of its training ratings"):
        load_artifact(tmp_path / "model")
    loaded = load_artifact(tmp_path / "model", train=data()).model
    np.testing.assert_array_equal(loaded.score(PEOPLE), fitted("user-knn").score(PEOPLE))


def damaged(folder, *, arrays=None, **vocabulary):
    """A saved ease whose vocabulary is told otherwise."""
    from safetensors.numpy import load_file, save_file

    save_artifact(
        folder,
        artifact_of("ease", fit_on(data(), with_vocabulary(create("ease", WHOLE_STARS), 8), Training()), data().stars),
    )
    about = json.loads((folder / "model.json").read_text())
    about["vocabulary"] |= vocabulary
    (folder / "model.json").write_text(json.dumps(about))
    if arrays:
        stored = load_file(folder / "arrays.safetensors")
        save_file(
            {name: array for name, array in (stored | arrays(stored)).items() if array is not None},
            folder / "arrays.safetensors",
        )
    (folder / "manifest.json").unlink()
    write_manifest(folder)
    return folder


def twice(stored):
    return {"model/known_films": np.maximum(stored["model/known_films"], 2)}


def beyond(stored):
    return {"model/known_films": stored["model/known_films"] + 1}


def of_more_films(stored):
    return {"model/inner/weights": np.zeros((N_ITEMS, N_ITEMS), dtype=np.float32)}


def without_rare(stored):
    return {"model/rare/offset": None}


def no_number(stored):
    return {"model/rare/offset": np.full(N_ITEMS, np.nan)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_films": 0}, "got 0 for 'n_films' of its vocabulary, expected a whole number of 1 to 23"),
        ({"n_films": 24}, "got 24 for 'n_films' of its vocabulary"),
        ({"n_films": 18}, "known_films has shape|weights has shape"),
        ({"n_films": True}, "got True for 'n_films', expected a JSON int"),
        ({"min_film_ratings": 0}, "got 0 for 'min_film_ratings', expected a whole number above 0"),
        ({"min_film_ratings": "8"}, "got '8' for 'min_film_ratings', expected a JSON int"),
        ({"config": {}}, "got the settings nothing|got the settings  for RareFilmsConfig|for RareFilmsConfig"),
        ({"config": None}, "got None for 'config', expected a JSON dict"),
        ({"arrays": twice}, "known_films are not some of the 23 films, rising"),
        ({"arrays": beyond}, "known_films holds other values than whole numbers from 0 to 22"),
        ({"arrays": of_more_films}, "weights has shape"),
        ({"arrays": without_rare}, "found the arrays"),
        ({"arrays": no_number}, "offset holds 23 NaN or infinite numbers"),
    ],
)
def test_a_vocabulary_that_is_damaged_is_refused_in_a_sentence(tmp_path, change, message):
    with pytest.raises(ArtifactError, match=message):
        load_artifact(damaged(tmp_path / "model", **change))


def test_a_vocabulary_that_is_no_object_is_refused(tmp_path):
    folder = damaged(tmp_path / "model")
    about = json.loads((folder / "model.json").read_text()) | {"vocabulary": 8}
    (folder / "model.json").write_text(json.dumps(about))
    (folder / "manifest.json").unlink()
    write_manifest(folder)
    with pytest.raises(ArtifactError, match="got 8 for 'vocabulary', expected a JSON dict"):
        load_artifact(folder)


def test_a_model_of_which_fewer_ratings_are_asked_than_any_film_has_knows_them_all(tmp_path):
    stars = ratings(seed=3)
    model = fit_on(Interactions(stars), with_vocabulary(create("ease", WHOLE_STARS), 1), Training())
    save_artifact(tmp_path / "model", artifact_of("ease", model, stars))
    plain = create("ease", WHOLE_STARS).fit(Interactions(stars)).score(Histories(stars))
    np.testing.assert_array_equal(load_artifact(tmp_path / "model").model.score(Histories(stars)), plain)


def test_without_a_least_number_a_model_stays_as_it_is():
    plain = create("ease", WHOLE_STARS)
    assert with_vocabulary(plain, 0) is plain


@pytest.mark.parametrize("name", ["dp-popularity", "dp-vae"])
def test_a_model_that_hides_people_is_not_told_which_films_many_rated(name):
    model = create(name, WHOLE_STARS)
    assert isinstance(model, PrivateModel)
    with pytest.raises(DataError, match=f"^{name} hides who rated what, .* fit it without --min-film-ratings.$"):
        with_vocabulary(model, 5)


def test_more_ratings_than_films_have_are_refused_with_what_would_do():
    stars = sp.csr_array([[5.0, 0, 3], [4.0, 0, 2], [1.0, 0, 0]])
    with pytest.raises(DataError, match=r"^1 of 3 films have 3 training ratings .* of at most 2\.$"):
        KnownFilms.of(stars, 3)


def test_facts_and_times_of_films_go_with_them():
    facts = FilmFacts(
        features=np.eye(3),
        genres=np.eye(3) > 0,
        genre_names=("a", "b", "c"),
        titles=("x", "y", "z"),
        years=(1, 2, None),
        tables={"mood": np.arange(3.0)[:, None]},
    )
    whole = Interactions(sp.csr_array([[5.0, 4, 3], [2.0, 0, 1]]), np.arange(5), facts)
    some = KnownFilms(np.array([0, 2]), 3).of_data(whole)
    np.testing.assert_array_equal(some.stars.toarray(), [[5, 3], [2, 1]])
    assert (some.times.tolist(), some.films.titles, some.films.years) == ([0, 2, 3, 4], ("x", "z"), (1, None))
    np.testing.assert_array_equal(some.films.features, np.eye(3)[[0, 2]])
    np.testing.assert_array_equal(some.films.tables["mood"], [[0], [2]])


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1, highest=10, step=0)])
def test_the_chance_of_stars_is_tilted_until_their_mean_is_right(scale):
    stars = sp.csr_array(np.clip(ratings(seed=5).toarray(), 0, scale.highest))
    rare = RareFilms(scale=scale).fit(Interactions(stars))
    wanted = np.linspace(*scale.levels[[0, -1]], 9)[None]
    chances = rare.chances(wanted)
    np.testing.assert_allclose(chances.sum(axis=2), 1, atol=1e-12)
    np.testing.assert_allclose((chances @ scale.levels)[0, 1:-1], wanted[0, 1:-1], atol=1e-4)
    assert np.all(np.abs((chances @ scale.levels)[0] - wanted[0]) < 0.1 * scale.unit)


def test_a_film_is_what_its_genres_are_the_fewer_rated_it():
    stars = np.zeros((40, 4), dtype=np.float32)
    stars[:, 0], stars[:, 1] = 5, 2  # a comedy that all love, a war film that nobody likes
    stars[0, 2] = 1  # a comedy with one rating, which is not told; of the last film nothing is known
    genres = np.array([[1, 0], [0, 1], [1, 0], [0, 0]], dtype=bool)
    rare = RareFilms().fit(Interactions(sp.csr_array(stars), films=FilmFacts(genres=genres)))
    nobody = Histories(sp.csr_array((1, 4), dtype=np.float32))
    comedy, war, new_comedy, unknown = rare.stars(nobody, np.arange(4))[0]
    assert war < 2.5 < unknown < new_comedy < comedy
    assert unknown == pytest.approx(rare.mean)
    stars[:6, 2] = 1
    of_six = RareFilms().fit(Interactions(sp.csr_array(stars), films=FilmFacts(genres=genres)))
    assert of_six.offset[2] < 0 < rare.offset[2]
    assert rare.chance.sum() == pytest.approx(1)


def test_generous_people_give_rare_films_more():
    model = fitted("baseline")
    generous, strict = (
        Histories(sp.csr_array(np.where(np.arange(N_ITEMS) == 1, value, 0)[None])) for value in (5.0, 1.0)
    )
    assert np.all(model.predict(generous)[0, RARE] > model.predict(strict)[0, RARE])
