"""What the latent space says about films: further out, in between, and on a map."""

from itertools import pairwise, permutations

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.special import log_softmax
from scipy.stats import entropy
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

import recsys.recommend.latent.film_map
import recsys.recommend.latent.film_tastes
from recsys.data.interactions import Histories, keep_entries
from recsys.data.scale import WHOLE_STARS
from recsys.errors import DataError
from recsys.models.base import LatentModel
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.mult_vae.inference import NetworkWeights, weight_shapes
from recsys.models.mult_vae.mult_vae import MultVAE
from recsys.models.simple.config import PopularityConfig
from recsys.recommend.latent import FilmMap, FilmTastes, adventurous, adventurous_scores, path_between
from recsys.recommend.latent.adventure import DOUBT, FARTHEST, POPULARITY_WEIGHT, STARS_WEIGHT
from recsys.recommend.latent.film_tastes import directions
from recsys.recommend.latent.path import LONG, step_lengths
from recsys.recommend.latent.tsne import (
    affinities,
    embed,
    principal_components,
    slope,
    squared_distances,
    with_perplexity,
)
from tests.support.small_models import fitted, ratings

N_LATENT, N_FILMS = 3, 60
N_RATINGS = np.random.default_rng(5).integers(1, 400, N_FILMS)


class OpenModel:
    """A generative model whose every answer can be worked out by hand: chances softmax(b + W z), stars 3 + V z.

    z is what the films of the history say on average, shrunk; a genre asked for adds its own direction.
    """

    config, scale = PopularityConfig(), WHOLE_STARS
    uses_validation = keeps_ratings = False

    def __init__(self, n_films: int = N_FILMS, seed: int = 0):
        rng = np.random.default_rng(seed)
        self.bias, self.films = np.log(rng.permutation(n_films) + 1.0), rng.normal(0, 1, (n_films, N_LATENT))
        self.stars, self.genre = rng.normal(0, 0.2, (N_LATENT, n_films)), rng.normal(0, 1, (2, N_LATENT))

    def latent(self, people):
        mean = people.stars @ self.films / (5 * (1 + np.diff(people.stars.indptr)[:, None]))
        mean = mean if people.genres is None else mean + people.genres @ self.genre
        return mean.astype(np.float32), np.ones_like(mean, dtype=np.float32)

    def log_chances(self, taste):
        return log_softmax(self.bias + taste @ self.films.T, axis=1).astype(np.float32)

    def stars_of_taste(self, taste):
        return (3 + taste @ self.stars).astype(np.float32)

    understands_genres = True

    def score(self, people):
        return self.log_chances(self.latent(people)[0])

    def predict(self, people):
        return self.stars_of_taste(self.latent(people)[0])

    def fit(self, data, training):
        return self

    def arrays(self):
        return {}

    def array_shapes(self):
        return {}

    def restore(self, arrays):
        return self


MODEL = OpenModel()
HISTORY = sp.csr_array(([5.0, 4.0, 5.0], ([0, 0, 0], [3, 8, 20])), shape=(1, N_FILMS))
TASTES = FilmTastes.of(MODEL, N_FILMS)


def random_vae() -> MultVAE:
    """The real thing with random weights: what it answers means nothing, but it is of the right shape."""
    config = MultVAEConfig(n_networks=2, n_hidden=8, n_star_units=4, n_latent=5)
    rng, model = np.random.default_rng(0), MultVAE(config)
    shapes = weight_shapes(config, WHOLE_STARS, N_FILMS)
    drawn = [{name: rng.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()} for _ in range(2)]
    model.take([NetworkWeights(**arrays | {"spread": np.float32(0.5)}) for arrays in drawn])
    return model


# ---- tastes of films


def test_the_open_model_is_a_latent_model():
    assert isinstance(MODEL, LatentModel)


def test_a_film_s_taste_is_the_mean_taste_of_the_people_who_choose_it(monkeypatch):
    monkeypatch.setattr(recsys.recommend.latent.film_tastes, "N_DRAWS", 4096)
    found = FilmTastes.of(MODEL, N_FILMS)
    tastes = np.random.default_rng(1).standard_normal((200_000, N_LATENT))
    chances = np.exp(MODEL.log_chances(tastes))
    of_choosers = chances.T @ tastes / chances.sum(axis=0)[:, None]
    np.testing.assert_allclose(found.vectors, of_choosers, atol=0.1)
    assert np.sum(directions(found.vectors) * directions(of_choosers), axis=1).min() > 0.99
    np.testing.assert_allclose(found.chances, chances.mean(axis=0), rtol=0.1)


