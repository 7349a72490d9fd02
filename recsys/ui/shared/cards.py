"""HTML of the page: films, what is being done, and why there is nothing."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.recommend.answers import Suggestion
from recsys.ui.acts.controls import acts, drawn, film_title, stars_in_words
from recsys.ui.acts.controls import note as note  # the tabs take it from here
from recsys.ui.copying import copying
from recsys.ui.markup import NOTHING, joined, kept
from recsys.ui.shared.tiles import tint, titled

UNRATED: Mapping[str, float] = MappingProxyType({})
UNMARKED: Mapping[str, str] = MappingProxyType({})
UNTINTED: Mapping[str, int] = MappingProxyType({})


def film_list(
    films: Sequence[Suggestion],
    scale: RatingScale,
    whose: str = "for you",
    given: Mapping[str, float] = UNRATED,
    marks: Mapping[str, str] = UNMARKED,
    hues: Mapping[str, int] = UNTINTED,
) -> Markup:
    """An ordered list of films, with what can be done with each.

    Args:
        films: best first.
        scale: of the stars.
        whose: what follows the predicted stars.
        given: title -> stars that the visitor gave, which are shown instead of predicted ones.
        marks: title -> key of MARKS, where the visitor said so.
        hues: title -> degrees.
    """
    if not films:
        return note("No film is left that fits.")
    cards = (
        film_card(film, scale, whose, given.get(film.title), marks.get(film.title), hues.get(film.title))
        for film in films
    )
    listed = Markup('<ol class="films tinted cards" {}>{}</ol>').format(drawn(), joined(cards))
    return listed + copying((film.title, stars_of(film, given.get(film.title))) for film in films)


def stars_of(film: Suggestion, given: float | None) -> str:
    """Stars that a visitor gave or might give, as text; "" where there are none."""
    if given is not None:
        return f"★ {given:g}"
    return "" if film.predicted_stars is None else f"★ {film.predicted_stars:.1f}"


def film_card(
    film: Suggestion,
    scale: RatingScale,
    whose: str = "for you",
    given: float | None = None,
    mark: str | None = None,
    hue: int | None = None,
) -> Markup:
    """One entry: title and stars, predicted or given, how sure they are, genres, what others think, reason, buttons."""
    predicted = NOTHING if film.predicted_stars is None else starred(f"{film.predicted_stars:.1f}", whose, "predicted")
    return Markup(
        '<li data-film="{title}"{tint}><div class="face">{opener}{bars}{stars}</div>'
        '<div class="about facts">{facts}</div>{reason}{acts}</li>'
    ).format(
        title=film.title,
        tint=tint(hue),
        opener=opener(film.title),
        bars=spread(film.chances, scale.levels),
        stars=predicted if given is None else starred(f"{given:g}", "from you", "given"),
        facts=facts(" · ".join(film.genres), opinion(film)),
        reason=Markup('<div class="about">Because {}</div>').format(film.reason) if film.reason else NOTHING,
        acts=acts(film.title, scale, mark, given),
    )


@kept
def opener(title: str) -> Markup:
    """A title as it is read, which opens what is known of the film."""
    return film_title(title, titled(title))


@kept
def facts(genres: str, others: str) -> Markup:
    """What is known of a film, without what is empty."""
    return joined(Markup("<span>{}</span> ").format(fact) for fact in (genres, others) if fact)


@kept
def starred(stars: str, whose: str, kind: str) -> Markup:
    """Stars, and whose; kind says how they are shown."""
    return Markup('<span class="stars {}">★ {} <small>{}</small></span>').format(kind, stars, whose)


def opinion(film: Suggestion) -> str:
    """What everybody thinks of a film."""
    people = f"{film.n_ratings:,} rating{'s' * (film.n_ratings != 1)}"
    return people if film.mean_stars is None else f"★ {film.mean_stars:.1f} on average, {people}"


def spread(chances: Sequence[float], levels: Iterable[float]) -> Markup:
    """A bar for the chance of every star level, in words for those who do not see it, point at it or tap it."""
    if not chances:
        return NOTHING
    paired = zip(map(float, levels), chances, strict=True)
    said = ", ".join(f"{stars_in_words(level)} {chance:.0%}" for level, chance in paired)
    highest = max(chances)
    bars = joined(bar(round(100 * chance / highest)) for chance in chances)
    html = Markup('<span class="spread" role="img" tabindex="-1" data-said="{said}" aria-label="{said}">{bars}</span>')
    return html.format(said=f"Chances: {said}", bars=bars)


@kept
def bar(height: int) -> Markup:
    """A bar, in per cent of the highest."""
    return Markup('<i style="height:{}%"></i>').format(height)


def waiting(stage: str, done: float | None) -> Markup:
    """What is being done, with a bar; done in [0, 1], or None where nobody knows."""
    value = NOTHING if done is None else Markup(' value="{:.2f}"').format(done)
    html = Markup('<div class="waiting" role="status">{stage} …<progress{value} aria-label="{stage}"></progress></div>')
    return html.format(stage=stage, value=value)


def problem(sentence: str) -> Markup:
    """Why there is nothing to show."""
    html = Markup('<div class="problem" role="alert"><b>The films are not there yet:</b> {}</div>')
    return html.format(sentence)
