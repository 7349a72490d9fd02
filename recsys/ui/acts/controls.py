"""Sliders and buttons beside films, as HTML; film_actions.js tells the server what is done with them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from zlib import crc32

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.ui.markup import NOTHING, joined, kept

MOST_CELLS = 10  # stars that can be drawn one beside the other

_numbers = count(1)


def drawn() -> Markup:
    """An attribute by which film_actions.js sees that a list is drawn anew."""
    return Markup('data-drawn="{}"').format(next(_numbers))


def film_title(title: str, name: Markup | None = None) -> Markup:
    """The title of a film in a list, which opens what is known of the film; name is how it is written."""
    html = Markup('<button type="button" class="title" data-open="{title}">{name}</button>')
    return html.format(title=title, name=title if name is None else name)


def slider(title: str, scale: RatingScale, stars: float | None = None, none: str = "not seen") -> Markup:
    """A slider over no stars and the steps of the scale, drawn as stars for fingers; it counts when it is let go.

    Args:
        title: of the film, as display title.
        scale: of the stars.
        stars: where it stands; None: below the scale.
        none: what it says there.
    """
    unseen = scale.lowest - scale.increment
    return Markup(
        '<label class="give"{cells}><span class="seen">Stars for {title}</span>'
        '<input type="range" min="{unseen:g}" max="{highest:g}" step="{step:g}" '
        'value="{value:g}" style="--at:{share:.0%}" data-do="rate" '
        'data-none="{none}" aria-valuetext="{said}">'
        "<output>{said}</output></label>"
    ).format(
        cells=cells(scale),
        title=title,
        unseen=unseen,
        highest=scale.highest,
        step=scale.increment,
        value=unseen if stars is None else stars,
        share=0 if stars is None else (stars - unseen) / (scale.highest - unseen),
        none=none,
        said=none if stars is None else stars_in_words(stars),
    )


def cells(scale: RatingScale) -> Markup:
    """An attribute that says how many stars a slider can be drawn as; none where they would not stand for its steps."""
    is_drawn = scale.lowest == scale.increment and scale.highest <= MOST_CELLS and scale.highest % 1 == 0
    return Markup(' style="--cells:{:g}"').format(scale.highest) if is_drawn else NOTHING


def button(do: str, label: str, title: str) -> Markup:
    """A button that does something with a film."""
    html = Markup('<button type="button" class="act" data-do="{}" aria-label="{}">{}</button>')
    return html.format(do, f"{label}: {title}", label)


@kept
def acts(title: str, scale: RatingScale, mark: str | None = None, stars: float | None = None) -> Markup:
    """What can be done with a film of a list, which is seen first and then rated; mark and stars: that it has."""
    is_seen = mark == "seen" or stars is not None
    return Markup(
        '<div class="acts{is_seen}">{seen}<div class="giving">{asked}{stars}</div>{marks}'
        '<button type="button" class="act undo" data-do="undo" aria-label="Undo: {title}">Undo</button></div>'
    ).format(
        is_seen=" seen-it" if is_seen else "",
        seen=seen_button(title, mark) if stars is None else NOTHING,
        asked=Markup("<span>Seen. Stars?</span>") if stars is None else NOTHING,
        stars=slider(title, scale, stars, "no stars yet"),
        marks=mark_buttons(title, mark, not_interested(title)),
        title=title,
    )


def seen_button(title: str, mark: str | None) -> Markup:
    """A button that says of a film that it was seen, or that it was not."""
    return button("unmark", "Not seen", title) if mark == "seen" else button("seen", "Seen it", title)


def mark_buttons(title: str, mark: str | None, hide: Markup | None = None) -> Markup:
    """Buttons that mark a film, or take off the mark that it has; hide is the one by which it is not listed again."""
    later = button("unmark", "Not later", title) if mark == "later" else button("later", "Watch later", title)
    if mark == "hidden":
        return later + button("unmark", "Show again", title)
    return later + (button("hidden", "Not interested", title) if hide is None else hide)


def not_interested(title: str) -> Markup:
    """A small button by which a film is not recommended again."""
    html = Markup(
        '<button type="button" class="act small" data-do="hidden" aria-label="Not interested: {}" '
        'title="Not interested">✕</button>'
    )
    return html.format(title)


def suggested_rows(titles: Sequence[str], scale: RatingScale) -> Markup:
    """Films to rate, each with a slider; the same films are the same list, which is not drawn anew."""
    number = Markup('data-drawn="{}"').format(crc32("\n".join(titles).encode("utf-8", "surrogatepass")))
    return rows((suggested_row(title, scale) for title in titles), number)


def suggested_row(title: str, scale: RatingScale) -> Markup:
    """A film to rate."""
    return row(title, button("hidden", "Not interested", title), slider(title, scale), Markup(' class="suggested"'))


def rated_rows(ratings: Mapping[str, float], scale: RatingScale, most: int) -> Markup:
    """What was rated, in its order, each with a slider and a button that removes it; at most so many."""
    return rows((rated_row(title, stars, scale) for title, stars in list(ratings.items())[:most]), drawn())


@kept
def rated_row(title: str, stars: float, scale: RatingScale) -> Markup:
    """A film that was rated."""
    return row(title, button("remove", "Remove", title), slider(title, scale, stars), Markup(' class="rating"'))


def marked_rows(titles: Sequence[str], label: str, scale: RatingScale, none: str = "not seen") -> Markup:
    """Films with a mark, each with a button that takes it off, and a slider that says `none` where it stands."""
    films = (row(title, button("unmark", label, title), slider(title, scale, none=none)) for title in titles)
    return rows(films, drawn())


def rows(films: Iterable[Markup], drawn_as: Markup) -> Markup:
    """A list; drawn_as is the attribute that says whether it is drawn anew."""
    return Markup('<ul class="rows" {}>{}</ul>').format(drawn_as, joined(films))


def row(title: str, act: Markup, stars: Markup, kind: Markup = NOTHING) -> Markup:
    """A film of it; kind is an attribute."""
    html = Markup('<li data-film="{title}"{kind}>{opener}{act}{stars}</li>')
    return html.format(title=title, kind=kind, opener=film_title(title), act=act, stars=stars)


def stars_in_words(stars: float) -> str:
    """Such as "1 star" or "4.5 stars"."""
    return f"{stars:g} star{'s' * (stars != 1)}"


def note(sentence: str) -> Markup:
    """A sentence that stands where a list will be."""
    return Markup('<p class="note">{}</p>').format(sentence)
