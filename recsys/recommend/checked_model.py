"""A fitted model whose answers are checked: what is no number is refused, in a sentence that names the model.

Legend: I items, m tried ratings, n asked items, G genres.
"""

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories
from recsys.errors import DataError
from recsys.models.base import ContrastModel, DistributionModel, GenreModel, LatentModel, Model, RatingModel
from recsys.models.finite import answering, require_finite
from recsys.models.numeric.threads import one_thread
from recsys.recommend.latent import adventurous_scores
from recsys.recommend.lists.reasons import support_of


class CheckedModel:
    """A model by what it can answer; which of the contracts it fulfils is asked once, since that takes a while.

    Attributes:
        name: key of MODELS, for sentences.
        model: answers.
        rating: the same model if it predicts stars, else None.
        distribution: the same if it knows how sure it is of a star, else None.
        latent: the same if it is generative, else None.
        contrast: the same if it says at little cost what sets few films apart, else None.
        genres: the same if it can be told the genres of the catalogue, else None.
    """

    def __init__(self, name: str, model: Model, knows_genres: bool):
        """Ask what a model can answer.

        Args:
            name: key of MODELS.
            model: fitted.
            knows_genres: whether it was fitted with the genres of the catalogue.
        """
        self.name, self.model, self.scale = name, model, model.scale
        self.rating = model if isinstance(model, RatingModel) else None
        self.distribution = model if isinstance(model, DistributionModel) else None
        self.latent = model if isinstance(model, LatentModel) else None
        self.contrast = model if isinstance(model, ContrastModel) else None
        can_be_told = isinstance(model, GenreModel) and model.understands_genres
        self.genres = model if knows_genres and can_be_told else None

    def scores(self, history: sp.csr_array, genres: np.ndarray | None = None) -> np.ndarray:
        """(I,) scores, which may be NaN.

        Args:
            history: (1, I) stars.
            genres: (G,) bool, what the person asks for; None: nothing. A model that knows no genres answers as without.
        """
        with answering(self.name):
            return self.model.score(self._person(history, genres))[0]

    def adventurous_scores(
        self,
        history: sp.csr_array,
        adventure: float,
        n_ratings: np.ndarray,
        crowd: np.ndarray,
        genres: np.ndarray | None = None,
    ) -> np.ndarray:
        """(I,) scores of an adventurous list; see recsys.recommend.latent.adventure.

        Args:
            history: (1, I) stars.
            adventure: from 0 to 1.
            n_ratings: (I,) of every film.
            crowd: (I,) what stands for scores that are all the same.
            genres: (G,) bool, as in `scores`.
        """
        with answering(self.name), one_thread():
            return adventurous_scores(self.model, self._person(history, genres), adventure, n_ratings, crowd)

    def support(self, history: sp.csr_array, tried: np.ndarray, items: np.ndarray) -> np.ndarray:
        """(m, n) by how much each of some ratings supports some films; see recsys.recommend.lists.reasons.

        Args:
            history: (1, I) stars.
            tried: (m,) places of the ratings.
            items: (n,) item_idx of the films.
        """
        with answering(self.name), one_thread():
            return self.finite("scores", support_of(self.model, self.contrast, history, tried, items))

    def require_stars(self) -> None:
        """DataError if the model predicts none."""
        if self.rating is None:
            raise DataError(f"{self.name} predicts no stars, it only ranks; load another model.")

    def expected_stars(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(n,) stars on the scale of some items; None if the model predicts none."""
        chances = self.chances(history, items)
        if chances is not None:
            return chances @ self.scale.levels
        if self.rating is None:
            return None
        with answering(self.name):
            return self.scale.clip(self.finite("stars", self.rating.predict(Histories(history))[0, items]))

    def stars_of_each(self, histories: sp.csr_array, items: np.ndarray) -> np.ndarray:
        """(n,) stars on the scale that each of n people, (n, I) stars, would give to one item.

        Raises:
            DataError: the model predicts none, or what is no number.
        """
        self.require_stars()
        assert self.rating is not None
        with answering(self.name), one_thread():
            predicted = self.rating.predict(Histories(histories))[np.arange(len(items)), items]
        return self.scale.clip(self.finite("stars", predicted))

    def chances(self, history: sp.csr_array, items: np.ndarray) -> np.ndarray | None:
        """(n, n_levels) probability of every star level of some items; None if the model gives none."""
        if self.distribution is None:
            return None
        with answering(self.name), one_thread():
            return self.finite("chances", self.distribution.rating_distribution(Histories(history), items)[0])

    def lift(self, item: int, n_items: int) -> np.ndarray:
        """(I,) by how much a film's score rises once somebody loves an item; 0 where all rise alike."""
        loved = sp.csr_array(([np.float32(self.scale.highest)], ([1], [item])), shape=(2, n_items))
        with answering(self.name):
            nobody, lover = self.finite("scores", self.model.score(Histories(loved)))
        lift = lover - nobody
        return lift if np.ptp(np.delete(lift, item)) else np.zeros_like(lift)

    def imaginary_taste(self, n_items: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """What somebody would choose and give whose taste is drawn from the prior.

        Args:
            n_items: of the catalogue.
            rng: draws.

        Returns:
            (I,) scores, of which the k highest are k draws of films without repetition; and (I,) stars.

        Raises:
            DataError: the model is not generative.
        """
        model = self.require_latent()
        with answering(self.name):
            size = model.latent(Histories.of({}, n_items))[0].shape[1]
            taste = rng.standard_normal((1, size)).astype(np.float32)
            return model.log_chances(taste)[0] + rng.gumbel(size=n_items), model.stars_of_taste(taste)[0]

    def require_latent(self) -> LatentModel:
        """The model; DataError if it is not generative."""
        if self.latent is None:
            raise DataError(f"{self.name} is not generative; load hybrid-vae or mult-vae.")
        return self.latent

    def finite(self, what: str, values: np.ndarray) -> np.ndarray:
        """The values, which the model has just answered; DataError, naming it, if one is NaN or infinite."""
        return require_finite(self.name, what, values)

    def _person(self, history: sp.csr_array, genres: np.ndarray | None) -> Histories:
        return Histories(history, genres=None if genres is None or self.genres is None else genres[None])
