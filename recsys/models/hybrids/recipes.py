"""Models of models by name."""

from recsys.models.hybrids.config import (
    CHOICE_MEMBER,
    EASE_MEMBER,
    CascadeListsConfig,
    HybridVAEConfig,
    MixedConfig,
    SwitchingConfig,
    WeightedConfig,
)
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float

RECIPES = {
    "mixed": Recipe(
        "recsys.models.hybrids.mixed:Mixed",
        MixedConfig(),
        "lists of ease and rbm-choice in turns, stars of item-autorec and content averaged",
        by_default=False,
        space={
            "lists": Choice(((EASE_MEMBER, CHOICE_MEMBER), (CHOICE_MEMBER, EASE_MEMBER))),
            "turns": Choice(((1, 1), (2, 1), (3, 1))),
        },
        about=About(
            "Lists of two models, put together film by film in turns.",
            "Burke, Hybrid recommender systems",
            2002,
            in_paper=True,
        ),
    ),
    "cascade": Recipe(
        "recsys.models.hybrids.cascade:Cascade",
        CascadeListsConfig(),
        "what ease finds about alike, ordered by rbm-choice, stars of item-autorec and content averaged",
        by_default=False,
        space={"width": Float(low=0.05, high=5, log=True, n_grid=5)},
        about=About(
            "One model chooses which films come near the top, another puts those in order.",
            "Burke, Hybrid recommender systems",
            2002,
            in_paper=True,
        ),
    ),
    "weighted": Recipe(
        "recsys.models.hybrids.weighted:Weighted",
        WeightedConfig(),
        "scores of ease and rbm-choice and stars of item-autorec and content, with weights found on ratings kept aside",
        by_default=False,
        space={"l2": Float(low=0.1, high=1000, log=True)},
        about=About(
            "Adds the scores, and averages the stars, of several models; ratings kept aside say with which weights.",
            "Burke, Hybrid recommender systems",
            2002,
            in_paper=True,
        ),
    ),
    "switching": Recipe(
        "recsys.models.hybrids.switching:Switching",
        SwitchingConfig(),
        "popularity, content or ease for lists, content or item-autorec for stars, by how much is known of a person",
        by_default=False,
        space={"lists_from": Choice(((1, 5), (2, 7), (5, 20))), "stars_from": Choice(((5,), (10,), (20,)))},
        about=About(
            "Asks one model where little is known of a person, and others the more there is.",
            "Burke, Hybrid recommender systems",
            2002,
            in_paper=True,
        ),
    ),
    "hybrid-vae": Recipe(
        "recsys.models.hybrids.hybrid_vae:HybridVAE",
        HybridVAEConfig(),
        "the flagship: mult-vae with a linear path, stars averaged with bmf and bmf-ordinal",
        by_default=False,
        shared=True,
        space={  # weights alone, so that every part is fitted once; lists depend on the first, stars on the others
            "linear_weight": Float(low=1, high=100, log=True, n_grid=5),
            "normal_share": Float(low=0, high=0.5),
            "ordinal_share": Float(low=0, high=0.5),
            "level_prior": Float(low=10, high=3000, log=True),
            "shape_prior": Float(low=5, high=300, log=True, n_grid=1),
            "film_prior": Float(low=10, high=1000, log=True, n_grid=1),
        },
        about=About(
            "The flagship: a variational autoencoder beside a linear path for lists, its stars averaged with Bayesian"
            " factorizations; it sets its weights itself.",
            "this project; the parts are Liang et al. 2018, Steck 2019, Salakhutdinov and Mnih 2008",
            2026,
        ),
    ),
}
