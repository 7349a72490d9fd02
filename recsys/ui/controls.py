"""Sliders and buttons beside films, as HTML; acts.js tells the server what is done with them."""

from collections.abc import Mapping
from html import escape
from itertools import count
from zlib import crc32

from recsys.data.scale import RatingScale

CSS = """
input[type=range] { touch-action: pan-y pinch-zoom; }
.seen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows li { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: .1em .6em; margin: 0;
  padding: .55em 0; border-bottom: 1px solid var(--border-color-primary); }
.rows li:last-child { border-bottom: 0; }
.rows .title { font-weight: 600; overflow-wrap: anywhere; }
.rows .about { opacity: .75; font-size: .92em; overflow-wrap: anywhere; grid-column: 1 / -1; }
.rows .give { grid-column: 1 / -1; }
.give { display: flex; align-items: center; gap: .8em; min-height: 2.4em; }
.give input { flex: 1 1 8em; min-width: 0; max-width: 26em; height: 2em; margin: 0; cursor: pointer; appearance: none;
  background: linear-gradient(to right, var(--color-accent) var(--at), var(--border-color-primary) var(--at))
  center / 100% .4em no-repeat; border-radius: .4em; }
.give input::-webkit-slider-thumb { appearance: none; width: 1.25em; height: 1.25em; border-radius: 50%;
  background: var(--color-accent); border: 2px solid var(--body-background-fill); box-shadow: 0 0 2px rgb(0 0 0 / .5); }
.give input::-moz-range-thumb { width: 1em; height: 1em; border-radius: 50%; background: var(--color-accent);
  border: 2px solid var(--body-background-fill); box-shadow: 0 0 2px rgb(0 0 0 / .5); }
.give input::-moz-range-track { background: none; }
.give output { flex: 0 0 5.2em; white-space: nowrap; }
.acts { grid-column: 2 / -1; display: flex; flex-wrap: wrap; gap: .2em .4em; margin-top: .35em; align-items: start; }
.acts details[open] { flex-basis: 100%; }
button.act, .acts summary { font: inherit; font-size: .88em; line-height: 1.2; color: inherit; cursor: pointer;
  background: none; border: 1px solid var(--border-color-primary); border-radius: 1.4em; padding: .45em .8em;
  list-style: none; opacity: .85; display: inline-block; }
.acts summary::-webkit-details-marker { display: none; }
@media (hover: hover) { button.act:hover, .acts summary:hover { border-color: var(--color-accent); opacity: 1; } }
button.act:focus-visible, .acts summary:focus-visible, .give input:focus-visible {
  outline: 2px solid var(--color-accent); outline-offset: 2px; }
[data-film].sending { opacity: .6; }
[data-film].done > * { opacity: .55; }
.acts[data-said] > * { display: none; }
.acts[data-said]::after { content: attr(data-said); font-size: .88em; font-weight: 600; padding: .45em 0; }
gradio-app { padding-bottom: 4.5em; }
#told { position: fixed; left: 0; right: 0; bottom: 0; z-index: 30; display: flex; justify-content: center;
  pointer-events: none; }
.told-it { pointer-events: auto; display: flex; align-items: center; gap: .8em; margin: 0 .8em .8em; max-width: 40em;
  padding: .55em .9em; border-radius: var(--radius-lg); background: var(--neutral-800); color: var(--neutral-50);
  box-shadow: 0 2px 12px rgb(0 0 0 / .35); overflow-wrap: anywhere; }
.told-it:empty { display: none; }
.told-it button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; cursor: pointer;
  text-decoration: underline; padding: .3em; white-space: nowrap; }
.told-it .look { display: none; }
@media (max-width: 640px) { .told-it .look:not([hidden]) { display: inline; } }
.told-it.failed { background: #991b1b; }
"""


_numbers = count(1)


def drawn() -> str:
    """An attribute by which acts.js sees that a list is drawn anew."""
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
