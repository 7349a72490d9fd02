"""Whether memory has room to fit a model: asked before it begins, so that nobody waits for hours for an error."""

from bisect import bisect_left
from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

from recsys.data.scale import RatingScale
from recsys.errors import DataError
from recsys.free_memory import free_memory
from recsys.models import MODELS, create
from recsys.models.base import Model, PrivateModel
from recsys.models.finite import name_of
from recsys.models.needs import Extent, bytes_needed
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.models.vocabulary.known_films import FEWEST
from recsys.models.vocabulary.vocabulary import Vocabulary

INSTEAD = {True: ("als", "baseline"), False: ("ease", "popularity")}  # by whether stars are predicted; the best first


def require_room(model: Model, stars: sp.csr_array) -> None:
    """Refuse to fit an unfitted model that memory surely has no room for.

    Args:
        model: made by its name.
        stars: (U, I) that it is to learn from.

    Raises:
        DataError: how much it takes, how much is free, and what would fit.
    """
    refusal = refused(model, Extent.of(stars), free_memory())
    if refusal:
        raise DataError(refusal)


def misfits(names: Iterable[str], stars: sp.csr_array, scale: RatingScale, min_film_ratings: int = 0) -> dict[str, str]:
    """Of models by their names, those that cannot be fitted on (U, I) stars, each with a sentence that says why.

    Args:
        min_film_ratings: of a film that they are told of.
    """
    extent, free, found = Extent.of(stars), free_memory(), {}
    for name in names:
        model = made(name, scale, min_film_ratings)
        refusal = None if model is None else refused(model, extent, free)
        if refusal:
            found[name] = refusal
    return found


def made(name: str, scale: RatingScale, min_film_ratings: int) -> Model | None:
    """An unfitted model; None where something is missing for it, of which its fit tells."""
    try:
        return with_vocabulary(create(name, scale), min_film_ratings)
    except DataError:
        return None


def refused(model: Model, extent: Extent, free: int | None) -> str | None:
    """Why a model cannot be fitted, in a sentence; None if it may be.

    Args:
        extent: of what it is to learn from.
        free: bytes; None where nobody knows.
    """
    needed = 0.0 if free is None else bytes_needed(model, extent)
    if free is None or needed <= free:
        return None
    told = extent.of_frequent(model.least) if isinstance(model, Vocabulary) else extent
    ways = ["End other programs", *filter(None, (other_model(model, told, free), fewer_films(model, extent, free)))]
    return (
        f"{name_of(model)} takes at least {in_words(needed)} of memory to learn from {told.n_people:,} people's "
        f"ratings of {told.n_films:,} films, and {in_words(free)} are free. {', or '.join(ways)}."
    )


def other_model(model: Model, extent: Extent, free: int) -> str | None:
    """Advice to take another model of the same kind, that memory has room for; None if none has."""
    name = name_of(model)
    of_kind = INSTEAD[name not in MODELS or MODELS[name].predicts_stars]
    fitting = (each for each in of_kind if bytes_needed(create(each, model.scale), extent) <= free)
    return next((f"take the model {each}" for each in fitting if each != name), None)


def fewer_films(model: Model, extent: Extent, free: int) -> str | None:
    """Advice to tell the model of films with more ratings alone; None where it hides people, or nothing would do."""
    if isinstance(model, PrivateModel):
        return None
    plain = model.inner if isinstance(model, Vocabulary) else model
    most = int(np.sort(extent.counts)[-FEWEST:][0])
    enough = bisect_left(
        range(most + 1), True, key=lambda least: bytes_needed(plain, extent.of_frequent(least)) <= free
    )
    if enough > most:
        return None
    return f"pass --min-film-ratings {enough}, which leaves it {extent.n_rated(enough):,} films"


def in_words(n_bytes: float) -> str:
    """So many bytes, in words.

    >>> in_words(30_684_528_900.0), in_words(1_500_000_000), in_words(2_900_000)
    ('30.7 GB', '1.5 GB', '2.9 MB')
    """
    return f"{n_bytes / 1e9:,.1f} GB" if n_bytes >= 1e8 else f"{n_bytes / 1e6:,.1f} MB"
