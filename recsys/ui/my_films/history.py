"""HTML of lists that were shown: by day, each called by its first films, and opened again."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from recsys.serve.accounts.film_names import StoredFilm
from recsys.ui.acts.controls import note, stars_in_words
from recsys.ui.markup import NOTHING, joined

if TYPE_CHECKING:
    from recsys.store import OpenedList, ShownFilm, ShownList

KINDS = {"for you": "For you", "genres": "By genre", "side by side": "Side by side"}
BESIDE = "side by side"
TOGETHER = timedelta(minutes=10)  # at most, between lists that were shown side by side
MOST_TOGETHER = 6
MARKED = {"hidden": "not interested", "later": "to watch later", "seen": "seen"}
NO_LISTS = "None yet: every list of films that you are shown is kept here, so that you can come back to it."

Titles = Mapping[StoredFilm, str]


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
    decades, least, most = request.get("decades"), request.get("least_ratings"), request.get("most_ratings")
    parts += [str(request["period"])] if request.get("period") else []
    parts += [", ".join(map(str, decades))] if isinstance(decades, list) and decades else []
    parts += [f"{least:,}+ ratings"] if isinstance(least, int) and least else []
    parts += [f"at most {most:,} ratings"] if isinstance(most, int) and most else []
    parts += ["seen too"] if request.get("seen_too") else []
    parts += ["like " + ", ".join(map(str, loved))] if isinstance(loved, list) and loved else []
    adventure = request.get("adventure")
    parts += [f"{adventure:.0%} adventurous"] if isinstance(adventure, int | float) and adventure else []
    parts += [str(request["order"])] if request.get("order") else []
    return " · ".join(parts)


def together(lists: "Sequence[ShownList]") -> "list[list[ShownList]]":
    """Lists, the newest first, where those of several models that were shown side by side are one entry."""
    entries: list[list[ShownList]] = []
    for shown in lists:
        if entries and belongs(shown, entries[-1]):
            entries[-1].append(shown)
        else:
            entries.append([shown])
    return entries


def belongs(shown: "ShownList", entry: "Sequence[ShownList]") -> bool:
    """Whether a list was shown beside those of an entry."""
    are_beside = shown.kind == entry[-1].kind == BESIDE and len(entry) < MOST_TOGETHER
    is_another = shown.model not in {each.model for each in entry}
    return are_beside and is_another and entry[-1].shown_at - shown.shown_at <= TOGETHER


def overview(lists: "Sequence[ShownList]", titles: Titles, is_first_page: bool, page: int) -> Markup:
    """Lists that were shown, by day, each to be opened.

    Args:
        lists: the newest first.
        titles: of their first films, as far as these are known.
        is_first_page: whether there are none newer.
        page: how many lists a page has; fewer, and this is the last.
    """
    if not lists:
        return note(NO_LISTS if is_first_page else "There are no older lists.") + back(is_first_page)
    older = NOTHING
    if len(lists) == page:
        older = Markup('<button class="plain" data-before="{}">Older</button>').format(lists[-1].id)
    html, entries = Markup('<ul class="shown">{}</ul><p>{} {}</p>'), together(lists)
    days = ["", *(day(entry[0].shown_at) for entry in entries)]
    rows = (to_open(first, rest, titles, days[at] != days[at + 1]) for at, (first, *rest) in enumerate(entries))
    return html.format(joined(rows), older, back(is_first_page))


def to_open(newest: "ShownList", beside: "Sequence[ShownList]", titles: Titles, begins_day: bool) -> Markup:
    """A list, and those that were shown beside it, below its day if it is the first of that.

    The browser says anew which is the first of a day, by the reader's own clock.
    """
    return Markup(
        '<li><h2 class="day"{hidden}><time data-day datetime="{at}">{day}</time></h2>'
        '<button data-list="{ids}"><b>{films}</b><span>{n_films} films</span>'
        '<span class="about">{words} · {moment}</span></button></li>'
    ).format(
        hidden=NOTHING if begins_day else Markup(" hidden"),
        at=newest.shown_at.isoformat(),
        day=day(newest.shown_at),
        ids=" ".join(shown.id for shown in (newest, *beside)),
        films=first_films(newest, titles),
        n_films=newest.n_films,
        words=what_it_was(newest, beside),
        moment=moment(newest.shown_at),
    )


def what_it_was(newest: "ShownList", beside: "Sequence[ShownList]") -> str:
    """What a list was; of those side by side, of which models."""
    words, models = in_words(newest.kind, newest.request), [shown.model for shown in (newest, *beside)]
    return f"{words}: {', '.join(models)}" if newest.kind == BESIDE else words


def first_films(shown: "ShownList", titles: Titles) -> str:
    """A list by its first films; by what it was, where none of them is known."""
    known = [titles[shown.dataset, item] for item in shown.first if (shown.dataset, item) in titles]
    more = " …" if known and shown.n_films > len(known) else ""
    return ", ".join(known) + more if known else in_words(shown.kind, shown.request)


def no_longer(gone: int, most: int, what: str) -> Markup:
    """What says that older things are gone; nothing if none are."""
    if not gone:
        return NOTHING
    older = "older one is" if gone == 1 else "older ones are"
    return note(f"Of your {what}, at most the newest {most:,} are kept: {gone:,} {older} gone.")


def back(is_first_page: bool) -> Markup:
    """The way to the newest lists."""
    return NOTHING if is_first_page else Markup('<button class="plain" data-newest>Newest</button>')


def all_lists() -> Markup:
    """The way back from a list."""
    return Markup('<p><button class="plain" data-newest>All lists</button></p>')


def opened(found: "OpenedList", films: Markup) -> Markup:
    """A list that was shown, with its films as they are drawn elsewhere on the page."""
    shown = found.shown
    html = Markup('<h2>{words}</h2><p class="note">{moment} · {model}</p>{films}')
    words = in_words(shown.kind, shown.request)
    return html.format(words=words, moment=moment(shown.shown_at), model=shown.model, films=films)


def elsewhere(found: "OpenedList", titles: Titles) -> Markup:
    """Films of a list that the page does not have, as far as it is known what they are called."""
    dataset = found.shown.dataset
    named = [(film, titles[dataset, film.item_id]) for film in found.films if (dataset, film.item_id) in titles]
    if not named:
        return note("Films of this list are not on this page, nor is it known what they are called.")
    rows = joined(film_elsewhere(film, title) for film, title in named)
    return note("These films are not on this page:") + Markup('<ol class="films">{}</ol>').format(rows)


def film_elsewhere(shown: "ShownFilm", title: str) -> Markup:
    """A film that the page does not have: what was expected, and what the person did with it since."""
    since = [] if shown.stars is None else [f"you gave {stars_in_words(shown.stars)}"]
    since += [] if shown.mark is None else [MARKED[shown.mark]]
    expected = [] if shown.expected is None else [f"★ {shown.expected:.1f} expected"]
    html = Markup('<li><span class="title">{}</span><div class="about">{}</div></li>')
    return html.format(title, " · ".join([*expected, *since]))
