"""The part of a card that the Hub reads: YAML with a model-index of what was measured."""

from typing import TYPE_CHECKING

from recsys.model_card.measured import ModelMeasurements
from recsys.model_card.model import Trained
from recsys.results.text import one_line

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCardData


def front_matter(model: Trained, measured: ModelMeasurements | None) -> "ModelCardData":
    """What the Hub reads. No pipeline_tag: none of the tasks that it knows is recommendation."""
    from huggingface_hub import ModelCardData

    tags = {
        "recommender-system": True,
        "collaborative-filtering": True,
        "variational-autoencoder": "vae" in model.name,
        "jax": model.has_networks,
        "movielens": model.is_movielens,
    }
    return ModelCardData(
        library_name="keras" if model.has_networks else None,
        license="apache-2.0",
        tags=[tag for tag, fits in tags.items() if fits],
        datasets=[model.dataset] if model.is_movielens else None,  # the Hub may know another by a folder's name
        model_name=model.name if measured else None,
        eval_results=eval_results(measured) if measured else None,
    )


def eval_results(measured: ModelMeasurements) -> list["EvalResult"]:
    """Every figure: of these very weights where they were measured, else the means over splits."""
    from huggingface_hub import EvalResult

    dataset, split = measured.model.dataset, one_line(measured.own or measured.split_names)
    part = "test part of" if measured.own or len(measured.splits) == 1 else "mean over the test parts of"
    return [
        EvalResult(
            task_type=group.task,
            task_name=group.task_name,
            dataset_type=dataset,
            dataset_name=f"{dataset}, {part} {split}",
            dataset_config=one_line(measured.results.protocol),
            dataset_split=split,
            metric_type=metric.key,
            metric_name=metric.name,
            metric_value=measured.value(metric),
        )
        for group, metrics in measured.metrics.items()
        for metric in filter(measured.has, metrics)
    ]
