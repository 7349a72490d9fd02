"""VAEs of choices in two domains of films, whose tastes are aligned: who is new in the one is known from the other.

Legend: B histories, U training users, I items, F films of a domain, H hidden units, L latent dimensions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp

from recsys.data.interactions import Histories, Interactions, keep_entries
from recsys.data.scale import WHOLE_STARS, RatingScale
from recsys.films.domains import NEITHER, SOURCE, TARGET, domains_of
from recsys.models.base import graded, with_values
from recsys.models.learned import LearningModel, learned
from recsys.models.networks.choices import choice_loss, log_chances
from recsys.models.networks.histories import grades_of_length_one
from recsys.models.networks.posterior import Annealing, Posterior
from recsys.models.numeric.descent import Gradient, descend
from recsys.models.numeric.threads import by_blocks
from recsys.models.vae.choosing import ChoiceNetwork
from recsys.models.vae.config import AlignedVAEConfig
from recsys.training import Training

NAMES = {NEITHER: "all", SOURCE: "source", TARGET: "target"}  # of networks, by the domain that they are asked about
SHAPES = {  # of a network's parameters, by name, in their order
    "into_kernel": "I H={n_hidden}",
    "into_bias": "H={n_hidden}",
    "code_kernel": "H={n_hidden} K={n_code}",
    "code_bias": "K={n_code}",
    "taste_kernel": "L={n_latent} H={n_hidden}",
    "taste_bias": "H={n_hidden}",
    "out_kernel": "H={n_hidden} I",
    "out_bias": "I",
}


class AlignedVAE(LearningModel):
    """Source-aligned VAE (Salah, Tran and Lauw 2021): choices in a target domain, with tastes from a source domain.

    The source's VAE is trained first. In the target an encoder of its own, of target films, is held near what the
    source's encoder says of the same people: the divergence from that takes the place of the divergence from the prior.
    So the target's decoder understands the source's tastes, and answers people who have chosen nothing in the target.

    Films that are in neither domain are asked of a VAE of all films. How much each domain is chosen by somebody is
    their own share of it, drawn towards everybody's: log p(i) = log p(domain) + log p(i | domain).
    """

    domain: np.ndarray = learned("I whole in 0..2")
    share: np.ndarray = learned("D=3 in 0..1")  # of each domain in what everybody chooses

    config: AlignedVAEConfig
    networks: dict[str, ChoiceNetwork]

    def __init__(self, config: AlignedVAEConfig = AlignedVAEConfig(), scale: RatingScale = WHOLE_STARS):
        self.config, self.scale = config, scale

    def learn(self, data: Interactions, training: Training) -> None:
        """Train a VAE of all films, then the source's, then the target's."""
        films, wanted = data.films, (each.split("|") for each in (self.config.source_genres, self.config.target_genres))
        genres, names = (None, ()) if films is None else (films.genres, films.genre_names)
        self.domain = domains_of(genres, names, data.shape[1], *wanted)
        chosen = self.chosen_by_domain(data.stars).sum(axis=0) + 1
        self.share = chosen / chosen.sum()
        self.networks = {}
        rngs = np.random.default_rng(training.seed).spawn(len(NAMES))
        for (number, name), rng in zip(NAMES.items(), rngs, strict=True):
            self.networks[name] = self.trained(number, data.stars, rng, training.of_part(name))

    def trained(self, number: int, stars: sp.csr_array, rng: np.random.Generator, training: Training) -> ChoiceNetwork:
        """A network of the films of a domain, or of all films, from (U, I) stars."""
        films = np.flatnonzero(self.is_told(number))
        inside = stars[:, films]
        people = np.flatnonzero(np.diff(inside.indptr))
        rest = Posterior(*(np.zeros((len(people), self.config.n_latent), dtype=np.float32) for _ in range(2)))
        aligned = number == TARGET and self.config.alignment != "none"
        lessons = Lessons(
            network=ChoiceNetwork.drawn(len(films), self.config.n_hidden, self.config.n_latent, rng),
            stars=inside[people],
            scale=self.scale,
            aim=self.source_taste(stars[people]) if aligned else rest,
            weight=Annealing(
                self.config.beta_source if aligned else self.config.beta,
                self.config.anneal_epochs * max(1, -(-len(people) // self.config.batch_size)),
            ),
            config=self.config,
            rng=rng,
        )
        steps = lessons.rigid_steps if aligned and self.config.alignment == "rigid" else lessons.steps
        descend(lessons.network.parameters, len(people), steps, self.config, rng, training.unkept)
        return spread(lessons.network, films, stars.shape[1])

    def is_told(self, number: int) -> np.ndarray:
        """(I,) bool: the films that the network which is asked about a domain knows."""
        return np.ones(len(self.domain), dtype=bool) if number == NEITHER else self.domain == number

    def taste(self, number: int, stars: sp.csr_array) -> Posterior:
        """What the encoder of a network says of people with (B, I) stars."""
        inside = keep_entries(stars, self.is_told(number)[stars.indices])
        told = with_values(inside, grades_of_length_one(inside, self.scale))
        return self.networks[NAMES[number]].taste(told)

    def source_taste(self, stars: sp.csr_array) -> Posterior:
        """What is known from the source; the prior, of who has chosen nothing there."""
        taste = self.taste(SOURCE, stars)
        is_known = self.knows(SOURCE, stars)
        return Posterior(*(np.where(is_known, each, np.float32(0)) for each in taste))

    def knows(self, number: int, stars: sp.csr_array) -> np.ndarray:
        """(B, 1) bool: who has rated something in a domain."""
        inside = (self.domain == number)[stars.indices].astype(np.float32)
        return np.asarray(with_values(stars, inside).sum(axis=1))[:, None] > 0

    def point(self, number: int, stars: sp.csr_array) -> np.ndarray:
        """(B, L) the taste that the decoder of a domain is told: where the target knows nothing, that of the source."""
        if number != TARGET or self.config.alignment == "none":
            return self.taste(number, stars).mean
        source = self.source_taste(stars).mean
        if self.config.alignment == "rigid":
            return source
        return np.where(self.knows(TARGET, stars), self.taste(TARGET, stars).mean, source)

    def chosen_by_domain(self, stars: sp.csr_array) -> np.ndarray:
        """(B, 3) how much each person has chosen of each domain: the sum of grades."""
        is_of = np.eye(len(NAMES), dtype=np.float32)[self.domain]  # (I, 3)
        return np.asarray(graded(stars, self.scale) @ is_of)

    def score(self, people: Histories) -> np.ndarray:
        """(B, I) float32 nats: the log chance of a film to be chosen."""
        return by_blocks(self.score_of_block, people)

    def score_of_block(self, people: Histories) -> np.ndarray:
        """The same of few."""
        own = self.chosen_by_domain(people.stars) + self.config.prior * self.share
        shares = np.log(own / own.sum(axis=1, keepdims=True))
        found = np.asarray(shares[:, self.domain], dtype=np.float32)
        for number, name in NAMES.items():
            films = np.flatnonzero(self.domain == number)
            if len(films):
                logits = self.networks[name].decoder(self.point(number, people.stars))
                found[:, films] += log_chances(logits[:, films])
        return found

    def sizes(self) -> dict[str, int]:
        """The settings, and how many numbers an encoder answers."""
        return super().sizes() | {"n_code": 2 * self.config.n_latent}

    def arrays(self) -> dict[str, np.ndarray]:
        """What was learned, by name: parameters by that of their network."""
        found = super().arrays()
        for name, network in self.networks.items():
            found |= {f"{name}_{each}": array for each, array in zip(SHAPES, network.parameters, strict=True)}
        return found

    def array_shapes(self) -> dict[str, str]:
        """See `Model.array_shapes`."""
        shapes = {each: shape.format_map(self.sizes()) for each, shape in SHAPES.items()}
        return super().array_shapes() | {f"{n}_{each}": shape for n in NAMES.values() for each, shape in shapes.items()}

    def restore(self, arrays: dict[str, np.ndarray]) -> Self:
        """The inverse of `arrays`."""
        names = NAMES.values()
        self.networks = {name: ChoiceNetwork.of([arrays[f"{name}_{each}"] for each in SHAPES]) for name in names}
        return super().restore(arrays)


def spread(network: ChoiceNetwork, films: np.ndarray, n_items: int) -> ChoiceNetwork:
    """The same network for a catalogue, in which its films have these places, (F,); 0 for the others."""
    into, *inner, out, bias = network.parameters
    rows, columns, biases = (
        np.zeros(shape, dtype=np.float32) for shape in ((n_items, into.shape[1]), (out.shape[0], n_items), (n_items,))
    )
    rows[films], columns[:, films], biases[films] = into, out, bias
    return ChoiceNetwork.of([rows, *inner, columns, biases])


def relative(taste: Posterior, aim: Posterior) -> Posterior:
    """Where tastes are if the aim is taken for N(0, 1): their divergence from the aim is that of this from N(0, 1)."""
    return Posterior((taste.mean - aim.mean) / np.exp(aim.log_var / 2), taste.log_var - aim.log_var)


@dataclass(frozen=True, eq=False)
class Lessons:
    """What a network learns from people.

    Attributes:
        network: of F films.
        stars: (U, F) of people who have rated some.
        scale: of the stars.
        aim: (U, L), what tastes are held near.
        weight: of the divergence from that.
        config: how it learns.
        rng: of what is forgotten, and of tastes.
    """

    network: ChoiceNetwork
    stars: sp.csr_array
    scale: RatingScale
    aim: Posterior
    weight: Annealing
    config: AlignedVAEConfig
    rng: np.random.Generator

    def steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The gradient of a step on people, and the negative evidence lower bound of each in the mean, nats."""
        batch, noise, aim = self.batch(rows)
        kept = keep_entries(batch, self.rng.random(batch.nnz) >= self.config.forgets)
        told = with_values(kept, grades_of_length_one(kept, self.scale))
        chosen = graded(batch, self.scale).astype(np.float32)
        yield lesson(self.network, told, chosen, noise, aim, self.weight.next())

    def rigid_steps(self, rows: np.ndarray) -> Iterator[tuple[Gradient, float]]:
        """The same where tastes are the aim itself: the encoder learns nothing."""
        batch, noise, aim = self.batch(rows)
        said = self.network.decoder.outputs(aim.draw(noise))
        loss, slope = choice_loss(said[-1].copy(), graded(batch, self.scale).astype(np.float32))
        still = [np.zeros_like(each) for each in self.network.encoder.parameters]
        yield [*still, *self.network.decoder.gradient(said, slope / np.float32(len(rows)))], loss / len(rows)

    def batch(self, rows: np.ndarray) -> tuple[sp.csr_array, np.ndarray, Posterior]:
        """People's stars, noise for their tastes, and what these are held near."""
        noise = self.rng.standard_normal((len(rows), self.config.n_latent), dtype=np.float32)
        return self.stars[rows], noise, Posterior(self.aim.mean[rows], self.aim.log_var[rows])


