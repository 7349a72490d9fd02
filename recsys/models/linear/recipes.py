"""Linear autoencoders by name."""

from recsys.models.linear.config import WITH_FEATURES, EASEConfig, SLIMConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float

RECIPES = {
    "ease": Recipe(
        "recsys.models.linear.ease:EASE",
        EASEConfig(),
        "linear autoencoder, graded input",
        predicts_stars=False,
        space={
            "feedback": Choice(("graded", "binary")),
            "l2": Float(low=10, high=3000, log=True, n_grid=7),
        },
        shared=True,
        about=About(
            "Predicts each film from all others by one linear map that leaves the film itself out, found in closed "
            "form.",
            "Steck, Embarrassingly shallow autoencoders for sparse data",
            2019,
        ),
    ),
    "ease-binary": Recipe(
        "recsys.models.linear.ease:EASE",
        EASEConfig(feedback="binary", l2=500.0),
        "linear autoencoder, liked or not",
        predicts_stars=False,
        space={
            "liked_from": Choice(("level", "mean", 3.0, 5.0)),
            "l2": Float(low=10, high=3000, log=True, n_grid=7),
        },
        shared=True,
        about=About(
            "The same, told only whether a film was liked.",
            "Steck, Embarrassingly shallow autoencoders for sparse data",
            2019,
        ),
    ),
    "ease-features": Recipe(
        "recsys.models.linear.ease:EASE",
        WITH_FEATURES,
        "linear autoencoder, graded input, genres and periods",
        predicts_stars=False,
        space={
            "l2": Float(low=10, high=3000, log=True, n_grid=7),
            "feature_weight": Float(low=0.1, high=100, log=True, n_grid=4),
        },
        shared=True,
        about=About(
            "The same, where genres and periods count like more people who liked just their films.",
            "Jeunen, Van Balen and Goethals, Closed-form models for collaborative filtering with side-information",
            2020,
        ),
    ),
    "slim": Recipe(
        "recsys.models.linear.slim:SLIM",
        SLIMConfig(),
        "linear autoencoder, few non-negative weights",
        predicts_stars=False,
        space={
            "l1": Float(low=0.5, high=50, log=True, n_grid=5),
            "l2": Float(low=5, high=2000, log=True, n_grid=5),
        },
        shared=True,
        about=About(
            "A linear map of few weights, none below 0: each film has some neighbours that speak for it.",
            "Ning and Karypis, SLIM: sparse linear methods for top-N recommender systems",
            2011,
        ),
    ),
}
