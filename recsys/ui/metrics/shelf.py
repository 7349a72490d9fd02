"""Every model with a sentence, where it comes from, and its figures, as HTML."""

from markupsafe import Markup

from recsys.results.measurements import Measurements
from recsys.results.metrics import NDCG, RMSE
from recsys.results.shelf import OnShelf, shelf
from recsys.results.text import MISSING
from recsys.ui.markup import NOTHING, joined

FOLDED = Markup(
    "<details><summary>Every model, and where it comes from</summary><p>{n} systems, from the plainest on. Those with "
    "a star (★) are named by the paper that this began with. Figures are the error of guessed stars ({error}, lower is "
    "better) and the quality of lists ({lists}, higher is better), where they were measured.</p>"
    '<dl class="shelf">{models}</dl></details>'
)


def shelf_section(measured: Measurements) -> Markup:
    """All models, folded."""
    models = shelf(measured)
    lists = NDCG.at(max(measured.results.k)).heading
    described = joined(model(each, lists) for each in models)
    return FOLDED.format(n=len(models), error=RMSE.heading, lists=lists, models=described)


def model(each: OnShelf, lists: str) -> Markup:
    """One of them. Args: lists: what quality of lists is called."""
    star = Markup(' <span title="named by the paper">★</span>') if each.about.in_paper else NOTHING
    origin = Markup(" <i>{}.</i>").format(each.about.origin) if each.about.origin else NOTHING
    told = ((RMSE.heading, each.rmse), (lists, each.ndcg))
    known = ", ".join(f"{name} {figure}" for name, figure in told if figure != MISSING)
    figures = Markup(" <small>{}</small>").format(known) if known else NOTHING
    return Markup("<dt>{}{}</dt><dd>{}{}{}</dd>").format(each.name, star, each.about.sentence, origin, figures)
