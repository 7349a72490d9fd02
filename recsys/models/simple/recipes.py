"""Means, offsets and popularity by name."""

from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int, Space
from recsys.models.simple.config import BaselineConfig, DPPopularityConfig, MeanConfig, PopularityConfig

BASELINE: Space = {
    "l2_user": Float(low=0.5, high=50, log=True, n_grid=5),
    "l2_item": Float(low=0.5, high=50, log=True, n_grid=5),
}

RECIPES = {
    "global-mean": Recipe(
        "recsys.models.simple.means:GlobalMean",
        MeanConfig(),
        "the mean of all ratings",
        ranks_by="nothing",
        shared=True,
        about=About("Answers the mean of all ratings to everything: what knowing nothing is worth."),
    ),
    "item-mean": Recipe(
        "recsys.models.simple.means:ItemMean",
        MeanConfig(),
        "each film's mean",
        ranks_by="stars",
        shared=True,
        about=About("Answers each film's mean, whoever asks."),
    ),
    "user-mean": Recipe(
        "recsys.models.simple.means:UserMean",
        MeanConfig(),
        "each person's mean",
        ranks_by="nothing",
        shared=True,
        about=About("Answers each person's mean, whatever the film."),
    ),
    "baseline": Recipe(
        "recsys.models.simple.baseline:Baseline",
        BaselineConfig(),
        "mean + user and film offsets",
        ranks_by="stars",
        space=BASELINE,
        shared=True,
        about=About(
            "Adds how generous a person is and how well a film is liked to the mean; both are drawn towards it where "
            "ratings are few.",
            "Koren, Factorization meets the neighborhood",
            2008,
        ),
    ),
    "popularity": Recipe(
        "recsys.models.simple.popularity:Popularity",
        PopularityConfig(),
        "most liked films",
        predicts_stars=False,
        space={"liked_from": Choice(("level", "mean", 1.0, 3.0, 5.0))},
        shared=True,
        about=About("Lists the films that most people like, the same for everybody."),
    ),
    "dp-popularity": Recipe(
        "recsys.models.simple.dp_popularity:DPPopularity",
        DPPopularityConfig(),
        "most liked films, with noise that hides each person",
        predicts_stars=False,
        by_default=False,
        space={"most_likes": Int(low=1, high=150, log=True)},
        about=About(
            "Counts likes with noise that hides each person: the yardstick of what privacy costs.",
            "Dwork and Roth, The algorithmic foundations of differential privacy",
            2014,
        ),
    ),
}
