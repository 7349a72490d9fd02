"""The names under which data sets can be had; free of heavy imports, so that `--help` can list them."""

NAMES = ("ml-100k", "ml-latest-small", "ml-1m", "ml-10m", "ml-20m", "ml-25m", "ml-32m")
