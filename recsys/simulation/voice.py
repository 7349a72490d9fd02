"""What somebody says of a visit when asked: words for people to read, which decide nothing."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys.simulation.people import People
from recsys.simulation.session import Visits

KINDS = ("now and then", "often", "all the time")  # by activity
BREADTHS = ("in few genres", "in some genres", "in many genres")  # by diversity
OPINIONS = ("my taste is my own", "I mostly see films as others do", "I like what everybody likes")  # by conformity


@dataclass(frozen=True)
class Interview:
    """What somebody is asked about.

    Attributes:
        activity, diversity, conformity: 0, 1 or 2.
        n_shown: films that were looked at.
        n_pages: pages.
        left: whether there were more pages.
        best, worst: title of the film watched with most joy and with least, of equals the first and the last; None
            if nothing was watched.
        joy: of what was watched, in the mean, -1 to 1.
        n_watched: films.
    """

    activity: int
    diversity: int
    conformity: int
    n_shown: int
    n_pages: int
    left: bool
    best: str | None
    worst: str | None
    joy: float
    n_watched: int


class Voice(Protocol):
    """Who puts an interview into words: a template, or a language model."""

    def say(self, interview: Interview) -> str:
        """A few plain sentences in the first person."""


class TemplateVoice:
    """The words of a template."""

    def say(self, interview: Interview) -> str:
        """Who I am, what I saw, why I left."""
        return " ".join([who(interview), what(interview), why(interview)])


def who(interview: Interview) -> str:
    """Traits in words."""
    kind, breadth = KINDS[interview.activity], BREADTHS[interview.diversity]
    return f"I watch films {kind}, {breadth}; {OPINIONS[interview.conformity]}."


def what(interview: Interview) -> str:
    """The visit in words."""
    shown = f"I was shown {counted(interview.n_shown, 'film')} on {counted(interview.n_pages, 'page')}"
    if interview.best is None:
        return f"{shown} and watched none."
    if interview.n_watched == 1:
        return f"{shown} and watched {interview.best}."
    return f"{shown} and watched {interview.n_watched}: best was {interview.best}, least {interview.worst}."


def why(interview: Interview) -> str:
    """How it ended, in words."""
    if not interview.left:
        return "I looked at all there was."
    return "I left since I had enough." if interview.joy > 0 else "I left since there was little for me."


def counted(number: int, noun: str) -> str:
    """A number and its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def interview_of(people: People, visits: Visits, row: int, titles: tuple[str, ...]) -> Interview:
    """What one person, by row, is asked about a visit."""
    watched = visits.watched[row]
    films, joy = visits.shown[row, watched], visits.joy[row, watched]
    traits, n_shown = people.traits, int((visits.shown[row] >= 0).sum())
    return Interview(
        activity=int(traits.activity[row]),
        diversity=int(traits.diversity[row]),
        conformity=int(traits.conformity[row]),
        n_shown=n_shown,
        n_pages=int(visits.pages[row]),
        left=n_shown < visits.shown.shape[1],
        best=titles[films[np.argmax(joy)]] if len(films) else None,
        worst=titles[films[::-1][np.argmin(joy[::-1])]] if len(films) else None,
        joy=float(joy.mean()) if len(films) else 0.0,
        n_watched=len(films),
    )
