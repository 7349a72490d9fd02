"""The names under which data sets can be had, and how to cite them; nothing heavy, so that `--help` can list them."""

NAMES = ("ml-100k", "ml-latest-small", "ml-1m", "ml-10m", "ml-20m", "ml-25m", "ml-32m")
N_MILLIONS = {"ml-10m": 10, "ml-20m": 20, "ml-25m": 25, "ml-32m": 32}  # of ratings, of the large ones
NEWER, NEWER_UNTIL = "ml-latest-small", 2018  # the smallest set with films of this century, and when its last came out

SPOKEN = {"ml-100k": "MovieLens 100K", "ml-latest-small": "MovieLens Latest Small"}

CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19."
)


def spoken_name(name: str) -> str:
    """A data set as people call it; a folder of one's own by its own name.

    >>> spoken_name("ml-100k"), spoken_name("ml-25m"), spoken_name("my-films")
    ('MovieLens 100K', 'MovieLens 25M', 'my-films')
    """
    millions = {key: f"MovieLens {n_millions}M" for key, n_millions in (N_MILLIONS | {"ml-1m": 1}).items()}
    return (SPOKEN | millions).get(name, name)


def newer_than(name: object, until: int | None) -> str:
    """A data set with newer films that is as quick to have; "": there is none.

    >>> newer_than("ml-100k", 1998), newer_than("ml-25m", 2019), newer_than("ml-latest-small", 2016)
    ('ml-latest-small', '', '')

    Args:
        name: of a data set.
        until: when its newest films came out; None where it has no years.
    """
    return NEWER if until is not None and until < NEWER_UNTIL and name != NEWER else ""
