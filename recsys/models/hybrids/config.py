"""Settings of the flagship, and of other hybrids: see docs/explanation/tuning.md."""

from dataclasses import dataclass
from typing import ClassVar

from recsys.limits import Bounded
from recsys.models.autoencoders.config import ItemAutoRecConfig
from recsys.models.bayes.config import BMFConfig
from recsys.models.boltzmann.config import ChoiceRBMConfig
from recsys.models.content.config import ContentConfig
from recsys.models.hybrids.members import Member, require_members
from recsys.models.linear.config import WITH_FEATURES, EASEConfig
from recsys.models.mult_vae.config import MultVAEConfig
from recsys.models.simple.config import PopularityConfig
from recsys.settings import require


@dataclass(frozen=True, kw_only=True)
class HybridVAEConfig(Bounded):
    """The flagship: what is put together, and with which weights. A part of weight 0 is neither trained nor kept.

    Weights that fit on its own finds better for the data at hand replace the linear path's and the VAE's and these.
    """

    before: ClassVar = {
        "shape_prior": 0.0,
        "film_prior": 0.0,
        "kept_aside": 0.0,
        "chooses_weights": False,
        "has_parts_stars": False,
        "few_ratings": 0.0,
    }

    vae: MultVAEConfig = MultVAEConfig(n_hidden=800)
    linear: EASEConfig = WITH_FEATURES
    normal: BMFConfig = BMFConfig()
    ordinal: BMFConfig = BMFConfig(likelihood="ordinal")
    linear_weight: float = 10.0  # of the linear path in the ranking score, in nats per unit of its grade
    normal_share: float = 0.5  # of this part in the distribution of stars
    ordinal_share: float = 0.4  # likewise; the VAE has the rest
    few_ratings: float = 2.0  # who gave so many has half of these two shares, the VAE the rest; 0: everybody has them
    level_prior: float = 500.0  # ratings; who gave so many is believed half-way in what that makes of their mean stars
    shape_prior: float = 30.0  # ratings; likewise in what it makes of the rest; 0: level_prior is for that, too
    film_prior: float = 100.0  # ratings; likewise of a film; 0: only people's use of the levels counts
    has_parts_stars: bool = True  # stars are expected as the parts expect them, not as their distributions do
    kept_aside: float = 0.1  # share of the ratings that fit tries itself on before it learns from all; 0: none
    chooses_weights: bool = True  # of lists and stars, by what was kept aside

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.linear_weight >= 0 and self.level_prior > 0, self, "linear_weight >= 0 and level_prior > 0")
        priors = (self.shape_prior, self.film_prior, self.few_ratings)
        require(min(priors) >= 0, self, "shape_prior, film_prior and few_ratings >= 0")
        require(0 <= self.kept_aside <= 0.5, self, "kept_aside from 0 to .5")
        shares = (self.normal_share, self.ordinal_share, 1 - self.normal_share - self.ordinal_share)
        require(min(shares) >= -1e-9, self, "shares >= 0 that sum to at most 1")
        likelihoods = (self.normal.likelihood, self.ordinal.likelihood)
        require(likelihoods == ("gaussian", "ordinal"), self, "likelihood 'gaussian' of normal, 'ordinal' of ordinal")


EASE_MEMBER = Member(name="ease", config=EASEConfig())
CHOICE_MEMBER = Member(name="rbm-choice", config=ChoiceRBMConfig())
POPULARITY_MEMBER = Member(name="popularity", config=PopularityConfig())
CONTENT_MEMBER = Member(name="content", config=ContentConfig())
ITEM_MEMBER = Member(name="item-autorec", config=ItemAutoRecConfig())
STAR_MEMBERS = (ITEM_MEMBER, CONTENT_MEMBER)


@dataclass(frozen=True, kw_only=True)
class MixedConfig(Bounded):
    """Lists in turns."""

    most: ClassVar = {"turns": 1_000}

    lists: tuple[Member, ...] = (EASE_MEMBER, CHOICE_MEMBER)  # in the order of their turns
    turns: tuple[int, ...] = (2, 1)  # films that each puts on the list in its turn
    stars: tuple[Member, ...] = STAR_MEMBERS

    def __post_init__(self) -> None:
        super().__post_init__()
        require_members(self, self.lists, self.stars)
        right = len(self.turns) == len(self.lists) and min(self.turns) >= 1
        require(right, self, "turns of 1 or more, one for each member of lists")


@dataclass(frozen=True, kw_only=True)
class CascadeListsConfig(Bounded):
    """Classes of films, and an order within each."""

    lists: tuple[Member, ...] = (EASE_MEMBER, CHOICE_MEMBER)  # the first makes the classes
    stars: tuple[Member, ...] = STAR_MEMBERS
    width: float = 1.0  # of a class, in standard deviations of a person's scores

    def __post_init__(self) -> None:
        super().__post_init__()
        require_members(self, self.lists, self.stars)
        require(self.width > 0, self, "width > 0")


@dataclass(frozen=True, kw_only=True)
class WeightedConfig(Bounded):
    """Scores and stars, weighed; without ratings kept aside all members count alike."""

    lists: tuple[Member, ...] = (EASE_MEMBER, CHOICE_MEMBER)
    stars: tuple[Member, ...] = STAR_MEMBERS
    kept_aside: float = 0.1  # share of the ratings that choose the weights, before members learn from all; 0: none
    l2: float = 5.0  # in squared units of the scale; how far weights of stars are drawn to be alike

    def __post_init__(self) -> None:
        super().__post_init__()
        require_members(self, self.lists, self.stars)
        require(0 <= self.kept_aside <= 0.5, self, "kept_aside from 0 to .5")
        require(self.l2 >= 0, self, "l2 >= 0")


@dataclass(frozen=True, kw_only=True)
class SwitchingConfig(Bounded):
    """Who answers, by how many ratings a person has."""

    most: ClassVar = {"lists_from": 1_000_000, "stars_from": 1_000_000}

    lists: tuple[Member, ...] = (POPULARITY_MEMBER, CONTENT_MEMBER, EASE_MEMBER)
    lists_from: tuple[int, ...] = (2, 7)  # ratings, from which each but the first is in charge
    stars: tuple[Member, ...] = (CONTENT_MEMBER, ITEM_MEMBER)
    stars_from: tuple[int, ...] = (10,)  # likewise

    def __post_init__(self) -> None:
        super().__post_init__()
        require_members(self, self.lists, self.stars)
        for members, starts in ((self.lists, self.lists_from), (self.stars, self.stars_from)):
            is_rising = list(starts) == sorted(set(starts)) and min(starts, default=1) >= 1
            require(is_rising and len(starts) == len(members) - 1, self, "rising counts, of each member but the first")
