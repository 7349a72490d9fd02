"""Content first, then an autoencoder: what genres and periods say of films that somebody has not rated is told to it.

Legend: B histories, U training users, I items, K features of a film.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.array_shapes import of_part
from recsys.models.autoencoders.config import CascadeConfig, DeepAutoencoderConfig
from recsys.models.autoencoders.deep import DeepAutoencoder, Lessons
from recsys.models.autoencoders.lists import ListLessons, list_network
from recsys.models.base import with_values
from recsys.models.content.content import Content
from recsys.models.learned import learned
from recsys.models.networks.choices import log_chances
from recsys.models.networks.histories import grades_of_length_one
from recsys.models.numeric.dense_stack import DenseStack
from recsys.models.numeric.descent import descend
from recsys.training import Training

PART = "content"


class CascadeAutoencoder(DeepAutoencoder):
    """SRDNet (Tahmasebi, Ravanmehr and Mohamadrezaei 2020), as far as it is known, without what people say on Twitter.

    First `content` says what somebody will think of every film, by the features of those that were rated. The deep
    autoencoder is told the ratings, and of all other films a share of what was said, and learns what to add to it. In
    training it is told a part of each history, and content knows that part alone. A second network does the same for
    lists: it adds to the log chances of `content`.
    """

    list_kernel: np.ndarray = learned("I L={n_list_units}")
    list_bias: np.ndarray = learned("L={n_list_units}")
    choice_kernel: np.ndarray = learned("L={n_list_units} I")
    choice_bias: np.ndarray = learned("I")

    config: CascadeConfig  # type: ignore[assignment]
    content: Content

    def __init__(self, config: CascadeConfig = CascadeConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config.deep, scale)
        self.config = config

    @property
    def deep(self) -> DeepAutoencoderConfig:
        """The settings of the layers between stars and stars."""
        return self.config.deep

    def sizes(self) -> dict[str, object]:
        """The settings, and the units of the lists' network."""
        return super().sizes() | {"n_list_units": self.config.lists.n_hidden}

    def learn(self, data: Interactions, training: Training) -> None:
        """Content and what to add to its stars; then what to add to its chances."""
        super().learn(data, training)
        rng, config = np.random.default_rng(training.seed), self.config.lists
        stack = list_network(data.shape[1], config, rng)
        lessons = ListLessons(stack, data.stars, self.content, self.scale, config, rng)
        descend(stack.parameters, data.shape[0], lessons.steps, config, rng, training.of_part("lists"))
        self.list_kernel, self.list_bias, self.choice_kernel, self.choice_bias = stack.parameters

    def learn_from(self, data: Interactions, training: Training) -> None:
        """Content first, then the layers."""
        self.content = Content(self.config.content, self.scale).fit(data, training.of_part(PART))
        self.known = data.stars
        super().learn_from(data, training)
        del self.known

    def lessons(self, told: sp.csr_array, rng: np.random.Generator) -> Lessons:
        """What the layers learn from (U, I) that is told of training people."""
        return CascadeLessons(self.stack, told, self.deep, rng, model=self, known=self.known)

    def beyond(self, history: sp.csr_array) -> np.ndarray:
        """(B, I) float32, what content says of people with (B, I) stars, beyond offsets, in units of the scale."""
        people = Histories(history)
        before = self.plain.predict(people) if self.target == "residuals" else np.float32(self.mean)
        return (self.content.predict(people) - before) / np.float32(self.scale.unit)

    def given(self, told: sp.csr_array, beyond: np.ndarray) -> np.ndarray | sp.csr_array:
        """What goes into the layers: (B, I) stars that are told, and a share of content elsewhere."""
        if not self.config.told_share:
            return told
        dense = np.float32(self.config.told_share) * beyond
        rows = np.repeat(np.arange(told.shape[0]), np.diff(told.indptr))
        dense[rows, told.indices] = told.data
        return dense

    def predict(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32 stars."""
        plain, beyond = self.plain.predict(people), self.beyond(people.stars)
        said = self.stack(self.given(self.told(people.stars), beyond)) + np.float32(self.config.kept_share) * beyond
        stars = (plain if self.target == "residuals" else self.mean) + self.scale.unit * said
        return np.asarray(self.share * stars + (1 - self.share) * plain, dtype=np.float32)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats: the log chance of a film to be chosen."""
        network = DenseStack(
            [self.list_kernel, self.choice_kernel], [self.list_bias, self.choice_bias], ("tanh", "linear")
        )
        told = with_values(people.stars, grades_of_length_one(people.stars, self.scale))
        return log_chances((network(told) + self.content.score(people)).astype(np.float32))

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, content's under its name."""
        return super().arrays() | {f"{PART}/{name}": array for name, array in self.content.arrays().items()}

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        unfitted = Content(self.config.content, self.scale)
        return super().array_shapes() | of_part(PART, unfitted.array_shapes())

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        parts = {name.removeprefix(f"{PART}/"): array for name, array in arrays.items() if name.startswith(f"{PART}/")}
        self.content = Content(self.config.content, self.scale).restore(parts)
        return super().restore(arrays)


@dataclass(frozen=True, eq=False, kw_only=True)
class CascadeLessons(Lessons):
    """What the layers learn beyond content from a batch of people.

    Attributes:
        model: whose layers they are.
        known: (U, I) stars of all people; `told` is what these are beyond.
    """

    model: CascadeAutoencoder
    known: sp.csr_array

    def given(self, rows: np.ndarray, batch: sp.csr_array) -> tuple[np.ndarray | sp.csr_array, np.ndarray]:
        """What goes into the layers of people, (n,), and what content says of them, of what is not hidden alone."""
        told = self.partly_hidden(batch)
        if not max(self.model.config.told_share, self.model.config.kept_share):
            return told, np.zeros((), dtype=np.float32)
        stars = with_values(self.known[rows], np.where(told.data, self.known[rows].data, 0))
        stars.eliminate_zeros()
        beyond = self.model.beyond(stars)
        kept = told.copy()
        kept.eliminate_zeros()
        return self.model.given(kept, beyond), np.float32(self.model.config.kept_share) * beyond
