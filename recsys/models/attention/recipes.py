"""Transformers by name."""

from recsys.models.attention.config import TransformerConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int

RECIPES = {
    "transformer": Recipe(
        "recsys.models.attention.transformer:Transformer",
        TransformerConfig(),
        "attention over what somebody rated",
        predicts_stars=False,
        by_default=False,
        space={
            "width": Choice((24, 48, 96)),
            "n_heads": Choice((1, 2, 4)),
            "n_blocks": Int(low=1, high=2, n_grid=2),
            "n_told": Int(low=20, high=200, log=True, n_grid=1),
            "dropout": Float(low=0, high=0.8),
            "epochs": Int(low=20, high=150, log=True, n_grid=1),
            "learning_rate": Float(low=0.001, high=0.01, log=True),
        },
        about=About(
            "Attends to what somebody rated: each answer weighs the films of the history by how much they tell.",
            "Vaswani et al., Attention is all you need",
            2017,
            in_paper=True,
        ),
    ),
}
