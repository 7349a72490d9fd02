"""results.json of a run of eval.run: read, and taken only if it measured this very model."""

import json
import reprlib
from pathlib import Path
from typing import Any

from recsys.errors import DataError
from recsys.model_card.measurements import Measured
from recsys.model_card.model import Trained

RESULTS_VERSION = 1
RESULTS_KEYS = (
    *("dataset_sha256", "protocol", "seed", "k", "relevant_from", "command"),
    *("splits", "models", "runs", "summary"),
)


def read_results(path: Path, model: Trained) -> Measured | None:
    """What a results.json says of a model; None if it says nothing.

    Raises:
        DataError: it cannot be read, lacks something, or is of another version, of other data or of other settings.
    """
    results = read_run(path)
    if not all(any(entry["model"] == model.name for entry in results[key]) for key in ("runs", "summary")):
        return None
    if (digest := model.facts.get("dataset_sha256")) != results["dataset_sha256"]:
        raise DataError(
            f"{path}: measured on a ratings file with sha256 {results['dataset_sha256']}, but the model was fitted on "
            f"one with {digest}; expected the results of a run on the model's own data."
        )
    require_same_settings(path, results["models"].get(model.name, {}), model)
    return Measured(results, model, own_split(results, model))


def read_run(path: Path) -> dict[str, Any]:
    """The content of a results.json; DataError if it cannot be read, is of another version or lacks something."""
    try:
        results = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); expected the results.json of a run.") from None
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON ({error}); expected the results.json of a run.") from None
    came = results.get("version") if isinstance(results, dict) else None
    if came != RESULTS_VERSION:
        raise DataError(
            f"{path}: got results of version {reprlib.repr(came)}, expected {RESULTS_VERSION}; measure again with the "
            "eval.run of this package."
        )
    if missing := [key for key in RESULTS_KEYS if key not in results]:
        raise DataError(f"{path}: {', '.join(missing)} is missing; the file was altered, measure again.")
    return results


def require_same_settings(path: Path, config: dict[str, Any], model: Trained) -> None:
    """Raise DataError, naming what differs, unless the model was measured with the settings that it has."""
    measured, own = flat(config), flat(model.config)
    differing = [key for key in {**measured, **own} if measured.get(key) != own.get(key)]
    if differing:
        listed = ", ".join(f"{key} {measured.get(key)!r} instead of {own.get(key)!r}" for key in differing[:3])
        raise DataError(
            f"{path}: measured {model.name} with other settings than this model has ({listed}); expected the results "
            "of a run with the model's own."
        )


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings under dotted names.

    >>> flat({"vae": {"epochs": 22, "beta": 0.5}, "l2": 3.0})
    {'vae.epochs': 22, 'vae.beta': 0.5, 'l2': 3.0}
    """
    settings: dict[str, Any] = {}
    for key, value in config.items():
        settings |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return settings


def own_split(results: dict[str, Any], model: Trained) -> str | None:
    """The split of the results whose training part these weights were fitted on; None if there is none."""
    same = all(model.facts.get(key) == results[key] for key in ("protocol", "seed"))
    measured = {run["split"] for run in results["runs"] if run["model"] == model.name}
    return model.facts["split"] if same and model.facts.get("split") in measured else None
