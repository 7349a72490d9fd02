"""What is installed only on demand, and what to say where it is missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from recsys.data.errors import DataError

EXTRA_OF = {  # of pyproject.toml, by what is imported
    "keras": "train",
    "jax": "train",
    "gradio": "page",
    "rich": "eval",
    "matplotlib": "eval",
    "optuna": "eval",
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
