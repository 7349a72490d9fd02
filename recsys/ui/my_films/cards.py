"""HTML of what belongs to one person: ratings over time, lists that were shown, what an account can do."""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys.data.scale import RatingScale
from recsys.ui.shared.controls import note, stars_in_words

if TYPE_CHECKING:
    from recsys.store import Change, OpenedList, ShownFilm, ShownList

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 400, 200, 30, 28, 10  # of the plot, in units of 1 px
MOST_DOTS, MOST_LINES = 5000, 11
KINDS = {"for you": "For you", "genres": "By genre", "side by side": "Side by side"}
MARKED = {"hidden": "not interested", "later": "to watch later"}
NO_LISTS = "None yet: every list of films that you are shown is kept here, so that you can come back to it."


def marks(scale: RatingScale) -> list[int]:
    """Whole stars of a scale to draw a line at, a few of them if there are many."""
    whole = range(math.ceil(scale.lowest), math.floor(scale.highest) + 1)
    given = [stars for stars in whole if scale.holds(np.array(stars))]
    return given[:: 1 + (len(given) - 1) // MOST_LINES]


def over_time(changes: "Sequence[Change]", scale: RatingScale) -> str:
    """A dot for every rating that was given: when, and how many stars."""
    given = [(change.at, float(change.after)) for change in changes if change.after is not None][-MOST_DOTS:]
    if not given:
        return note("A dot for every rating that you give: none yet.")
    first, last = min(at for at, _ in given), max(at for at, _ in given)
    span = max(last - first, timedelta(hours=1))

    def across(at: datetime) -> float:
        return LEFT + MARGIN + (WIDTH - LEFT - 2 * MARGIN) * (at - first) / span

    def down(stars: float) -> float:
        share = (stars - scale.lowest) / (scale.highest - scale.lowest)
        return MARGIN + (HEIGHT - BOTTOM - 2 * MARGIN) * (1 - share)

    levels = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH}" y1="{down(level):.0f}" y2="{down(level):.0f}"/>'
        f'<text x="{LEFT - 8}" y="{down(level) + 4:.0f}" text-anchor="end">{level:g}</text>'
        for level in marks(scale)
    )
    dots = "".join(
        f'<circle cx="{across(at):.1f}" cy="{down(stars):.1f}" r="4">'
        f"<title>{day(at)}: {stars_in_words(stars)}</title></circle>"
        for at, stars in given
    )
    ends = f'<text x="{LEFT}" y="{HEIGHT - 6}">{day(first)}</text>'
    if day(first) != day(last):
        ends += f'<text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{day(last)}</text>'
    said = f"{len(given):,} rating{'s' * (len(given) != 1)}, ★ {mean(given):.1f} on average"
    return (
        f'<svg class="over-time" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">'
        f"{levels}{dots}{ends}</svg>" + note(said + ".")
    )


def mean(given: Sequence[tuple[datetime, float]]) -> float:
    """Of the stars."""
    return sum(stars for _, stars in given) / len(given)


def day(at: datetime) -> str:
    """Such as 24 Nov 2026."""
    return f"{at.day} {at:%b %Y}"


def moment(at: datetime) -> str:
    """A moment; the browser shows it in its own time zone."""
    return f'<time datetime="{at.isoformat()}">{day(at)}, {at:%H:%M} UTC</time>'


def in_words(kind: str, request: Mapping[str, Any]) -> str:
    """What a list was, and what was asked for."""
    parts = [KINDS.get(kind, kind)]
    genres, loved = request.get("genres"), request.get("loved")
    parts += [", ".join(map(str, genres))] if isinstance(genres, list) and genres else []
    parts += [str(request["period"])] if request.get("period") else []
    parts += ["like " + ", ".join(map(str, loved))] if isinstance(loved, list) and loved else []
    adventure = request.get("adventure")
    parts += [f"{adventure:.0%} adventurous"] if isinstance(adventure, int | float) and adventure else []
    return " · ".join(parts)


