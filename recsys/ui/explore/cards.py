"""HTML of what there is to explore: a way between films, an imaginary viewer, two lists side by side."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from recsys.recommend.answers import Suggestion
from recsys.recommend.exploring import Viewer
from recsys.ui.acts.controls import film_title
from recsys.ui.copying import copying
from recsys.ui.markup import joined
from recsys.ui.shared.cards import note, opinion


def way(films: Sequence[Suggestion]) -> Markup:
    """The films from one film to another, in order."""
    listed = Markup('<ol class="way">{}</ol>').format(joined(map(station, films)))
    return listed + copying((film.title, "") for film in films)


def station(film: Suggestion) -> Markup:
    """One of them."""
    html = Markup('<li>{title}<div class="about">{genres}</div><div class="about">{opinion}</div></li>')
    return html.format(title=film_title(film.title), genres=" · ".join(film.genres), opinion=opinion(film))


def person(viewer: Viewer, highest: float) -> Markup:
    """An imaginary viewer: what they like, and what they watched; highest is the scale's highest star."""
    fond = f"Chooses {' and '.join(viewer.genres)} more often than others do." if viewer.genres else ""
    one = Markup("<li>{}{}</li>")
    films = joined(one.format(film_title(title), drawn_stars(stars, highest)) for title, stars in viewer.watched)
    met = note(f"Viewer {viewer.seed}. {fond}") + Markup('<ul class="met">{}</ul>').format(films)
    return met + copying((title, f"★ {stars:.1f}") for title, stars in viewer.watched)


def drawn_stars(stars: float, highest: float) -> Markup:
    """Whole stars, for the eye; in words with a decimal, for the rest."""
    full = round(stars)
    html = Markup('<span class="stars" role="img" title="{said}" aria-label="{said}">{full}<span>{empty}</span></span>')
    return html.format(
        said=f"{stars:.1f} of {highest:g} stars",
        full="★" * full,
        empty="★" * (round(highest) - full),
    )


def versus(columns: Iterable[Markup]) -> Markup:
    """Lists beside each other."""
    return Markup('<div class="versus">{}</div>').format(joined(columns))


def list_of(heading: str, shown: Markup) -> Markup:
    """One of them."""
    return Markup("<section><h2>{}</h2>{}</section>").format(heading, shown)


def places(titles: Sequence[str], others: Sequence[str]) -> Markup:
    """A list, best first, with the place that a film has in the other list if it is there too."""
    return Markup("<ol>{}</ol>").format(joined(entry(place, title, others) for place, title in enumerate(titles, 1)))


def entry(place: int, title: str, others: Sequence[str]) -> Markup:
    """One film of it."""
    if title not in others:
        return Markup("<li>{}. {}</li>").format(place, film_title(title))
    html = Markup('<li class="both">{}. {}<span class="about">#{} in the other list</span></li>')
    return html.format(place, film_title(title), others.index(title) + 1)
