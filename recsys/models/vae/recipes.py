"""The paper's VAE by name, with three losses."""

from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int, Space
from recsys.models.vae.config import (
    AlignedVAEConfig,
    ConditionedVAEConfig,
    DPVAEConfig,
    EmbeddingVAEConfig,
    TwinVAEConfig,
    VAEConfig,
)

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
        about=About(
            "The paper's own: a variational autoencoder of all films' stars, where what is not rated counts as 0 "
            "stars.",
            "Kingma and Welling, Auto-encoding variational Bayes",
            2013,
            in_paper=True,
        ),
    ),
    "vae-bce": Recipe(
        "recsys.models.vae.paper_vae:PaperVAE",
        VAEConfig(loss="bce"),
        "the paper's VAE, cross-entropy",
        is_keras=True,
        space=PAPER_VAE,
        about=About(
            "The same with cross-entropy instead of squared errors.",
            "Kingma and Welling, Auto-encoding variational Bayes",
            2013,
            in_paper=True,
        ),
    ),
    "vae-masked": Recipe(
        "recsys.models.vae.paper_vae:PaperVAE",
        VAEConfig(loss="masked-mse"),
        "the paper's VAE, error over rated films only",
        is_keras=True,
        space=PAPER_VAE,
        about=About(
            "The same with errors over rated films alone, which mends the answers of 0.",
            "Kingma and Welling, Auto-encoding variational Bayes",
            2013,
            in_paper=True,
        ),
    ),
    "conditioned-vae": Recipe(
        "recsys.models.vae.conditioned_vae:ConditionedVAE",
        ConditionedVAEConfig(),
        "VAE that is told which genres are wanted",
        predicts_stars=False,
        by_default=False,
        space={
            "n_hidden": Int(low=100, high=600, log=True, n_grid=3),
            "n_latent": Int(low=20, high=100, log=True, n_grid=1),
            "forgets": Float(low=0.1, high=0.8, n_grid=3),
            "strangers": Float(low=0.1, high=0.9, n_grid=1),
            "beta": Float(low=0.03, high=1, log=True, n_grid=3),
            "epochs": Int(low=15, high=80, log=True, n_grid=1),
            "learning_rate": Float(low=1e-3, high=1e-2, log=True, n_grid=3),
        },
        about=About(
            "A variational autoencoder of choices that is told which genres are wanted.",
            "Carraro et al., Conditioned variational autoencoder for top-N item recommendation",
            2020,
            in_paper=True,
        ),
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
        about=About(
            "A variational autoencoder that knows films by public features, learned with noise that hides each person"
            " whole.",
            "Fang, Du and Wu, after an abstract",
            2022,
            in_paper=True,
        ),
    ),
    "embedding-vae": Recipe(
        "recsys.models.vae.embedding_vae:EmbeddingVAE",
        EmbeddingVAEConfig(),
        "VAE of choices, films known by codes",
        predicts_stars=False,
        by_default=False,
        space={
            "films.n_codes": Int(low=4, high=64, log=True, n_grid=1),
            "films.beta": Float(low=0.01, high=2, log=True),
            "frozen": Choice((True, False)),
            "l2_own": Float(low=1e-4, high=1e-1, log=True),
            "n_hidden": Int(low=200, high=600, log=True, n_grid=1),
            "n_latent": Int(low=20, high=200, log=True, n_grid=1),
            "forgets": Float(low=0, high=0.7),
            "beta": Float(low=0.05, high=2, log=True),
            "epochs": Int(low=10, high=40, log=True, n_grid=1),
            "learning_rate": Float(low=1e-3, high=1e-2, log=True, n_grid=1),
        },
        about=About(
            "A variational autoencoder of choices that knows films by codes, which another one finds in their genres "
            "and years, so that new films have a place.",
            "Gupta, Raghuprasad and Kumar, A hybrid variational autoencoder for collaborative filtering",
            2018,
            in_paper=True,
        ),
    ),
    "twin-vae": Recipe(
        "recsys.models.vae.twin_vae:TwinVAE",
        TwinVAEConfig(),
        "VAE of ratings and VAE of genres, trained together",
        by_default=False,
        space={
            "genre_weight": Float(low=0.01, high=10, log=True),
            "genre_beta": Float(low=0.02, high=2, log=True),
            "blind": Float(low=0, high=0.5),
            "n_hidden": Int(low=200, high=600, log=True, n_grid=1),
            "n_latent": Int(low=20, high=200, log=True, n_grid=1),
            "forgets": Float(low=0, high=0.7),
            "beta": Float(low=0.05, high=2, log=True),
            "stars_weight": Float(low=0.1, high=10, log=True, n_grid=1),
            "l2_stars": Float(low=0.01, high=1, log=True, n_grid=1),
            "epochs": Int(low=10, high=40, log=True, n_grid=1),
            "learning_rate": Float(low=1e-3, high=1e-2, log=True, n_grid=1),
            "liked_weight": Float(low=0, high=2, n_grid=1),
        },
        about=About(
            "Two variational autoencoders, of ratings and of preferences for genres, trained together.",
            "after Krishnathasan, of whom no text was found",
            in_paper=True,
        ),
    ),
    "aligned-vae": Recipe(
        "recsys.models.vae.aligned_vae:AlignedVAE",
        AlignedVAEConfig(),
        "VAEs of two domains of films",
        predicts_stars=False,
        by_default=False,
        space={
            "alignment": Choice(("soft", "rigid", "none")),
            "n_hidden": Int(low=50, high=400, log=True, n_grid=1),
            "n_latent": Int(low=10, high=100, log=True, n_grid=1),
            "forgets": Float(low=0, high=0.7),
            "beta": Float(low=0.05, high=2, log=True),
            "beta_source": Float(low=0.05, high=10, log=True),
            "prior": Float(low=1, high=100, log=True, n_grid=1),
            "epochs": Int(low=10, high=60, log=True, n_grid=1),
            "learning_rate": Float(low=1e-3, high=1e-2, log=True, n_grid=1),
        },
        about=About(
            "Two variational autoencoders, of two domains of films, whose tastes are held alike for people who are in"
            " both.",
            "Salah, Tran and Lauw, Towards source-aligned variational models for cross-domain recommendation",
            2021,
            in_paper=True,
        ),
    ),
}
