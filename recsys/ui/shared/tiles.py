"""Films as tiles: the title large on a tint of the film's own, with what somebody gives it who has seen it."""

import re
from collections.abc import Mapping, Sequence
from zlib import crc32

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.ui.acts.controls import button, slider
from recsys.ui.markup import NOTHING, joined, kept

LONG_WORD = re.compile(r"\w{10}")  # which would be broken in a third of a phone's width
NAME = re.compile(r"(.+?)(?: \((.+)\))? \((\d{4})\)", re.DOTALL)  # Seven (a.k.a. Se7en) (1995)


@kept
def titled(title: str) -> Markup:
    """A display title as it is read: the name, smaller what else the film is called, and when it came out."""
    parts = NAME.fullmatch(title)
    if parts is None:
        return Markup("{}").format(title)
    name, other, year = parts.groups()
    also = Markup(' <small class="also">{}</small>').format(other) if other else NOTHING
    return Markup('{}{} <small class="year">{}</small>').format(name, also, year)


def tint(hue: int | None) -> Markup:
    """An attribute that says which colour a film has; none where that is not known."""
    return NOTHING if hue is None else Markup(' style="--hue:{}"').format(hue)


def tiles(titles: Sequence[str], scale: RatingScale, hues: Mapping[str, int]) -> Markup:
    """Films to rate; the same films are the same list, which is not drawn anew.

    Args:
        titles: of the films.
        scale: of the stars.
        hues: title -> degrees.
    """
    number = crc32("\n".join(titles).encode("utf-8", "surrogatepass"))
    html = Markup('<ul class="tinted tiles" data-drawn="{}">{}</ul>')
    return html.format(number, joined(tile(title, scale, hues.get(title)) for title in titles))


@kept
def tile(title: str, scale: RatingScale, hue: int | None = None) -> Markup:
    """A film to rate; where a finger taps, its stars are shown once its title is tapped: tiles.js."""
    return Markup(
        '<li data-film="{title}" class="suggested{long}"{tint}>'
        '<button type="button" class="title" data-tile>{name}</button><div class="giving">{stars}{unseen}</div></li>'
    ).format(
        title=title,
        long=" long" if LONG_WORD.search(title) else "",
        tint=tint(hue),
        name=titled(title),
        stars=slider(title, scale),
        unseen=button("unseen", "Haven’t seen it", title),
    )


def begun(n_rated: int, enough: int, is_guest: bool) -> Markup:
    """What is asked of somebody: while they are new, what it is for, how far they are, and where it is kept."""
    if n_rated >= enough:
        return Markup('<div class="begun"><h2>Have you seen these?</h2></div>')
    kept = (
        "No account needed: what you rate stays in this browser."
        if is_guest
        else "Films you have seen, and how many stars."
    )
    return Markup(
        '<div class="begun"><h2>Rate {enough} films, and the list is yours</h2><p class="progress"><progress '
        'max="{enough}" value="{n_rated}" aria-label="Films rated"></progress>{n_rated} of {enough} rated</p>'
        '<p class="note">{kept} <a href="#films/account">Import from Letterboxd and others</a></p></div>'
    ).format(kept=kept, enough=enough, n_rated=n_rated)
