"""Item-based collaborative filtering within clusters of films, which a deep belief network finds by what films are.

Legend: I items, b of a block, D features, F numbers of a code.
"""

import numpy as np

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.boltzmann.binary import codes_of
from recsys.models.neighbours.config import DBNClustersConfig
from recsys.models.neighbours.star_votes import RatedTogether, StarVotes, blocks, nearest, quotient
from recsys.models.numeric.clusters import k_means
from recsys.training import Training


class DBNClusters(StarVotes):
    """Films vote on films of their own cluster (after Ouhbi, Frikh, Zemmouri and Abbad 2018).

    A deep belief network learns what features films have together, k-means finds clusters of its codes. Similarity is
    the cosine of two films' baseline residuals over the people who rated both, shrunk towards that of their codes: the
    fewer rated both, the more it counts what they are. So films that nobody rated have neighbours, too.
    """

    config: DBNClustersConfig

    def __init__(self, config: DBNClustersConfig = DBNClustersConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale
        self.offsets, self.doubt = config.baseline, config.l2

    def learn(self, data: Interactions, training: Training) -> None:
        """Find clusters, and every film's neighbours in its own."""
        together, found = RatedTogether.of(data.stars, self.learn_offsets(data)), []
        codes = self.codes(data.films, data.shape[1], training)
        cluster = self.clusters(codes, training.seed)
        for block in blocks(data.shape[1]):
            n_shared, cosine = together.of_block(block)
            alike = np.maximum(codes[block] @ codes.T, 0)
            similarity = self.similarity(n_shared, cosine, alike) * (cluster[block][:, None] == cluster)
            found.append(nearest(similarity, block, self.config.n_neighbours))
        self.neighbours, self.similarities = (np.concatenate(each) for each in zip(*found, strict=True))

    def codes(self, films: FilmFacts | None, n_items: int, training: Training) -> np.ndarray:
        """(I, F) float64 codes of the network from their mean, of length 1 or 0; F = 0 where nothing is known."""
        if films is None or films.features is None or not films.features.size:
            return np.zeros((n_items, 0))
        config = self.config
        codes = codes_of(np.clip(films.features, 0, 1), config.hidden, config.learning, training).astype(np.float64)
        codes -= codes.mean(axis=0)
        return quotient(codes, np.sqrt(np.sum(codes**2, axis=1, keepdims=True)).repeat(codes.shape[1], axis=1))

    def clusters(self, codes: np.ndarray, seed: int) -> np.ndarray:
        """(I,) int, each film's cluster; one for all where nothing is known of them."""
        if not codes.size:
            return np.zeros(len(codes), dtype=np.int64)
        rng = np.random.default_rng(seed)
        return k_means(codes, self.config.n_clusters, self.config.restarts, rng).of_points

    def similarity(self, n_shared: np.ndarray, cosine: np.ndarray, alike: np.ndarray) -> np.ndarray:
        """(b, I) of pairs that so many rated, so much alike, with codes so much alike, all (b, I); at least 0."""
        config = self.config
        by_content = config.shrinkage * config.content_weight * alike
        return np.maximum(quotient(cosine * n_shared + by_content, n_shared + config.shrinkage), 0.0)

    def score(self, people: Histories) -> np.ndarray:
        """The predicted stars."""
        return self.predict(people)
