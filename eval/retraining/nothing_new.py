"""Whether there is anything new to make: what the newest version of a kind has learned, and by what it was judged."""

from dataclasses import asdict

from eval.retraining.anchor import FIRST, Anchor
from eval.retraining.ingredients import Ingredients
from eval.retraining.order import Order
from eval.retraining.rivals import fit_of
from recsys.versions.entries import Version
from recsys.versions.registry import Registry, code_now

RULES, WAITS = "rules", "waits"  # beside the rows of a decision: by which settings it was made, and --no-promote


def newest_of(registry: Registry, order: Order) -> Version | None:
    """The newest version of an order's model that was fitted in its way; None: there is none."""
    wanted = (order.model, fit_of(order))
    found = (one for one in registry.versions() if (one.record.model, one.record.lineage.fit or wanted[1]) == wanted)
    return next(found, None)


def has_learned(newest: Version, made_of: Ingredients) -> bool:
    """Whether a version is of these ratings, and was judged: one that was not is made again."""
    return newest.record.gate is not None and newest.record.lineage.data_sha256 == made_of.sha256


def is_outdated(newest: Version, champion: Version | None, anchor: Anchor, order: Order) -> bool:
    """Whether what does not answer would be judged otherwise now: it is made again.

    By another version that answers now, by other settings of the gate; and, of one that was refused, by another program
    or another anchor.
    """
    gate = newest.record.gate
    if gate is None or newest.state not in ("candidate", "refused"):
        return False
    answers = None if champion is None else champion.number
    if newest.record.lineage.parent != answers or gate.figures.get(RULES, rules_of(order)) != rules_of(order):
        return True
    is_gone = FIRST in gate.reason and not anchor.is_kept(order)
    return newest.state == "refused" and (is_gone or newest.record.code != code_now())


def rules_of(order: Order) -> dict[str, float]:
    """By which settings the gate judges, as a version keeps them."""
    return asdict(order.gate)


def waits(newest: Version) -> bool:
    """Whether a version was made so that it answers only once somebody promotes it."""
    gate = newest.record.gate
    return gate is not None and gate.figures.get(WAITS) is True


def nothing_new(newest: Version) -> str:
    """That there is nothing new to learn since a version, and what may be done with that, in a sentence."""
    number, gate = newest.number, newest.record.gate
    said = f"There is nothing new to learn since version {number}"
    if newest.state == "refused":
        return (
            f"{said}, which the gate refused; `python -m recsys.versions show {number}` says why, and `promote "
            f"{number} --anyway` lets it answer."
        )
    if newest.state == "candidate" and gate is not None and gate.passed:
        rest = f"; it was made to wait, and `python -m recsys.versions promote {number}` lets it answer"
        return f"{said}, which has passed the gate{rest if waits(newest) else ''}."
    return f"{said}."
