"""A variational autoencoder that hides every person from whom it learned.

Legend: U training users, B histories, I items, K public features, L latent dimensions.
"""

import numpy as np

from recsys.data.interactions import FilmFacts, Histories, Interactions
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.models.content.features import described
from recsys.models.learned import LearningModel, learned
from recsys.models.numeric.descent import Adam, falling
from recsys.models.numeric.threads import by_blocks, one_thread
from recsys.models.simple.dp_popularity import likes_of, noisy_counts
from recsys.models.vae.config import DPVAEConfig
from recsys.models.vae.private_network import Likes, Network, profiles
from recsys.privacy.accountant import Release, calibrated
from recsys.privacy.mechanisms import Noise, noisy_sum
from recsys.training import Training

DOUBT = 0.5  # likes of a film of which fewer than the noise are counted, at least


class DPVAE(LearningModel):
    """score = b + v_film . E[z | liked films], the log chance of a choice but for a number that is the same for all.

    Differentially private of a person (Abadi et al. 2016, "Deep learning with differential privacy", with a person as a
    record): with or without all ratings of one training user it comes out nearly the same. Two things are told of
    ratings, each with normal noise, and nothing else touches them: how many like each film, and in every step the sum
    of people's gradients, each shortened to the same length. What is known of films by the public does the rest.

    Covered: everything that is learned. Not covered: which films there are, how many people there are (which the mean
    of the gradients is made with), settings that were chosen on ratings, and figures measured on ratings. Where the
    noise is seeded, as by default, the promise holds for nobody who knows the seed. Noise is of floating numbers, whose
    lowest bits are not hidden. People who are answered are not protected from the answer, which is theirs.
    """

    bias: np.ndarray = learned("I")
    reads: np.ndarray = learned("I L={n_latent}")
    says: np.ndarray = learned("I L={n_latent}")
    n_likes: np.ndarray = learned("I")
    delta: float = learned("")

    config: DPVAEConfig

    def __init__(self, config: DPVAEConfig = DPVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Count likes, then go down the noisy gradient; no loss is told on the way."""
        privacy = self.config.privacy
        self.delta = privacy.delta_for(data.shape[0])
        much = calibrated(self.plan, privacy.epsilon, self.delta)
        for_counts, for_steps = (each.noise for each in self.plan(much))
        source = privacy.source(training.seed)
        likes = likes_of(data.stars, self.config.liked_from, self.scale)
        self.n_likes = noisy_counts(likes, self.config.most_likes, for_counts, source)
        log_popularity = np.log(above(self.n_likes, for_counts * self.config.most_likes**0.5))
        shares = np.exp(log_popularity - np.logaddexp.reduce(log_popularity))
        features = centred(data.films, shares)
        network = Network.first(features, shares, self.config.n_latent, self.config.start)
        told = Likes(likes, features, log_popularity, profiles(likes, features, self.config.shrinkage))
        self.descend(network, told, for_steps, source, training)
        self.bias = log_popularity + (features @ network.kinds)[:, 0]
        self.reads, self.says = features @ network.reads, features @ network.says

    def plan(self, much: float) -> list[Release]:
        """All that is told of ratings, with so much noise in all."""
        share, steps, sampling = self.config.count_share, self.config.steps, self.config.sampling
        for_steps = much * (steps / (1 - share)) ** 0.5
        return [Release(noise=much / share**0.5), Release(noise=for_steps, sampling=sampling, times=steps)]

    def descend(self, network: Network, likes: Likes, noise: float, source: Noise, training: Training) -> None:
        """Change the network by Adam (noise: standard deviations over the length of a gradient)."""
        config, n_people = self.config, likes.matrix.shape[0]
        adam, rng = Adam(network.parameters), np.random.default_rng(training.seed)
        with one_thread():
            for step in range(config.steps):
                draws = rng.standard_normal((n_people, config.n_latent), dtype=np.float32)
                sums = noisy_sum(
                    likes.pulls(network, draws, config.kl_weight),
                    most=config.clip,
                    deviation=noise * config.clip,
                    noise=source,
                    sampling=config.sampling,
                )
                expected = config.sampling * max(n_people, 1)  # people; how many there were is not told
                slopes = [(each / expected).astype(np.float32) for each in sums]
                adam.step(slopes, falling(config.learning_rate, step / config.steps))
                training.on_progress("epoch", step + 1, config.steps)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) stars -> (B, I) float32."""
        return by_blocks(self.scores_of, people)

    def scores_of(self, people: Histories) -> np.ndarray:
        """The same for a block of people."""
        likes = likes_of(people.stars, self.config.liked_from, self.scale)
        taste = profiles(likes, self.reads, self.config.shrinkage)
        return np.asarray(taste @ self.says.T + self.bias, dtype=np.float32)

    def promise(self) -> str:
        """See `PrivateModel`."""
        return self.config.privacy.promise(self.delta)

    def told_counts(self) -> np.ndarray:
        """See `PrivateModel`."""
        return self.n_likes


def above(counts: np.ndarray, deviation: float) -> np.ndarray:
    """(I,) counts with noise of some deviation, made positive: large ones stay, the least are as large as the noise."""
    doubt = max(deviation, DOUBT)
    return np.asarray((counts + np.sqrt(counts**2 + 4 * doubt**2)) / 2, dtype=np.float32)


def centred(films: FilmFacts | None, shares: np.ndarray) -> np.ndarray:
    """(I, K) float32 public features, with the mean 0 over films by their shares of all choices, (I,)."""
    features = described(films, len(shares))
    return np.asarray(features - shares @ features, dtype=np.float32)
