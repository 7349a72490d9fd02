"""What is installed only on demand, and what to say where it is missing."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from recsys.errors import DataError

EXTRA_OF = {  # of pyproject.toml, by what is imported
    "keras": "train",
    "jax": "train",
    "gradio": "page",
    "sqlalchemy": "page",
    "rich": "eval",
    "matplotlib": "eval",
    "optuna": "eval",
    "httpx": "eval",
    "psycopg": "eval",
}


@contextmanager
def missing_explained() -> Iterator[None]:
    """Turn the failed import of an optional package, anywhere in the block, into a sentence that says what to install.

    Raises:
        DataError: one of EXTRA_OF is not installed. The failure of any other import stays what it is.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").split(".")[0]
        if package not in EXTRA_OF:
            raise
        extra = EXTRA_OF[package]
        raise DataError(
            f"{package} is not installed; what needs it comes with pip install '.[{extra}]' in the folder of Movie VAE "
            "(pip install -r requirements.txt installs everything)"
        ) from None


def use_jax(program: str) -> None:
    """Let Keras run on JAX in a process of our own, and say so where KERAS_BACKEND asks for another backend."""
    asked = os.environ.get("KERAS_BACKEND", "")
    if asked != "jax":
        word = f"{program}: KERAS_BACKEND is {asked!r}; the networks here run on JAX alone, so jax is taken instead."
        print(word, file=sys.stderr)
        os.environ["KERAS_BACKEND"] = "jax"


def require_jax() -> None:
    """See to it that Keras runs on JAX, before it is imported.

    Raises:
        DataError: it runs, or would run, on something else.
    """
    config = getattr(sys.modules.get("keras"), "config", None)
    backend = config.backend() if config else os.environ.get("KERAS_BACKEND") or "jax"
    if backend != "jax":
        raise DataError(
            f"Keras is set to run on {backend!r}, and the networks here run on JAX alone: set KERAS_BACKEND=jax or "
            "unset it before anything imports keras. Models without networks work as it is."
        )
