"""HTML of an evening: its code, who takes part, and films with the stars that each would give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.recommend.answers import GroupSuggestion
from recsys.recommend.group.listing import FAIR, LEAST, MEAN
from recsys.recommend.group.votes import NOBODY, Tally
from recsys.ui.acts.controls import acts, drawn, film_title, note
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared.cards import opinion, starred
from recsys.ui.shared.tiles import tint, titled

ABOUT = {
    MEAN: "What all of you together would give the most stars.",
    LEAST: "What nobody minds: whoever likes each of these least still likes it well.",
    FAIR: "Something for each of you: who got least so far is thought of next.",
}
ALONE = "Films come as soon as two of you have rated some: let others join, or add them by a file."
NO_STARS = "The model that answers predicts no stars: these are films that are high in each one's own list."
OWN_REASONS = "“Because” speaks of your own ratings: nobody else sees it."
NOTHING_LEFT = "No film is left that fits all of you."
RATE = Markup('<a class="act" href="#rate">Rate some films</a>')
FILE = Markup(
    '<div data-guest><p class="note">From Letterboxd, IMDb, TMDB, Trakt, Simkl or movielens.org, or any table (CSV) of '
    "titles and ratings. It is kept for this evening only.</p>"
    '<div class="choices"><label class="plain">Choose a file<input type="file" class="seen" '
    'accept=".csv,.zip,.json,.txt,.tsv" aria-label="File with their ratings"></label></div>'
    '<div class="brought" role="status"></div><div class="question"></div></div>'
)


@dataclass(frozen=True)
class Person:
    """Somebody who takes part, as one visitor sees them.

    Attributes:
        number: of their seat.
        name: as they typed it.
        is_visitor: whether it is who looks.
        can_go: whether who looks has added them.
        counts: whether they have rated anything.
    """

    number: int
    name: str
    is_visitor: bool = False
    can_go: bool = False
    counts: bool = True


def room(code: str, version: str, people: Sequence[Person]) -> Markup:
    """An evening; version changes with it."""
    return Markup(
        '<section class="evening" data-evening="{version}" data-code="{code}"><div class="invite">'
        '<p>Others join with this code:</p><p class="code" aria-label="{spelled}">{shown}</p>'
        '<button type="button" class="plain" data-copy-evening>Copy the link</button></div>'
        '<ul class="people" aria-label="Who takes part">{people}</ul></section>'
    ).format(
        version=version,
        code=code,
        spelled=" ".join(code),
        shown=f"{code[:3]} {code[3:]}",
        people=joined(map(entry, people)),
    )


def entry(person: Person) -> Markup:
    """Who takes part, with what there is to say of them and, where the visitor has added them, a way out."""
    said = ["you"] * person.is_visitor + ["has rated nothing yet, so does not count"] * (not person.counts)
    rates = RATE if person.is_visitor and not person.counts else NOTHING
    html = Markup('<button type="button" class="act" data-drop="{}" aria-label="Remove: {}">Remove</button>')
    return Markup("<li><b>{name}</b>{said}{rates}{drop}</li>").format(
        name=person.name,
        said=Markup(" <span>({})</span>").format(", ".join(said)) if said else NOTHING,
        rates=rates,
        drop=html.format(person.number, person.name) if person.can_go else NOTHING,
    )


def over(sentence: str) -> Markup:
    """What is shown where an evening was."""
    return Markup('<p class="note" role="status">{}</p>').format(sentence)


@dataclass(frozen=True)
class Votes:
    """What is said of films.

    Attributes:
        tallies: title -> how many would watch it.
        own: title -> whether who looks would.
    """

    tallies: Mapping[str, Tally]
    own: Mapping[str, bool]


def films(
    found: Sequence[GroupSuggestion],
    names: Sequence[str],
    about: Sequence[str],
    scale: RatingScale,
    hues: Mapping[str, int],
    votes: Votes,
) -> Markup:
    """Films for all, with the stars that each would give.

    Args:
        found: in their order, with reasons that who looks may read.
        names: of the people, in the order of each one's stars.
        about: sentences on the list.
        scale: of the stars.
        hues: title -> degrees.
        votes: what is said of the films.
    """
    notes = joined(note(each) for each in about if each)
    if not found:
        return notes + note(NOTHING_LEFT)
    notes += NOTHING if found[0].each_ones_stars else note(NO_STARS)
    notes += note(OWN_REASONS) if any(film.reason.startswith("you ") for film in found) else NOTHING
    cards = (film_card(film, names, scale, votes, hues.get(film.title)) for film in found)
    return Markup('{}<ol class="films tinted cards" {}>{}</ol>').format(notes, drawn(), joined(cards))


def film_card(
    film: GroupSuggestion, names: Sequence[str], scale: RatingScale, votes: Votes, hue: int | None = None
) -> Markup:
    """A film of the list."""
    mean = NOTHING if film.predicted_stars is None else starred(f"{film.predicted_stars:.1f}", "together", "predicted")
    chosen = film.chosen_for or 0
    whose = f"First of all for {names[chosen - 1]}" if 0 < chosen <= len(names) else ""
    facts = [" · ".join(film.genres), opinion(film)]
    return Markup(
        '<li data-film="{title}"{tint}><div class="face">{opener}{mean}</div>{each}'
        '<div class="about facts">{facts}</div>{whose}{reason}{votes}{acts}</li>'
    ).format(
        title=film.title,
        tint=tint(hue),
        opener=film_title(film.title, titled(film.title)),
        mean=mean,
        each=each_ones(names, film.each_ones_stars),
        facts=joined(Markup("<span>{}</span> ").format(fact) for fact in facts if fact),
        whose=Markup('<div class="about">{}</div>').format(whose) if whose else NOTHING,
        reason=Markup('<div class="about">Because {}</div>').format(film.reason) if film.reason else NOTHING,
        votes=vote_on(film.title, votes),
        acts=acts(film.title, scale),
    )


def each_ones(names: Sequence[str], given: Sequence[float]) -> Markup:
    """What each would give; nothing where nobody knows."""
    html = Markup("<li><span>{}</span> <b>★ {:.1f}</b></li>")
    said = joined(html.format(name, one) for name, one in zip(names, given, strict=False))
    return Markup('<ul class="each" aria-label="What each would give">{}</ul>').format(said) if said else NOTHING


def vote_on(title: str, votes: Votes) -> Markup:
    """Two buttons by which who looks says whether they would watch a film, and what all have said."""
    own, tally = votes.own.get(title), votes.tallies.get(title, NOBODY)
    html = Markup(
        '<div class="votes" role="group" aria-label="Would you watch {}?">{}{}<span class="tally">{}</span></div>'
    )
    yes, no = (
        vote_button(title, "yes", "I’d watch it", own is True),
        vote_button(title, "no", "Rather not", own is False),
    )
    return html.format(title, yes, no, tally.in_words)


def vote_button(title: str, vote: str, label: str, is_pressed: bool) -> Markup:
    """One of them."""
    html = Markup('<button type="button" class="act" data-vote="{}" aria-pressed="{}" aria-label="{}: {}">{}</button>')
    return html.format(vote, "true" if is_pressed else "false", label, title, label)
