"""The flagship by name."""

from recsys.models.hybrids.config import HybridVAEConfig
from recsys.models.recipe import Recipe
from recsys.models.search_space import Float

RECIPES = {
    "hybrid-vae": Recipe(
        "recsys.models.hybrids.hybrid_vae:HybridVAE",
        HybridVAEConfig(),
        "the flagship: mult-vae with a linear path, stars averaged with bmf and bmf-ordinal",
        by_default=False,
        space={  # weights alone, so that every part is fitted once; lists depend on the first, stars on the others
            "linear_weight": Float(low=1, high=100, log=True, n_grid=5),
            "normal_share": Float(low=0, high=0.4),
            "ordinal_share": Float(low=0, high=0.6),
            "level_prior": Float(low=10, high=3000, log=True),
            "shape_prior": Float(low=5, high=300, log=True, n_grid=1),
            "film_prior": Float(low=10, high=1000, log=True, n_grid=1),
        },
    ),
}
