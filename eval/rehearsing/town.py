"""A town of people who are made up, tastes and all: what they think of every film is known, and so is what they know.

Their tastes are drawn anew and are not those of the data set's people. Films have traits of their own, in part as their
genres and years are, and are as good and as well known as in the data set in part: else nothing learned there would
hold in the town, and there would be nothing to begin with.

Legend: P people, I films, F traits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recsys.data.movielens import Dataset
from recsys.settings import require

PRIOR = 5.0  # ratings of everybody's mean that a film's mean stars begin with


@dataclass(frozen=True, kw_only=True)
class TownConfig:
    """How people and films differ. Standard deviations are in stars of a scale from 1 to 5.

    Raises:
        ValueError: a share is none, or people know too few films.
    """

    n_traits: int = 6
    tied: float = 0.5  # share of a film's traits that follows from genres and years
    as_before: float = 0.5  # share of how good and well known films are that is as in the data set
    usual: float = 0.62  # place of everybody's mean on the scale, from 0 to 1
    kindness: float = 0.3  # of people's means
    quality: float = 0.45  # of films' means
    fit: float = 0.7  # of what a taste makes of a film's traits
    mood: float = 0.5  # of what is left, once for each person and film
    by_fame: float = 1.3  # log odds of coming to know a film, a standard deviation of fame
    by_taste: float = 0.8  # likewise, of how well it fits
    known: int = 40  # films that somebody knows
    kept_back: int = 16  # of these, by chance, that are never told, and asked for
    loved_by: float = 0.5  # share of people who know the new film that everybody loves, once it is there

    def __post_init__(self) -> None:
        shares = (self.tied, self.as_before, self.usual, self.loved_by)
        require(all(0 <= share <= 1 for share in shares), self, "shares from 0 to 1")
        require(0 < self.kept_back < self.known and self.n_traits >= 1, self, "more films known than kept back")


@dataclass(frozen=True, eq=False)
class Townsperson:
    """Somebody, and the truth about them.

    Attributes:
        stars: (I,) float32 on the scale, what they would give each film.
        longing: (I,) how readily they come to know a film; higher is sooner.
        to_tell: films that they know and may tell of, the best known first.
        kept_back: films that they know and never tell of.
    """

    stars: np.ndarray
    longing: np.ndarray
    to_tell: np.ndarray
    kept_back: np.ndarray


@dataclass(frozen=True, eq=False)
class Town:
    """Films as the town sees them.

    Attributes:
        dataset: whose films they are.
        config: how people differ.
        traits: (I, F), each of variance 1 over the films.
        quality, fame: (I,) in standard deviations.
        loved: a film that few of the data set's people rated, which is new to the town.
        pushed: a film that some of them rated, and that the town thinks least of among such.
    """

    dataset: Dataset
    config: TownConfig
    traits: np.ndarray
    quality: np.ndarray
    fame: np.ndarray
    loved: int
    pushed: int

    def person(self, rng: np.random.Generator, *, knows_loved: bool = False) -> Townsperson:
        """Somebody new; knows_loved: whether the new film that everybody loves is there."""
        return self.with_taste(rng.normal(size=self.config.n_traits), rng, knows_loved=knows_loved)

    def with_taste(self, taste: np.ndarray, rng: np.random.Generator, *, knows_loved: bool = False) -> Townsperson:
        """Somebody of a taste, (F,)."""
        config, n_films = self.config, len(self.fame)
        fitting = self.traits @ taste / np.sqrt(config.n_traits)  # (I,)
        stars = self.stars_of(fitting, rng)
        longing = config.by_fame * self.fame + config.by_taste * fitting + rng.gumbel(size=n_films)
        longing[[self.loved, self.pushed]] = -np.inf  # the one is not there yet, the other nobody cares for
        known = np.argsort(-longing)[: config.known]
        kept_back = np.sort(rng.permutation(known)[: config.kept_back])
        to_tell = known[~np.isin(known, kept_back)]
        if knows_loved and rng.random() < config.loved_by:
            to_tell = np.concatenate([[self.loved], to_tell])
        return Townsperson(stars, longing, to_tell, kept_back)

    def stars_of(self, fitting: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """(I,) float32 stars on the scale, by how well films fit a taste."""
        config, scale = self.config, self.dataset.ratings.scale
        felt = config.quality * self.quality + config.fit * fitting
        felt = felt + config.kindness * rng.normal() + config.mood * rng.normal(size=len(felt))
        value = scale.lowest + scale.unit * (4 * config.usual + felt)
        value[self.loved] = scale.highest
        return scale.levels[scale.level_of(scale.clip(value))].astype(np.float32)

    def turned(self, people: Sequence[Townsperson], rng: np.random.Generator) -> list[Townsperson]:
        """The same people with tastes of their own again, who know the films that they knew."""
        fresh = [self.person(rng) for _ in people]
        return [
            Townsperson(new.stars, new.longing, old.to_tell, old.kept_back)
            for old, new in zip(people, fresh, strict=True)
        ]


def town_of(dataset: Dataset, config: TownConfig, rng: np.random.Generator) -> Town:
    """The films of a data set as a town sees them."""
    stars = dataset.ratings.matrix()
    n_raters = np.bincount(stars.indices, minlength=stars.shape[1])
    mean = stars.data.mean()
    means = (np.bincount(stars.indices, stars.data, stars.shape[1]) + PRIOR * mean) / (n_raters + PRIOR)
    fame = mixed(np.log1p(n_raters), config.as_before, rng)
    quality = mixed(means, config.as_before, rng)
    from_few = np.argsort(n_raters, kind="stable")
    loved, middle = int(from_few[len(from_few) // 5]), from_few[2 * len(from_few) // 5 : 3 * len(from_few) // 5]
    pushed = int(middle[np.argmin(quality[middle])])
    return Town(dataset, config, traits_of(dataset, config, rng), quality, fame, loved, pushed)


def mixed(known: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """(I,) of variance 1: what is known, as a share of the variance, and what is drawn anew."""
    spread = known.std()
    standard = (known - known.mean()) / spread if spread > 0 else np.zeros(len(known))
    return np.sqrt(share) * standard + np.sqrt(1 - share) * rng.normal(size=len(known))


def traits_of(dataset: Dataset, config: TownConfig, rng: np.random.Generator) -> np.ndarray:
    """(I, F) traits of films, in part as their genres and years are."""
    features = dataset.catalog.features()  # (I, M)
    told = features @ rng.normal(size=(features.shape[1], config.n_traits))  # (I, F)
    return np.stack([mixed(one, config.tied, rng) for one in told.T], axis=1)
