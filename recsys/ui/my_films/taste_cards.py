"""HTML of somebody's taste against everybody's, in sections; nothing is said where nothing is known."""

from collections.abc import Sequence

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.recommend.taste_profile import FEWEST, Compared, Foreseen, Group, TasteProfile, Unlike
from recsys.ui.acts import controls
from recsys.ui.acts.controls import note
from recsys.ui.markup import NOTHING, joined
from recsys.ui.my_films import cards as my_cards
from recsys.ui.my_films import taste_plots

REGISTER = (
    note("When you rated a film is not kept in this browser. With an account it is, and your stars over time are here.")
    + my_cards.register()
)
ABOUT_FEW = "what you rate more than others, how strict you are, and how well your stars can be guessed"


def taste(profile: TasteProfile, to_rate: Sequence[str], over_time: Markup, scale: RatingScale) -> Markup:
    """All of it.

    Args:
        profile: of the person.
        to_rate: titles of films whose stars would tell most.
        over_time: how the stars change, or why that is not known.
        scale: of the stars.
    """
    guesses = line(foreseen(profile.foreseen, profile.n_rated))
    sections = (
        section("Your stars", opening(profile) + taste_plots.histogram(profile.bars)),
        section("Genres", table("Genre", profile.genres)),
        section("Decades", table("Decade", profile.decades)),
        section("You like more than others", unlike(profile.more)),
        section("You like less than others", unlike(profile.less)),
        section("Over time", over_time if profile.n_rated else NOTHING),
        section("How well your stars can be guessed", guesses + tell_most(to_rate, scale)),
    )
    return Markup('<div class="taste">{}</div>').format(joined(sections))


def section(heading: str, content: Markup) -> Markup:
    """A section; nothing without content."""
    return Markup("<section><h2>{}</h2>{}</section>").format(heading, content) if content else NOTHING


def opening(profile: TasteProfile) -> Markup:
    """How many films, how high; how strict; and what is missing."""
    mean = "" if profile.mean is None else f", ★ {profile.mean:.1f} on average"
    said = note(f"{profile.n_rated:,} rating{'s' * (profile.n_rated != 1)}{mean}.") if profile.n_rated else NOTHING
    strict = "" if profile.strictness is None else strictness(profile.strictness)
    return said + line(strict) + missing(FEWEST - profile.n_rated)


def line(sentence: str) -> Markup:
    """A sentence by itself; nothing of none."""
    return Markup("<p>{}</p>").format(sentence) if sentence else NOTHING


def missing(n_films: int) -> Markup:
    """What can be seen here once so many more films are rated; nothing if enough are."""
    if n_films <= 0:
        return NOTHING
    films = f"{n_films} films" if n_films == FEWEST else "one more film" if n_films == 1 else f"{n_films} more films"
    html = Markup(
        "<p>Rate {}, and you see here {}.</p>"
        '<p><button type="button" class="strong" data-look="suggested">Rate films</button></p>'
    )
    return html.format(films, ABOUT_FEW)


def strictness(compared: Compared) -> str:
    """How much less or more than others somebody gives.

    >>> strictness(Compared(own=3.42, others=3.8, n_films=9))
    'You give 0.4 stars less than others to the same films: 3.4 on average, others 3.8.'
    """
    more = compared.own - compared.others
    means = f"{compared.own:.1f} on average, others {compared.others:.1f}"
    if round(abs(more), 1) == 0:
        return f"You give about as many stars as others to the same films: {means}."
    return f"You give {abs(more):.1f} stars {'more' if more > 0 else 'less'} than others to the same films: {means}."


def table(name: str, groups: Sequence[Group]) -> Markup:
    """Genres or decades; nothing if there are none."""
    return taste_plots.group_table(name, groups) + taste_plots.LEGEND if groups else NOTHING


def unlike(films: Sequence[Unlike]) -> Markup:
    """Films that others like less, or more; nothing if there are none."""
    return Markup('<ul class="unlike">{}</ul>').format(joined(map(one_unlike, films))) if films else NOTHING


def one_unlike(film: Unlike) -> Markup:
    """One of them, with both numbers."""
    return Markup(
        '<li>{title}<span class="about">★ {stars:g} from you, {mean:.1f} on average of {n:,} ratings</span></li>'
    ).format(title=controls.film_title(film.title), stars=film.stars, mean=film.mean, n=film.n_ratings)


def foreseen(seen: Foreseen | None, n_rated: int) -> str:
    """How well the stars of somebody who rated so many films can be guessed; nothing where that is not known.

    >>> foreseen(Foreseen(error=0.71, is_expected=True, by_means=None), 12)
    'After 12 ratings, a guess of your stars is expected to be 0.7 off.'
    """
    if seen is None:
        return ""
    if seen.is_expected:
        said = f"After {n_rated:,} ratings, a guess of your stars is expected to be {seen.error:.1f} off."
    else:
        said = f"Guessed from your other ratings, your stars are missed by {seen.error:.1f} on average."
    return said + ("" if seen.by_means is None else f" The films’ averages are {seen.by_means:.1f} off from yours.")


def tell_most(titles: Sequence[str], scale: RatingScale) -> Markup:
    """Films to rate; nothing if there are none."""
    if not titles:
        return NOTHING
    films = "This film" if len(titles) == 1 else f"These {len(titles)} films"
    return note(f"{films} would tell most about you:") + controls.suggested_rows(titles, scale)
