"""HTML of what there is to explore. Every text from outside is escaped here: gr.HTML would run it."""

from collections.abc import Iterable, Sequence
from html import escape

from recsys.recommend.answers import Suggestion
from recsys.recommend.exploring import Viewer
from recsys.ui.shared.cards import note, opinion


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