def test_the_chances_of_films_sum_to_1_and_everything_is_the_same_again():
    again = FilmTastes.of(MODEL, N_FILMS)
    np.testing.assert_allclose(TASTES.chances.sum(), 1)
    np.testing.assert_array_equal(again.vectors, TASTES.vectors)
    np.testing.assert_array_equal(again.chances, TASTES.chances)


def test_a_real_vae_gives_tastes_in_its_own_latent_space():
    tastes = FilmTastes.of(random_vae(), N_FILMS)
    assert tastes.vectors.shape == (N_FILMS, 5)
    assert np.isfinite(tastes.vectors).all()


def test_likeness_is_the_cosine_for_one_taste_as_for_several_and_0_for_no_taste():
    several = TASTES.likeness(np.vstack([TASTES.vectors[:2], np.zeros((1, N_LATENT))]))
    u, v = TASTES.vectors[0].astype(float), TASTES.vectors[7].astype(float)
    np.testing.assert_allclose(several[0, 7], u @ v / np.sqrt(u @ u * (v @ v)), rtol=1e-5)
    np.testing.assert_array_equal(several[2], 0)
    np.testing.assert_allclose(TASTES.likeness(3 * TASTES.vectors[1]), several[1], atol=1e-6)


# ---- familiar to adventurous


@pytest.mark.parametrize("genres", [None, np.array([[True, False]])])
def test_familiar_is_the_model_s_own_list(genres):
    plain = MODEL.score(Histories(HISTORY))[0] if genres is None else MODEL.score(Histories(HISTORY, genres=genres))[0]
    np.testing.assert_array_equal(adventurous_scores(MODEL, Histories(HISTORY, genres=genres), 0, N_RATINGS), plain)


def test_in_between_is_the_equation_written_out():
    taste, draws = MODEL.latent(Histories(HISTORY))[0][0], np.random.default_rng(0).standard_normal((16, N_LATENT))
    angle, chances = 0.5 * FARTHEST, np.zeros(N_FILMS)
    for draw in [*draws, *-draws]:
        turned = np.cos(angle) * taste + np.sin(angle) * draw
        chances += np.exp(MODEL.log_chances(turned[None])[0].astype(np.float64)) / 32
    far = np.log(chances) + STARS_WEIGHT * MODEL.predict(Histories(HISTORY))[0]
    far -= POPULARITY_WEIGHT * np.log(N_RATINGS + DOUBT * N_RATINGS.mean() + 1)
    expected = 0.25 * MODEL.score(Histories(HISTORY))[0] + 0.75 * far
    np.testing.assert_allclose(adventurous_scores(MODEL, Histories(HISTORY), 0.5, N_RATINGS), expected, rtol=1e-4)


def test_genres_that_are_asked_for_turn_the_far_list_too_and_its_stars():
    ask = np.array([[True, False]])
    far = adventurous_scores(MODEL, Histories.strangers(ask, N_FILMS), 1, N_RATINGS)
    taste = MODEL.genre[:1].astype(np.float32)
    assert np.corrcoef(far, MODEL.stars_of_taste(taste)[0])[0, 1] > 0.2
    other = adventurous_scores(MODEL, Histories.strangers(~ask, N_FILMS), 1, N_RATINGS)
    assert np.corrcoef(far, other)[0, 1] < 0.99


def rated_by_popularity() -> sp.csr_array:
    """(50, I) random stars; the higher the item_idx, the more people have rated it."""
    is_known = np.random.default_rng(3).random((50, N_FILMS)) < np.linspace(0.05, 0.7, N_FILMS)
    return keep_entries(full := ratings(1, (50, N_FILMS), density=1.0), is_known[full.nonzero()])


