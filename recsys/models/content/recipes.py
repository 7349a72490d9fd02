"""Models of films' features by name."""

from recsys.models.content.config import ContentConfig, KnowledgeConfig
from recsys.models.recipe import Recipe
from recsys.models.search_space import Float

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
    ),
}
