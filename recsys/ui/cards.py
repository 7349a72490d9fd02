"""HTML of the page. Every text from outside is escaped here: gr.HTML would run it."""

from collections.abc import Mapping, Sequence
from html import escape

from recsys.ui.advice import Suggestion

CSS = """
.html-container { padding: 0 !important; }
.films { list-style: none; margin: 0; padding: 0; counter-reset: film; }
.films li { counter-increment: film; display: grid; grid-template-columns: 1.9em 1fr auto; gap: 0 .6em;
  padding: .65em 0; border-bottom: 1px solid var(--border-color-primary); }
.films li:last-child { border-bottom: 0; }
.films li::before { content: counter(film); opacity: .7; text-align: right; }
.films .title { font-weight: 600; overflow-wrap: anywhere; }
.films .stars { font-weight: 600; white-space: nowrap; }
.films .about { grid-column: 2 / -1; opacity: .75; font-size: .92em; overflow-wrap: anywhere; }
.note { opacity: .75; margin: 0; }
.waiting progress { width: 100%; max-width: 24em; height: .6em; display: block; margin-top: .5em; }
.waiting progress, .waiting ::-webkit-progress-bar { border: 0; background: var(--border-color-primary); }
.waiting ::-webkit-progress-value { background: var(--color-accent); }
.waiting ::-moz-progress-bar { background: var(--color-accent); }
.problem { border-left: 4px solid var(--error-border-color, #dc2626); padding-left: .8em; overflow-wrap: anywhere; }
.rating { align-items: center; flex-wrap: nowrap !important; }
.rating > button { flex: 0 0 auto; min-width: 0 !important; }
"""


def film_list(films: Sequence[Suggestion], ratings: Mapping[str, float]) -> str:
    """An ordered list; ratings are what the reasons refer to."""
    return f'<ol class="films">{"".join(film_card(film, ratings) for film in films)}</ol>'


def film_card(film: Suggestion, ratings: Mapping[str, float]) -> str:
    """One entry: title and predicted stars, genres, what others think, the reason."""
    predicted = "" if film.predicted_stars is None else f"★ {film.predicted_stars:.1f} for you"
    people = f"★ {film.mean_stars:.1f} on average, {film.n_ratings:,} rating{'s' * (film.n_ratings != 1)}"
    about = [" · ".join(film.genres), people]
    if film.because is not None:
        about.append(f"Because you gave {film.because} {stars_in_words(ratings[film.because])}")
    lines = "".join(f'<div class="about">{escape(line)}</div>' for line in about if line)
    return f'<li><span class="title">{escape(film.title)}</span><span class="stars">{predicted}</span>{lines}</li>'


def stars_in_words(stars: float) -> str:
    """Such as "1 star" or "4.5 stars"."""
    return f"{stars:g} star{'s' * (stars != 1)}"


def note(sentence: str) -> str:
    """A sentence that stands where a list will be."""
    return f'<p class="note">{escape(sentence)}</p>'


def waiting(stage: str, done: float | None) -> str:
    """What is being done, with a bar."""
    value = "" if done is None else f' value="{done:.2f}"'
    text = escape(stage)
    return f'<div class="waiting" role="status">{text} …<progress{value} aria-label="{text}"></progress></div>'


def problem(sentence: str) -> str:
    """Why there is nothing to show."""
    return f'<div class="problem" role="alert"><b>The films are not there yet:</b> {escape(sentence)}</div>'