@pytest.mark.parametrize("name", ["ease", "user-knn"])
def test_the_further_out_the_fewer_people_know_the_films_on_average(name):
    train = rated_by_popularity()
    n_ratings = np.bincount(train.indices, minlength=N_FILMS)
    model = fitted(name, train)
    known = [mean_known(model, train, adventure, n_ratings) for adventure in (0, 0.5, 1)]
    assert known[0] > known[1] > known[2]


def test_far_out_in_a_latent_space_fewer_people_know_the_films_on_average():
    n_ratings = 1000 * TASTES.chances
    known = [mean_known(MODEL, rated_by_popularity(), adventure, n_ratings) for adventure in (0, 1)]
    assert known[0] > known[1]


def mean_known(model, train, adventure, n_ratings) -> float:
    """Ratings of the films on the lists of 20 people, on average."""
    lists = [adventurous(model, Histories(train[[user]]), adventure, n_ratings, k=8) for user in range(20)]
    return float(np.mean([n_ratings[films].mean() for films in lists]))


def test_of_a_model_without_tastes_the_score_knows_nothing_of_popularity_in_the_end():
    train = ratings(2, (40, N_FILMS), 0.3)
    model, n_ratings = fitted("popularity", train), np.bincount(train.indices, minlength=N_FILMS)
    log_known = np.log(n_ratings + DOUBT * n_ratings.mean() + 1)
    correlation = [
        np.corrcoef(adventurous_scores(model, Histories(train[[0]]), adventure, n_ratings), log_known)[0, 1]
        for adventure in (0, 0.5, 1)
    ]
    assert correlation[0] > correlation[1] > correlation[2]
    assert correlation[2] == pytest.approx(0, abs=1e-6)


def test_where_nothing_depends_on_popularity_nothing_changes():
    model = fitted("global-mean", ratings(1, (40, N_FILMS)))
    np.testing.assert_array_equal(
        adventurous_scores(model, Histories(HISTORY), 1, N_RATINGS), model.score(Histories(HISTORY))[0]
    )


def test_a_list_holds_films_that_are_offered_and_not_rated_once_each_the_same_every_time():
    offered = np.arange(N_FILMS) % 2 == 0
    ranked = adventurous(MODEL, Histories(HISTORY), 0.7, N_RATINGS, k=N_FILMS, offered=offered)
    assert sorted(ranked) == [item for item in range(0, N_FILMS, 2) if item not in (8, 20)]
    scores = adventurous_scores(MODEL, Histories(HISTORY), 0.7, N_RATINGS)[ranked]
    assert (np.diff(scores) <= 0).all()
    np.testing.assert_array_equal(
        ranked[:5], adventurous(MODEL, Histories(HISTORY), 0.7, N_RATINGS, k=5, offered=offered)
    )


@pytest.mark.parametrize("adventure", [-0.1, 1.01, float("nan"), "far", None, True])
def test_an_adventure_beyond_the_slider_is_refused(adventure):
    with pytest.raises(DataError, match=r"for adventure; expected a number from 0 \(familiar\) to 1 \(adventurous\)"):
        adventurous_scores(MODEL, Histories(HISTORY), adventure, N_RATINGS)


# ---- paths


def on_a_circle(degrees: np.ndarray, lengths: np.ndarray | float = 1.0) -> FilmTastes:
    radians = np.deg2rad(degrees)
    vectors = np.column_stack([np.cos(radians), np.sin(radians), np.zeros(len(degrees))])
    return FilmTastes(vectors * np.reshape(lengths, (-1, 1)), np.full(len(degrees), 1 / len(degrees)))


def test_a_path_on_a_circle_goes_round_it_step_by_step_whatever_the_lengths():
    degrees = np.array([0, 90, 46, 24, 200, 67, 300, 10])
    for lengths in (1.0, np.arange(1, 9)):
        path = path_between(on_a_circle(degrees, lengths), 0, 1, 3)
        assert path.tolist() == [0, 3, 2, 5, 1]
    assert path_between(on_a_circle(degrees), 1, 0, 3).tolist() == [1, 5, 2, 3, 0]


def test_no_film_is_met_twice_and_none_that_is_not_offered():
    offered = np.arange(N_FILMS) % 3 > 0
    path = path_between(TASTES, 0, 30, 6, offered)
    assert (path[0], path[-1], len(set(path)), len(path)) == (0, 30, 8, 8)
    assert offered[path[1:-1]].all()


