"""Neighbourhoods by name."""

from recsys.models.neighbours.config import DBNClustersConfig, ItemKNNConfig, UserKNNConfig
from recsys.models.recipe import About, Recipe
from recsys.models.search_space import Float, Int

RECIPES = {
    "user-knn": Recipe(
        "recsys.models.neighbours.user_knn:UserKNN",
        UserKNNConfig(),
        "neighbours' votes (the paper's CF)",
        space={  # lists depend on n_neighbours alone, stars on everything
            "n_neighbours": Int(low=10, high=300, log=True, n_grid=4),
            "shrinkage": Float(low=1, high=500, log=True),
            "l2": Float(low=0.01, high=10, log=True),
            "baseline.l2_user": Float(low=0.5, high=50, log=True, n_grid=1),
            "baseline.l2_item": Float(low=0.5, high=50, log=True, n_grid=1),
        },
        about=About(
            "Lets the people who rate most alike vote: the collaborative filtering of the paper.",
            "Resnick et al., GroupLens",
            1994,
            in_paper=True,
        ),
    ),
    "item-knn": Recipe(
        "recsys.models.neighbours.item_knn:ItemKNN",
        ItemKNNConfig(),
        "films that people rate alike vote on each other",
        space={  # stars depend on the first three, lists on the next two
            "n_neighbours": Int(low=10, high=300, log=True, n_grid=4),
            "shrinkage": Float(low=1, high=500, log=True, n_grid=4),
            "l2": Float(low=0.01, high=10, log=True),
            "n_list_neighbours": Int(low=10, high=500, log=True, n_grid=4),
            "list_shrinkage": Float(low=1, high=500, log=True, n_grid=4),
            "baseline.l2_user": Float(low=0.5, high=50, log=True, n_grid=1),
            "baseline.l2_item": Float(low=0.5, high=50, log=True, n_grid=1),
        },
        about=About(
            "Lets the films that people rate alike vote on each other.",
            "Sarwar et al., Item-based collaborative filtering recommendation algorithms",
            2001,
        ),
    ),
    "dbn-clusters": Recipe(
        "recsys.models.neighbours.dbn_clusters:DBNClusters",
        DBNClustersConfig(),
        "films of one kind vote on each other",
        ranks_by="stars",
        by_default=False,
        space={
            "n_clusters": Int(low=1, high=40, log=True, n_grid=4),
            "n_neighbours": Int(low=10, high=300, log=True, n_grid=4),
            "shrinkage": Float(low=10, high=500, log=True, n_grid=4),
            "content_weight": Float(low=0, high=0.3),
            "l2": Float(low=0.1, high=5, log=True, n_grid=4),
        },
        about=About(
            "Divides films into clusters by what a belief network finds in their genres and years; films of a cluster"
            " vote on each other.",
            "Ouhbi et al., after an abstract",
            2018,
            in_paper=True,
        ),
    ),
}
