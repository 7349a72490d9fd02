"""Movie recommendation with a variational autoencoder beside collaborative filtering.

Importing this package is instant and has one effect: Keras runs on JAX unless KERAS_BACKEND says otherwise.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from recsys.recommend.recommender import Recommender

__all__ = ["Recommender"]

if not os.environ.get("KERAS_BACKEND"):
    os.environ["KERAS_BACKEND"] = "jax"  # read by Keras at its first import

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import what the package offers when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'recsys' has no attribute {name!r}")
    from recsys.recommend.recommender import Recommender

    return Recommender
