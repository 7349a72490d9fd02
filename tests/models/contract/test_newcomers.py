"""Somebody of whom a model can say nothing gets what most people like, and reasons that are true."""

from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from recsys import Recommender
from recsys.artifacts.artifact import Artifact, Items
from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import HALF_STARS, WHOLE_STARS, RatingScale
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.models import MODELS, create
from recsys.recommend.lists.crowd import expected_likes
from tests.support.small_models import small_config

N_USERS, N_FILMS, LONELY = 60, 30, 7  # LONELY: a film that one person rated, who rated nothing else
MANY = "many people like it"
every_model = pytest.mark.parametrize("name", MODELS)
WITHOUT_ANSWER = [  # neighbours, of whom nobody has any; nothing in, nothing out; everything is alike
    name
    for name, recipe in MODELS.items()
    if (recipe.class_path.split(".")[2] in ("neighbours", "linear") and recipe.ranks_by == "scores")
    or recipe.ranks_by == "nothing"
]


def crowd(seed: int = 4) -> sp.csr_array:
    """(60, 30) stars: how many rate a film, and like it, has nothing to do with its id.

    No two films are liked by as many, and what is liked by more has the higher mean.
    """
    rng = np.random.default_rng(seed)
    stars = np.zeros((N_USERS, N_FILMS), dtype=np.float32)
    for film, n_likes in zip(rng.permutation(N_FILMS), range(6, N_USERS), strict=False):
        people = rng.permutation(N_USERS - 1)[: n_likes + 3]
        stars[people, film] = 4
        stars[people[:3], film] = 1, 2, 2
    stars[:, LONELY] = 0
    stars[-1, LONELY] = 5
    return sp.csr_array(stars)


TRAIN = crowd()
LIKES = np.bincount(TRAIN.indices[TRAIN.data >= 4], minlength=N_FILMS)
BY_LIKES = np.argsort(-LIKES, kind="stable")


def genres_of(item: int) -> tuple[str, ...]:
    return ("Comedy", "War")[: 1 + item % 2] if item % 5 else ()


def made(name: str, train: sp.csr_array) -> Recommender:
    """A small model of ratings, whose films are of one genre, of two or of none."""
    ids = np.arange(train.shape[1]) + 1
    catalog = Catalog.from_films(ids, {int(i): Film(f"Film {i} (1990)", genres_of(int(i) - 1)) for i in ids})
    model = create(name, WHOLE_STARS, config=small_config(name))
    model.fit(Interactions(train, films=FilmFacts.of(catalog)))
    return Recommender(Artifact(name, model, Items.of(ids, train, catalog.genre_names), {}), catalog)


@cache
def served(name: str) -> Recommender:
    """A small model of the crowd."""
    return made(name, TRAIN)


def listed(table) -> list[int]:
    return (table.item_id - 1).tolist()


def of_nobody(name: str) -> np.ndarray:
    return served(name).model.score(Histories(sp.csr_array((1, N_FILMS), dtype=np.float32)))[0]


def test_the_models_that_have_no_answer_without_a_history_are_known():
    alike = [name for name in MODELS if not np.ptp(of_nobody(name))]
    assert alike == WITHOUT_ANSWER, (
        "WITHOUT_ANSWER names models whose scores are all alike where there is no history; mend it, or the model"
    )


@pytest.mark.parametrize("name", WITHOUT_ANSWER)
def test_a_model_without_an_answer_lists_what_most_people_like(name):
    table = served(name).recommend({}, k=10)
    assert listed(table) == BY_LIKES[:10].tolist()
    assert set(table.reason) == {MANY}


@pytest.mark.parametrize("name", WITHOUT_ANSWER)
def test_so_it_does_among_the_genres_that_are_asked_for(name):
    war = [item for item in BY_LIKES if "War" in genres_of(item)]
    assert listed(served(name).for_genres(["War"], k=8)) == war[:8]


@every_model
def test_without_a_history_films_stand_by_the_score_and_then_by_how_many_like_them(name):
    scores = of_nobody(name)
    expected = np.lexsort((np.arange(N_FILMS), -served(name).crowd.n_likes, -scores))
    assert listed(served(name).recommend({}, k=N_FILMS)) == expected.tolist()


@every_model
def test_many_people_like_whatever_it_is_said_of(name):
    for ratings in ({}, {LONELY + 1: 5}, {1: 5, 2: 1, 3: 4}):
        for adventure in (0.0, 1.0):
            table = served(name).recommend(ratings, k=N_FILMS, adventure=adventure)
            reasons = dict(zip(listed(table), table.reason, strict=True))
            assert all(LIKES[item] > LIKES.mean() - 1 for item, reason in reasons.items() if reason == MANY)
            assert all(LIKES[item] < LIKES.mean() + 1 for item, reason in reasons.items() if not reason)
            assert all(reason is not None for reason in reasons.values())


