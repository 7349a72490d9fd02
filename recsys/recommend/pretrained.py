"""Where a trained model is found: a folder or the Hub, and for what no artifact may hold, the data set's own source.

A data set is known by digests: another that goes by the same name is never taken for it. Legend: U users, I items.
"""

import re
import shlex
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from recsys.artifacts.artifact import Artifact, rebuilt_from
from recsys.artifacts.data_folder import noted_place
from recsys.artifacts.manifest import cut
from recsys.artifacts.runs import ALL, RUNS, is_of_all_ratings, model_folder, run_of
from recsys.data.interactions import Interactions
from recsys.data.movielens import FilmsFetched, load_catalog, load_dataset
from recsys.data.sources.identity import pinned_sha256, ratings_sha256
from recsys.data.sources.names import N_MILLIONS, NAMES
from recsys.errors import DataError
from recsys.films.catalog import Catalog, Film
from recsys.hub import Hub, pull
from recsys.hub.errors import RepositoryMissingError
from recsys.models import FLAGSHIP, MODELS
from recsys.progress import OnProgress, silent

PATH = re.compile(r"[./~]|[A-Za-z]:[\\/]|[^@]*\\|[^@]*/[^@]*/")  # how what is no USER/REPO begins
EXAMPLE = model_folder(PurePosixPath(RUNS / "first"), ALL, FLAGSHIP)


class OtherDataError(DataError):
    """A data set that is at hand is not the one that a model was fitted on."""


def find_folder(model: str | Path, revision: str | None, hub: Hub, on_progress: OnProgress) -> tuple[Path, str]:
    """A folder with a model, and a sentence that says where it came from; DataError if there is none."""
    folder = at_home(model)
    if folder.is_dir():
        if revision is not None:
            raise DataError(f"got revision {revision!r} for the folder {folder}; a folder has none, leave it out.")
        return folder, f"The model was read from the folder {folder}."
    if isinstance(model, Path) or PATH.match(model):
        raise DataError(f"there is no folder {folder}; {how_to_make(str(model))}")
    if revision is not None and "@" in model:
        raise DataError(f"got revision {revision!r} for {model!r}, which has one; name one of them.")
    try:
        pulled = pull(model if revision is None else f"{model}@{revision}", hub, on_progress)
    except RepositoryMissingError as reason:
        raise RepositoryMissingError(f"{reason}; nor is there a folder {folder} here") from None
    return pulled.folder, pulled.sentence