def test_a_path_without_stations_and_one_that_runs_out_of_films():
    assert path_between(TASTES, 4, 5, 0).tolist() == [4, 5]
    assert path_between(on_a_circle(np.array([0, 90, 30])), 0, 1, 5).tolist() == [0, 2, 1]
    nothing = np.zeros(3, dtype=bool)
    assert path_between(on_a_circle(np.array([0, 90, 30])), 0, 1, 5, nothing).tolist() == [0, 1]
    assert not nothing.any()


def test_a_path_to_the_opposite_is_still_a_path():
    path = path_between(on_a_circle(np.array([0, 180, 3, 177, 60])), 0, 1, 2)
    assert path.tolist() == [0, 4, 3, 1]


def test_the_nearer_two_films_the_fewer_lie_between_them():
    degrees = np.array([0, 10, 20, 30, 40, 50, 60])
    assert path_between(on_a_circle(degrees), 0, 2).tolist() == [0, 1, 2]
    assert path_between(on_a_circle(degrees), 0, 6).tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert path_between(on_a_circle(degrees), 0, 6, 2).tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize("seed", range(3))
def test_a_path_is_the_best_of_all_walks(seed):
    tastes = FilmTastes(np.random.default_rng(seed).normal(0, 1, (8, 3)), np.full(8, 1 / 8))
    lengths = step_lengths(tastes, np.arange(8), None)
    middles = [middle for n in (1, 2, 3) for middle in permutations(range(1, 7), n)]
    walks = [[0, *middle, 7] for middle in middles]
    best = min(walks, key=lambda walk: sum(lengths[a, b] ** LONG for a, b in pairwise(walk)))
    assert path_between(tastes, 0, 7, 3).tolist() == best


def test_a_step_between_films_that_have_nothing_in_common_is_longer():
    degrees, of_one_kind = np.array([0, 80, 39, 41, 40]), np.array([True, True, False, True, False])

    def likeness(items, others):
        return (of_one_kind[items][:, None] == of_one_kind[others]).astype(float)

    assert path_between(on_a_circle(degrees), 0, 1, 1).tolist() == [0, 4, 1]
    assert path_between(on_a_circle(degrees), 0, 1, 1, likeness=likeness).tolist() == [0, 3, 1]


@pytest.mark.parametrize(("end", "n_between"), [(7, 3), (8, -1)])
def test_a_path_needs_two_films_and_a_number_of_stations(end, n_between):
    with pytest.raises(ValueError, match=r"got a path from 7 to \d by .*; expected two films and 0 stations or more"):
        path_between(TASTES, 7, end, n_between)


# ---- t-SNE


