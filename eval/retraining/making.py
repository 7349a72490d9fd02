"""The next version: made of a data set and of what people gave, measured against the one that answers, and judged."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from eval.measures.per_user import PerUser
from eval.retraining.anchor import FIRST, FOLDER, Anchor
from eval.retraining.gate import Decision, Rival, Row, by_name, compared, decided, lacking
from eval.retraining.ingredients import Ingredients, ingredients
from eval.retraining.nothing_new import (
    RULES,
    WAITS,
    has_learned,
    is_outdated,
    newest_of,
    nothing_new,
    rules_of,
    waits,
)
from eval.retraining.order import Order
from eval.retraining.rivals import fit_of, rival_of, rivals_of
from eval.retraining.smoke import problem_of
from eval.retraining.told import Tell, table
from eval.retraining.trial import Trial, measured, stand_in, trial_of
from recsys.artifacts.fitting import fit_all
from recsys.artifacts.manifest import cut
from recsys.data.movielens import Dataset
from recsys.errors import DataError
from recsys.models import FLAGSHIP, MODELS, create
from recsys.models.base import Model, PrivateModel
from recsys.models.finite import NotFiniteError
from recsys.progress import OnProgress, silent
from recsys.store.store import Store
from recsys.training import Training
from recsys.versions.entries import Version
from recsys.versions.lineage import Gate, Lineage
from recsys.versions.promoting import promote
from recsys.versions.promotions import read_promotions
from recsys.versions.published import Repository
from recsys.versions.registry import Registry

REMEDY = (
    "Where models are meant to be as this program makes them now, delete {folder}, and they are compared with that."
)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What was found of a new version.

    Attributes:
        trial: what it was asked.
        values: (U,) by name, what its stand-in does; None: it does not work.
        rows: its figures, beside those of others.
        problem: why there are none, in a sentence; None: there are.
        aside: whom it could not be compared with, and why, in a sentence; None: nobody is missing.
    """

    trial: Trial
    values: PerUser | None
    rows: tuple[Row, ...]
    problem: str | None
    aside: str | None


def retrained(
    dataset: Dataset,
    store: Store,
    registry: Registry,
    order: Order,
    tell: Tell = print,
    on_progress: OnProgress = silent,
) -> Version | None:
    """Make the next version, keep it with what the gate says, and promote it if it may be.

    Whatever ends it before its end leaves the registry as it is, or with one more version, whole, that does not answer.

    Args:
        dataset: to which people's ratings are added.
        store: of people.
        registry: of versions.
        order: what is made.
        tell: is given a line for people, now and then.
        on_progress: told of epochs.

    Returns:
        The version; None if there is nothing to learn that the newest has not learned.

    Raises:
        DataError: the model cannot be fitted or kept, the database is out of reach, or versions cannot be read.
    """
    require_keepable(order.model, dataset)
    champion = registry.current()
    require_replaceable(champion, dataset)
    made_of = ingredients(dataset, store, order, tell)
    anchor, newest = Anchor(made_of.base, registry.folder), newest_of(registry, order)
    if newest is not None and has_learned(newest, made_of) and not is_outdated(newest, champion, anchor, order):
        return ended(registry, newest, order, tell)
    found = tried(made_of, champion, anchor, order, tell, on_progress)
    training = Training(seed=order.seed, on_progress=on_progress)
    tell(f"Fitting {order.model} on all {made_of.whole.ratings.n_ratings:,} ratings.")
    artifact = fit_all(
        order.model,
        made_of.whole,
        training,
        epochs=order.epochs,
        min_film_ratings=order.min_film_ratings,
        epsilon=order.epsilon,
    )
    hides_people = isinstance(artifact.model, PrivateModel)
    made = registry.add(artifact, lineage(made_of, champion, order, found.rows, hides_people))
    problem = found.problem or nobody_left(champion, made_of, store) or problem_of(made, dataset)
    problem = problem or behind_its_stand_in(artifact.model, found, order)
    decision = decided(found.rows, problem, found.aside)
    return judged(registry, made, decision, order, tell)


def require_replaceable(champion: Version | None, dataset: Dataset) -> None:
    """DataError if the version that answers knows the films of another data set, or cannot be compared with."""
    if champion is not None and champion.record.model not in MODELS:
        raise DataError(
            f"version {champion.number}, which answers, is a model {cut(champion.record.model)!r}, which this program "
            "does not know, so nothing can be compared with it; update this program, or let another version answer: "
            "`python -m recsys.versions list` shows them"
        )
    known = "" if champion is None else champion.record.dataset
    if known and known != dataset.name:
        raise DataError(
            f"version {champion.number if champion else 0}, which answers, knows the films of {known}, and --dataset is"
            f" {dataset.name}; name that one, or another folder for --versions"
        )


def ended(registry: Registry, newest: Version, order: Order, tell: Tell) -> Version | None:
    """Nothing new is made; what has passed the gate and could not be promoted then is promoted now."""
    tell(nothing_new(newest))
    gate = newest.record.gate
    is_ready = newest.state == "candidate" and gate is not None and gate.passed and not waits(newest)
    return promoted(registry, newest, order, tell) if is_ready and order.promotes else None


