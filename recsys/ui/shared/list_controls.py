"""What a visitor wants of a list of films: which, from familiar to adventurous, in which order, how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import gradio as gr

from recsys.errors import DataError
from recsys.recommend.answers import LIST_LENGTH
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.orders import BEST, ORDER_NAMES, checked_order
from recsys.recommend.recommender import Recommender
from recsys.ui.gradio_helpers import Updates
from recsys.ui.places import Said, Setting
from recsys.ui.shared.adventure_slider import adventure_slider, share_of, steps_of
from recsys.ui.shared.filter_controls import FilterControls, filter_controls, filters_of

MOST_LISTED = 100  # films of one list that are shown
LABELS = {BEST: "Best bet", "most stars": "Most stars", "newest": "Newest", "least known": "Least known"}
Values = Sequence[object]  # values of components, as a browser sends them, which may be anything
MORE = f"Show {LIST_LENGTH} more"


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants of a list.

    Attributes:
        adventure: in [0, 1].
        order: one of ORDER_NAMES.
        n_films: from LIST_LENGTH to MOST_LISTED.
        filters: what the films must be.
    """

    adventure: float = 0.0
    order: str = BEST
    n_films: int = LIST_LENGTH
    filters: Filters = ANY_FILM

    @classmethod
    def of(cls, recommender: Recommender, said: Values) -> Self:
        """What the controls say, which may be anything.

        Args:
            recommender: knows the films.
            said: values of `ListControls.inputs`.

        Raises:
            DataError: there is no such place of the slider, order, genre or decade, or no list so long.
        """
        steps, order, n_films, *filters = said
        is_number = isinstance(n_films, int) and not isinstance(n_films, bool)
        if not (is_number and LIST_LENGTH <= n_films <= MOST_LISTED):  # type: ignore[operator]
            raise DataError(f"A list has {LIST_LENGTH} to {MOST_LISTED} films: load the page again.")
        return cls(share_of(steps), checked_order(order), n_films, filters_of(recommender, filters))  # type: ignore[arg-type]

    @property
    def request(self) -> dict[str, Any]:
        """What is kept of it with a list that was shown."""
        order = {"order": self.order} if self.order != BEST else {}
        return {"adventure": self.adventure} | order | self.filters.request


@dataclass(frozen=True, eq=False)
class ListControls:
    """The components of a list.

    Attributes:
        adventure: the slider from familiar to adventurous.
        order: the menu of orders.
        filters: what the films must be.
        n_films: keeps how many films are shown.
        more: the button that shows more; `list_controls` leaves it to be rendered below the list.
    """

    adventure: gr.Slider
    order: gr.Dropdown
    filters: FilterControls
    n_films: gr.State
    more: gr.Button

    @property
    def inputs(self) -> list[Any]:
        """What `Wanted.of` takes, in its order."""
        return [self.adventure, self.order, self.n_films, *self.filters.inputs]

    @property
    def settings(self) -> dict[str, Setting]:
        """What of it an address tells, beside the filters."""
        return {"order": Setting(self.order, BEST), "adventure": Setting(self.adventure, 0)}

    def restored(self, said: Said) -> tuple[Wanted, Updates]:
        """What an address wants of the list, and what the components show then."""
        filters = self.filters.restored(said)
        order = said.one_of("order", list(ORDER_NAMES), BEST, "order")
        adventure = said.checked("adventure", share_of, 0.0)
        shown = {self.order: order, self.adventure: steps_of(adventure), self.n_films: LIST_LENGTH}
        return Wanted(adventure, order, filters=filters), shown | self.filters.values_of(filters)

    def genres_of(self, said: Values) -> object:
        """The genres that they say, which may be anything."""
        return said[self.inputs.index(self.filters.genres)]

    @property
    def triggers(self) -> list[Any]:
        """What happens when somebody wants another list."""
        return [component.input for component in self.inputs if component is not self.n_films]

    @property
    def outputs(self) -> list[Any]:
        """What shows how the list is."""
        return [self.more, *self.filters.outputs]

    def shown(self, wanted: Wanted, n_found: int) -> Updates:
        """What they show beside a list of so many films."""
        goes_on = wanted.n_films <= n_found and wanted.n_films < MOST_LISTED
        return {self.more: gr.Button(visible=goes_on), **self.filters.said(wanted.filters)}

    def went_on(self, said: Values) -> tuple[list[object], Updates]:
        """What they say once more films are wanted, and what they keep of it."""
        steps, order, n_films, *filters = said
        n_more = longer(n_films)
        return [steps, order, n_more, *filters], {self.n_films: n_more}

    def cleared(self, said: Values) -> tuple[list[object], Updates]:
        """What they say once no filter is wanted, and what they show."""
        values = self.filters.values_of(ANY_FILM)
        return [*said[: -len(values)], *values.values()], values


def list_controls(name: str, filters: FilterControls | None = None) -> ListControls:
    """The slider and the menu, beside each other, and the filters below, in their places.

    Args:
        name: begins their elem_ids.
        filters: that have another place.
    """
    with gr.Row(elem_classes="list-controls"):
        adventure = adventure_slider(f"{name}-adventure")
        order = gr.Dropdown(
            [(LABELS[order], order) for order in ORDER_NAMES],
            value=BEST,
            label="Order",
            info="Of the 50 best bets.",
            filterable=False,
            min_width=140,
            elem_id=f"{name}-order",
        )
    filters = filter_controls(name) if filters is None else filters
    more = gr.Button(MORE, visible=False, render=False, size="sm", elem_id=f"{name}-more")
    return ListControls(adventure, order, filters, gr.State(LIST_LENGTH), more)


def longer(n_films: object) -> int:
    """How many films are shown once more are wanted; anything else than a number is left for `Wanted.of` to refuse."""
    return min(n_films + LIST_LENGTH, MOST_LISTED) if type(n_films) is int else n_films  # type: ignore[return-value]
