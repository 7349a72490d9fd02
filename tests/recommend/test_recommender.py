"""What people call: films by their names in, tables out."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from recsys import Recommender
from recsys.artifacts.artifact import Artifact, Items, save_artifact
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.movielens import load_dataset
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.models import create
from recsys.recommend.latent import adventurous_scores
from recsys.recommend.lists.filters import Filters
from recsys.recommend.lists.reasons import ALIKE
from tests.support.small_models import fitted, ratings, small_config

GENRES = ("Comedy", "Drama", "War")
N_FILMS = 23
TITLES = ["Matrix, The (1999)", "Fargo (1996)", "Psycho (1960)", "Psycho (1998)", "Twin (1990)", "Twin (1990)"]
ALL_TITLES = TITLES + [f"Film {number} (1991)" for number in range(len(TITLES), N_FILMS)]
TRAIN = ratings(1)


def write_films(folder: Path) -> Path:
    """A data set of 23 films; item 4 and 5 are one film. Ids begin at 101, genres go in turns, every fifth has none."""
    folder.mkdir(parents=True, exist_ok=True)
    genres = [GENRES[item % 3] if item % 5 else "(no genres listed)" for item in range(N_FILMS)]
    lines = [f'{101 + item},"{title}",{genres[item]}' for item, title in enumerate(ALL_TITLES)]
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *lines, ""]))
    rows, items = TRAIN.nonzero()
    stars = TRAIN[rows, items]
    given = [f"{row + 1},{101 + item},{star},0" for row, item, star in zip(rows, items, stars, strict=True)]
    (folder / "ratings.csv").write_text("\n".join(["userId,movieId,rating,timestamp", *given, ""]))
    return folder


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> Path:
    return write_films(tmp_path_factory.mktemp("data") / "films")


@pytest.fixture(scope="module")
def catalog(films):
    return load_dataset(films, min_ratings=1).catalog


def made(name: str, catalog) -> Recommender:
    model = create(name, WHOLE_STARS, config=small_config(name))
    model.fit(Interactions(TRAIN, films=FilmFacts.of(catalog)))
    items = Items.of(catalog.item_ids, TRAIN, catalog.genre_names)
    return Recommender(Artifact(name, model, items, {"dataset": "films"}), catalog)


@pytest.fixture(scope="module")
def flagship(catalog) -> Recommender:
    return made("hybrid-vae", catalog)


# ---- recommend


def test_a_list_has_a_row_for_each_film_with_the_columns_that_are_promised(flagship):
    table = flagship.recommend({"The Matrix (1999)": 5, "Fargo": 2}, k=4)
    assert list(table.columns) == ["item_id", "title", "year", "genres", "stars", "reason"]
    assert table.index.tolist() == [1, 2, 3, 4]
    assert table.stars.between(1, 5).all()
    assert set(table.reason) <= {
        "you gave The Matrix (1999) 5 stars",
        "you gave Fargo (1996) 2 stars",
        "many people like it",
    }


def test_the_order_is_the_model_s_and_what_is_rated_excluded_or_a_double_is_left_out(flagship):
    table = flagship.recommend({"The Matrix": 5, 102: 2}, k=100, exclude=["psycho 1960", 110], below_usual=True)
    history = np.zeros((1, N_FILMS), dtype=np.float32)
    history[0, [0, 1]] = 5, 2
    double = 4 if TRAIN[:, [4]].nnz < TRAIN[:, [5]].nnz else 5
    left_out = {0, 1, 2, 9, double} | {0}
    order = [
        item for item in np.argsort(-flagship.model.score(Histories(sp.csr_array(history)))[0]) if item not in left_out
    ]
    assert (table.item_id - 101).tolist() == order


@pytest.mark.parametrize("ask", ["recommend", "for_genres"])
def test_nothing_below_what_somebody_usually_gives_is_listed_unless_it_is_wanted(flagship, ask):
    given = {"The Matrix": 5, 102: 5}

    def listed(**options):
        if ask == "recommend":
            return flagship.recommend(given, k=N_FILMS, **options)
        return flagship.for_genres(["Comedy", "Drama", "War"], N_FILMS, given, **options)

    every, some = listed(below_usual=True), listed()
    usual = (2 * 5 + 5 * TRAIN.data.mean()) / 7
    bar = min(usual, sorted(every.stars)[-10])
    assert bar < usual
    surely, perhaps = (set(every.item_id[enough]) for enough in (every.stars > bar, every.stars >= bar))  # two decimals
    assert surely <= set(some.item_id) <= perhaps
    assert some.item_id.tolist() == [film for film in every.item_id if film in set(some.item_id)]
    assert 10 <= len(some) < len(every)


def test_stars_are_those_of_the_model(flagship):
    table = flagship.recommend({"The Matrix": 5}, k=5)
    history = sp.csr_array(np.eye(1, N_FILMS, 0, dtype=np.float32) * 5)
    expected = flagship.model.predict(Histories(history))[0, table.item_id - 101]
    np.testing.assert_allclose(table.stars, np.round(expected, 2), atol=0.011)


def test_only_what_was_liked_and_is_like_a_film_of_the_list_is_asked_why(flagship, monkeypatch):
    history, asked = flagship.history({108: 1, 111: 5, 112: 5, 114: 2, 107: 4}), []
    films = history.indices
    loved = set(films[history.data >= 4].tolist())

    def support(history, tried, items):
        asked.append(set(history.indices[tried].tolist()))
        return np.ones((len(tried), len(items)), dtype=np.float32)

    monkeypatch.setattr(flagship.checked, "support", support)
    for item in (2, 8, 9, 17):
        asked.clear()
        reason = flagship.reasons(history, np.array([item]))[0]
        alike = {int(film) for film in films if flagship.likeness(np.array([film]), np.array([item]), ALIKE)[0, 0] > 0}
        assert asked == [loved & alike]
        assert reason.startswith("you gave") == bool(loved & alike)


def test_nobody_s_list_is_what_everybody_gets(flagship):
    table = flagship.recommend({}, k=3)
    assert table.reason.tolist() == ["many people like it"] * 3


def test_a_film_without_a_year_or_genre_has_a_missing_value(tmp_path):
    folder = write_films(tmp_path / "films")
    text = (folder / "movies.csv").read_text().replace("Fargo (1996)", "Fargo").replace(",Drama", ",(no genres listed)")
    (folder / "movies.csv").write_text(text.replace('Fargo",(no genres listed)', 'Fargo",War'))
    table = made("ease", load_dataset(folder, min_ratings=1).catalog).recommend({}, k=30)
    fargo = table[table.title == "Fargo"].iloc[0]
    assert fargo.year is pd.NA
    assert table.stars.isna().all()


# ---- predict, similar, for_genres, sample


def test_predictions_come_in_the_order_asked_with_the_chance_of_every_level(flagship):
    table = flagship.predict({"The Matrix": 5}, ["fargo", 103, "fargo"])
    assert table.item_id.tolist() == [102, 103, 102]
    chances = table[[f"P({stars})" for stars in range(1, 6)]].to_numpy()
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(table.stars, chances @ np.arange(1, 6), atol=0.006)


def test_a_model_without_chances_predicts_stars_alone_and_one_that_only_ranks_none(catalog):
    assert "P(1)" not in made("als", catalog).predict({"The Matrix": 5}, ["fargo"]).columns
    with pytest.raises(DataError, match="ease predicts no stars, it only ranks"):
        made("ease", catalog).predict({"The Matrix": 5}, ["fargo"])


def test_near_films_of_a_linear_model_are_those_of_standing_with_the_largest_weights(catalog):
    linear = made("ease", catalog)
    table, standing = linear.similar("Fargo", k=N_FILMS), linear.crowd.of_standing
    by_weight = [item for item in np.argsort(-linear.model.matrix()[1]) if linear.titles.offered[item] and item != 1]
    near = [item for item in by_weight if linear.model.matrix()[1][item] > 0]
    first = [item for item in near if standing[item]]
    assert 0 < len(first) < len(near)
    assert (table.item_id - 101).tolist() == first + [item for item in by_weight if item not in first]
    assert table.nearness.max() == 1
    assert "stars" not in table


def test_near_films_are_as_filters_have_them_in_the_same_order(catalog):
    linear = made("ease", catalog)
    near, wanted = linear.similar("Fargo", k=N_FILMS).title.tolist(), Filters(genres=["War"], years=(1991, 1991))
    found = linear.similar("Fargo", k=N_FILMS, filters=wanted)
    mask = wanted.mask(linear)
    fitting = [title for title in near if mask[linear.titles.find(title)]]
    assert sorted(found.title) == sorted(fitting)
    assert 0 < len(found) < len(near)
    assert found.nearness.max() == 1
    with pytest.raises(DataError, match="no film has the genre 'Opera'"):
        linear.similar("Fargo", filters=Filters(genres=["Opera"]))


def test_where_no_near_film_is_as_filters_have_it_there_is_none(catalog, monkeypatch):
    linear = made("ease", catalog)
    lift = linear.checked.lift(1, N_FILMS)
    years = Filters(years=(1999, 1999))  # The Matrix alone
    monkeypatch.setattr(linear.checked, "lift", lambda item, n_items: np.where(years.mask(linear), -1.0, lift))
    assert linear.similar("Fargo", filters=years).empty


def test_a_model_that_answers_everybody_alike_knows_no_near_films(catalog):
    with pytest.raises(DataError, match="popularity tells everybody the same, so no film is near another"):
        made("popularity", catalog).similar("Fargo")


def test_films_of_genres_have_one_of_them_and_say_which(flagship):
    table = flagship.for_genres(["comedy", "WAR"], k=30)
    assert set(table.genres) == {"Comedy", "War"}
    assert table.genres.tolist() == table.reason.tolist()
    assert "The Matrix (1999)" not in flagship.for_genres(["Comedy"], k=30, ratings={"The Matrix": 5}).title.tolist()


def test_a_model_that_understands_genres_is_told_of_them(flagship):
    history = sp.csr_array((1, N_FILMS), dtype=np.float32)
    asked = np.array([[False, True, False]])
    scores = flagship.model.score(Histories(history, genres=asked))[0]
    found = flagship.for_genres(["Drama"], k=1).item_id.iloc[0] - 101
    dramas = flagship.catalog.genre_matrix[:, 1] & flagship.titles.offered
    assert found == np.argmax(np.where(dramas, scores, -np.inf))
    assert not np.allclose(scores, flagship.model.score(Histories(history))[0])


def test_genres_do_for_any_model(catalog):
    assert set(made("popularity", catalog).for_genres(["drama"], k=5).genres) == {"Drama"}


def test_a_period_holds_the_films_that_came_out_in_it(flagship):
    def years(first, last):
        return flagship.for_genres(list(GENRES), k=30, years=(first, last)).year.tolist()

    assert set(years(1991, 1991)) == {1991}
    assert set(years(1960, 1990)) == {1960}  # Twin has no genre under the id that is listed
    assert years(1961, 1989) == []


def test_an_adventurous_list_is_ranked_by_the_adventurous_scores(flagship):
    ratings = {"The Matrix": 5, "Film 9": 2}
    history, n_ratings = flagship.history(ratings), flagship.artifact.items.n_ratings
    plain, far = flagship.recommend(ratings, k=30), flagship.recommend(ratings, k=30, adventure=0.8)
    assert set(plain.title) == set(far.title)
    scores = adventurous_scores(flagship.model, Histories(history), 0.8, n_ratings)[far.item_id - 101]
    assert (np.diff(scores) <= 0).all()
    asked = np.array([[True, False, False]])
    comedies = flagship.for_genres(["Comedy"], k=30, ratings=ratings, adventure=0.8)
    scores = adventurous_scores(flagship.model, Histories(history, genres=asked), 0.8, n_ratings)[
        comedies.item_id - 101
    ]
    assert (np.diff(scores) <= 0).all()


def test_an_imaginary_viewer_is_the_same_for_the_same_seed_and_draws_without_repeats(flagship):
    first, again, other = (flagship.sample(k=8, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert first.item_id.tolist() != other.item_id.tolist()
    assert first.item_id.is_unique
    assert first.stars.between(1, 5).all()


def test_imaginary_viewers_choose_films_as_often_as_their_tastes_say(flagship):
    """First films of many viewers, against the mean of the chances over many tastes; doubles are not offered."""
    draws = [flagship.sample(k=1, seed=seed).item_id.iloc[0] - 101 for seed in range(3000)]
    found = np.bincount(draws, minlength=N_FILMS) / len(draws)
    tastes = np.random.default_rng(0).standard_normal((3000, flagship.model.latent(Histories(TRAIN[:1]))[0].shape[1]))
    chances = np.exp(flagship.model.log_chances(tastes)) * flagship.titles.offered
    expected = (chances / chances.sum(axis=1, keepdims=True)).mean(axis=0)
    assert np.abs(found - expected).max() < 4 * np.sqrt(expected.max() / len(draws))


def test_only_a_generative_model_has_imaginary_viewers(catalog):
    with pytest.raises(DataError, match="ease is not generative; load hybrid-vae or mult-vae"):
        made("ease", catalog).sample()


# ---- mistakes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model.recommend(["Fargo"]), r"got \['Fargo'\] for ratings; expected a dict of film -> stars"),
        (lambda model: model.recommend({"Psycho": 5}), "'Psycho (1960)', 'Psycho (1998)'"),
        (lambda model: model.recommend({"Fargoo": 5}), "no film is called 'Fargoo'; the nearest are 'Fargo (1996)'"),
        (lambda model: model.recommend({7: 5}), "no film has the item id 7"),
        (lambda model: model.recommend({"Fargo": 6}), "'Fargo': got 6 stars; expected 1 to 5 in steps of 1"),
        (lambda model: model.recommend({"Fargo": 2.5}), "got 2.5 stars"),
        (lambda model: model.recommend({"Fargo": float("nan")}), "got nan stars"),
        (lambda model: model.recommend({"Fargo": True}), "got True stars"),
        (lambda model: model.recommend({"Fargo": 10**400}), r"got 1000+\.\.\.0+ stars"),
        (lambda model: model.recommend({"Fargo": "5"}), "got '5' stars"),
        (lambda model: model.recommend({"Fargo": None}), "got None stars"),
        (lambda model: model.recommend({"Fargo": 5, 102: 4}), "'Fargo' is rated twice, under two names; keep one"),
        (lambda model: model.recommend({}, k=0), "got 0 for k; expected a whole number of at least 1"),
        (lambda model: model.recommend({}, k=2.0), "got 2.0 for k"),
        (lambda model: model.recommend({}, exclude="Fargo"), "got the text 'Fargo' for a list of films"),
        (
            lambda model: model.for_genres([]),
            r"got \[\] for genres; expected a list of some of these: Comedy, Drama, War",
        ),
        (lambda model: model.for_genres("Comedy"), "got 'Comedy' for genres; expected a list"),
        (lambda model: model.for_genres(["Opera"]), "no film has the genre 'Opera'; the genres are Comedy, Drama, War"),
        (lambda model: model.for_genres([3]), "no film has the genre 3"),
        (
            lambda model: model.for_genres(["War"], years=(1999, 1990)),
            "for years; expected the first and the last, such",
        ),
        (lambda model: model.for_genres(["War"], years=1990), "got 1990 for years"),
        (lambda model: model.for_genres(["War"], adventure=2), "got 2 for adventure; expected a number from 0"),
        (lambda model: model.recommend({}, adventure=float("nan")), "got nan for adventure"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_how_to_mend_it(flagship, call, message):
    with pytest.raises(
        DataError,
        match=message.replace("(1960)", r"\(1960\)").replace("(1998)", r"\(1998\)").replace("(1996)", r"\(1996\)"),
    ):
        call(flagship)


# ---- from_pretrained


@pytest.fixture(scope="module")
def saved(films, catalog, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "flagship"
    save_artifact(folder, made("hybrid-vae", catalog).artifact)
    return folder


def test_a_saved_model_answers_as_before(saved, films, flagship):
    loaded = Recommender.from_pretrained(saved, titles=films)
    expected = flagship.recommend({"The Matrix": 5})
    pd.testing.assert_frame_equal(loaded.recommend({"The Matrix": 5}), expected)
    assert str(saved) in loaded.source
    assert str(films) in loaded.source


def test_without_titles_films_are_called_by_their_ids(saved, tmp_path):
    with pytest.warns(
        UserWarning, match="Films are called by their ids, since their titles could not be had: .*nowhere"
    ):
        model = Recommender.from_pretrained(saved, titles=str(tmp_path / "nowhere"))
    table = model.recommend({101: 5}, k=2)
    assert table.title.str.fullmatch(r"film \d+").all()
    with pytest.raises(DataError, match="none, since the films' genres could not be had"):
        model.for_genres(["Comedy"])


def test_neither_keras_nor_ratings_are_needed(saved, films, tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "films" / "movies.csv").write_bytes((films / "movies.csv").read_bytes())
    code = (
        "import sys; from recsys import Recommender;"
        f"model = Recommender.from_pretrained({str(saved)!r}, titles={str(tmp_path / 'films')!r});"
        "print(len(model.recommend({'the matrix': 5}, k=3)), {'keras', 'jax'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "3 set()"


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (
            Path("no/such"),
            {},
            "there is no folder no/such; expected a saved model there, or USER/REPO for one on the Hub",
        ),
        ("./nothing", {}, "there is no folder nothing"),
        (
            "runs/first/artifacts/all/ease",
            {},
            "there is no folder runs/first/artifacts/all/ease; .* This makes it: python -m eval.run --models ease "
            "--fit-all ease --out runs/first$",
        ),
        ("some/where/else", {}, "This makes one in runs/first/artifacts/all/hybrid-vae: python -m eval.run --models"),
        (r"runs\first\artifacts\all\ease", {}, r"there is no folder runs\\first.* --fit-all ease --out 'runs\\first'"),
        (r"C:\models\mine", {}, r"there is no folder C:\\models\\mine; .*makes one in runs/first"),
        ("C:/models/mine", {}, "there is no folder C:/models/mine; .*makes one in runs/first"),
        ("just-a-word", {}, "got 'just-a-word' as the name of a repository"),
        ("a/b@c", {"revision": "d"}, "got revision 'd' for 'a/b@c', which has one"),
    ],
)
def test_a_model_that_is_nowhere_is_refused(model, options, message):
    with pytest.raises(DataError, match=message):
        Recommender.from_pretrained(model, **options)


def test_a_folder_has_no_revision(saved):
    with pytest.raises(DataError, match="got revision 'x' for the folder .*; a folder has none"):
        Recommender.from_pretrained(saved, revision="x")


def test_a_model_of_ratings_is_made_again_from_the_data_s_source(films, tmp_path, monkeypatch):
    dataset = load_dataset(films, min_ratings=1)
    neighbours = fitted("user-knn", dataset.ratings.matrix())
    facts = {"dataset": "films", "dataset_sha256": dataset.sha256, "split": "all", "min_ratings": 1}
    items = Items.of(dataset.ratings.item_ids, dataset.ratings.matrix())
    save_artifact(tmp_path / "knn", Artifact("user-knn", neighbours, items, facts))
    loaded = Recommender.from_pretrained(tmp_path / "knn", titles=films)
    np.testing.assert_allclose(loaded.model.score(Histories(TRAIN)), neighbours.score(Histories(TRAIN)), rtol=1e-6)
    for change, message in (
        ({"split": "f1"}, "consists of the training part of f1, which nobody publishes"),
        ({"dataset_sha256": "00"}, "fitted on ratings of sha256 00, but those of films now have"),
    ):
        save_artifact(tmp_path / "knn", Artifact("user-knn", neighbours, items, facts | change))
        with pytest.raises(DataError, match=message):
            Recommender.from_pretrained(tmp_path / "knn", titles=films)


@cache
def package() -> object:
    import recsys

    return recsys


def test_the_package_offers_the_recommender_and_nothing_that_is_not_there():
    assert package().Recommender is Recommender
    with pytest.raises(AttributeError, match="module 'recsys' has no attribute 'Nothing'"):
        _ = package().Nothing


@pytest.mark.parametrize("ordered", [1, 2, 12])
def test_a_list_goes_on_beyond_the_head_of_a_large_catalogue_s_order(flagship, monkeypatch, ordered):
    whole = flagship.recommend({"The Matrix (1999)": 5, "Fargo": 2}, k=20)
    monkeypatch.setattr("recsys.recommend.recommender.ORDERED", (ordered, 2 * ordered))
    pd.testing.assert_frame_equal(flagship.recommend({"The Matrix (1999)": 5, "Fargo": 2}, k=20), whole)
