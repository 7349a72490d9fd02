"""Whom a new version is compared with: the version that answers, and the same model without anybody's ratings.

The second is an anchor: it stays where it is while version follows version, so that small losses do not add up, and
while program follows program, so that one that makes worse models is noticed.
"""

from dataclasses import dataclass, replace

from eval.retraining.anchor import NOBODYS, Anchor
from eval.retraining.gate import Rival
from eval.retraining.order import Order
from eval.retraining.trial import Trial, measured, stand_in
from eval.running.experiment import Settings
from recsys.data.interactions import Interactions
from recsys.models.finite import NotFiniteError
from recsys.progress import OnProgress
from recsys.versions.entries import Version
from recsys.versions.lineage import Fit


@dataclass(frozen=True, eq=False, kw_only=True)
class Rivals:
    """Whom a new version is compared with.

    Attributes:
        measured: at least one; the first has been asked for everybody.
        aside: who could not be measured, and why, in a sentence; None: nobody is missing.
    """

    measured: tuple[Rival, ...]
    aside: str | None = None


def rivals_of(champion: Version | None, trial: Trial, anchor: Anchor, order: Order, on_progress: OnProgress) -> Rivals:
    """The version that answers, and the anchor; this alone, for people of the page too, where there is no other.

    Raises:
        NotFiniteError: the model does not work without anybody's ratings either.
    """
    found, aside = None, None
    if champion is not None:
        try:
            found = of_champion(champion, trial, order, on_progress)
        except NotFiniteError as problem:
            aside = f"{rival_of(champion)} could not be compared: {problem}"
    if champion is not None and found is not None and not is_anchor(champion, order):
        return Rivals(measured=(found, anchor.measured(found, trial, order, on_progress)))
    knows_nobody = nobodys(trial, order, on_progress) if found is None else found
    first = anchor.unlike(knows_nobody, order)
    return Rivals(measured=(knows_nobody, *(() if first is None else (first,))), aside=aside)


def of_champion(champion: Version, trial: Trial, order: Order, on_progress: OnProgress) -> Rival:
    """What the stand-in of the version that answers does, fitted as that was."""
    name, fit = champion.record.model, champion.record.lineage.fit or fit_of(order)
    as_it_was = replace(trial, settings=settings_of(fit, order), epsilon=fit.epsilon)
    model = stand_in(name, known_to(champion, trial), as_it_was, on_progress)
    return Rival(name=rival_of(champion), per_user=measured(name, model, trial), trial=trial)


def nobodys(trial: Trial, order: Order, on_progress: OnProgress) -> Rival:
    """What the model does for everybody that has learned from the data set alone."""
    model = stand_in(order.model, trial.learned(people=False), trial, on_progress)
    return Rival(name=NOBODYS, per_user=measured(order.model, model, trial), trial=trial)


def is_anchor(champion: Version, order: Order) -> bool:
    """Whether the version that answers is the model without anybody's ratings itself."""
    told = champion.record.lineage
    return (champion.record.model, told.fit, told.n_people) == (order.model, fit_of(order), 0)


def fit_of(order: Order) -> Fit:
    """How a version is fitted, as its lineage keeps it."""
    return Fit(seed=order.seed, epochs=order.epochs, min_film_ratings=order.min_film_ratings, epsilon=order.epsilon)


def settings_of(fit: Fit, order: Order) -> Settings:
    """Those of an order, as a version was fitted."""
    return replace(order.settings, **fit.model_dump(exclude={"epsilon"}))


def known_to(champion: Version, trial: Trial) -> Interactions:
    """What the stand-in of the version that answers learns from."""
    told = champion.record.lineage
    return trial.learned(told.read_at or champion.record.made_at, people=told.n_people > 0)


def rival_of(champion: Version | None) -> str:
    """Whom a new version is to replace, in words."""
    return NOBODYS if champion is None else f"version {champion.number}"
