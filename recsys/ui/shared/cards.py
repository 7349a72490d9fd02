"""HTML of the page: films, what is being done, and why there is nothing."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from markupsafe import Markup

from recsys.data.scale import RatingScale
from recsys.recommend.answers import Suggestion
from recsys.ui.markup import NOTHING, joined
from recsys.ui.shared.controls import acts, drawn, film_title
from recsys.ui.shared.controls import note as note  # the tabs take it from here

UNRATED: Mapping[str, float] = MappingProxyType({})
UNMARKED: Mapping[str, str] = MappingProxyType({})


def film_list(
    films: Sequence[Suggestion],
    scale: RatingScale,
    whose: str = "for you",
    given: Mapping[str, float] = UNRATED,
    marks: Mapping[str, str] = UNMARKED,
) -> Markup:
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
    return Markup('<ol class="films" {}>{}</ol>').format(drawn(), joined(cards))


def film_card(
    film: Suggestion, scale: RatingScale, whose: str = "for you", given: float | None = None, mark: str | None = None
) -> Markup:
    """One entry: title and stars, predicted or given, how sure they are, genres, what others think, reason, buttons."""
    predicted = "" if film.predicted_stars is None else f"★ {film.predicted_stars:.1f} {whose}"
    about = [" · ".join(film.genres), opinion(film), f"Because {film.reason}" if film.reason else ""]
    return Markup('<li data-film="{title}">{opener}<span class="stars">{stars}</span>{bars}{about}{acts}</li>').format(
        title=film.title,
        opener=film_title(film.title),
        stars=predicted if given is None else f"★ {given:g} from you",
        bars=spread(film.chances, scale.levels),
        about=joined(Markup('<div class="about">{}</div>').format(line) for line in about if line),
        acts=acts(film.title, scale, mark, given),
    )


def opinion(film: Suggestion) -> str:
    """What everybody thinks of a film."""
    people = f"{film.n_ratings:,} rating{'s' * (film.n_ratings != 1)}"
    return people if film.mean_stars is None else f"★ {film.mean_stars:.1f} on average, {people}"


def spread(chances: Sequence[float], levels: Iterable[float]) -> Markup:
    """A bar for the chance of every star level, in words for those who do not see it."""
    if not chances:
        return NOTHING
    said = ", ".join(f"{level:g} stars {chance:.0%}" for level, chance in zip(levels, chances, strict=True))
    highest = max(chances)
    bars = joined(Markup('<i style="height:{:.0f}%"></i>').format(100 * chance / highest) for chance in chances)
    html = Markup('<span class="spread" role="img" title="{said}" aria-label="{said}">{bars}</span>')
    return html.format(said=said, bars=bars)


def waiting(stage: str, done: float | None) -> Markup:
    """What is being done, with a bar; done in [0, 1], or None where nobody knows."""
    value = NOTHING if done is None else Markup(' value="{:.2f}"').format(done)
    html = Markup('<div class="waiting" role="status">{stage} …<progress{value} aria-label="{stage}"></progress></div>')
    return html.format(stage=stage, value=value)


def problem(sentence: str) -> Markup:
    """Why there is nothing to show."""
    html = Markup('<div class="problem" role="alert"><b>The films are not there yet:</b> {}</div>')
    return html.format(sentence)
