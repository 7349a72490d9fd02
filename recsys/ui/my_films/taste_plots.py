"""What a taste looks like, as HTML: bars of shares, a histogram of stars. Numbers stand beside what is drawn.

A bar of one's own stands before or above one of everybody's; taste.css gives both their colours.
"""

from collections.abc import Sequence

from markupsafe import Markup

from recsys.recommend.taste_profile import Bar, Compared, Group
from recsys.ui.markup import NOTHING, joined

LEGEND = Markup(
    '<p class="keys" aria-hidden="true"><span class="key">you</span><span class="key others">everybody</span></p>'
)


def group_table(heading: str, groups: Sequence[Group]) -> Markup:
    """Genres or decades: how much of each a person rates, and how high; nothing if there are none."""
    if not groups:
        return NOTHING
    widest = max(max(group.share, group.share_of_all) for group in groups)
    return Markup(
        '<table class="shares"><thead><tr><th scope="col">{heading}</th>'
        '<th scope="col">Share of your ratings<small> (everybody’s)</small></th>'
        '<th scope="col">Your ★<small> (others’)</small></th></tr></thead><tbody>{rows}</tbody></table>'
    ).format(heading=heading, rows=joined(group_row(group, widest) for group in groups))


def group_row(group: Group, widest: float) -> Markup:
    """One of them; `widest` is the share whose bar is as wide as there is room."""
    return Markup(
        '<tr><th scope="row">{name}</th><td><span class="bars" aria-hidden="true"><i style="width:{own:.1f}%"></i>'
        '<i class="others" style="width:{others:.1f}%"></i></span>'
        "<span>{share:.0%} <small>({share_of_all:.0%})</small></span></td><td>{means}</td></tr>"
    ).format(
        name=group.name,
        own=100 * group.share / max(widest, 1e-9),
        others=100 * group.share_of_all / max(widest, 1e-9),
        share=group.share,
        share_of_all=group.share_of_all,
        means=NOTHING if group.means is None else both_means(group.means),
    )


def both_means(compared: Compared) -> Markup:
    """Such as "4.2 (3.6)"."""
    return Markup("{:.1f} <small>({:.1f})</small>").format(compared.own, compared.others)


def histogram(bars: Sequence[Bar]) -> Markup:
    """How often a person gives which stars, and everybody; nothing without bars."""
    if not bars:
        return NOTHING
    has_others = any(bar.share_of_all is not None for bar in bars)
    highest = max(max(bar.share, bar.share_of_all or 0) for bar in bars)
    columns = joined(column(bar, highest) for bar in bars)
    html = Markup('<div class="histogram" role="img" aria-label="{}">{}</div>{}')
    return html.format(", ".join(map(in_words, bars)), columns, LEGEND if has_others else NOTHING)


def column(bar: Bar, highest: float) -> Markup:
    """A level's two bars; `highest` is the share whose bar is as high as there is room."""
    others = NOTHING
    if bar.share_of_all is not None:
        others = Markup('<i class="others" style="height:{:.1f}%"></i>').format(100 * bar.share_of_all / highest)
    return Markup(
        '<div title="{said}"><span class="bars"><i style="height:{own:.1f}%"></i>{others}</span><b>{level}</b></div>'
    ).format(said=in_words(bar), own=100 * bar.share / max(highest, 1e-9), others=others, level=level_of(bar))


def level_of(bar: Bar) -> str:
    """Such as "4" or "3.5 to 4"."""
    return f"{bar.lowest:g}" if bar.lowest == bar.highest else f"{bar.lowest:.3g}–{bar.highest:.3g}"


def in_words(bar: Bar) -> str:
    """What a bar says.

    >>> in_words(Bar(lowest=4.0, highest=4.0, n_rated=2, share=0.4, share_of_all=0.34))
    '4 stars: 2 films, 40%, everybody 34%'
    """
    films = f"{bar.n_rated} film{'s' * (bar.n_rated != 1)}, {bar.share:.0%}"
    others = "" if bar.share_of_all is None else f", everybody {bar.share_of_all:.0%}"
    return f"{level_of(bar)} star{'s' * (level_of(bar) != '1')}: {films}{others}"
