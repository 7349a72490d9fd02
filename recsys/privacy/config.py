"""How much a private model may give away of one person, and what it says of it."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from recsys.limits import Bounded
from recsys.privacy.mechanisms import Noise, SecretNoise, SeededNoise
from recsys.settings import Config, require

KINDS = ("seeded", "secret")
OF_NOISE = 1  # keeps it apart from what else is drawn with a seed


@dataclass(frozen=True, kw_only=True)
class PrivacyConfig(Bounded):
    """A limit to what all that is learned gives away of one person."""

    epsilon: float = 8.0  # > 0, in nats: a person's ratings change the chance of anything by e^epsilon at most
    delta: float = 0.0  # the chance that this fails; 0: one in ten times as many as there are people
    noise: Literal["seeded", "secret"] = "seeded"  # seeded: the same model again, and no promise to who knows the seed

    def __post_init__(self) -> None:
        super().__post_init__()
        require(self.epsilon > 0 and 0 <= self.delta < 1, self, "epsilon > 0 and delta in [0, 1)")
        require(self.noise in KINDS, self, "noise 'seeded' or 'secret'")

    def delta_for(self, n_people: int) -> float:
        """What delta is where there are so many."""
        return self.delta or 1 / (10 * max(n_people, 1))

    def source(self, seed: int) -> Noise:
        """Where noise comes from."""
        return SecretNoise() if self.noise == "secret" else SeededNoise((seed, OF_NOISE))

    def promise(self, delta: float) -> str:
        """What may be said of a model that was fitted within the limit."""
        of_whom = (
            f"({self.epsilon:g}, {delta:.3g})-differentially private: all ratings of one person against none of theirs"
        )
        apart = "which films and how many people there are, scale, settings and measured figures are not covered"
        if self.noise == "secret":
            return f"{of_whom}; {apart}"
        return f"{of_whom}, but to nobody who knows or guesses the seed of the noise; {apart}"


def within(config: Config, epsilon: float | None) -> Config:
    """The config with another epsilon, if it is a private model's; None: as it is."""
    privacy: object = getattr(config, "privacy", None)
    if epsilon is None or not isinstance(privacy, PrivacyConfig):
        return config
    limited: dict[str, Any] = {"privacy": replace(privacy, epsilon=epsilon)}
    return replace(config, **limited)


def in_secret(config: Config) -> Config:
    """The config with noise that nobody can draw again, if it is a private model's: for what is to be used."""
    privacy: object = getattr(config, "privacy", None)
    if not isinstance(privacy, PrivacyConfig):
        return config
    secret: dict[str, Any] = {"privacy": replace(privacy, noise="secret")}
    return replace(config, **secret)
