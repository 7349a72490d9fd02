"""Films by three branches at once: metadata, titles, and a graph of what films have; more, where files say more.

Legend: I items, N branches, M features of a branch.
"""

from collections.abc import Mapping

import numpy as np

from recsys.data.interactions import FilmFacts, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.liking import least_stars, liked
from recsys.models.base import with_values
from recsys.models.content.config import TridentConfig
from recsys.models.content.content import Content
from recsys.models.content.graph import graph_vectors
from recsys.models.content.titles import title_vectors
from recsys.models.content.towers import Told, film_codes
from recsys.models.numeric.principal import principal
from recsys.models.simple.baseline import Baseline
from recsys.training import Training

OWN = ("metadata", "title", "graph")  # branches that need no file


class Trident(Content):
    """A tower of a network for each branch; the towers are joined to a code for each film.

    Codes are learned so that stars and choices of the training users can be told by them. Then a film's code takes the
    place that genres and periods have in `Content`: a person is a ridge regression on codes for the stars, and a
    profile of codes for the lists, so anybody can be answered, and so can films that nobody rated.
    """

    config: TridentConfig  # type: ignore[assignment]

    def __init__(self, config: TridentConfig = TridentConfig(), scale: RatingScale = WHOLE_STARS):
        super().__init__(config.content, scale)
        self.config = config
        self.known: tuple[str, ...] = ()

    def chosen(self) -> str:
        """The branches that there were; with any from files the model is a multimodal one."""
        kind = "multimodal" if set(self.known) - set(OWN) else "of metadata"
        return f"{kind}: learned from {', '.join(self.known) or 'nothing, as nothing is known of the films'}"

    def known_of(self, data: Interactions, training: Training) -> np.ndarray:
        """(I, K + 1) codes that are learned, then a 1."""
        found = branches(data.films, data.shape[1], self.config)
        self.known = tuple(found)
        people = self.drawn(np.arange(data.shape[0]), training.seed)
        codes = film_codes([*found.values()], self.told(data.of_people(people)), self.config.towers, training)
        return np.column_stack([codes, np.ones(len(codes))])

    def told(self, data: Interactions) -> Told:
        """What ratings say beyond offsets, and which films were chosen."""
        train = data.stars
        beyond = Baseline(self.settings.baseline, self.scale).fit(data).residuals(train) / self.scale.unit
        likes = liked(train, least_stars(self.settings.liked_from, self.scale, train)).astype(np.float32)
        n_likes = np.bincount(likes.indices, minlength=train.shape[1])
        popularity = np.log(n_likes + 0.5).astype(np.float32)
        return Told(with_values(train, beyond.astype(np.float32)), likes, popularity)


def branches(films: FilmFacts | None, n_items: int, config: TridentConfig) -> Mapping[str, np.ndarray]:
    """What is known of the films, by branch: (I, M) each, rows of length 1 or 0; M = 0 where nothing is.

    Metadata, titles, the graph, and a branch for each table of features from files.
    """
    if films is None:
        return {}
    given = {name: principal(standardised(table), config.n_table) for name, table in films.tables.items()}
    own = (
        np.zeros((n_items, 0)) if films.features is None else films.features,
        title_vectors(films.titles, config.n_title),
        graph_vectors(films, config.n_graph),
    )
    found = {**dict(zip(OWN, own, strict=True)), **given}
    return {name: unit_rows(each) for name, each in found.items() if each.size}


def standardised(table: np.ndarray) -> np.ndarray:
    """(I, M) with NaN -> the same in standard deviations from each column's mean; 0 where it is not known."""
    known = np.isfinite(table)
    n = np.maximum(known.sum(axis=0), 1)
    apart = np.where(known, table - np.where(known, table, 0).sum(axis=0) / n, 0)
    spread = np.sqrt(np.sum(apart**2, axis=0) / n)
    return np.divide(apart, spread, out=np.zeros_like(apart), where=spread > 0)


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows over their length; those of zeros stay."""
    lengths = np.sqrt(np.sum(rows**2, axis=1, keepdims=True))
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
