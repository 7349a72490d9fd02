import os
import shutil
import tempfile
from pathlib import Path

import pytest

from recsys.data.movielens import Dataset, load_dataset
from recsys.errors import DataError
from tests.support.unavailable import unavailable

if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers, and servers that they start, take what is set here
    # What JAX compiled for one test serves the next that wants the same, of whatever worker, as long as the tests run.
    COMPILED = tempfile.TemporaryDirectory(prefix="compiled-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = COMPILED.name
    os.environ["JAX_COMPILATION_CACHE_MAX_SIZE"] = str(2**31)  # bytes; with a limit JAX locks the folder
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    # Little networks take longer to compile than to train: the same program without LLVM's passes.
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0".strip()


@pytest.fixture(scope="session")
def ml_100k() -> Dataset:
    """MovieLens 100K, fetched once into the cache; tests that use it are marked `data`."""
    try:
        return load_dataset("ml-100k")
    except DataError as reason:
        unavailable(str(reason))


@pytest.fixture(scope="session")
def latest_small() -> Path:
    """Folder of ml-latest-small inside the folder that MOVIE_VAE_TEST_DATA names."""
    folder = Path(os.environ.get("MOVIE_VAE_TEST_DATA", "")) / "ml-latest-small"
    if not (folder / "ratings.csv").is_file():
        unavailable("MOVIE_VAE_TEST_DATA names no folder that holds ml-latest-small")
    return folder


@pytest.fixture(scope="module")
def chromium():
    """Debian's chromium, as playwright drives it; tests that use it are marked `browser`."""
    executable = shutil.which("chromium")
    if executable is None:
        unavailable("no program called chromium is installed, so the page cannot be looked at in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()
