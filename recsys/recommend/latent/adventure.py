"""From familiar to adventurous: films from further out in the neighbourhood of a taste.

Legend: I items, G genres, L latent dimensions, S draws, k list length. Everything logarithmic is in nats.
"""

import reprlib

import numpy as np

from recsys.data.interactions import Histories
from recsys.errors import DataError
from recsys.models.base import LatentModel, Model, RatingModel
from recsys.ranking import top_k

N_DRAWS = 32  # of tastes around the person's
FARTHEST = np.pi / 3  # how far a taste is turned at most: half of it is still the person's
STARS_WEIGHT = 1.5  # nats per expected star
POPULARITY_WEIGHT = 1.5  # nats per log number of ratings; 1 would undo popularity, more prefers what few know
DOUBT = 1.0  # times the ratings of a film on average: so many are added to each, so that rare ones are not all there is


def adventurous_scores(
    model: Model,
    person: Histories,
    adventure: float,
    n_ratings: np.ndarray,
    crowd: np.ndarray | None = None,
) -> np.ndarray:
    """Ranking scores between the model's own, at 0, and those of films from far out that are still liked, at 1.

    Of a generative model, with a the adventure, f = (1 - a)^2, z the mean of the person's taste, and tastes around it

        z_s = cos(t) z + sin(t) e_s,   t = a FARTHEST,   e_s ~ N(0, 1), the same draws for everybody
        score_a(i) = f score(i) + (1 - f) (log mean_s p(i | z_s) + STARS_WEIGHT stars(i) - POPULARITY_WEIGHT log n(i))

    Turning a taste this way leaves the prior as it is (Neal 1999; preconditioned Crank-Nicolson of Cotter et al. 2013),
    so the neighbours are as plausible people as anybody; at 90 degrees they would be anybody. stars(i) are those that
    the person is expected to give, n(i) is the number of ratings plus the average number of all films.

    Of another model score_a(i) = score(i) - a b log n(i), where b >= 0 is the slope of the score over log n: popularity
    is divided out by degrees, until at 1 the score knows nothing of it. Where nothing depends on it, nothing changes.

    Args:
        model: fitted.
        person: one, whose history may be empty, and who may ask for genres if the model understands any.
        adventure: 0 to 1.
        n_ratings: (I,) ratings that every film has.
        crowd: (I,) what stands for the model's own scores where these are all the same, as some are without a history.

    Returns:
        (I,) float64; the same input gives the same scores.

    Raises:
        DataError: adventure is not from 0 to 1.
    """
    is_number = isinstance(adventure, int | float | np.number) and not isinstance(adventure, bool)
    if not (is_number and 0 <= adventure <= 1):
        came = reprlib.repr(adventure)
        raise DataError(f"got {came} for adventure; expected a number from 0 (familiar) to 1 (adventurous).")
    plain = model.score(person)[0].astype(np.float64)
    if crowd is not None and not np.ptp(plain):
        plain = crowd
    if adventure == 0:
        return plain
    log_known = np.log(n_ratings + DOUBT * n_ratings.mean() + 1)
    if not isinstance(model, LatentModel):
        return plain - adventure * popularity_slope(plain, log_known) * log_known
    familiar = (1 - adventure) ** 2
    far = log_chances_around(model, model.latent(person)[0][0], adventure * FARTHEST)
    far += STARS_WEIGHT * expected_stars(model, person) - POPULARITY_WEIGHT * log_known
    return familiar * plain + (1 - familiar) * far


def adventurous(
    model: Model,
    person: Histories,
    adventure: float,
    n_ratings: np.ndarray,
    k: int,
    *,
    offered: np.ndarray | None = None,
) -> np.ndarray:
    """The k films of the highest `adventurous_scores` (arguments as there), best first, none of them rated.

    Args:
        offered: (I,) bool, the films that may be listed; None: all.

    Returns:
        (k or fewer,) int32 item_idx.
    """
    scores = adventurous_scores(model, person, adventure, n_ratings)
    if offered is not None:
        scores[~offered] = -np.inf
    ranked = top_k(scores[None], person.stars, k)[0]
    ranked = ranked[ranked >= 0]
    return ranked[scores[ranked] > -np.inf]


def log_chances_around(model: LatentModel, taste: np.ndarray, angle: float) -> np.ndarray:
    """Log of the mean chances of tastes that are turned away from a taste, (L,), by an angle: (I,) float64."""
    draws = np.random.default_rng(0).standard_normal((N_DRAWS // 2, len(taste)))
    tastes = np.cos(angle) * taste + np.sin(angle) * np.vstack([draws, -draws])  # (S, L)
    log_chances = model.log_chances(tastes.astype(np.float32)).astype(np.float64)
    return np.logaddexp.reduce(log_chances, axis=0) - np.log(N_DRAWS)


def expected_stars(model: LatentModel, person: Histories) -> np.ndarray:
    """(I,) stars; where genres are asked for, those of the taste that they and the ratings speak of."""
    if person.genres is None and isinstance(model, RatingModel):
        return model.predict(person)[0]
    return model.stars_of_taste(model.latent(person)[0])[0]


def popularity_slope(scores: np.ndarray, log_known: np.ndarray) -> float:
    """Slope of the least-squares line through the scores over the log numbers of ratings, (I,) each; at least 0."""
    centred = log_known - log_known.mean()
    return max(float(centred @ scores / max(centred @ centred, 1e-9)), 0.0)
