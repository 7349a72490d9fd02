"""Models of films' features by name."""

from recsys.models.content.config import ContentConfig, KnowledgeConfig, TridentConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Float, Int

RECIPES = {
    "content": Recipe(
        "recsys.models.content.content:Content",
        ContentConfig(),
        "tastes for genres and periods",
        space={
            "l2": Float(low=1, high=50, log=True),
            "l2_kind": Float(low=0.2, high=20, log=True),
            "shrinkage": Float(low=0.5, high=50, log=True),
            "l2_choice": Float(low=1, high=100, log=True),
        },
        about=About(
            "Learns from what somebody rated which genres and periods they like; other people's ratings count only "
            "for how tastes spread.",
            "Pazzani and Billsus, Content-based recommendation systems",
            2007,
            in_paper=True,
        ),
    ),
    "knowledge": Recipe(
        "recsys.models.content.knowledge:Knowledge",
        KnowledgeConfig(),
        "films of required genres and time, known and good",
        predicts_stars=False,
        space={
            "genre_weight": Float(low=0.1, high=5, log=True),
            "period_weight": Float(low=0.1, high=5, log=True),
            "quality_weight": Float(low=0.01, high=5, log=True),
            "period_share": Float(low=0.5, high=1),
            "slack": Float(low=2, high=50, log=True),
        },
        about=About(
            "Learns nothing: takes films that meet stated requirements, gives requirements up where too few do, and "
            "orders the rest by stated utilities.",
            "Burke, Hybrid recommender systems",
            2002,
            in_paper=True,
        ),
    ),
    "trident-metadata": Recipe(
        "recsys.models.content.trident:Trident",
        TridentConfig(),
        "tastes for codes of genres, titles and a graph",
        space={
            "towers.n_code": Int(low=16, high=64, log=True, n_grid=3),
            "towers.epochs": Int(low=10, high=60, log=True, n_grid=1),
            "towers.learning_rate": Float(low=0.003, high=0.03, log=True, n_grid=1),
            "towers.l2": Float(low=100, high=3000, log=True, n_grid=4),
            "towers.l2_person": Float(low=5, high=80, log=True, n_grid=3),
            "towers.choice_weight": Float(low=1, high=100, log=True, n_grid=4),
            "content.l2_choice": Float(low=2, high=100, log=True, n_grid=4),
        },
        by_default=False,
        about=About(
            "Makes a code of each film from its genres and years, its title and a graph of films; tastes are for "
            "these codes. Trailers and posters can be branches more.",
            "after Agrawal et al., of whom no text was found",
            in_paper=True,
        ),
    ),
}
