"""Start the web page: `python app.py`."""

import argparse
import os
import sys
from pathlib import Path

from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.extras import missing_explained, use_jax
from recsys.streams import run


def main() -> None:
    """Read the command line, then serve."""
    parser = argparse.ArgumentParser(description="Serve the recommender's web page.")
    parser.add_argument(
        "--dataset", default="ml-100k", metavar="D", help="a MovieLens name or folder (default %(default)s)"
    )
    parser.add_argument(
        "--model",
        metavar="M",
        help="a model to serve: a folder, USER/REPO or USER/REPO@REVISION (default: what the variable MOVIE_VAE_MODEL "
        "names, else the newest that eval.run has left in runs/, else one that is trained now)",
    )
    options = parser.parse_args()
    use_jax(parser.prog)
    looks_like_a_name = Path(options.dataset).name == options.dataset  # a folder further away may still be to come
    if looks_like_a_name and options.dataset not in NAMES and not Path(options.dataset).is_dir():
        parser.error(f"no data set or folder is called {options.dataset!r}; known: {', '.join(NAMES)}, or a folder")
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by gradio at its import
    try:
        with missing_explained():
            from recsys.serve.address import check_environment

            check_environment()  # before gradio reads it
            from recsys.serve.engine import Engine
            from recsys.ui.mounting import serve
        serve(Engine.of(options.model, options.dataset), options.dataset)
    except DataError as mistake:
        parser.error(str(mistake))


if __name__ == "__main__":
    sys.exit(run(main))