def lesson(
    network: ChoiceNetwork, told: sp.csr_array, chosen: sp.csr_array, noise: np.ndarray, aim: Posterior, weight: float
) -> tuple[list[np.ndarray], float]:
    """The gradient of the negative evidence lower bound whose prior is the aim, averaged over people; and that bound.

    Args:
        network: its parameters are looked at alone.
        told: (B, F) of people.
        chosen: (B, F) how much each film was chosen by them.
        noise: (B, L) standard normal, of the tastes that are drawn.
        aim: (B, L).
        weight: of the divergence.
    """
    n_people, unit = np.float32(told.shape[0]), np.exp(aim.log_var / 2)
    heard = network.encoder.outputs(told)
    taste = relative(Posterior.of(heard[-1]), aim)
    said = network.decoder.outputs(aim.mean + unit * taste.draw(noise))
    loss, slope = choice_loss(said[-1].copy(), chosen)
    slopes = network.decoder.slopes(said, slope / n_people)
    moved = taste.slopes(network.decoder.slope_of_input(slopes) * unit, noise, float(weight / n_people))
    at_code = np.concatenate([moved.mean / unit, moved.log_var], axis=1, dtype=np.float32)
    gradient = [*network.encoder.gradient(heard, at_code), *network.decoder.gradient_of(said, slopes)]
    return gradient, (loss + weight * float(taste.divergence().sum())) / float(n_people)
