"""The next version: made of a data set and of what people gave, measured against the one that answers, and judged."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from eval.retraining.gate import Decision, GateConfig, Row, by_name, compared, decided, lacking
from eval.retraining.limits import Limited, LimitsConfig, limited
from eval.retraining.people import Matched, digest_of, film_keys, joined, matched
from eval.retraining.smoke import problem_of
from eval.retraining.told import table
from eval.retraining.trial import LENGTH, Trial, measured, stand_in, trial_of
from eval.running.experiment import Settings
from recsys.artifacts.fitting import fit_all
from recsys.data.interactions import Interactions
from recsys.data.movielens import Dataset
from recsys.errors import DataError
from recsys.models import FLAGSHIP, MODELS, create
from recsys.models.base import PrivateModel
from recsys.models.finite import NotFiniteError
from recsys.progress import OnProgress, silent
from recsys.store.store import Store
from recsys.training import Training
from recsys.versions.entries import Version
from recsys.versions.lineage import Gate, Lineage
from recsys.versions.promoting import promote
from recsys.versions.published import Repository
from recsys.versions.registry import Registry

Tell = Callable[[str], None]


def do_nothing() -> None:
    """Nothing."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be made.

    Attributes:
        model: key of MODELS.
        seed: of everything random.
        epochs: replaces the model's own number.
        min_film_ratings: see `recsys.models.vocabulary`.
        promotes: whether what passes the gate answers from then on.
        hub: a repository on the Hub where it is then promoted first; None: none.
        limits: what counts of people's ratings.
        gate: what is not worse.
        before_promoting: is called just before a version is promoted; what it raises leaves all as it is.
    """

    model: str = FLAGSHIP
    seed: int = 0
    epochs: int | None = None
    min_film_ratings: int = 0
    promotes: bool = True
    hub: str | None = None
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    gate: GateConfig = field(default_factory=GateConfig)
    before_promoting: Callable[[], object] = do_nothing

    @property
    def settings(self) -> Settings:
        """As the harness has them."""
        return Settings(ks=(LENGTH,), seed=self.seed, epochs=self.epochs, min_film_ratings=self.min_film_ratings)


@dataclass(frozen=True, kw_only=True)
class Ingredients:
    """What a version is made of.

    Attributes:
        base: the data set.
        whole: with people's ratings.
        sha256: digest of that.
        people: whose ratings count, and how many count.
        read_at: when they were read.
    """

    base: Dataset
    whole: Dataset
    sha256: str
    people: Limited
    read_at: datetime


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
    require_same_films(champion, dataset)
    made_of = ingredients(dataset, store, order, tell)
    newest = next(iter(registry.versions()), None)
    if newest is not None and has_learned(newest, made_of, order.model) and not is_outdated(newest, champion, order):
        return ended(registry, newest, order, tell)
    rows, problem = tried(made_of, champion, order, tell, on_progress)
    training = Training(seed=order.seed, on_progress=on_progress)
    tell(f"Fitting {order.model} on all {made_of.whole.ratings.n_ratings:,} ratings.")
    artifact = fit_all(
        order.model, made_of.whole, training, epochs=order.epochs, min_film_ratings=order.min_film_ratings
    )
    made = registry.add(artifact, lineage(made_of, champion, rows, isinstance(artifact.model, PrivateModel)))
    problem = problem or nobody_left(champion, made_of) or problem_of(made, dataset)
    decision = decided(rows, problem, rival_of(champion))
    return judged(registry, made, decision, order, tell)


def require_same_films(champion: Version | None, dataset: Dataset) -> None:
    """DataError if the version that answers knows the films of another data set."""
    known = "" if champion is None else champion.record.dataset
    if known and known != dataset.name:
        raise DataError(
            f"version {champion.number if champion else 0}, which answers, knows the films of {known}, and --dataset is"
            f" {dataset.name}; name that one, or another folder for --versions"
        )


def has_learned(newest: Version, made_of: Ingredients, model: str) -> bool:
    """Whether the newest version is of the same ratings, and was judged: one that was not is made again."""
    record = newest.record
    return record.gate is not None and (record.lineage.data_sha256, record.model) == (made_of.sha256, model)


def is_outdated(newest: Version, champion: Version | None, order: Order) -> bool:
    """Whether what may be promoted was compared with another version than that which answers now: it is made again."""
    answers = None if champion is None else champion.number
    return order.promotes and newest.state == "candidate" and newest.record.lineage.parent != answers


def ended(registry: Registry, newest: Version, order: Order, tell: Tell) -> Version | None:
    """Nothing new is made; what has passed the gate and could not be promoted then is promoted now."""
    gate = newest.record.gate
    if newest.state == "candidate" and gate is not None and gate.passed and order.promotes:
        tell(f"There is nothing new to learn since version {newest.number}, which has passed the gate.")
        return promoted(registry, newest, order, tell)
    tell(f"There is nothing new to learn since version {newest.number}.")
    return None


def nobody_left(champion: Version | None, made_of: Ingredients) -> str | None:
    """What is wrong where nobody's ratings are left of those that the version that answers has learned from."""
    n_people = 0 if champion is None else champion.record.lineage.n_people
    if not n_people or made_of.people.given.n_people:
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


