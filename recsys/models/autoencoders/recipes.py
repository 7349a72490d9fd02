"""Autoencoders of ratings by name."""

from recsys.models.autoencoders.config import AutoRecConfig, ItemAutoRecConfig
from recsys.models.recipe import Recipe
from recsys.models.search_space import Choice, Float, Int

RECIPES = {
    "autorec": Recipe(
        "recsys.models.autoencoders.autorec:AutoRec",
        AutoRecConfig(),
        "autoencoder of people, one hidden layer",
        ranks_by="stars",
        space={
            "target": Choice(("residuals", "stars")),
            "n_hidden": Int(low=25, high=400, log=True),
            "l2": Float(low=5, high=300, log=True, n_grid=5),
            "epochs": Int(low=10, high=100, log=True, n_grid=1),
            "learning_rate": Float(low=0.001, high=0.1, log=True),
        },
    ),
    "item-autorec": Recipe(
        "recsys.models.autoencoders.item_autorec:ItemAutoRec",
        ItemAutoRecConfig(),
        "autoencoder of films, people folded in",
        ranks_by="stars",
        space={
            "network.target": Choice(("residuals", "stars")),
            "network.n_hidden": Int(low=25, high=400, log=True),
            "network.l2": Float(low=5, high=300, log=True, n_grid=5),
            "network.epochs": Int(low=10, high=100, log=True, n_grid=1),
            "noise": Float(low=0.1, high=2, log=True),
        },
    ),
}
