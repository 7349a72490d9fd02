"""HTML of the panel of one film: what is known of it, what can be done with it, where it leads."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.recommend.answers import Suggestion
from recsys.recommend.one_film.details import FilmDetails
from recsys.recommend.one_film.speaking import Rated
from recsys.ui.acts.controls import button, film_title, note, seen_button, slider, stars_in_words
from recsys.ui.film.links import Link
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared.cards import opinion

WAYS_ON = {"near": "Films like this", "path": "Path from here", "map": "On the map"}


def panel(details: FilmDetails, links: Sequence[Link], scale: RatingScale, mark: str | None, number: int) -> Markup:
    """All of it.

    Args:
        details: what is known of the film.
        links: where else something is said of it.
        scale: of the stars.
        mark: a key of MARKS, where the visitor said so.
        number: that the browser waits for.
    """
    parts = (
        about(details),
        elsewhere(links),
        own(details, scale, mark),
        figures(details),
        reasons(details),
        near_it(details.near),
        ways_on(details),
    )
    html = Markup('<div data-seq="{}" data-title="{}" data-heading="{}">{}</div>')
    return html.format(number, details.title, heading(details.name, details.year), joined(parts))


def problem(sentence: str, number: int) -> Markup:
    """Why there is nothing to show."""
    html = Markup('<div data-seq="{}"><p class="problem" role="alert">{}</p></div>')
    return html.format(number, sentence)


def not_here(title: str, nearest: Sequence[str], until: int | None, number: int) -> Markup:
    """That no film is called so, and films that may be meant, each of which opens.

    Args:
        title: that a link or somebody named.
        nearest: titles that are most like it.
        until: when the newest film here came out; None: nobody knows.
        number: that the browser waits for.
    """
    html = Markup('<div data-seq="{}"><p class="problem" role="alert">No film here is called “{}”.{}</p>{}</div>')
    end = "" if until is None else f" Films here end in {until}."
    one = Markup("<li>{}</li>")
    rows = joined(one.format(film_title(each)) for each in nearest)
    meant = Markup('<section><h3>Did you mean</h3><ul class="near">{}</ul></section>').format(rows)
    return html.format(number, title, end, meant if nearest else NOTHING)


def heading(name: str, year: int | None) -> str:
    """A title with its year and nothing else."""
    return name if year is None else f"{name} ({year})"


def about(details: FilmDetails) -> Markup:
    """Its other titles and genres."""
    also = line("also", f"Also called {', '.join(details.other_titles)}") if details.other_titles else NOTHING
    return also + (line("about", " · ".join(details.film.genres)) if details.film.genres else NOTHING)


def line(kind: str, said: str) -> Markup:
    """A line of text."""
    return Markup('<p class="{}">{}</p>').format(kind, said)


def own(details: FilmDetails, scale: RatingScale, mark: str | None) -> Markup:
    """What the visitor can do with it: the same acts as in lists."""
    return Markup(
        '<section class="mine rating" data-film="{title}" aria-label="Yours">{stars}'
        '<div class="acts">{seen}{marks}</div></section>'
    ).format(
        title=details.title,
        stars=slider(details.title, scale, details.given, "no stars yet"),
        seen=seen_button(details.title, mark) if details.given is None else NOTHING,
        marks=marks(details.title, mark),
    )


def marks(title: str, mark: str | None) -> Markup:
    """Buttons that mark the film, or take off the mark that it has, in words: one that closes the panel is beside."""
    later = button("unmark", "Not later", title) if mark == "later" else button("later", "Watch later", title)
    hidden = button("unmark", "Show again", title) if mark == "hidden" else button("hidden", "Not interested", title)
    return later + hidden


def figures(details: FilmDetails) -> Markup:
    """What the visitor might give, and what everybody gave."""
    return Markup('<div class="figures">{}{}</div>').format(expected(details), everybody(details))


def expected(details: FilmDetails) -> Markup:
    """What the visitor might give, and the chance of every level; nothing where the model does not say it."""
    film = details.film
    if film.predicted_stars is None:
        return NOTHING
    of_levels = zip(details.levels, film.chances, strict=True) if film.chances else ()
    rows = [Bar(level, chance, f"{chance:.0%}", f"{in_words(level)}: {chance:.0%}") for level, chance in of_levels]
    given = details.given
    is_besides = given is not None and details.has_rated
    return Markup("<section><h3>{whose}: ★ {stars:.1f}</h3>{bars}{given}</section>").format(
        whose="For you" if details.has_rated else "Expected",
        stars=film.predicted_stars,
        bars=bars("How likely each rating is", rows),
        given=note("A guess from your other ratings.") if is_besides else NOTHING,
    )


def everybody(details: FilmDetails) -> Markup:
    """What everybody gave, level by level where that is told."""
    of_levels = zip(details.levels, details.level_counts, strict=True) if details.level_counts else ()
    rows = [Bar(level, count, f"{count:,}", f"{in_words(level)}: given by {count:,}") for level, count in of_levels]
    mean, people = details.film.mean_stars, details.film.n_ratings
    return Markup("<section><h3>Everybody{mean}</h3>{bars}{people}</section>").format(
        mean="" if mean is None else f": ★ {mean:.1f}",
        bars=bars("How many people gave each rating", rows),
        people=note(f"{people:,} rating{'s' * (people != 1)}"),
    )


def in_words(level: float) -> str:
    """Stars, none of them with more than two decimals."""
    return stars_in_words(round(level, 2))


@dataclass(frozen=True)
class Bar:
    """The bar of a star level.

    Attributes:
        level: in stars.
        value: what it is as long as.
        said: the value, as it is written.
        words: level and value, for those who do not see the bars.
    """

    level: float
    value: float
    said: str
    words: str


def bars(label: str, rows: Sequence[Bar]) -> Markup:
    """Some of them, the last first; nothing where there are none.

    Args:
        label: what is shown, for those who do not see it.
        rows: the lowest level first.
    """
    if not rows:
        return NOTHING
    longest = max(each.value for each in rows)
    shown = joined(bar(each, each.value / longest if longest else 0.0) for each in reversed(rows))
    return Markup('<ol class="bars" aria-label="{}">{}</ol>').format(label, shown)


def bar(row: Bar, share: float) -> Markup:
    """One of them; share is its length, in [0, 1]."""
    return Markup(
        '<li><span class="seen">{words}</span><span aria-hidden="true">{level:g}</span>'
        '<span class="track" aria-hidden="true"><i style="width:{percent:.1f}%"></i></span>'
        '<span class="value" aria-hidden="true">{said}</span></li>'
    ).format(words=row.words, level=round(row.level, 2), percent=100 * share, said=row.said)


def reasons(details: FilmDetails) -> Markup:
    """What speaks for it and against it, as far as there is anything."""
    speaking = details.speaking
    return speaks("What speaks for it", speaking.for_it) + speaks("What speaks against it", speaking.against_it)


def speaks(title: str, rated: Sequence[Rated]) -> Markup:
    """Some of the visitor's ratings under a heading."""
    if not rated:
        return NOTHING
    one = Markup("<li>You gave {} {}.</li>")
    rows = joined(one.format(film_title(each.title), stars_in_words(each.stars)) for each in rated)
    return Markup("<section><h3>{}</h3><ul>{}</ul></section>").format(title, rows)


