"""Adversarial models by name."""

from recsys.models.adversarial.config import CFGANConfig, IRGANConfig, VAEGANConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int

RECIPES = {
    "cfgan": Recipe(
        "recsys.models.adversarial.cfgan:CFGAN",
        CFGANConfig(),
        "profiles said against a critic",
        predicts_stars=False,
        by_default=False,
        space={
            "n_hidden": Int(low=64, high=400, log=True),
            "forgets": Float(low=0, high=0.8),
            "shown": Float(low=0.1, high=1, n_grid=1),
            "held": Float(low=0.1, high=1),
            "alpha": Float(low=0.03, high=3, log=True),
            "tells_likes": Choice((True, False)),
            "adversary": Choice((1.0, 0.0)),
            "game.rate": Float(low=0.0001, high=0.003, log=True, n_grid=1),
            "game.critic_rate": Float(low=0.00003, high=0.003, log=True, n_grid=1),
        },
        about=About(
            "A network says a person's whole profile, and a critic tells said profiles from true ones.",
            "Chae et al., CFGAN",
            2018,
            in_paper=True,
        ),
    ),
    "irgan": Recipe(
        "recsys.models.adversarial.irgan:IRGAN",
        IRGANConfig(),
        "films chosen against a critic",
        predicts_stars=False,
        by_default=False,
        space={
            "n_factors": Int(low=8, high=128, log=True),
            "forgets": Float(low=0.1, high=0.9, n_grid=1),
            "draws": Choice((2, 0, 8)),
            "likes_share": Float(low=0, high=0.5, n_grid=1),
            "temperature": Float(low=0.2, high=2, log=True, n_grid=1),
            "first_epochs": Int(low=0, high=20),
            "game.rate": Float(low=0.0001, high=0.01, log=True, n_grid=1),
            "game.critic_rate": Float(low=0.001, high=0.1, log=True),
            "game.epochs": Int(low=10, high=100, log=True, n_grid=1),
        },
        about=About(
            "A generator chooses films, and a critic's rewards say which choices look like likes.",
            "Wang et al., IRGAN",
            2017,
            in_paper=True,
        ),
    ),
    "vaegan": Recipe(
        "recsys.models.adversarial.vaegan:VAEGAN",
        VAEGANConfig(),
        "autoencoder of choices whose posterior a critic measures",
        predicts_stars=False,
        by_default=False,
        space={
            "n_hidden": Int(low=50, high=600, log=True, n_grid=1),
            "n_latent": Int(low=10, high=100, log=True),
            "draws": Int(low=2, high=16, log=True, n_grid=1),
            "forgets": Float(low=0, high=0.8),
            "beta": Float(low=0.05, high=2, log=True),
            "contraction": Float(low=0, high=0.1, n_grid=1),
            "auxiliary": Float(low=0, high=0.1, n_grid=1),
            "game.epochs": Int(low=12, high=40, log=True, n_grid=1),
            "game.rate": Float(low=0.0003, high=0.01, log=True),
            "game.critic_rate": Float(low=0.0001, high=0.01, log=True, n_grid=1),
        },
        about=About(
            "An autoencoder of choices whose posterior may have any form, as a critic measures how far it is from "
            "normal.",
            "Yu et al., VAEGAN",
            2019,
            in_paper=True,
        ),
    ),
}
