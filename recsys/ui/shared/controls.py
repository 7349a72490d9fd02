"""Sliders and buttons beside films, as HTML; film_actions.js tells the server what is done with them."""

from collections.abc import Mapping
from html import escape
from itertools import count
from zlib import crc32

from recsys.data.scale import RatingScale

_numbers = count(1)


def drawn() -> str:
    """An attribute by which film_actions.js sees that a list is drawn anew."""
    return f'data-drawn="{next(_numbers)}"'


def slider(title: str, scale: RatingScale, stars: float | None = None, none: str = "not seen") -> str:
    """A slider over no stars and the steps of the scale; it counts when it is let go.

    Args:
        title: of the film, as display title.
        stars: where it stands; None: below the scale.
        none: what it says there.
    """
    name, said = escape(title), none if stars is None else stars_in_words(stars)
    unseen = scale.lowest - scale.increment
    share = 0 if stars is None else (stars - unseen) / (scale.highest - unseen)
    return (
        f'<label class="give"><span class="seen">Stars for {name}</span>'
        f'<input type="range" min="{unseen:g}" max="{scale.highest:g}" step="{scale.increment:g}" '
        f'value="{unseen if stars is None else stars:g}" style="--at:{share:.0%}" data-do="rate" '
        f'data-none="{none}" aria-valuetext="{said}">'
        f"<output>{said}</output></label>"
    )


def button(do: str, label: str, title: str) -> str:
    """A button that does something with a film."""
    return (
        f'<button type="button" class="act" data-do="{do}" aria-label="{escape(f"{label}: {title}")}">{label}</button>'
    )


def acts(title: str, scale: RatingScale, mark: str | None = None, stars: float | None = None) -> str:
    """What can be done with a film of a list, rate it, or mark it; mark and stars: that it has."""
    later = button("unmark", "Not later", title) if mark == "later" else button("later", "Watch later", title)
    hidden = button("unmark", "Show again", title) if mark == "hidden" else button("hidden", "Not interested", title)
    rate = f"<details><summary>Seen it</summary>{slider(title, scale, stars, 'no stars yet')}</details>"
    return f'<div class="acts">{rate}{later}{hidden}</div>'


def suggested_rows(titles: list[str], scale: RatingScale) -> str:
    """Films to rate, each with a slider; the same films are the same list, which is not drawn anew."""
    number = crc32("\n".join(titles).encode())
    rows = "".join(
        f'<li data-film="{escape(title)}" class="suggested"><span class="title">{escape(title)}</span>'
        f"{button('hidden', 'Not interested', title)}{slider(title, scale)}</li>"
        for title in titles
    )
    return f'<ul class="rows" data-drawn="{number}">{rows}</ul>'


def rated_rows(ratings: Mapping[str, float], scale: RatingScale, most: int) -> str:
    """What was rated, in its order, each with a slider and a button that removes it; at most so many."""
    rows = "".join(
        f'<li data-film="{escape(title)}" class="rating"><span class="title">{escape(title)}</span>'
        f"{button('remove', 'Remove', title)}{slider(title, scale, stars)}</li>"
        for title, stars in list(ratings.items())[:most]
    )
    return f'<ul class="rows" {drawn()}>{rows}</ul>'


def marked_rows(titles: list[str], label: str, scale: RatingScale) -> str:
    """Films with a mark, each with a button that takes it off, and a slider."""
    rows = "".join(
        f'<li data-film="{escape(title)}"><span class="title">{escape(title)}</span>{button("unmark", label, title)}'
        f"{slider(title, scale)}</li>"
        for title in titles
    )
    return f'<ul class="rows" {drawn()}>{rows}</ul>'


def stars_in_words(stars: float) -> str:
    """Such as "1 star" or "4.5 stars"."""
    return f"{stars:g} star{'s' * (stars != 1)}"


def note(sentence: str) -> str:
    """A sentence that stands where a list will be."""
    return f'<p class="note">{escape(sentence)}</p>'
