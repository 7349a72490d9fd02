"""results.json of a run of eval.run: read, and taken only if it measured this very model."""

from pathlib import Path
from typing import Any

from recsys.errors import DataError
from recsys.model_card.measured import ModelMeasurements
from recsys.model_card.model import Trained
from recsys.results.reading import read_results
from recsys.results.schema import Results


def read_measured(path: Path, model: Trained) -> ModelMeasurements | None:
    """What a results.json says of a model; None if it says nothing.

    Raises:
        DataError: it cannot be read, lacks something, was altered, or is of another version, of other data or of other
            settings.
    """
    results = read_results(path, limited=False)
    if not all(any(entry.model == model.name for entry in entries) for entries in (results.runs, results.summary)):
        return None
    if (digest := model.facts.get("dataset_sha256")) != results.dataset_sha256:
        raise DataError(
            f"{path}: measured on a ratings file with sha256 {results.dataset_sha256}, but the model was fitted on "
            f"one with {digest}; expected the results of a run on the model's own data."
        )
    require_same_settings(path, results.models.get(model.name, {}), model)
    measured = ModelMeasurements(results, model, own_split(results, model))
    require_own_figures(path, measured)
    return measured


def require_own_figures(path: Path, measured: ModelMeasurements) -> None:
    """Raise DataError if these very weights were measured, but lack a figure of which there is a mean."""
    metrics = [metric for metrics in measured.metrics.values() for metric in filter(measured.has, metrics)]
    missing = [metric.key for metric in metrics if measured.own_value(metric) is None]
    if measured.own is not None and missing:
        raise DataError(
            f"{path}: the run of {measured.model.name} on {measured.own} lacks {', '.join(missing)}; the file was "
            "altered, measure again."
        )


def require_same_settings(path: Path, config: dict[str, Any], model: Trained) -> None:
    """Raise DataError, naming what differs, unless the model was measured with the settings that it has."""
    try:
        measured, own = flat(config), flat(model.config)
    except RecursionError:
        raise DataError(
            f"{path}: the settings of {model.name} lie too deep within each other; the file was altered, measure again."
        ) from None
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


def own_split(results: Results, model: Trained) -> str | None:
    """The split of the results whose training part these weights were fitted on; None if there is none."""
    same = (model.facts.get("protocol"), model.facts.get("seed")) == (results.protocol, results.seed)
    measured = {run.split for run in results.runs if run.model == model.name}
    return model.facts["split"] if same and model.facts.get("split") in measured else None
