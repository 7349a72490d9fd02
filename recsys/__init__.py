"""Movie recommendation with a variational autoencoder beside collaborative filtering.

Importing this package is instant and has one effect: Keras runs on JAX unless KERAS_BACKEND says otherwise.
"""

import os

os.environ.setdefault("KERAS_BACKEND", "jax")  # read by Keras at its first import

__version__ = "0.1.0"
