"""The generative recommender by name."""

from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Float, Int

RECIPES = {
    "mult-vae": Recipe(
        "recsys.models.mult_vae.mult_vae:MultVAE",
        MultVAEConfig(),
        "generative: choices and stars from one latent taste",
        by_default=False,
        shared=True,
        space={
            "n_hidden": Int(low=100, high=1000, log=True, n_grid=1),
            "n_star_units": Int(low=10, high=200, log=True, n_grid=1),
            "n_latent": Int(low=10, high=200, log=True),
            "forgets": Float(low=0, high=0.7),
            "beta": Float(low=0.05, high=2, log=True),
            "stars_weight": Float(low=0.1, high=10, log=True, n_grid=1),
            "l2_stars": Float(low=0.01, high=1, log=True, n_grid=1),
            "epochs": Int(low=8, high=60, log=True, n_grid=1),
            "learning_rate": Float(low=5e-4, high=2e-2, log=True),
            "liked_weight": Float(low=0, high=2, n_grid=1),
            "baseline.l2_user": Float(low=0.5, high=50, log=True, n_grid=1),
        },
        about=About(
            "A variational autoencoder that says how likely each film is chosen next, and each level of stars, from "
            "one latent taste.",
            "Liang et al., Variational autoencoders for collaborative filtering",
            2018,
        ),
    ),
}
