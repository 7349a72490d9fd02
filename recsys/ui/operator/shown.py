"""What an operator sees."""

from markupsafe import Markup

from recsys.loop.report import Report
from recsys.loop.words import FINGERPRINT, about, comparisons, parts, tables
from recsys.serve.engine import Engine
from recsys.ui.markup import NOTHING, joined
from recsys.ui.operator import cards
from recsys.ui.operator.daily import Today

MAKING = "The figures are being worked out: reload this page in a minute."
OLDER = "The figures of today are being worked out: these are of before. Reload this page in a minute."
NOBODY = "no model yet"


def answering(engine: Engine) -> str:
    """Which model answers now."""
    if engine.recommender is None:
        return NOBODY
    name, fingerprint = engine.recommender.artifact.name, engine.recommender.version[:FINGERPRINT]
    return f"{name}, {fingerprint}" + (f" (version {engine.number})" if engine.number is not None else "")


def shown(today: Today, model: str) -> Markup:
    """The page that an operator sees.

    Args:
        today: what there is to show.
        model: which answers now.
    """
    sentence = today.problem or ((OLDER if today.report else MAKING) if today.is_making else "")
    state = cards.state(sentence) if sentence else NOTHING
    body = state if today.report is None else told(today.report, state)
    return cards.page(model, body)


def told(report: Report, state: Markup) -> Markup:
    """A report, and what is to be said before."""
    every = [*((name, tables(part)) for name, part in parts(report)), *comparisons(report)]
    return cards.told(about(report.period), report.made_at, joined(cards.part(*each) for each in every), state)
