"""The paper's VAE by name, with three losses."""

from recsys.models.recipe import Recipe
from recsys.models.search_space import Choice, Float, Int, Space
from recsys.models.vae.config import DPVAEConfig, VAEConfig

PAPER_VAE: Space = {
    "hidden": Choice(((1024, 512, 256), (512, 256), (600,), (200,))),
    "n_latent": Int(low=10, high=200, log=True),
    "epochs": Int(low=5, high=40, log=True, n_grid=1),
    "batch_size": Int(low=16, high=256, log=True, n_grid=1),
    "learning_rate": Float(low=1e-4, high=1e-2, log=True),
}

RECIPES = {
    "vae": Recipe(
        "recsys.models.vae.paper_vae:PaperVAE",
        VAEConfig(),
        "the paper's VAE, squared error",
        is_keras=True,
        space=PAPER_VAE,
    ),
    "vae-bce": Recipe(
        "recsys.models.vae.paper_vae:PaperVAE",
        VAEConfig(loss="bce"),
        "the paper's VAE, cross-entropy",
        is_keras=True,
        space=PAPER_VAE,
    ),
    "vae-masked": Recipe(
        "recsys.models.vae.paper_vae:PaperVAE",
        VAEConfig(loss="masked-mse"),
        "the paper's VAE, error over rated films only",
        is_keras=True,
        space=PAPER_VAE,
    ),
    "dp-vae": Recipe(
        "recsys.models.vae.private_vae:DPVAE",
        DPVAEConfig(),
        "VAE of public features, with noise that hides each person",
        predicts_stars=False,
        by_default=False,
        space={
            "n_latent": Int(low=2, high=24, log=True, n_grid=3),
            "count_share": Float(low=0.02, high=0.5, log=True, n_grid=1),
            "shrinkage": Float(low=0.3, high=20, log=True, n_grid=3),
            "start": Float(low=0.1, high=1, log=True, n_grid=3),
            "kl_weight": Float(low=0.001, high=0.5, log=True, n_grid=1),
            "steps": Int(low=5, high=80, log=True, n_grid=1),
            "clip": Float(low=0.1, high=1.5, log=True, n_grid=1),
            "learning_rate": Float(low=0.01, high=0.15, log=True, n_grid=3),
        },
    ),
}
