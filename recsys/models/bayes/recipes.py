"""Bayesian matrix factorizations by name."""

from recsys.models.bayes.config import BMFConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Int, Space

BMF: Space = {
    "n_factors": Int(low=4, high=64, log=True, n_grid=5),
    "burn_in": Int(low=0, high=100, n_grid=1),
    "n_link_features": Int(low=100, high=4000, log=True),
}

RECIPES = {
    "bmf": Recipe(
        "recsys.models.bayes.bmf:BMF",
        BMFConfig(),
        "Bayesian matrix factorization with side information",
        ranks_by="stars",
        by_default=False,
        shared=True,
        space=BMF,
        about=About(
            "Averages over hundreds of factorizations that the ratings allow, instead of choosing one; who rated "
            "what, genres and periods say where factors are to be expected.",
            "Salakhutdinov and Mnih, Bayesian probabilistic matrix factorization using Markov chain Monte Carlo",
            2008,
        ),
    ),
    "bmf-ordinal": Recipe(
        "recsys.models.bayes.bmf:BMF",
        BMFConfig(likelihood="ordinal"),
        "the same for star levels instead of numbers",
        ranks_by="stars",
        by_default=False,
        shared=True,
        space=BMF,
        about=About(
            "The same for levels of stars that are in an order and no numbers.",
            "Albert and Chib, Bayesian analysis of binary and polychotomous response data",
            1993,
        ),
    ),
}
