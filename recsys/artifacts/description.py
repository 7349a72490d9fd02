"""model.json: which model a folder holds, its settings, and facts about the run; what is read is checked first.

Facts are for people, but some of them are acted upon: `dataset` names what is fetched, `min_ratings` what is dropped.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recsys.artifacts.manifest import AGAIN, LONGEST_NAME, ArtifactError, cut, read_json, told_in_a_sentence
from recsys.data.scale import RatingScale
from recsys.limits import MOST_CELLS, MOST_ITEMS
from recsys.models import MODELS, create
from recsys.models.base import Model
from recsys.models.vocabulary.abilities import with_vocabulary
from recsys.models.vocabulary.config import RareFilmsConfig
from recsys.models.vocabulary.vocabulary import Vocabulary
from recsys.settings import from_json

DESCRIPTION = "model.json"
FORMAT = 2
MOST_GENRES = 1000
LONGEST_TEXT = 1000  # bytes, of a genre's name or a fact
LONGEST_FACT = {"dataset": LONGEST_NAME, "command": 100_000}
DESCRIPTION_TYPES = {
    "format": int,
    "model": str,
    "config": dict,
    "scale": dict,
    "n_items": int,
    "genres": list,
    "versions": dict,
    "facts": dict,
}
FACT_TYPES = {  # each may be missing
    "dataset": str,
    "dataset_sha256": str,
    "split": str,
    "protocol": str,
    "seed": int,
    "min_ratings": int,
    "min_film_ratings": int,
    "n_users": int,
    "n_ratings": int,
    "command": str,
    "chosen": str,
    "private": str,
    "metrics": dict,
}
MOST_COUNTED = 2**53  # by a fact
VOCABULARY = "vocabulary"  # the part of a model that is told of some of the films alone
VOCABULARY_TYPES = {"min_film_ratings": int, "n_films": int, "config": dict}


def read_description(path: Path) -> dict[str, Any]:
    """The content of model.json, checked but for the settings."""
    description = read_json(path)
    if description.get("format") != FORMAT:
        came = description.get("format")
        newer = isinstance(came, int) and came > FORMAT
        fix = "update this package" if newer else "train the model again, or install the version that wrote it"
        raise ArtifactError(f"{path}: got format {cut(came)}, expected {FORMAT}; {fix}")
    require_types(path, description, DESCRIPTION_TYPES)
    if description["model"] not in MODELS:
        known = ", ".join(MODELS)
        raise ArtifactError(
            f"{path}: unknown model {description['model'][:40]!r}, expected one of {known}; update this package"
        )
    require_films(path, description["n_items"], description["genres"])
    require_vocabulary(path, description)
    facts = {name: fact for name, fact in description["facts"].items() if name in FACT_TYPES and fact is not None}
    require_types(path, facts, {name: FACT_TYPES[name] for name in facts})
    for name, fact in facts.items():
        require_fact(path, name, fact)
    return description


def require_types(path: Path, content: Mapping[str, Any], types: Mapping[str, type]) -> None:
    """Raise ArtifactError unless every value is of its type; True is no number."""
    for key, kind in types.items():
        if type(content.get(key)) is not kind:
            came = repr(content[key])[:40] if key in content else "nothing"
            raise ArtifactError(f"{path}: got {came} for {key!r}, expected a JSON {kind.__name__}; {AGAIN}")


def require_films(path: Path, n_items: int, genres: list[Any]) -> None:
    """Raise ArtifactError unless there are so many films and genres as a data set can have."""
    if not 1 <= n_items <= MOST_ITEMS:
        raise ArtifactError(
            f"{path}: got {cut(n_items)} for 'n_items', expected a whole number of 1 to {MOST_ITEMS:,}; {AGAIN}"
        )
    if len(genres) > MOST_GENRES or not all(isinstance(name, str) and len(name) <= LONGEST_TEXT for name in genres):
        raise ArtifactError(f"{path}: got {repr(genres)[:40]} for 'genres', expected some names; {AGAIN}")


def require_vocabulary(path: Path, description: Mapping[str, Any]) -> None:
    """Raise ArtifactError unless a vocabulary, if there is one, is of some of the films."""
    if VOCABULARY not in description:
        return
    require_types(path, description, {VOCABULARY: dict})
    told, most = description[VOCABULARY], description["n_items"]
    require_types(path, told, VOCABULARY_TYPES)
    if not 1 <= told["n_films"] <= most:
        raise ArtifactError(
            f"{path}: got {cut(told['n_films'])} for 'n_films' of its vocabulary, expected a whole number of 1 to "
            f"{most:,}; {AGAIN}"
        )
    if not 1 <= told["min_film_ratings"] <= MOST_COUNTED:
        raise ArtifactError(
            f"{path}: got {cut(told['min_film_ratings'])} for 'min_film_ratings', expected a whole number above 0; "
            f"{AGAIN}"
        )


def told_of_vocabulary(model: Model) -> dict[str, Any]:
    """What model.json says of a model's vocabulary; nothing of one that is told of all films."""
    if not isinstance(model, Vocabulary):
        return {}
    told = {"min_film_ratings": model.least, "n_films": model.n_known, "config": asdict(model.rare.config)}
    return {VOCABULARY: told}


def require_fact(path: Path, name: str, fact: Any) -> None:
    """Raise ArtifactError for a fact, of the right type, that cannot be."""
    most = LONGEST_FACT.get(name, LONGEST_TEXT)
    if isinstance(fact, str) and len(fact.encode("utf-8", "surrogatepass")) > most:
        raise ArtifactError(f"{path}: got {len(fact):,} characters for {name!r}, expected at most {most:,}; {AGAIN}")
    if isinstance(fact, int) and not 0 <= fact <= MOST_COUNTED:
        raise ArtifactError(f"{path}: got {cut(fact)} for {name!r}, expected a whole number of 0 or more; {AGAIN}")


def unfitted(path: Path, description: dict[str, Any]) -> Model:
    """The model that a description asks for."""
    name, n_items = description["model"], description["n_items"]
    with told_in_a_sentence(path):
        config = from_json(MODELS[name].config, description["config"])
        scale = from_json(RatingScale(), description["scale"])
        if n_items * len(scale.levels) > MOST_CELLS:
            raise ValueError(
                f"got {n_items:,} films and {len(scale.levels):,} star levels; expected at most {MOST_CELLS:,} "
                "pairs of a film and a level"
            )
        return in_vocabulary(create(name, scale, config=config), description.get(VOCABULARY))


def in_vocabulary(model: Model, told: Mapping[str, Any] | None) -> Model:
    """An unfitted model, with the vocabulary that a description tells of, if it does."""
    if told is None:
        return model
    config = from_json(RareFilmsConfig(), told["config"])
    return with_vocabulary(model, told["min_film_ratings"], told["n_films"], config)