def groups(n_groups: int = 4, size: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Points around centres in 10 dimensions, and the group of each."""
    rng, group = np.random.default_rng(2), np.repeat(np.arange(n_groups), size)
    return rng.normal(0, 3, (n_groups, 10))[group] + rng.normal(0, 1, (len(group), 10)), group


def test_principal_components_are_those_of_scikit_learn_up_to_sign():
    points, _ = groups()
    theirs = PCA(2).fit_transform(points)
    ours = principal_components(points)
    np.testing.assert_allclose(ours, theirs * np.sign(np.sum(ours * theirs, axis=0)), atol=1e-9)


def test_the_sign_of_principal_components_does_not_depend_on_the_order_of_the_points():
    points, _ = groups()
    np.testing.assert_allclose(principal_components(points[::-1])[::-1], principal_components(points), atol=1e-9)


def test_every_row_of_chances_has_the_perplexity_that_was_asked_for():
    distances = np.random.default_rng(0).random((7, 30)) * np.array([[1e-4], [1e-2], [1], [1], [10], [50], [100]])
    chances = with_perplexity(distances, 8.0)
    np.testing.assert_allclose(entropy(chances, axis=1), np.log(8.0), rtol=1e-3)
    assert (np.argsort(chances, axis=1) == np.argsort(-distances, axis=1)).all()


def test_affinities_are_symmetric_and_sum_to_1():
    wanted = affinities(groups()[0])
    np.testing.assert_array_equal(wanted, wanted.T)
    assert wanted.sum() == pytest.approx(1, abs=1e-5)
    assert not np.diag(wanted).any()


def test_the_slope_is_the_derivative_of_the_divergence():
    wanted, layout = affinities(groups(2, 8)[0]).astype(float), np.random.default_rng(0).normal(0, 1, (16, 2))

    def divergence(layout):
        closeness = 1 / (1 + squared_distances(layout))
        np.fill_diagonal(closeness, 0)
        off = ~np.eye(len(layout), dtype=bool) & (wanted > 0)
        return np.sum(wanted[off] * np.log(wanted[off] / (closeness / closeness.sum())[off]))

    expected = np.zeros_like(layout)
    for place in np.ndindex(layout.shape):
        step = np.zeros_like(layout)
        step[place] = 1e-5
        expected[place] = (divergence(layout + step) - divergence(layout - step)) / 2e-5
    np.testing.assert_allclose(slope(wanted, layout), expected, atol=1e-6)


def test_groups_in_many_dimensions_stay_together_better_than_on_the_straight_projection():
    points, group = groups(8)
    layout = embed(points)
    distances = squared_distances(layout)
    np.fill_diagonal(distances, np.inf)
    assert (group[distances.argmin(axis=1)] == group).mean() > 0.95
    assert trustworthiness(points, layout) > trustworthiness(points, principal_components(points)) + 0.02


@pytest.mark.parametrize("n_points", [1, 2, 4, 5, 6])
def test_a_handful_of_points_is_laid_out_too(n_points):
    layout = embed(np.random.default_rng(0).normal(0, 1, (n_points, 3)))
    assert layout.shape == (n_points, 2)
    assert np.isfinite(layout).all()


def test_points_that_are_all_alike_are_laid_out_too():
    assert np.isfinite(embed(np.ones((9, 3)))).all()


# ---- the map


def grouped_tastes(n_groups: int = 3, size: int = 25) -> tuple[FilmTastes, np.ndarray]:
    rng, group = np.random.default_rng(0), np.repeat(np.arange(n_groups), size)
    vectors = rng.normal(0, 1, (n_groups, 10))[group] + rng.normal(0, 0.3, (len(group), 10))
    return FilmTastes(vectors, rng.permutation(len(group)) / len(group)), group


def test_the_map_fills_a_square_and_is_the_same_every_time():
    tastes, _ = grouped_tastes()
    coordinates = FilmMap.of(tastes).coordinates
    assert np.abs(coordinates).max() == pytest.approx(1)
    np.testing.assert_array_equal(FilmMap.of(tastes).coordinates, coordinates)


def test_films_that_few_choose_are_put_among_those_like_them(monkeypatch):
    monkeypatch.setattr(recsys.recommend.latent.film_map, "N_FIRST", 50)
    tastes, group = grouped_tastes()
    distances = squared_distances(FilmMap.of(tastes).coordinates)
    np.fill_diagonal(distances, np.inf)
    few = np.argsort(tastes.chances)[:25]
    assert (group[distances.argmin(axis=1)] == group)[few].mean() == 1


def test_a_person_lies_among_the_films_that_they_love_and_not_between_two_groups():
    tastes, group = grouped_tastes()
    film_map = FilmMap.of(tastes)
    for loved in range(3):
        place = film_map.place(tastes.vectors[group == loved].mean(axis=0))
        distance = np.linalg.norm(film_map.coordinates - place, axis=1)
        assert (group[np.argsort(distance)[:5]] == loved).all()
    torn = tastes.vectors[group == 0].mean(axis=0) + tastes.vectors[group == 1].mean(axis=0)
    distance = np.linalg.norm(film_map.coordinates - film_map.place(torn), axis=1)
    assert distance.min() < 0.1


def test_somebody_of_no_taste_lies_somewhere_on_the_map():
    film_map = FilmMap.of(grouped_tastes()[0])
    assert (np.abs(film_map.place(np.zeros(10))) <= 1).all()


def test_one_film_is_a_map():
    film_map = FilmMap.of(FilmTastes(np.ones((1, 3)), np.ones(1)))
    np.testing.assert_array_equal(film_map.coordinates, [[0, 0]])
    np.testing.assert_array_equal(film_map.place(np.ones(3)), [0, 0])