def near_it(films: Sequence[Suggestion]) -> Markup:
    """The films near it, each of which opens in its place."""
    if not films:
        return NOTHING
    one = Markup('<li>{}<span class="about">{}</span></li>')
    rows = joined(one.format(film_title(film.title), opinion(film)) for film in films)
    return Markup('<section><h3>People who love it also love</h3><ul class="near">{}</ul></section>').format(rows)


def ways_on(details: FilmDetails) -> Markup:
    """Buttons that go on with the film elsewhere on the page; those alone for which the model has what it takes."""
    there = (["near"] if details.near else []) + (["path", "map"] if details.has_space else [])
    if not there:
        return NOTHING
    html = Markup('<button type="button" class="act" data-go="{}" data-from="{}">{}</button>')
    buttons = joined(html.format(way, details.title, WAYS_ON[way]) for way in there)
    return Markup('<div class="ways acts">{}</div>').format(buttons)


def elsewhere(links: Sequence[Link]) -> Markup:
    """Links to other sites, which open beside the page and are not told where they were followed from."""
    return Markup(
        '<section><h3 class="seen">Elsewhere, each in a new tab</h3><ul class="elsewhere">{}</ul></section>'
    ).format(joined(map(link, links)))


def link(link: Link) -> Markup:
    """One of them."""
    html = Markup('<li><a href="{}" target="_blank" rel="noreferrer noopener">{}</a></li>')
    return html.format(link.address, f"Search {link.site}" if link.is_search else link.site)