def overview(lists: "Sequence[ShownList]", is_first_page: bool, page: int) -> str:
    """Lists that were shown, each to be opened.

    Args:
        lists: the newest first.
        is_first_page: whether there are none newer.
        page: how many lists a page has; fewer, and this is the last.
    """
    if not lists:
        return note(NO_LISTS if is_first_page else "There are no older lists.") + back(is_first_page)
    rows = "".join(
        f'<li><button data-list="{shown.id}"><b>{escape(in_words(shown.kind, shown.request))}</b><span>{shown.n_films} '
        f'films</span><span class="about">{moment(shown.shown_at)} · {model_of(shown)}</span></button></li>'
        for shown in lists
    )
    older = f'<button class="plain" data-before="{lists[-1].id}">Older</button>' if len(lists) == page else ""
    return f'<ul class="shown">{rows}</ul><p>{older} {back(is_first_page)}</p>'


def no_longer(gone: int, most: int, what: str) -> str:
    """What says that older things are gone; nothing if none are."""
    if not gone:
        return ""
    older = "older one is" if gone == 1 else "older ones are"
    return note(f"Of your {what}, at most the newest {most:,} are kept: {gone:,} {older} gone.")


def back(is_first_page: bool) -> str:
    """The way to the newest lists."""
    return "" if is_first_page else '<button class="plain" data-newest>Newest</button>'


def model_of(shown: "ShownList") -> str:
    """Which model made a list, and which one of that name."""
    return f"{escape(shown.model)} <small>{escape(shown.version)}</small>"


def opened(found: "OpenedList", title_of: Callable[[str, int], str]) -> str:
    """A list that was shown, and what became of its films."""
    shown = found.shown
    rows = "".join(film(each, title_of(shown.dataset, each.item_id)) for each in found.films)
    return (
        '<p><button class="plain" data-newest>All lists</button></p>'
        f"<h3>{escape(in_words(shown.kind, shown.request))}</h3>"
        f'<p class="note">{moment(shown.shown_at)} · {model_of(shown)}</p><ol class="films">{rows}</ol>'
    )


def film(shown: "ShownFilm", title: str) -> str:
    """A film of such a list: what was expected, and what the person did with it since."""
    expected = "" if shown.expected is None else f"★ {shown.expected:.1f} expected"
    since = [] if shown.stars is None else [f"you gave {stars_in_words(shown.stars)}"]
    since += [] if shown.mark is None else [MARKED[shown.mark]]
    name = escape(title) if title else f"Film {shown.item_id}, which this page does not have"
    return (
        f'<li><span class="title">{name}</span><span class="since">{escape(", ".join(since))}</span>'
        f'<div class="about">{expected}</div></li>'
    )


def own(name: str, has_password: bool, warning: str) -> str:
    """What somebody can do with an account: take everything away, bring ratings, and end it."""
    about = f'<p class="note">{escape(warning)}</p>' if warning else ""
    change = '<button class="plain" data-dialog="change-password">Change password</button>' if has_password else ""
    return (
        f'<div class="own"><section><h3>Take it with you</h3>{about}'
        '<p class="note">Your ratings and marks as a table, or everything that is kept about you, as JSON.</p>'
        '<div class="choices"><a class="plain" href="account/ratings.csv" download>Ratings (CSV)</a>'
        '<a class="plain" href="account/export.json" download>Everything (JSON)</a></div></section>'
        '<section><h3>Bring ratings</h3><p class="note">From the export of Letterboxd (ZIP or ratings.csv), IMDb '
        "(ratings.csv), TMDB, Trakt, Simkl or movielens.org, from a file of this page, or from any table (CSV) with "
        "titles and ratings: what it does not say itself, you are asked.</p>"
        '<div class="choices"><label class="plain">Choose a file<input type="file" class="seen" '
        'accept=".csv,.zip,.json,.txt,.tsv" aria-label="File with ratings"></label></div>'
        '<div class="brought" role="status"></div><div class="question"></div></section>'
        f'<section><h3>{escape(name)}</h3><div class="choices">{change}'
        '<button class="plain" data-account="sign-out-everywhere">Sign out on all devices</button>'
        '<button class="plain" data-dialog="delete">Delete the account</button></div></section></div>'
    )


def invitation() -> str:
    """What a guest would have with an account."""
    return (
        '<div class="own"><section><h3>With an account</h3>'
        '<p class="note">your ratings are kept here instead of in this browser, and so is every list that you see. You '
        "can take all of it away, bring ratings from other sites, and delete the account for good.</p>"
        '<div class="choices"><button class="strong" data-dialog="register">Register</button>'
        '<button class="plain" data-dialog="sign-in">Sign in</button></div></section></div>'
    )
