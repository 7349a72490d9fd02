"""What a visitor wants of the films of a list: genres, decades, how many ratings, whether to list what was rated."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.lists.filters import Filters, genres_to_pick, most_steps, periods, rating_steps
from recsys.recommend.recommender import Recommender
from recsys.ui.gradio_helpers import Updates
from recsys.ui.places import Said, Setting

ONE, ALL = "one of them or more", "all of them"
HIDE = "Hide what I have rated"
ANY_NUMBER = ("any number", 0)


@dataclass(frozen=True, eq=False)
class FilterControls:
    """The components.

    Attributes:
        genres: a box for each.
        which: whether a film has to have one of the genres or all.
        decades: a box for each.
        least: numbers of ratings: at least so many, or, below 0, at most so many.
        seen: whether to leave out what was rated.
        folded: holds what is not always shown, and says what is wanted.
        clear: the button that wants nothing any more.
        cleared: has another number each time that it was pressed.
        heading: how the label of `folded` begins.
    """

    genres: gr.CheckboxGroup
    which: gr.Radio
    decades: gr.CheckboxGroup
    least: gr.Radio
    seen: gr.Checkbox
    folded: gr.Accordion
    clear: gr.Button
    cleared: gr.State
    heading: str

    @property
    def inputs(self) -> list[Any]:
        """What `filters_of` takes, in its order."""
        return [self.genres, self.which, self.decades, self.least, self.seen]

    @property
    def when_cleared(self) -> list[Any]:
        """What the button changes."""
        return [*self.inputs, self.cleared]

    @property
    def choices(self) -> list[Any]:
        """What depends on the films."""
        return [self.genres, self.decades, self.least]

    @property
    def outputs(self) -> list[Any]:
        """What says that something is wanted."""
        return [self.folded, self.clear]

    def choices_of(self, recommender: Recommender) -> Updates:
        """What there is to choose from."""
        return {
            self.genres: gr.CheckboxGroup(choices=genres_to_pick(recommender), value=[]),
            self.decades: gr.CheckboxGroup(choices=[*periods(recommender)], value=[]),
            self.least: gr.Radio(choices=[ANY_NUMBER, *numbers_of(recommender)], value=0),
        }

    def said(self, words: str) -> Updates:
        """What is wanted, in words, and the button that clears it."""
        return {
            self.folded: gr.update(label=f"{self.heading}: {words}" if words else self.heading),
            self.clear: gr.update(visible=bool(words)),
        }

    @property
    def settings(self) -> dict[str, Setting]:
        """What of it an address tells."""
        firsts: dict[str, tuple[Any, Any]] = {
            "genres": (self.genres, None),
            "period": (self.decades, None),
            "all": (self.which, ONE),
        }
        firsts |= {"least": (self.least, 0), "seen": (self.seen, True)}
        return {name: Setting(each, first, (each.input, self.cleared.change)) for name, (each, first) in firsts.items()}

    def restored(self, said: Said) -> Filters:
        """What an address wants of the films."""
        recommender = said.recommender
        numbers = {str(number): number for _, number in numbers_of(recommender)}
        least, most = bounds_of(numbers.get(said.text("least") or "", 0))
        return Filters(
            genres=said.some_of("genres", genres_to_pick(recommender), "genre"),
            all_of_them=said.text("all") == "1",
            decades=said.some_of("period", [*periods(recommender)], "period"),
            least_ratings=least,
            most_ratings=most,
            seen_too=said.text("seen") == "1",
        )

    def values_of(self, filters: Filters) -> Updates:
        """The components as some filters have them."""
        which = ALL if filters.all_of_them else ONE
        number = filters.least_ratings if filters.most_ratings is None else -filters.most_ratings
        values = [[*filters.genres], which, [*filters.decades], number, not filters.seen_too]
        return dict(zip(self.inputs, values, strict=True))


def filters_of(recommender: Recommender, said: Sequence[object]) -> Filters:
    """What the components say, which may be anything.

    Args:
        recommender: knows the films.
        said: values of `FilterControls.inputs`.

    Raises:
        DataError: there is no such genre, decade or choice.
    """
    genres, which, decades, least, seen = said
    if which not in (ONE, ALL):
        raise DataError(f"A film has {ONE} or {ALL}: choose one of the two.")
    if not isinstance(seen, bool):
        raise DataError("What you have rated is listed, or it is not: tick the box, or do not.")
    at_least, at_most = bounds_of(least)
    filters = Filters(
        genres=genres or (),  # type: ignore[arg-type]
        all_of_them=which == ALL,
        decades=decades or (),  # type: ignore[arg-type]
        least_ratings=at_least,
        most_ratings=at_most,
        seen_too=not seen,
    )
    filters.mask(recommender)  # refuses what cannot be
    return filters


def numbers_of(recommender: Recommender) -> list[tuple[str, int]]:
    """What can be chosen of the numbers of ratings, in words and as the component has it."""
    least = [(f"{step:,} or more", step) for step in rating_steps(recommender)]
    return [*least, *((f"{step:,} or fewer", -step) for step in reversed(most_steps(recommender)))]


def bounds_of(number: object) -> tuple[int, int | None]:
    """The fewest ratings and the most that a number says, which may be anything; `Filters` refuses what is none."""
    return (0, -number) if type(number) is int and number < 0 else (number, None)  # type: ignore[return-value]


def genre_boxes(name: str) -> tuple[gr.CheckboxGroup, gr.Radio]:
    """A box for each genre, and whether one is enough; name begins their elem_ids."""
    genres = gr.CheckboxGroup([], label="Genres", elem_id=f"{name}genres", elem_classes="chosen-of")
    which = gr.Radio([ONE, ALL], value=ONE, label="A film has", elem_id=f"{name}which-genres")
    return genres, which


def other_boxes(name: str, hide: str = HIDE) -> tuple[gr.CheckboxGroup, gr.Radio, gr.Checkbox]:
    """Decades, numbers of ratings, and whether to leave out what was rated.

    Args:
        name: begins their elem_ids.
        hide: the words for the last.
    """
    decades = gr.CheckboxGroup([], label="Decades", elem_id=f"{name}-decades", elem_classes="chosen-of")
    least = gr.Radio([ANY_NUMBER], value=0, label="Rated by", elem_id=f"{name}-least", elem_classes="chosen-of")
    seen = gr.Checkbox(True, label=hide, elem_id=f"{name}-seen")
    return decades, least, seen


def filter_controls(name: str, hide: str = HIDE) -> FilterControls:
    """All of them, folded; the arguments are those of `other_boxes`."""
    with gr.Accordion("Filters", open=False, elem_id=f"{name}-filters") as folded:
        genres, which = genre_boxes(f"{name}-")
        decades, least, seen = other_boxes(name, hide)
    return FilterControls(genres, which, decades, least, seen, folded, clear_button(name), gr.State(0), "Filters")


def clear_button(name: str) -> gr.Button:
    """Wants nothing any more."""
    return gr.Button("Clear filters", visible=False, size="sm", elem_id=f"{name}-clear")
