import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from recsys.data.movielens import Dataset, load_dataset
from recsys.errors import DataError
from recsys.models import MODELS
from tests.support.unavailable import unavailable

settings.register_profile("untimed", settings.default, deadline=None)  # a busy machine is no mistake of the code
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
LONGEST = (  # what takes longest, begun first, so that all processes end at about the same time
    "tests/ui/test_page_in_browser.py",
    "tests/ui/test_bad_input.py",
    "tests/models/contract/test_contract.py",
    "tests/models/mult_vae/",
    "tests/artifacts/test_artifact.py",
    "tests/ui/test_page_touch.py",
    "tests/serve/test_isolation.py",
    "tests/training/test_processes.py",
    "tests/benchmarks/",
    "tests/load/",
)
COMPILED_MODELS = {"svd"} | {name for name in MODELS if "vae" in name}  # the first fit of each waits for the compiler
CHROMIUM = ("chromium-headless-shell", "chromium")  # programs; the first has no window to draw, and takes half the time
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-software-rasterizer"]
SLOW_MODELS = COMPILED_MODELS | {name for name, recipe in MODELS.items() if not recipe.by_default}

if "PYTEST_XDIST_WORKER" not in os.environ:  # the workers, and servers that they start, take what is set here
    # What JAX compiled for one test serves the next that wants the same, of whatever worker, as long as the tests run.
    COMPILED = tempfile.TemporaryDirectory(prefix="compiled-")
    os.environ["JAX_COMPILATION_CACHE_DIR"] = COMPILED.name
    os.environ["JAX_COMPILATION_CACHE_MAX_SIZE"] = str(2**31)  # bytes; with a limit JAX locks the folder
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    # Little networks take longer to compile than to train: the same program without LLVM's passes.
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_backend_optimization_level=0".strip()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what is asked for by hand."""
    parser.addoption(
        "--replicas",
        action="store_true",
        help="tests/serve/test_isolation.py: two pages behind nginx that share PostgreSQL, instead of one on SQLite",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and mark as `slow` what fits a model of SLOW_MODELS by its parameters.

    What fails in a browser runs once more, as it may be the browser that was late; the summary names it.
    """
    items.sort(key=turn_of)
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
        params = getattr(item, "callspec", None) and item.callspec.params.values()
        if any(isinstance(value, str) and value in SLOW_MODELS for value in params or ()):
            item.add_marker("slow")


def turn_of(item: pytest.Item) -> int:
    """The place of a test's file among the longest, or after them."""
    path = item.path.relative_to(ROOT).as_posix()
    return next((at for at, start in enumerate(LONGEST) if path.startswith(start)), len(LONGEST))


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
    executable = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if executable is None:
        wanted = " or ".join(CHROMIUM)
        unavailable(f"no program called {wanted} is installed, so the page cannot be looked at in a browser")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
