"""HTML of what belongs to one person: ratings over time, lists that were shown, what an account can do."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared.controls import film_title, note, stars_in_words

if TYPE_CHECKING:
    from recsys.store import Change, OpenedList, ShownFilm, ShownList

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 400, 200, 30, 28, 10  # of the plot, in units of 1 px
MOST_DOTS, MOST_LINES = 5000, 11
KINDS = {"for you": "For you", "genres": "By genre", "side by side": "Side by side"}
MARKED = {"hidden": "not interested", "later": "to watch later"}
NO_LISTS = "None yet: every list of films that you are shown is kept here, so that you can come back to it."
BRING_RATINGS = Markup(
    '<section><h2>Bring ratings</h2><p class="note">From the export of Letterboxd (ZIP or ratings.csv), IMDb '
    "(ratings.csv), TMDB, Trakt, Simkl or movielens.org, from a file of this page, or from any table (CSV) with "
    "titles and ratings: what it does not say itself, you are asked.</p>"
    '<div class="choices"><label class="plain">Choose a file<input type="file" class="seen" '
    'accept=".csv,.zip,.json,.txt,.tsv" aria-label="File with ratings"></label></div>'
    '<div class="brought" role="status"></div><div class="question"></div></section>'
)


def marks(scale: RatingScale) -> list[int]:
    """Whole stars of a scale to draw a line at, a few of them if there are many."""
    whole = range(math.ceil(scale.lowest), math.floor(scale.highest) + 1)
    given = [stars for stars in whole if scale.holds(np.array(stars))]
    return given[:: 1 + (len(given) - 1) // MOST_LINES]


@dataclass(frozen=True)
class Frame:
    """Where ratings lie in the plot: across by moment, down by stars."""

    first: datetime
    last: datetime
    scale: RatingScale

    def across(self, at: datetime) -> float:
        """Of a moment, from the left."""
        span = max(self.last - self.first, timedelta(hours=1))
        return LEFT + MARGIN + (WIDTH - LEFT - 2 * MARGIN) * (at - self.first) / span

    def down(self, stars: float) -> float:
        """Of stars, from the top."""
        share = (stars - self.scale.lowest) / (self.scale.highest - self.scale.lowest)
        return MARGIN + (HEIGHT - BOTTOM - 2 * MARGIN) * (1 - share)


def over_time(changes: "Sequence[Change]", scale: RatingScale) -> Markup:
    """A dot for every rating that was given: when, and how many stars."""
    given = [(change.at, float(change.after)) for change in changes if change.after is not None][-MOST_DOTS:]
    if not given:
        return note("A dot for every rating that you give: none yet.")
    frame = Frame(min(at for at, _ in given), max(at for at, _ in given), scale)
    said = f"{len(given):,} rating{'s' * (len(given) != 1)}, ★ {mean(given):.1f} on average"
    drawing = Markup(
        '<svg class="over-time" viewBox="0 0 {width} {height}" role="img" aria-label="{said}">{inside}</svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        said=said,
        inside=joined([*(level_line(level, frame) for level in marks(scale)), *dots(given, frame), *ends(frame)]),
    )
    return drawing + note(said + ".")


def level_line(level: int, frame: Frame) -> Markup:
    """The line of a star level, and its number."""
    return Markup(
        '<line x1="{left}" x2="{right}" y1="{down:.0f}" y2="{down:.0f}"/>'
        '<text x="{text}" y="{under:.0f}" text-anchor="end">{level:g}</text>'
    ).format(
        left=LEFT,
        right=WIDTH,
        down=frame.down(level),
        text=LEFT - 8,
        under=frame.down(level) + 4,
        level=level,
    )


def dots(given: "Sequence[tuple[datetime, float]]", frame: Frame) -> Iterator[Markup]:
    """A dot for each rating."""
    html = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="4"><title>{}: {}</title></circle>')
    for at, stars in given:
        yield html.format(frame.across(at), frame.down(stars), day(at), stars_in_words(stars))


def ends(frame: Frame) -> Iterator[Markup]:
    """The first day, and the last one if it is another."""
    first, last = day(frame.first), day(frame.last)
    yield Markup('<text x="{}" y="{}">{}</text>').format(LEFT, HEIGHT - 6, first)
    if first != last:
        yield Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(WIDTH, HEIGHT - 6, last)


def mean(given: Sequence[tuple[datetime, float]]) -> float:
    """Of the stars."""
    return sum(stars for _, stars in given) / len(given)


def day(at: datetime) -> str:
    """Such as 24 Nov 2026."""
    return f"{at.day} {at:%b %Y}"


def moment(at: datetime) -> Markup:
    """A moment; the browser shows it in its own time zone."""
    return Markup('<time datetime="{}">{}, {} UTC</time>').format(at.isoformat(), day(at), f"{at:%H:%M}")


def in_words(kind: str, request: Mapping[str, Any]) -> str:
    """What a list was, and what was asked for."""
    parts = [KINDS.get(kind, kind)]
    genres, loved = request.get("genres"), request.get("loved")
    between = " and " if request.get("all_of_them") else ", "
    parts += [between.join(map(str, genres))] if isinstance(genres, list) and genres else []
    parts += [str(request["period"])] if request.get("period") else []
    parts += ["like " + ", ".join(map(str, loved))] if isinstance(loved, list) and loved else []
    adventure = request.get("adventure")
    parts += [f"{adventure:.0%} adventurous"] if isinstance(adventure, int | float) and adventure else []
    parts += [str(request["order"])] if request.get("order") else []
    return " · ".join(parts)


def overview(lists: "Sequence[ShownList]", is_first_page: bool, page: int) -> Markup:
    """Lists that were shown, each to be opened.

    Args:
        lists: the newest first.
        is_first_page: whether there are none newer.
        page: how many lists a page has; fewer, and this is the last.
    """
    if not lists:
        return note(NO_LISTS if is_first_page else "There are no older lists.") + back(is_first_page)
    older = NOTHING
    if len(lists) == page:
        older = Markup('<button class="plain" data-before="{}">Older</button>').format(lists[-1].id)
    html = Markup('<ul class="shown">{}</ul><p>{} {}</p>')
    return html.format(joined(map(to_open, lists)), older, back(is_first_page))


def to_open(shown: "ShownList") -> Markup:
    """One of them."""
    return Markup(
        '<li><button data-list="{id}"><b>{words}</b><span>{n_films} films</span>'
        '<span class="about">{moment} · {model}</span></button></li>'
    ).format(
        id=shown.id,
        words=in_words(shown.kind, shown.request),
        n_films=shown.n_films,
        moment=moment(shown.shown_at),
        model=model_of(shown),
    )


def no_longer(gone: int, most: int, what: str) -> Markup:
    """What says that older things are gone; nothing if none are."""
    if not gone:
        return NOTHING
    older = "older one is" if gone == 1 else "older ones are"
    return note(f"Of your {what}, at most the newest {most:,} are kept: {gone:,} {older} gone.")


def back(is_first_page: bool) -> Markup:
    """The way to the newest lists."""
    return NOTHING if is_first_page else Markup('<button class="plain" data-newest>Newest</button>')


def model_of(shown: "ShownList") -> Markup:
    """Which model made a list, and which one of that name."""
    return Markup("{} <small>{}</small>").format(shown.model, shown.version)


def opened(found: "OpenedList", title_of: Callable[[str, int], str]) -> Markup:
    """A list that was shown, and what became of its films."""
    shown = found.shown
    return Markup(
        '<p><button class="plain" data-newest>All lists</button></p><h2>{words}</h2>'
        '<p class="note">{moment} · {model}</p><ol class="films">{films}</ol>'
    ).format(
        words=in_words(shown.kind, shown.request),
        moment=moment(shown.shown_at),
        model=model_of(shown),
        films=joined(film(each, title_of(shown.dataset, each.item_id)) for each in found.films),
    )


def film(shown: "ShownFilm", title: str) -> Markup:
    """A film of such a list: what was expected, and what the person did with it since."""
    since = [] if shown.stars is None else [f"you gave {stars_in_words(shown.stars)}"]
    since += [] if shown.mark is None else [MARKED[shown.mark]]
    return Markup('<li>{title}<span class="since">{since}</span><div class="about">{expected}</div></li>').format(
        title=film_title(title) if title else unknown_film(shown.item_id),
        since=", ".join(since),
        expected="" if shown.expected is None else f"★ {shown.expected:.1f} expected",
    )


def unknown_film(item_id: int) -> Markup:
    """What stands for the title of a film that the model does not know."""
    return Markup('<span class="title">Film {}, which this page does not have</span>').format(item_id)


def own(name: str, has_password: bool, warning: str) -> Markup:
    """What somebody can do with an account: take everything away, bring ratings, and end it."""
    about = note(warning) if warning else NOTHING
    html = Markup('<div class="own">{}{}{}</div>')
    return html.format(take_away(about), BRING_RATINGS, end_account(name, has_password))


def take_away(about: Markup) -> Markup:
    """The files of what is kept."""
    return Markup(
        "<section><h2>Take it with you</h2>{}"
        '<p class="note">Your ratings and marks as a table, your ratings as Letterboxd imports them, or everything '
        "that is kept about you, as JSON.</p>"
        '<div class="choices"><a class="plain" href="account/ratings.csv" download>Ratings (CSV)</a>'
        '<a class="plain" href="account/letterboxd.csv" download>For Letterboxd (CSV)</a>'
        '<a class="plain" href="account/export.json" download>Everything (JSON)</a></div></section>'
    ).format(about)


def end_account(name: str, has_password: bool) -> Markup:
    """What changes or ends it."""
    change = Markup('<button class="plain" data-dialog="change-password">Change password</button>')
    html = Markup(
        '<section><h2>{}</h2><div class="choices">{}'
        '<button class="plain" data-account="sign-out-everywhere">Sign out on all devices</button>'
        '<button class="plain" data-dialog="delete">Delete the account</button></div></section>'
    )
    return html.format(name, change if has_password else NOTHING)


def invitation() -> Markup:
    """What a guest can do, and what a guest would have with an account."""
    return Markup(
        '<div class="own" data-guest>{bring}<section><h2>With an account</h2>'
        '<p class="note">your ratings are kept here instead of in this browser, and so is every list that you see. You '
        "can take all of it away, and delete the account for good.</p>"
        '<div class="choices"><button class="strong" data-dialog="register">Register</button>'
        '<button class="plain" data-dialog="sign-in">Sign in</button></div></section></div>'
    ).format(bring=BRING_RATINGS)
