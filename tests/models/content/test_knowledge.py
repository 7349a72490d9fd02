"""knowledge: requirements that hold or are said to be given up, and utilities, against a plain loop."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.models.content.config import KnowledgeConfig
from recsys.models.content.knowledge import REQUIREMENTS, Knowledge
from recsys.models.content.requirements import ANY_TIME, periods
from tests.support.small_models import N_ITEMS, ratings

TRAIN, RNG = ratings(1), np.random.default_rng(0)
GENRES = RNG.random((N_ITEMS, 3)) < 0.4
GENRES[:2] = False
YEARS = tuple(None if item == 5 else int(year) for item, year in enumerate(RNG.integers(1930, 1999, N_ITEMS)))
FACTS = FilmFacts(genres=GENRES, years=YEARS)
FEW = KnowledgeConfig(least_films=3, least_ratings=15, least_grade=0.45)
PEOPLE = Histories(ratings(2)[:6])


def made(config: KnowledgeConfig = FEW) -> Knowledge:
    return Knowledge(config).fit(Interactions(TRAIN, films=FACTS))


def asking(people: Histories, *genres: int) -> Histories:
    return replace(people, genres=np.tile(np.isin(np.arange(3), genres), (len(people), 1)))


def by_definition(config: KnowledgeConfig, stars: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Scores of one person, film by film, and the requirements that are given up."""
    train, n_films = TRAIN.toarray(), N_ITEMS
    likes = stars >= 4
    shares = (train >= 4).sum(axis=0) @ GENRES / (train >= 4).sum()
    lift = (5 + likes.astype(int) @ GENRES) / (5 + likes.sum() * shares)
    times = [YEARS[film] for film in np.flatnonzero(likes) if YEARS[film]]
    share = config.period_share
    first, last = np.quantile(times, [(1 - share) / 2, (1 + share) / 2]) if times else (0, 9999)
    mean = (TRAIN.data.mean() - 1) / 4
    n_raters = (train > 0).sum(axis=0)
    use, fits = np.zeros(n_films), np.zeros((n_films, 4), dtype=bool)
    for film in range(n_films):
        grades = (train[train[:, film] > 0, film] - 1) / 4
        grade = mean + (grades - mean).sum() / (len(grades) + config.prior)
        own, year = np.flatnonzero(GENRES[film]), YEARS[film] or 0
        if asked.any():
            genre = float(any(asked[g] for g in own))
        else:
            genre = np.mean([lift[g] / (1 + lift[g]) for g in own]) if len(own) else 0.5
        beyond = max(first - year, year - last, 0)
        fame = np.log1p(n_raters[film]) / np.log1p(n_raters.max())
        use[film] = config.genre_weight * genre + config.period_weight * max(1 - beyond / config.slack, 0)
        use[film] += config.quality_weight * grade + config.fame_weight * fame
        has_genre = not asked.any() or any(asked[g] for g in own)
        fits[film] = (
            has_genre,
            beyond == 0,
            n_raters[film] >= config.least_ratings,
            grade >= config.least_grade,
        )
    n_kept = 4
    while n_kept and np.sum(fits[stars == 0, :n_kept].all(axis=1)) < config.least_films:
        n_kept -= 1
    weights = (config.genre_weight, config.period_weight, config.quality_weight, config.fame_weight)
    return use + fits[:, :n_kept].all(axis=1) * (1 + sum(weights)), list(REQUIREMENTS[n_kept:])


@pytest.mark.parametrize("config", [FEW, replace(FEW, least_films=9, slack=30.0, prior=2.0), KnowledgeConfig()])
@pytest.mark.parametrize("genres", [(), (1,), (0, 2)])
def test_scores_are_those_of_the_definition(config, genres):
    people = asking(PEOPLE, *genres)
    scores, given_up = made(config).score(people), made(config).given_up(people)
    for person in range(len(people)):
        expected, without = by_definition(config, people.stars[[person]].toarray()[0], people.genres[person])
        np.testing.assert_allclose(scores[person], expected, rtol=1e-5)
        assert given_up[person] == without


def test_what_is_listed_fits_all_that_is_required_and_was_not_given_up():
    model, people = made(), asking(PEOPLE, 1)
    fitting, scores = model.fitting(people), np.where(people.stars.toarray() > 0, -np.inf, model.score(people))
    listed = np.argsort(-scores, axis=1)[:, : FEW.least_films]
    for person, without in enumerate(model.given_up(people)):
        for place, name in enumerate(REQUIREMENTS):
            assert name in without or fitting[place, person, listed[person]].all()


def test_the_more_films_there_have_to_be_the_more_is_given_up_the_least_important_first():
    counts = []
    for least_films in (1, 3, 6, N_ITEMS):
        for without in (without_each := made(replace(FEW, least_films=least_films)).given_up(asking(PEOPLE, 1))):
            assert without == list(REQUIREMENTS[len(REQUIREMENTS) - len(without) :])
        counts.append(sum(map(len, without_each)))
    assert counts == sorted(counts)
    assert counts[0] < counts[-1] == 4 * len(PEOPLE)


@pytest.mark.parametrize("utility", ["n_ratings", "grades"])
def test_a_film_that_is_better_known_or_better_liked_never_falls(utility):
    model = made()
    before = model.score(PEOPLE)
    for film in range(N_ITEMS):
        values = getattr(model, utility)
        setattr(model, utility, np.where(np.arange(N_ITEMS) == film, np.minimum(values * 1.2, values.max()), values))
        assert (model.score(PEOPLE)[:, film] >= before[:, film] - 1e-6).all()
        setattr(model, utility, values)


def test_a_period_holds_most_of_the_liked_films_and_unknown_years_do_not_count():
    likes = sp.csr_array(np.array([[1, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 1], [0, 0, 0, 0, 0, 0]]))
    years = np.array([1950, 1960, 1970, 1980, 1990, 0])
    np.testing.assert_allclose(periods(likes, years, 0.5), [[1960, 1980], ANY_TIME, ANY_TIME])


def test_genres_that_are_asked_for_come_before_those_that_are_liked():
    model, people = made(), Histories(sp.csr_array((3, N_ITEMS), dtype=np.float32), genres=np.eye(3, dtype=bool))
    assert model.understands_genres
    for genre, scores in enumerate(model.score(people)):
        has = GENRES[:, genre]
        assert model.given_up(people)[genre] in ([], ["stars"], ["ratings", "stars"])
        assert has[np.argsort(-scores)[: FEW.least_films]].all()


def test_nobody_can_ask_a_model_for_genres_that_it_does_not_know():
    deaf = Knowledge().fit(Interactions(TRAIN))
    assert not deaf.understands_genres
    with pytest.raises(ValueError, match="fitted without films' genres; fit it with them"):
        deaf.score(asking(PEOPLE, 1))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"genre_weight": -1.0}, "weights >= 0"),
        ({"genre_weight": 0.0, "period_weight": 0.0, "quality_weight": 0.0, "fame_weight": 0.0}, "one of them above 0"),
        ({"slack": 0.0}, "slack > 0 years"),
        ({"least_grade": 1.5}, r"least_grade in \[0, 1\]"),
        ({"least_films": 0}, "least_films >= 1"),
        ({"liked_from": 0}, "liked_from above 0 stars"),
    ],
)
def test_settings_out_of_range_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        replace(KnowledgeConfig(), **wrong)
