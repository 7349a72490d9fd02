"""The flagship with and without its ingredients: the lines of the ablation table."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from eval.tuning.search_spaces import without_choice
from recsys.models.hybrids.config import HybridVAEConfig

WHOLE: HybridVAEConfig = without_choice(HybridVAEConfig())
NO_LEVEL_USE = 1e9  # ratings: a prior that no history moves
PLAIN_LINEAR = replace(WHOLE.linear, feature_weight=0.0)
VAE_SHARE = 1 - WHOLE.normal_share - WHOLE.ordinal_share
WHOLE_NAME = "+ films' use of the levels = whole"
WITHOUT_FEATURES = {"uses_item_features": False}
WITHOUT_LINKS = {"n_link_features": 0}


@dataclass(frozen=True)
class Variant:
    """One line: its name, what it is compared with (the name of another), and the settings."""

    name: str
    against: str
    config: HybridVAEConfig


def built_up() -> list[Variant]:
    """From the VAE alone to the whole model, one ingredient more in each line."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("the VAE alone", {"linear_weight": 0.0, "normal_share": 0.0, "ordinal_share": 0.0}),
        ("+ linear path", {"linear_weight": WHOLE.linear_weight, "linear": PLAIN_LINEAR}),
        ("+ genres and periods in it", {"linear": WHOLE.linear}),
        ("+ stars of bmf", {"normal_share": 1 - VAE_SHARE}),
        ("+ stars of bmf-ordinal", {"normal_share": WHOLE.normal_share, "ordinal_share": WHOLE.ordinal_share}),
        ("+ people's use of the levels", {"level_prior": WHOLE.level_prior, "shape_prior": 0.0}),
        ("+ its shape sooner than its mean", {"shape_prior": WHOLE.shape_prior}),
        (WHOLE_NAME, {"film_prior": WHOLE.film_prior}),
    ]
    config, variants = replace(WHOLE, level_prior=NO_LEVEL_USE, shape_prior=0.0, film_prior=0.0), []
    for number, (name, change) in enumerate(steps):
        config = replace(config, **change)
        variants.append(Variant(name, steps[max(number - 1, 0)][0], config))
    return variants


def taken_away() -> list[Variant]:
    """The whole model without one ingredient."""
    share = 1 - VAE_SHARE
    configs = {
        "linear path": replace(WHOLE, linear_weight=0.0),
        "genres and periods in it": replace(WHOLE, linear=PLAIN_LINEAR),
        "graded feedback in it": replace(WHOLE, linear=replace(WHOLE.linear, feedback="binary", l2=500.0)),
        "liking in the score": with_vae(liked_weight=0.0),
        "the second network": with_vae(n_networks=1),
        "half of the hidden units": with_vae(n_hidden=WHOLE.vae.n_hidden // 2),
        "denoising": with_vae(forgets=0.0),
        "annealing": with_vae(anneal_epochs=1),
        "the VAE's stars": replace(
            WHOLE, normal_share=WHOLE.normal_share / share, ordinal_share=WHOLE.ordinal_share / share, few_ratings=0.0
        ),
        "the VAE where ratings are few": replace(WHOLE, few_ratings=0.0),
        "bmf": replace(WHOLE, normal_share=0.0, ordinal_share=share),
        "bmf-ordinal": replace(WHOLE, normal_share=share, ordinal_share=0.0),
        "genres and periods in both": with_factorizations(**WITHOUT_FEATURES),
        "who rated what in both": with_factorizations(**WITHOUT_LINKS),
        "people's use of the levels": replace(WHOLE, level_prior=NO_LEVEL_USE, shape_prior=NO_LEVEL_USE),
        "films' use of the levels": replace(WHOLE, film_prior=0.0),
        "shape apart from mean": replace(WHOLE, shape_prior=0.0, film_prior=0.0, level_prior=100.0),
        "the stars that bmf expects": replace(WHOLE, has_parts_stars=False),
    }
    return [Variant(f"- {name}", WHOLE_NAME, config) for name, config in configs.items()]


def added() -> list[Variant]:
    """The whole model with something that was tried and not kept."""
    configs = {
        "a third network": with_vae(n_networks=3),
        "a linear path twice as heavy": replace(WHOLE, linear_weight=2 * WHOLE.linear_weight),
        "weights chosen by fit (as shipped)": replace(WHOLE, chooses_weights=True),
    }
    return [Variant(f"+ {name}", WHOLE_NAME, config) for name, config in configs.items()]


def with_vae(**settings: Any) -> HybridVAEConfig:
    """The whole model with other settings of its VAE."""
    return replace(WHOLE, vae=replace(WHOLE.vae, **settings))


def with_factorizations(**settings: Any) -> HybridVAEConfig:
    """The whole model with other settings of both factorizations."""
    normal, ordinal = (replace(each, **settings) for each in (WHOLE.normal, WHOLE.ordinal))
    return replace(WHOLE, normal=normal, ordinal=ordinal)


def changes(config: HybridVAEConfig) -> dict[str, Any]:
    """The settings in which a config is not the whole model's, such as "vae.n_networks"."""
    whole = flat(asdict(WHOLE))
    return {name: value for name, value in flat(asdict(config)).items() if value != whole[name]}


def flat(settings: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Settings within settings, by their path: {"vae": {"beta": 1}} -> {"vae.beta": 1}."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


GROUPS = {"Built up, each line against the one before": built_up, "Taken away": taken_away, "Added": added}