def at_home(path: str | Path) -> Path:
    """A path whose ~ is replaced; DataError if nobody here is called so."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise DataError(f"there is no home folder for {cut(path)}; expected a folder that is there") from None


def how_to_make(folder: str) -> str:
    """What was expected in place of a folder that is not there, and the command that makes it."""
    expected = "expected a saved model there, or USER/REPO for one on the Hub"
    path: PurePath = PureWindowsPath(folder) if "\\" in folder else PurePosixPath(folder)
    if is_of_all_ratings(path) and path.name in MODELS:
        return f"{expected}. This makes it: {command_for(path)}"
    return f"{expected}. This makes one in {EXAMPLE}: {command_for(EXAMPLE)}"


def command_for(folder: PurePath) -> str:
    """The command that leaves a model in RUN/artifacts/all/MODEL."""
    name, run = folder.name, str(run_of(folder))
    return shlex.join(["python", "-m", "eval.run", "--models", name, "--fit-all", name, "--out", run])


def sources(folder: Path, facts: Mapping[str, Any], titles: str | Path | None) -> list[str | Path]:
    """Data sets that may be the one that a saved model was fitted on: names, and folders that are there.

    Args:
        folder: of the model.
        facts: of its artifact.
        titles: what somebody named, which comes first.
    """
    named = facts.get("dataset")
    found: list[str | Path | None] = [titles, noted_place(folder)]
    if isinstance(named, str) and named in NAMES:
        found.insert(1, named)
    if isinstance(named, str) and PurePath(named).name == named and Path(named).is_dir():  # a name, no way to anywhere
        found.append(Path(named))
    return list(dict.fromkeys(source for source in found if source is not None))


def require_same_ratings(source: str | Path, facts: Mapping[str, Any], on_progress: OnProgress = silent) -> None:
    """Raise OtherDataError unless a source has the ratings that a model was fitted on; DataError if it has none."""
    wanted, found = facts.get("dataset_sha256"), ratings_sha256(source, on_progress=on_progress)
    if found != wanted:
        raise OtherDataError(
            f"the model was fitted on ratings of sha256 {shown(wanted)}, but those of {called(source)} now have "
            f"{shown(found)}"
        )


def training_ratings(folder: Path, titles: str | Path | None, on_progress: OnProgress) -> Interactions | None:
    """The ratings from the data's own source, for a model that consists of its training ratings; None for others.

    Raises:
        DataError: the ratings cannot be had, or are not those that the model was fitted on.
    """
    facts = rebuilt_from(folder)
    if facts is None:
        return None
    if facts.get("split") != "all":
        raise DataError(
            f"{folder}: the model consists of the training part of {facts.get('split')}, which nobody publishes; load "
            "it by load_artifact(folder, train=...), or fit it on all ratings (eval.run --fit-all)."
        )
    reasons = []
    for source in sources(folder, facts, titles):
        try:
            require_meant(source, titles)
            require_same_ratings(source, facts, on_progress)
            return fitted_on(source, facts, on_progress)
        except DataError as reason:
            reasons.append(str(reason))
    tried = "; ".join(reasons) or f"no data set {facts.get('dataset')!r} is here"
    raise DataError(f"{folder}: {tried}. Name the folder of the data by titles=, or fit the model again.")


def require_meant(source: str | Path, titles: str | Path | None) -> None:
    """Raise DataError if a model would have a large data set fetched, and be fitted on it, which nobody has named."""
    if source in N_MILLIONS and source != titles:
        raise DataError(
            f"the model would be fitted on the {N_MILLIONS[str(source)]} million ratings of {source}, which takes "
            f"gigabytes and minutes; say titles={str(source)!r} if that is meant"
        )


def fitted_on(source: str | Path, facts: Mapping[str, Any], on_progress: OnProgress) -> Interactions:
    """The ratings of a data set, cleaned as they were when a model was fitted."""
    dataset = load_dataset(
        source,
        min_ratings=int(facts.get("min_ratings") or 1),
        on_duplicate="latest",  # where there are none, it makes no difference
        on_progress=on_progress,
    )
    return dataset.interactions()


@dataclass(frozen=True)
class Films:
    """Titles and genres of a model's films.

    Attributes:
        catalog: ids for titles where these could not be had.
        origin: name or folder of the data set that they came from; None where they could not be had.
        sentence: says where they came from, or why they are not there.
    """

    catalog: Catalog
    origin: str | Path | None
    sentence: str


def films_of(folder: Path, artifact: Artifact, titles: str | Path | None, on_progress: OnProgress) -> Films:
    """The films of a saved model, from the first source that has them; a warning if that is not the one named."""
    reasons: list[DataError] = []
    for source in sources(folder, artifact.facts, titles):
        try:
            found = catalog_of(source, artifact, on_progress, is_named=source == titles)
        except DataError as reason:
            reasons.append(reason)
            continue
        if reasons and titles is not None:
            told = f"{found.source} They are not of {titles}: {reasons[0]}."
            warnings.warn(told, stacklevel=3)
            return Films(found.catalog, source, told)
        return Films(found.catalog, source, found.source)
    return without_titles(artifact, reasons)


def without_titles(artifact: Artifact, reasons: list[DataError]) -> Films:
    """Ids for titles, and a warning that says why."""
    tried = "; ".join(map(str, reasons)) or f"no data set {shown(artifact.facts.get('dataset'))} is here"
    are_others = any(isinstance(reason, OtherDataError) for reason in reasons)
    fix = " Name the data that the model was fitted on (titles=), or fit it again." if are_others or not reasons else ""
    message = f"Films are called by their ids, since their titles could not be had: {tried.rstrip('.')}.{fix}"
    warnings.warn(message, stacklevel=4)
    ids = artifact.items.ids
    films = {int(item_id): Film(f"film {item_id}") for item_id in ids}
    return Films(Catalog.from_films(ids, films), None, message)


def catalog_of(source: str | Path, artifact: Artifact, on_progress: OnProgress, is_named: bool) -> FilmsFetched:
    """A model's films from a source.

    Published ratings vouch for the films that are published with them; elsewhere it takes the digest of the films, for
    models that were fitted before there was one, that of the ratings. One that has neither has its films from a source
    that somebody has named.

    Raises:
        OtherDataError: the source has other films. DataError: it cannot be had, or nobody knows.
    """
    facts = artifact.facts
    if isinstance(source, str) and pinned_sha256(source):
        require_same_ratings(source, facts, on_progress)
        return load_catalog(source, artifact.items.ids, on_progress=on_progress)
    found = load_catalog(source, artifact.items.ids, on_progress=on_progress)
    if "films_sha256" in facts:
        require_same_films(source, facts["films_sha256"], found.catalog)
    elif "dataset_sha256" in facts:
        require_same_ratings(source, facts, on_progress)
    elif not is_named:
        raise DataError("the model does not say which films it was fitted on; name their data set (titles=)")
    return found


def require_same_films(source: str | Path, wanted: object, catalog: Catalog) -> None:
    """Raise OtherDataError unless these are the films of which a model has the digest."""
    if catalog.sha256 != wanted:
        raise OtherDataError(
            f"the model was fitted on films of sha256 {shown(wanted)}, but those of {called(source)} now have "
            f"{shown(catalog.sha256)}"
        )


def called(source: str | Path) -> str:
    """The name of a data set, which for a folder is its own."""
    return str(source) if source in NAMES else Path(source).expanduser().resolve().name


def shown(digest: object) -> str:
    """Enough of a digest, or of what stands in its place, to tell it from another."""
    return str(digest)[:12]
