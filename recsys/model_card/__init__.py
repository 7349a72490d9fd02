"""The card of a published model: README.md of its repository on the Hugging Face Hub.

Front matter for the Hub, with a model-index of what was measured; below it, text for people.
"""

from pathlib import Path

from recsys.errors import DataError
from recsys.model_card.figures import comparisons, quality, unmeasured
from recsys.model_card.front_matter import front_matter
from recsys.model_card.model import read_model
from recsys.model_card.results import read_measured
from recsys.model_card.sections import contents, limits, opening, terms, training, usage

__all__ = ["make_card"]


def make_card(folder: Path, repo: str, results: Path | None) -> str:
    """The model card of a trained model.

    Args:
        folder: a model folder, as recsys.artifacts.artifact writes it.
        repo: USER/REPO, where the model will be found.
        results: results.json of a run of eval.run that measured the model. With None, or a run of other models, the
            card says that there are no measurements.

    Returns:
        Markdown behind YAML front matter, ending in a line break.

    Raises:
        DataError: repo is not the name of a repository; the folder or the results cannot be read or lack something; the
            results are of another version, of other data or of other settings.
    """
    require_repo(repo)
    model = read_model(folder)
    measured = None if results is None else read_measured(results, model)
    parts = [
        opening(model),
        usage(model, repo),
        *([quality(measured), *comparisons(measured)] if measured else [unmeasured(model)]),
        training(model),
        contents(model),
        limits(model),
        terms(model),
    ]
    return f"---\n{front_matter(model, measured).to_yaml()}\n---\n\n" + "\n\n".join(parts) + "\n"


def require_repo(repo: str) -> None:
    """Raise DataError unless it reads USER/REPO."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(repo)
        fits = "/" in repo
    except HFValidationError:
        fits = False
    if not fits:
        raise DataError(
            f"got {repo[:99]!r} for the name of a repository; expected USER/REPO, of letters, digits, '-', '_' and '.'."
        )
