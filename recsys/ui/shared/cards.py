"""HTML of the page. Every text from outside is escaped here: gr.HTML would run it."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from types import MappingProxyType

from recsys.data.scale import RatingScale
from recsys.recommend.answers import Suggestion
from recsys.ui.shared.controls import acts, drawn, note

NOTHING: Mapping[str, float] = MappingProxyType({})
UNMARKED: Mapping[str, str] = MappingProxyType({})


def film_list(
    films: Sequence[Suggestion],
    scale: RatingScale,
    whose: str = "for you",
    given: Mapping[str, float] = NOTHING,
    marks: Mapping[str, str] = UNMARKED,
) -> str:
    """An ordered list of films, with what can be done with each.

    Args:
        films: best first.
        scale: of the stars.
        whose: what follows the predicted stars.
        given: title -> stars that the visitor gave, which are shown instead of predicted ones.
        marks: title -> "later" or "hidden", where the visitor said so.
    """
    if not films:
        return note("No film is left that fits.")
    cards = (film_card(film, scale, whose, given.get(film.title), marks.get(film.title)) for film in films)
    return f'<ol class="films" {drawn()}>{"".join(cards)}</ol>'


def film_card(
    film: Suggestion, scale: RatingScale, whose: str = "for you", given: float | None = None, mark: str | None = None
) -> str:
    """One entry: title and stars, predicted or given, how sure they are, genres, what others think, reason, buttons."""
    predicted = "" if film.predicted_stars is None else f"★ {film.predicted_stars:.1f} {whose}"
    stars = predicted if given is None else f"★ {given:g} from you"
    about = [" · ".join(film.genres), opinion(film)]
    if film.reason:
        about.append(f"Because {film.reason}")
    lines = "".join(f'<div class="about">{escape(line)}</div>' for line in about if line)
    bars = spread(film.chances, scale.levels)
    title = escape(film.title)
    return (
        f'<li data-film="{title}"><span class="title">{title}</span><span class="stars">{stars}</span>'
        f"{bars}{lines}{acts(film.title, scale, mark, given)}</li>"
    )


def opinion(film: Suggestion) -> str:
    """What everybody thinks of a film."""
    people = f"{film.n_ratings:,} rating{'s' * (film.n_ratings != 1)}"
    return people if film.mean_stars is None else f"★ {film.mean_stars:.1f} on average, {people}"


def spread(chances: Sequence[float], levels: Iterable[float]) -> str:
    """A bar for the chance of every star level, in words for those who do not see it."""
    if not chances:
        return ""
    said = ", ".join(f"{level:g} stars {chance:.0%}" for level, chance in zip(levels, chances, strict=True))
    highest = max(chances)
    bars = "".join(f'<i style="height:{100 * chance / highest:.0f}%"></i>' for chance in chances)
    return f'<span class="spread" role="img" title="{escape(said)}" aria-label="{escape(said)}">{bars}</span>'


def waiting(stage: str, done: float | None) -> str:
    """What is being done, with a bar."""
    value = "" if done is None else f' value="{done:.2f}"'
    text = escape(stage)
    return f'<div class="waiting" role="status">{text} …<progress{value} aria-label="{text}"></progress></div>'


def problem(sentence: str) -> str:
    """Why there is nothing to show."""
    return f'<div class="problem" role="alert"><b>The films are not there yet:</b> {escape(sentence)}</div>'
