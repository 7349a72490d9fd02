"""Boltzmann machines by name."""

from recsys.models.boltzmann.config import (
    AS_IN_2007,
    BoltzmannConfig,
    ChoiceRBMConfig,
    GaussianRBMConfig,
    SoftmaxRBMConfig,
    TimedRBMConfig,
)
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Choice, Float, Int

RECIPES = {
    "boltzmann": Recipe(
        "recsys.models.boltzmann.boltzmann:Boltzmann",
        BoltzmannConfig(),
        "Boltzmann machine of likes, all films tied to all",
        predicts_stars=False,
        space={
            "feedback": Choice(("graded", "binary")),
            "liked_from": Choice(("level", "mean", 3.0, 5.0)),
            "l2": Float(low=2, high=200, log=True, n_grid=5),
            "epochs": Int(low=20, high=200, log=True, n_grid=1),
            "learning_rate": Float(low=0.003, high=0.05, log=True, n_grid=3),
        },
        by_default=False,
        about=About(
            "Gives every pair of films a weight, the same both ways: each film is told from all others.",
            "Ackley, Hinton and Sejnowski, A learning algorithm for Boltzmann machines",
            1985,
            in_paper=True,
        ),
    ),
    "rbm": Recipe(
        "recsys.models.boltzmann.rbm:SoftmaxRBM",
        SoftmaxRBMConfig(),
        "restricted Boltzmann machine of star levels",
        ranks_by="stars",
        space={
            "n_hidden": Int(low=25, high=200, log=True, n_grid=3),
            "prior": Float(low=1, high=30, log=True, n_grid=1),
            "knows_generosity": Choice((True, False)),
            "knows_rated": Choice((False, True)),
            "draws": Choice((False, True)),
            "exact": Choice((False, True)),
            "learning.rule": Choice(("adam", "momentum")),
            "learning.sweeps": Int(low=1, high=9, n_grid=1),
            "learning.epochs": Int(low=20, high=100, log=True, n_grid=1),
            "learning.learning_rate": Float(low=0.001, high=0.01, log=True, n_grid=3),
            "learning.decay": Float(low=0.001, high=0.1, log=True, n_grid=4),
        },
        by_default=False,
        about=About(
            "Hidden units that are on or off explain a person's stars, level by level; how generous the person is, is"
            " told to it.",
            "Salakhutdinov, Mnih and Hinton, Restricted Boltzmann machines for collaborative filtering",
            2007,
            in_paper=True,
        ),
    ),
    "rbm-2007": Recipe(
        "recsys.models.boltzmann.rbm:SoftmaxRBM",
        AS_IN_2007,
        "the same, as its paper has it",
        ranks_by="stars",
        space={
            "n_hidden": Int(low=25, high=200, log=True, n_grid=3),
            "knows_rated": Choice((False, True)),
            "learning.sweeps": Int(low=1, high=9, n_grid=3),
            "learning.epochs": Int(low=20, high=100, log=True, n_grid=1),
            "learning.learning_rate": Float(low=0.02, high=0.5, log=True, n_grid=3),
            "learning.decay": Float(low=0.001, high=0.1, log=True, n_grid=3),
        },
        by_default=False,
        about=About(
            "Hidden units that are on or off explain a person's stars, level by level, learned as in the paper of "
            "2007.",
            "Salakhutdinov, Mnih and Hinton, Restricted Boltzmann machines for collaborative filtering",
            2007,
            in_paper=True,
        ),
    ),
    "rbm-gaussian": Recipe(
        "recsys.models.boltzmann.rbm_gaussian:GaussianRBM",
        GaussianRBMConfig(),
        "restricted Boltzmann machine of what offsets leave",
        ranks_by="stars",
        by_default=False,
        space={
            "n_hidden": Int(low=20, high=200, log=True, n_grid=3),
            "variance": Float(low=0.4, high=1.6, log=True, n_grid=3),
            "learning.epochs": Int(low=30, high=120, log=True, n_grid=1),
            "learning.learning_rate": Float(low=0.001, high=0.01, log=True, n_grid=3),
            "learning.decay": Float(low=0.01, high=0.3, log=True, n_grid=4),
        },
        about=About(
            "Hidden units explain what plain offsets leave of a person's stars, as real numbers.",
            "Welling, Rosen-Zvi and Hinton, Exponential family harmoniums",
            2005,
            in_paper=True,
        ),
    ),
    "rbm-choice": Recipe(
        "recsys.models.boltzmann.rbm_choice:ChoiceRBM",
        ChoiceRBMConfig(),
        "restricted Boltzmann machine of choices",
        predicts_stars=False,
        by_default=False,
        space={
            "n_hidden": Int(low=25, high=200, log=True, n_grid=3),
            "feedback": Choice(("graded", "binary")),
            "learning.epochs": Int(low=30, high=120, log=True, n_grid=1),
            "learning.learning_rate": Float(low=0.001, high=0.01, log=True, n_grid=3),
            "learning.decay": Float(low=0.0003, high=0.1, log=True, n_grid=4),
        },
        about=About(
            "Hidden units explain which films a person chose: one softmax over all films for every choice, as in a "
            "topic model.",
            "Salakhutdinov and Hinton, Replicated softmax",
            2009,
            in_paper=True,
        ),
    ),
    "rbm-time": Recipe(
        "recsys.models.boltzmann.rbm_time:TimedRBM",
        TimedRBMConfig(),
        "rbm that hears when films were rated",
        ranks_by="stars",
        by_default=False,
        space={
            "hears_time": Choice((True, False)),
            "leans_by_time": Choice((False, True)),
            "n_hidden": Int(low=25, high=200, log=True, n_grid=3),
            "learning.epochs": Int(low=20, high=100, log=True, n_grid=1),
            "learning.learning_rate": Float(low=0.001, high=0.01, log=True, n_grid=3),
            "learning.decay": Float(low=0.001, high=0.1, log=True, n_grid=4),
        },
        about=About(
            "The machine of stars that also hears when films were rated.",
            "Harshvardhan et al., after an abstract",
            2022,
            in_paper=True,
        ),
    ),
}