def nobody_left(champion: Version | None, made_of: Ingredients, store: Store) -> str | None:
    """What is wrong where the version that answers has learned from people, and the database seems to be another one.

    Nothing is, if somebody there has been asked: then all may have withdrawn, or have given too little.
    """
    n_people = 0 if champion is None else champion.record.lineage.n_people
    if not n_people or made_of.people.given.n_people or store.consents.n_answers():
        return None
    return (
        f"nobody's ratings are in it, and {rival_of(champion)} has learned from those of {n_people:,} people; look "
        "whether --database and --dataset are the right ones, and promote it by `python -m recsys.versions promote` "
        "with --anyway if so"
    )


def require_keepable(name: str, dataset: Dataset) -> None:
    """DataError if a model consists of ratings, which no version may hold."""
    if create(name, dataset.ratings.scale).keeps_ratings:
        raise DataError(
            f"{name} consists of its training ratings, which no version may hold; name another --model, such as "
            f"{FLAGSHIP}"
        )


def tried(
    made_of: Ingredients,
    champion: Version | None,
    anchor: Anchor,
    order: Order,
    tell: Tell,
    on_progress: OnProgress,
) -> Tried:
    """What a new version is worth, beside those that it is compared with."""
    trial = trial_of(made_of.base, made_of.whole, made_of.people.given, order.settings)
    trial = replace(trial, epsilon=order.epsilon)
    tell(f"Measuring {rival_of(champion)} and the new version without {int(trial.held_out.sum()):,} ratings.")
    try:
        rivals = rivals_of(champion, trial, anchor, order, on_progress)
        values = measured(order.model, stand_in(order.model, trial.learned(), trial, on_progress), trial)
    except NotFiniteError as problem:
        return Tried(trial=trial, values=None, rows=(), problem=str(problem), aside=None)
    rows = tuple(row for rival in rivals.measured for row in compared(rival, values, order.gate))
    missing = next(filter(None, (lacking(rival, values, rows) for rival in rivals.measured)), None)
    return Tried(trial=trial, values=values, rows=rows, problem=missing, aside=rivals.aside)


def behind_its_stand_in(model: Model, found: Tried, order: Order) -> str | None:
    """What is wrong where a model that knows all ratings does worse than the one that was asked in its place.

    It has seen what both are asked, so it does better, unless something went wrong while it was fitted.
    """
    if found.values is None:
        return None
    try:
        own = measured(order.model, model, found.trial)
    except NotFiniteError as problem:
        return str(problem)
    stand_in = Rival(name="its stand-in, which does not know the answers,", per_user=found.values, trial=found.trial)
    losses = [row for row in compared(stand_in, own, order.gate) if row.verdict == "worse"]
    return f"something went wrong while it was fitted: {losses[0].sentence()}" if losses else None


def lineage(
    made_of: Ingredients, champion: Version | None, order: Order, rows: Sequence[Row], hides_people: bool
) -> Lineage:
    """Where a version came from; of one that hides people, without digest and number of what they gave."""
    return Lineage(
        data_sha256=None if hides_people else made_of.sha256,
        parent=None if champion is None else champion.number,
        n_people=made_of.people.given.n_people,
        n_ratings=0 if hides_people else made_of.people.given.n_ratings,
        read_at=made_of.read_at,
        fit=fit_of(order),
        metrics=dict(by_name(rows)),
        note=f"Made of {made_of.base.name} and of what people gave.",
    )


def judged(registry: Registry, made: Version, decision: Decision, order: Order, tell: Tell) -> Version:
    """Keep what the gate says of a version, say it, and promote what may be."""
    if not decision.passed and FIRST in decision.reason:
        decision = replace(decision, reason=f"{decision.reason} {REMEDY.format(folder=registry.folder / FOLDER)}")
    figures = decision.figures | {RULES: rules_of(order), WAITS: not order.promotes}
    gate = Gate(passed=decision.passed, reason=decision.reason[:2000], figures=figures)
    judged = registry.judge(made.number, gate)
    tell(f"\nVersion {made.number} ({made.record.fingerprint}):\n\n{table(decision)}")
    return promoted(registry, judged, order, tell) if decision.passed and order.promotes else judged


def waits_for_somebody(registry: Registry, version: Version) -> str | None:
    """Why a version is not promoted by itself, in a sentence: whoever has rolled back by hand chose what answers."""
    last = next(reversed(read_promotions(registry.folder).events), None)
    if last is None or last.how == "promoted":
        return None
    return (
        f"Version {last.number} answers since somebody has rolled back to it, so version {version.number} waits; let "
        f"it answer by `python -m recsys.versions promote {version.number}`: the next is then promoted by itself again."
    )


def promoted(registry: Registry, version: Version, order: Order, tell: Tell) -> Version:
    """Let a version answer, on the Hub first, in place of the one that it was compared with; or say why it waits.

    Raises:
        VersionError: another answers by now; the version stays as it is.
    """
    waits = waits_for_somebody(registry, version)
    if waits is not None:
        tell(waits)
        return version
    order.before_promoting()
    repository = None if order.hub is None else Repository(order.hub)
    answers = promote(registry, version.number, repository, tell, instead_of=version.record.lineage.parent)
    tell(f"Version {version.number} answers from now on.")
    return answers
