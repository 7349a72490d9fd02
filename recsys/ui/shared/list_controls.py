"""What a visitor wants of a list of films: which, from familiar to adventurous, in which order, how many."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import gradio as gr
from markupsafe import Markup

from recsys.errors import DataError
from recsys.recommend.answers import LIST_LENGTH, Suggestion
from recsys.recommend.lists.filters import ANY_FILM, Filters
from recsys.recommend.orders import BEST, ORDER_NAMES, checked_order
from recsys.recommend.recommender import Recommender
from recsys.serve.other_models import SERVED
from recsys.ui import browser
from recsys.ui.gradio_helpers import Updates
from recsys.ui.places import Said, Setting
from recsys.ui.shared.adventure_slider import adventure_slider, share_of, steps_of
from recsys.ui.shared.filter_controls import FilterControls, filter_controls, filters_of
from recsys.ui.shared.model_choice import (
    NOTHING_TOLD,
    NUMBERS,
    Lister,
    ModelChoice,
    ToldOfModel,
    model_choice,
    told_of,
)
from recsys.ui.shared.visits import Visits

MOST_LISTED = 100  # films of one list that are shown
LABELS = {BEST: "Best bet", "most stars": "Most stars", "newest": "Newest", "least known": "Least known"}
Values = Sequence[object]  # values of components, as a browser sends them, which may be anything
ListBy = Callable[[Recommender], list[Suggestion]]
FOLD = Markup(
    '<button type="button" class="fold" aria-expanded="false" aria-controls="{}">Order and adventure</button>'
)  # on a small screen alone
MORE = f"Show {LIST_LENGTH} more"


@dataclass(frozen=True)
class Wanted:
    """What a visitor wants of a list.

    Attributes:
        adventure: in [0, 1].
        order: one of ORDER_NAMES.
        n_films: from LIST_LENGTH to MOST_LISTED.
        filters: what the films must be.
        model: name of the model that is to list, which may be anything.
        beside: what the page shows beside the list already; None: nobody knows.
    """

    adventure: float = 0.0
    order: str = BEST
    n_films: int = LIST_LENGTH
    filters: Filters = ANY_FILM
    model: object = SERVED
    beside: "Beside | None" = None

    @classmethod
    def of(cls, recommender: Recommender, said: Values) -> Self:
        """What the controls say, which may be anything.

        Args:
            recommender: knows the films.
            said: values of `ListControls.inputs`.

        Raises:
            DataError: there is no such place of the slider, order, genre or decade, or no list so long.
        """
        steps, order, n_films, *filters, beside, model = said
        is_number = isinstance(n_films, int) and not isinstance(n_films, bool)
        if not (is_number and LIST_LENGTH <= n_films <= MOST_LISTED):  # type: ignore[operator]
            raise DataError(f"A list has {LIST_LENGTH} to {MOST_LISTED} films: load the page again.")
        wanted = filters_of(recommender, filters)
        return cls(share_of(steps), checked_order(order), n_films, wanted, model, beside)  # type: ignore[arg-type]

    @property
    def request(self) -> dict[str, Any]:
        """What is kept of it with a list that was shown."""
        order = {"order": self.order} if self.order != BEST else {}
        return {"adventure": self.adventure} | order | self.filters.request


@dataclass(frozen=True)
class Beside:
    """What is shown beside a list.

    Attributes:
        goes_on: whether more films can be shown.
        filters: which are wanted, in words.
        told: of the model that lists.
    """

    goes_on: bool
    filters: str
    told: ToldOfModel


@dataclass(frozen=True, eq=False)
class Listing:
    """A list of films.

    Attributes:
        films: best first.
        lister: made it.
        told: of the model that made it.
    """

    films: list[Suggestion]
    lister: Lister
    told: ToldOfModel

    @property
    def model(self) -> Recommender:
        """What made it."""
        return self.lister.model


@dataclass(frozen=True, eq=False)
class ListControls:
    """The components of a list.

    Attributes:
        adventure: the slider from familiar to adventurous.
        order: the menu of orders.
        filters: what the films must be.
        model: which model lists.
        n_films: keeps how many films are shown.
        more: the button that shows more; `list_controls` leaves it to be rendered below the list.
        beside: keeps what is shown beside the list: a component that is told what it shows already is costly.
    """

    adventure: gr.Slider
    order: gr.Dropdown
    filters: FilterControls
    model: ModelChoice
    n_films: gr.State
    more: gr.Button
    beside: gr.State

    @property
    def inputs(self) -> list[Any]:
        """What `Wanted.of` takes, in its order."""
        return [self.adventure, self.order, self.n_films, *self.filters.inputs, self.beside, self.model.name]

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
        return Wanted(adventure, order, filters=filters, model=said.list_model), shown | self.filters.values_of(filters)

    def genres_of(self, said: Values) -> object:
        """The genres that they say, which may be anything."""
        return said[self.inputs.index(self.filters.genres)]

    @property
    def triggers(self) -> list[Any]:
        """What happens when somebody wants another list."""
        changed = [each.input for each in (self.adventure, self.order, *self.filters.inputs)]
        return [*changed, self.model.chosen.change, self.model.timer.tick]

    @property
    def outputs(self) -> list[Any]:
        """What shows how the list is."""
        return [self.more, *self.filters.outputs, *self.model.outputs, self.beside]

    def shown(self, wanted: Wanted, n_found: int, told: ToldOfModel = NOTHING_TOLD) -> Updates:
        """What they show beside a list of so many films, as far as they do not show it already."""
        goes_on = wanted.n_films <= n_found and wanted.n_films < MOST_LISTED
        beside = Beside(goes_on, wanted.filters.in_words, told)
        if beside == wanted.beside:
            return {}
        more = gr.update(visible=goes_on)
        return {self.more: more, **self.filters.said(beside.filters), **self.model.shown(told), self.beside: beside}

    def listed(self, served: Recommender, wanted: Wanted, list_by: ListBy) -> Listing:
        """A list by the model that is wanted, or else by the page's.

        Args:
            served: the page's model.
            wanted: of the list.
            list_by: (model) -> its films.

        Raises:
            DataError: the page's own model has no such list.
        """
        lister = self.model.lister(served, wanted.model)
        try:
            found = list_by(lister.model)
        except DataError as reason:
            if not lister.is_chosen:
                raise
            lister = self.model.instead(served, reason)
            found = list_by(served)
        return Listing(found, lister, told_of(served, lister))

    def went_on(self, said: Values) -> tuple[list[object], Updates]:
        """What they say once more films are wanted, and what they keep of it."""
        steps, order, n_films, *filters = said
        n_more = longer(n_films)
        return [steps, order, n_more, *filters], {self.n_films: n_more}

    def cleared(self, said: Values) -> tuple[list[object], Updates]:
        """What they say once no filter is wanted, and what they show."""
        values = self.filters.values_of(ANY_FILM)
        steps, order, n_films, *_, beside, model = said
        return [steps, order, n_films, *values.values(), beside, model], values | {self.filters.cleared: next(NUMBERS)}


def known(model: Recommender, titles: Iterable[str]) -> list[str]:
    """Those of some titles that a model knows, which need not be all of another model's."""
    return [title for title in titles if title in model.titles.item_of]


def list_controls(name: str, visits: Visits, filters: FilterControls | None = None) -> ListControls:
    """The slider and the menu, beside each other, on a small screen folded, and the filters below, in their places.

    Args:
        name: begins their elem_ids.
        visits: know other models, and keep which one lists.
        filters: that have another place.
    """
    html = FOLD.format(f"{name}-reading")
    gr.HTML(html, js_on_load=browser.read("shared/fold.js"), apply_default_css=False, elem_classes="reading")
    with gr.Row(elem_id=f"{name}-reading", elem_classes="list-controls"):
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
    model = model_choice(visits.others, visits.list_model, visits.chosen, name)
    return ListControls(adventure, order, filters, model, gr.State(LIST_LENGTH), more, gr.State(None))


def longer(n_films: object) -> int:
    """How many films are shown once more are wanted; anything else than a number is left for `Wanted.of` to refuse."""
    return min(n_films + LIST_LENGTH, MOST_LISTED) if type(n_films) is int else n_films  # type: ignore[return-value]
