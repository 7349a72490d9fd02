"""Matrix factorizations by name."""

from recsys.models.factors.config import ALSConfig, SVDConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Float, Int

RECIPES = {
    "svd": Recipe(
        "recsys.models.factors.svd:SVD",
        SVDConfig(),
        "matrix factorization by SGD",
        ranks_by="stars",
        space={
            "n_factors": Int(low=8, high=200, log=True),
            "epochs": Int(low=10, high=80, log=True, n_grid=1),
            "learning_rate": Float(low=0.002, high=0.1, log=True),
            "l2": Float(low=0.01, high=0.5, log=True, n_grid=4),
            "l2_offset": Float(low=0.3, high=30, log=True, n_grid=1),
        },
        about=About(
            "Gives every person and film a few numbers whose products, with offsets, are the stars; found step by "
            "step down the gradient.",
            "Funk, Netflix update",
            2006,
        ),
    ),
    "als": Recipe(
        "recsys.models.factors.als:ALS",
        ALSConfig(),
        "matrix factorization by alternating least squares",
        ranks_by="stars",
        space={
            "n_factors": Int(low=4, high=128, log=True),
            "epochs": Int(low=3, high=30, log=True, n_grid=1),
            "l2": Float(low=0.02, high=1, log=True, n_grid=5),
            "l2_offset": Float(low=0.3, high=30, log=True),
        },
        about=About(
            "The same factors, found by solving for all people, then for all films, in turns.",
            "Zhou et al., Large-scale parallel collaborative filtering for the Netflix Prize",
            2008,
        ),
    ),
}
