"""The names under which data sets can be had, and how to cite them; nothing heavy, so that `--help` can list them."""

NAMES = ("ml-100k", "ml-latest-small", "ml-1m", "ml-10m", "ml-20m", "ml-25m", "ml-32m")
N_MILLIONS = {"ml-10m": 10, "ml-20m": 20, "ml-25m": 25, "ml-32m": 32}  # of ratings, of the large ones

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19."
)
