"""Autoencoders of ratings by name."""

from recsys.models.autoencoders.config import AutoRecConfig, CascadeConfig, DeepAutoencoderConfig, ItemAutoRecConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int

RECIPES = {
    "autorec": Recipe(
        "recsys.models.autoencoders.autorec:AutoRec",
        AutoRecConfig(),
        "autoencoder of people, one hidden layer",
        ranks_by="stars",
        by_default=False,
        space={
            "target": Choice(("residuals", "stars")),
            "n_hidden": Int(low=25, high=400, log=True),
            "l2": Float(low=5, high=300, log=True, n_grid=5),
            "epochs": Int(low=10, high=100, log=True, n_grid=1),
            "learning_rate": Float(low=0.001, high=0.1, log=True),
        },
        about=About(
            "Squeezes what offsets leave of a person's stars through one hidden layer, and reads the stars that are "
            "missing off the other side.",
            "Sedhain et al., AutoRec",
            2015,
            in_paper=True,
        ),
    ),
    "item-autorec": Recipe(
        "recsys.models.autoencoders.item_autorec:ItemAutoRec",
        ItemAutoRecConfig(),
        "autoencoder of films, people folded in",
        ranks_by="stars",
        by_default=False,
        space={
            "network.target": Choice(("residuals", "stars")),
            "network.n_hidden": Int(low=25, high=400, log=True),
            "network.l2": Float(low=5, high=300, log=True, n_grid=5),
            "network.epochs": Int(low=10, high=100, log=True, n_grid=1),
            "noise": Float(low=0.1, high=2, log=True),
        },
        about=About(
            "The same turned round: a film's stars by all people go through the layer; a newcomer is folded in by a "
            "ridge regression.",
            "Sedhain et al., AutoRec",
            2015,
            in_paper=True,
        ),
    ),
    "deep-autoencoder": Recipe(
        "recsys.models.autoencoders.deep:DeepAutoencoder",
        DeepAutoencoderConfig(),
        "deep autoencoder of people, dense re-feeding",
        ranks_by="stars",
        by_default=False,
        space={
            "target": Choice(("residuals", "stars")),
            "hidden": Choice(((128, 64), (256, 128), (64, 32), (128, 128, 64), (64,))),
            "forgets": Float(low=0, high=0.8),
            "dropout": Float(low=0, high=0.8),
            "refeeds": Int(low=0, high=3),
            "l2": Float(low=10, high=1000, log=True, n_grid=5),
            "epochs": Int(low=10, high=100, log=True, n_grid=1),
            "learning_rate": Float(low=0.0003, high=0.03, log=True, n_grid=1),
        },
        about=About(
            "Six layers instead of two, and every answer is fed in again as if it were data.",
            "Kuchaiev and Ginsburg, Training deep autoencoders for collaborative filtering",
            2017,
            in_paper=True,
        ),
    ),
    "cascade-autoencoder": Recipe(
        "recsys.models.autoencoders.cascade:CascadeAutoencoder",
        CascadeConfig(),
        "genres and periods first, then deep autoencoder",
        by_default=False,
        space={
            "told_share": Float(low=0, high=1),
            "kept_share": Float(low=0, high=1),
            "deep.l2": Float(low=10, high=1000, log=True, n_grid=5),
            "deep.epochs": Int(low=10, high=100, log=True, n_grid=1),
            "deep.learning_rate": Float(low=0.0003, high=0.03, log=True, n_grid=1),
            "deep.forgets": Float(low=0, high=0.8, n_grid=1),
            "lists.n_hidden": Int(low=50, high=800, log=True),
            "lists.forgets": Float(low=0, high=0.8),
            "lists.l2": Float(low=1e-5, high=0.1, log=True),
            "lists.epochs": Int(low=5, high=60, log=True, n_grid=1),
            "lists.learning_rate": Float(low=0.0003, high=0.03, log=True, n_grid=1),
        },
        about=About(
            "Content says first what a person may like, and a deep autoencoder adds what people who rate alike know.",
            "Tahmasebi, Ravanmehr and Mohamadrezaei, Social movie recommender system based on deep autoencoder "
            "network using Twitter data",
            2020,
            in_paper=True,
        ),
    ),
}
