"""HTML of what there is to explore. Every text from outside is escaped here: gr.HTML would run it."""

from collections.abc import Iterable, Sequence
from html import escape

from recsys.ui.advice import Suggestion
from recsys.ui.cards import note, opinion
from recsys.ui.explore import Viewer

CSS = """
#meet { align-items: end; } #another { min-height: 3em; }
.way { list-style: none; margin: 0; padding: 0; display: grid; gap: 0; }
.way li { position: relative; margin: 0; padding: .35em 0 .9em 1.6em; }
.way li::before { content: ""; position: absolute; left: .2em; top: .75em; width: .8em; height: .8em; z-index: 1;
  box-sizing: border-box; border-radius: 50%; border: 2px solid var(--color-accent);
  background: var(--body-background-fill); }
.way li:first-child::before, .way li:last-child::before { background: var(--color-accent); }
.way li:not(:last-child)::after { content: ""; position: absolute; left: calc(.6em - 1px); top: 1em; bottom: -1em;
  width: 2px; background: var(--color-accent); opacity: .5; }
.way .title, .met .title, .versus .title { font-weight: 600; overflow-wrap: anywhere; }
.way .about { opacity: .75; font-size: .92em; overflow-wrap: anywhere; }
@media (min-width: 900px) {
  .way { grid-auto-flow: column; grid-auto-columns: 1fr; }
  .way li { padding: 1.8em .8em 0 0; }
  .way li::before { left: 0; top: .3em; }
  .way li:not(:last-child)::after { left: .4em; right: -.4em; top: calc(.7em - 1px); bottom: auto; width: auto;
    height: 2px; }
}
.met { list-style: none; margin: .6em 0 0; padding: 0; display: grid; gap: 0 2em;
  grid-template-columns: repeat(auto-fill, minmax(min(20em, 100%), 1fr)); }
.met li { margin: 0; display: flex; justify-content: space-between; gap: 1em; padding: .45em 0;
  border-bottom: 1px solid var(--border-color-primary); }
.met .stars { white-space: nowrap; }
.met .stars span { opacity: .3; }
.versus { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1em; }
.versus h4 { margin: 0 0 .3em; overflow-wrap: anywhere; }
.versus ol { list-style: none; margin: 0; padding: 0; }
.versus li { margin: 0 0 .3em; padding: .35em .6em; border-left: 3px solid var(--border-color-primary);
  min-height: 2.9em; }
.versus li.both { border-color: var(--color-accent); background: var(--background-fill-secondary); }
.versus .about { display: block; opacity: .75; font-size: .85em; }
.film-map .view { position: relative; }
.film-map { --paper: var(--background-fill-secondary); color: var(--body-text-color); }
.film-map canvas { display: block; width: 100%; height: clamp(22em, 68vh, 44em); border-radius: var(--radius-lg);
  background: var(--paper); cursor: grab; }
.film-map canvas:focus-visible, .film-map button:focus-visible { outline: 2px solid var(--color-accent);
  outline-offset: 2px; }
.film-map .zoom { position: absolute; right: .6em; bottom: .6em; display: flex; gap: .4em; }
.film-map button { font: inherit; color: inherit; cursor: pointer; border-radius: 2em; min-height: 2.2em;
  border: 1px solid var(--border-color-primary); background: var(--body-background-fill); padding: .1em .8em; }
.film-map .zoom button { min-width: 2.6em; min-height: 2.6em; }
.film-map .genres { display: flex; flex-wrap: wrap; gap: .35em; margin-bottom: .6em; }
.film-map .genres button { font-size: .88em; }
.film-map .genres button::before { content: ""; display: inline-block; width: .7em; height: .7em; border-radius: 50%;
  background: var(--shade); margin-right: .4em; }
.film-map .genres button[aria-pressed=true] { border-color: var(--color-accent); font-weight: 600;
  box-shadow: inset 0 0 0 1px var(--color-accent); }
.film-map .told { min-height: 3em; margin: .6em 0 0; overflow-wrap: anywhere; }
@media (max-width: 640px) { .film-map .genres { flex-wrap: nowrap; overflow-x: auto; padding: 3px 3px .4em; }
  .film-map .genres button { flex: none; } }
"""


def way(films: Sequence[Suggestion]) -> str:
    """The films from one film to another, in order."""
    stations = "".join(
        f'<li><div class="title">{escape(film.title)}</div><div class="about">{escape(" · ".join(film.genres))}</div>'
        f'<div class="about">{escape(opinion(film))}</div></li>'
        for film in films
    )
    return f'<ol class="way">{stations}</ol>'


def person(viewer: Viewer, highest: float) -> str:
    """Somebody who never was: what they like, and what they watched; highest is the scale's highest star."""
    fond = f"Chooses {' and '.join(viewer.genres)} more often than others do." if viewer.genres else ""
    films = "".join(
        f'<li><span class="title">{escape(title)}</span>{drawn_stars(stars, highest)}</li>'
        for title, stars in viewer.watched
    )
    return f'{note(f"Person {viewer.seed}. {fond}")}<ul class="met">{films}</ul>'


def drawn_stars(stars: float, highest: float) -> str:
    """Whole stars, for the eye; in words with a decimal, for the rest."""
    full = round(stars)
    drawn = "★" * full + f"<span>{'★' * (round(highest) - full)}</span>"
    said = f"{stars:.1f} of {highest:g} stars"
    return f'<span class="stars" role="img" title="{said}" aria-label="{said}">{drawn}</span>'


def versus(columns: Iterable[str]) -> str:
    """Lists beside each other."""
    return f'<div class="versus">{"".join(columns)}</div>'


def list_of(heading: str, shown: str) -> str:
    """One of them; shown is HTML."""
    return f"<section><h4>{escape(heading)}</h4>{shown}</section>"


def places(titles: Sequence[str], others: Sequence[str]) -> str:
    """A list, best first, with the place that a film has in the other list if it is there too."""
    return f"<ol>{''.join(entry(place, title, others) for place, title in enumerate(titles, 1))}</ol>"


def entry(place: int, title: str, others: Sequence[str]) -> str:
    """One film of it."""
    shown = f'{place}. <span class="title">{escape(title)}</span>'
    if title not in others:
        return f"<li>{shown}</li>"
    return f'<li class="both">{shown}<span class="about">there: number {others.index(title) + 1}</span></li>'