def is_private(name: str, dataset: Dataset) -> bool:
    """Whether a model hides every person; what counts of theirs must then depend on nobody else of the page."""
    return isinstance(create(name, dataset.ratings.scale), PrivateModel)


def ingredients(dataset: Dataset, store: Store, order: Order, tell: Tell) -> Ingredients:
    """What the store has at this moment, beside a data set."""
    keys = film_keys(dataset)
    consenting = store.consents.ratings(keys.label)
    found = matched(dataset, keys, consenting)
    hides_people = is_private(order.model, dataset)
    people = limited(dataset, found.given, order.limits, of_films=not hides_people)
    for line in (in_words(found, people, order.limits), what_is_left(people)):
        tell(line)
    whole = joined(dataset, people.given) if people.given.n_ratings else dataset
    return Ingredients(base=dataset, whole=whole, sha256=digest_of(whole), people=people, read_at=consenting.read_at)


def in_words(found: Matched, people: Limited, config: LimitsConfig) -> str:
    """What came, and what does not count, in a sentence."""
    left_out = {
        f"{found.n_unknown:,} of films that the data set does not have": found.n_unknown,
        f"{found.n_off_scale:,} that its scale does not have": found.n_off_scale,
        f"{people.n_hurried:,} beyond {config.most_per_day} a day": people.n_hurried,
        f"those of {people.n_few:,} people with fewer than {config.least_ratings}": people.n_few,
        f"those of {people.n_contrary:,} whose stars contradict everybody's": people.n_contrary,
        f"{people.n_pushed:,} beyond what is usual of a film": people.n_pushed,
    }
    told = ", ".join(words for words, number in left_out.items() if number)
    came = found.given.n_ratings + found.n_unknown + found.n_off_scale
    return f"Consenting people gave {came:,} ratings. Left out: {told or 'none'}."


def what_is_left(people: Limited) -> str:
    """Whose ratings count."""
    return f"{people.given.n_ratings:,} ratings of {people.given.n_people:,} people are added to the data set's."


def tried(
    made_of: Ingredients, champion: Version | None, order: Order, tell: Tell, on_progress: OnProgress
) -> tuple[list[Row], str | None]:
    """The figures of both, and why there are none for the challenger, in a sentence."""
    trial = trial_of(made_of.base, made_of.whole, made_of.people.given, order.settings)
    tell(f"Measuring {rival_of(champion)} and the new version without {int(trial.held_out.sum()):,} ratings.")
    name = champion.record.model if champion is not None and champion.record.model in MODELS else order.model
    of_champion = measured(name, stand_in(name, known_to(champion, trial), trial, on_progress), trial)
    try:
        challenger = stand_in(order.model, trial.learned(), trial, on_progress)
        of_challenger = measured(order.model, challenger, trial)
        rows = [*compared(of_champion, of_challenger, trial, order.gate)]
        return rows, lacking(of_champion, of_challenger, rows, rival_of(champion))
    except NotFiniteError as problem:
        return [], str(problem)


def known_to(champion: Version | None, trial: Trial) -> Interactions:
    """What the stand-in of the version that answers learns from; before there is one, from the data set alone."""
    if champion is None:
        return trial.learned(people=False)
    told = champion.record.lineage
    return trial.learned(told.read_at or champion.record.made_at, people=told.n_people > 0)


def rival_of(champion: Version | None) -> str:
    """Whom a new version is compared with, in words."""
    return "the same model without anybody's ratings" if champion is None else f"version {champion.number}"


def lineage(made_of: Ingredients, champion: Version | None, rows: list[Row], hides_people: bool) -> Lineage:
    """Where a version came from; of one that hides people, without digest and number of what they gave."""
    return Lineage(
        data_sha256=None if hides_people else made_of.sha256,
        parent=None if champion is None else champion.number,
        n_people=made_of.people.given.n_people,
        n_ratings=0 if hides_people else made_of.people.given.n_ratings,
        read_at=made_of.read_at,
        metrics=dict(by_name(rows)),
        note=f"Made of {made_of.base.name} and of what people gave.",
    )


def judged(registry: Registry, made: Version, decision: Decision, order: Order, tell: Tell) -> Version:
    """Keep what the gate says of a version, say it, and promote what may be."""
    gate = Gate(passed=decision.passed, reason=decision.reason[:2000], figures=decision.figures)
    judged = registry.judge(made.number, gate)
    tell(f"\nVersion {made.number} ({made.record.fingerprint}):\n\n{table(decision)}")
    return promoted(registry, judged, order, tell) if decision.passed and order.promotes else judged


def promoted(registry: Registry, version: Version, order: Order, tell: Tell) -> Version:
    """Let a version answer, on the Hub first, in place of the one that it was compared with.

    Raises:
        VersionError: another answers by now; the version stays as it is.
    """
    order.before_promoting()
    repository = None if order.hub is None else Repository(order.hub)
    answers = promote(registry, version.number, repository, tell, instead_of=version.record.lineage.parent)
    tell(f"Version {version.number} answers from now on.")
    return answers