@pytest.mark.parametrize("name", ["user-knn", "ease", "ease-binary"])
def test_a_rating_that_no_one_shares_leaves_the_crowd_s_order(name):
    table = served(name).recommend({LONELY + 1: 5}, k=10)
    assert listed(table) == BY_LIKES[:10].tolist()
    assert set(table.reason) == {MANY}


@pytest.mark.parametrize("name", ["user-knn", "ease", "ease-binary"])
def test_films_of_which_a_history_tells_nothing_follow_in_the_crowd_s_order(name):
    """Two crowds that share no film: who is of the one is not told of the other's films."""
    order = np.random.default_rng(0).permutation(2 * N_FILMS)
    train = sp.csr_array(sp.block_diag([TRAIN, crowd(5)], format="csr")[:, order])
    model, theirs = made(name, train), np.flatnonzero(order >= N_FILMS)
    ours = {int(item) + 1: 5 for item in np.flatnonzero(order < N_FILMS)[:3]}
    scores = model.model.score(Histories(model.history(ours)))[0]
    assert (scores[theirs] == 0).all()
    assert np.ptp(scores)
    found = [item for item in listed(model.recommend(ours, k=2 * N_FILMS, below_usual=True)) if item in theirs]
    assert found == sorted(theirs, key=lambda item: (-model.crowd.n_likes[item], item))


@pytest.mark.parametrize("name", WITHOUT_ANSWER)
def test_an_adventurous_list_of_the_crowd_s_leaves_out_what_is_famous(name):
    n_ratings = served(name).artifact.items.n_ratings
    known = [n_ratings[listed(served(name).recommend({}, k=10, adventure=far))].mean() for far in (0.0, 1.0)]
    assert known[1] < known[0]


def test_a_film_that_lifts_no_other_has_none_near():
    with pytest.raises(DataError, match="user-knn puts no film higher for who loves Film 8 .1990., so none is near"):
        served("user-knn").similar(LONELY + 1)


def test_films_near_a_film_can_all_be_left_out():
    assert served("ease").similar(1, exclude=range(1, N_FILMS + 1)).empty


@given(levels=st.lists(st.integers(-2, 2), min_size=N_FILMS, max_size=N_FILMS), k=st.integers(1, N_FILMS + 3))
def test_equal_scores_are_told_apart_by_how_many_like_a_film_then_by_its_place(levels, k):
    model, scores = served("popularity"), np.array(levels, dtype=np.float32)
    expected = np.lexsort((np.arange(N_FILMS), -model.crowd.n_likes, -scores))[:k]
    assert model.best(scores, k).tolist() == expected.tolist()


# ---- how many like a film


@pytest.mark.parametrize("scale", [WHOLE_STARS, HALF_STARS, RatingScale(lowest=1, highest=100)])
def test_more_ratings_or_a_higher_mean_are_more_likes_and_never_more_than_ratings(scale):
    n_ratings, means = np.array([10, 20, 30]), scale.lowest + (scale.highest - scale.lowest) * np.array([0.2, 0.5, 0.9])
    likes = np.array([expected_likes(n_ratings, np.full(3, mean), scale) for mean in means])
    assert (np.diff(likes, axis=0) > 0).all()
    assert (np.diff(likes, axis=1) > 0).all()
    assert (likes <= n_ratings).all()


def test_a_film_whose_mean_is_not_known_counts_as_an_average_one():
    means = np.array([4.0, 4.0, 0.0])
    likes = expected_likes(np.array([10, 30, 5]), means, WHOLE_STARS)
    assert likes[2] == pytest.approx(likes[0] / 2)
    assert (np.diff(expected_likes(np.array([1, 2, 3]), np.zeros(3), WHOLE_STARS)) > 0).all()
    assert (expected_likes(np.zeros(3), np.zeros(3), WHOLE_STARS) == 0).all()


@pytest.mark.data
def test_the_most_liked_films_of_movielens_100k_are_found_without_its_ratings(ml_100k):
    train = ml_100k.ratings.matrix()
    items = Items.of(ml_100k.ratings.item_ids, train)
    likes = np.bincount(train.indices[train.data >= 4], minlength=train.shape[1])
    found = expected_likes(items.n_ratings, items.mean_stars, WHOLE_STARS)
    assert np.abs(found - likes).mean() < 3
    assert len({*np.argsort(-likes)[:10]} & {*np.argsort(-found)[:10]}) >= 9
