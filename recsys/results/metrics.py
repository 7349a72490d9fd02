"""Every metric, described once. Tables, reports, cards and pages take its names, order, direction and words from here.

How a metric is computed stands in eval.measures.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum


class Subject(Enum):
    """What a metric is taken of."""

    STARS = "predicted stars of held-out ratings"
    PROBABILITIES = "probabilities of the stars of held-out ratings"
    LISTS = "ranked lists of films"
    CELLS = "predicted stars of all cells of the test matrix, a missing rating counted as 0 stars"


@dataclass(frozen=True, kw_only=True)
class MetricGroup:
    """Metrics that stand in one table.

    Attributes:
        task: the Hub's name of what they are about or, where it has none, ours.
        task_name: what it is called there.
        title: of the table.
        unit: of all its metrics, empty if they have none.
        subjects: what its metrics are taken of.
    """

    task: str
    task_name: str
    title: str
    unit: str = ""
    higher_is_better: bool
    subjects: tuple[Subject, ...]

    def heading(self, whose: str = "") -> str:
        """The title with what a reader must know to compare figures; `whose` says which people it is about.

        >>> RATING_PREDICTION.heading()
        'Rating accuracy (stars; lower is better)'
        """
        facts = [self.unit, f"{direction(self.higher_is_better)} is better"]
        return f"{self.title}{whose} ({'; '.join(filter(None, facts))})"


def direction(higher_is_better: bool) -> str:
    """Which figure is better."""
    return "higher" if higher_is_better else "lower"


RATING_PREDICTION = MetricGroup(
    task="tabular-regression",
    task_name="Rating prediction",
    title="Rating accuracy",
    unit="stars",
    higher_is_better=False,
    subjects=(Subject.STARS, Subject.PROBABILITIES),
)
TOP_N = MetricGroup(
    task="recommendation",
    task_name="Top-N recommendation",
    title="Top-N lists",
    higher_is_better=True,
    subjects=(Subject.LISTS,),
)
GROUPS = (RATING_PREDICTION, TOP_N)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A figure of merit.

    Attributes:
        base: its key in results.json, without the length of the list.
        called: its name without that.
        short: what it is called above a column; empty if that is its name.
        subject: what it is taken of.
        defined_as: exact, for people who know metrics; {k} stands for the length of the list.
        words: a plain sentence or two for people who never heard of it.
        ideal: what a perfect model has, if to be said.
        leads: whether it is what most people compare: shown first, plotted, and with its standard error.
        weighs_places: whether places in a list count; shown of the longest list alone.
        k: length of the list; None for a metric of no lists.
    """

    base: str
    called: str
    short: str = ""
    subject: Subject
    higher_is_better: bool = False
    defined_as: str
    words: str
    ideal: str = ""
    leads: bool = False
    weighs_places: bool = False
    k: int | None = None

    def at(self, k: int) -> "Metric":
        """The same of lists of k films."""
        return replace(self, k=k)

    @property
    def key(self) -> str:
        """What it is called in results.json.

        >>> RMSE.key, NDCG.at(10).key
        ('rmse', 'ndcg@10')
        """
        return self.base + self._at

    @property
    def name(self) -> str:
        """Its full name."""
        return self.called + self._at

    @property
    def heading(self) -> str:
        """Short, above a column of a table that holds metrics of one kind.

        >>> PRECISION.at(5).name, PRECISION.at(5).heading
        ('Precision@5', 'P@5')
        """
        return (self.short or self.called) + self._at

    @property
    def _at(self) -> str:
        return "" if self.k is None else f"@{self.k}"

    @property
    def direction(self) -> str:
        """Which figure is better."""
        return direction(self.higher_is_better)

    @property
    def definition(self) -> str:
        """What it is, exactly; a clause."""
        return self.defined_as.format(k=self.k)

    @property
    def meaning(self) -> str:
        """What it says, in plain words.

        >>> MSE.meaning
        'The same before the root is taken: RMSE times RMSE. Lower is better.'
        """
        return f"{self.words} {self.direction.capitalize()} is better{f'; {self.ideal}' if self.ideal else ''}."


MSE = Metric(
    base="mse",
    called="MSE",
    subject=Subject.STARS,
    defined_as="mean squared error of predicted stars, in stars squared",
    words="The same before the root is taken: RMSE times RMSE.",
)
RMSE = Metric(
    base="rmse",
    called="RMSE",
    subject=Subject.STARS,
    defined_as="its square root, in stars",
    words="How far a guess is typically off, in stars; a few guesses that are far off count for more than many that "
    "are nearly right.",
    ideal="0 would be perfect",
    leads=True,
)
MAE = Metric(
    base="mae",
    called="MAE",
    subject=Subject.STARS,
    defined_as="mean absolute error of predicted stars",
    words="How far a guess is off on average, in stars.",
    ideal="0 would be perfect",
)
NLL = Metric(
    base="nll",
    called="NLL",
    subject=Subject.PROBABILITIES,
    defined_as="negative log-likelihood of the star that was given, in nats, of models that give each star a "
    "probability",
    words="Some models do not only guess but say how likely every number of stars is. This is how surprised such a "
    "model was by the stars that were given: 0 if it had been sure of each of them.",
)
ECE = Metric(
    base="ece",
    called="ECE",
    subject=Subject.PROBABILITIES,
    defined_as="expected calibration error, how far the probabilities of 'so many stars or more' are, on average, "
    "from how often it came true",
    words="Whether such a model is as sure as it should be: how far its percentages are from how often it came true; "
    "0.01 is one percentage point.",
)
PRECISION = Metric(
    base="precision",
    called="Precision",
    short="P",
    subject=Subject.LISTS,
    higher_is_better=True,
    defined_as="share of the {k} listed films that are relevant",
    words="Which part of the listed films the person liked: 0.3 is three films of ten.",
)
RECALL = Metric(
    base="recall",
    called="Recall",
    short="R",
    subject=Subject.LISTS,
    higher_is_better=True,
    defined_as="share of a person's relevant films that are among the {k}",
    words="Which part of all the films that the person liked is on the list.",
)
F1 = Metric(
    base="f1",
    called="F1",
    subject=Subject.LISTS,
    higher_is_better=True,
    defined_as="harmonic mean of a person's precision and recall",
    words="Precision and recall in one figure, which is high only if both are.",
)
NDCG = Metric(
    base="ndcg",
    called="nDCG",
    subject=Subject.LISTS,
    higher_is_better=True,
    defined_as="each relevant film counts 1/log2(place + 1), relative to the best list of {k} that there could be",
    words="How many liked films are on the list, and how far up: 1 if it holds as many as it can and begins with them, "
    "0 if there are none.",
    leads=True,
    weighs_places=True,
)
MRR = Metric(
    base="mrr",
    called="MRR",
    subject=Subject.LISTS,
    higher_is_better=True,
    defined_as="one over the place of the first relevant film, 0 if none is among the {k}",
    words="How soon the first liked film comes: 1 if it is first, 0.5 if second, 0.33 if third, 0 if it is not on the "
    "list.",
    weighs_places=True,
)
PAPER_MSE = Metric(
    base="paper_mse",
    called="paper MSE",
    short="MSE",
    subject=Subject.CELLS,
    defined_as="mean squared error over all cells, a missing rating counted as 0 stars",
    words="RMSE times RMSE, if a film that the person has not rated counts as 0 stars.",
)
PAPER_RMSE = Metric(
    base="paper_rmse",
    called="paper RMSE",
    short="RMSE",
    subject=Subject.CELLS,
    defined_as="its square root",
    words="How far a guess is typically off, in stars, if a film that the person has not rated counts as 0 stars.",
)
PAPER_MAE = Metric(
    base="paper_mae",
    called="paper MAE",
    short="MAE",
    subject=Subject.CELLS,
    defined_as="mean absolute error over the same cells",
    words="How far a guess is off on average, in stars, if a film that the person has not rated counts as 0 stars.",
)
METRICS = (MSE, RMSE, MAE, NLL, ECE, PRECISION, RECALL, F1, NDCG, MRR, PAPER_MSE, PAPER_RMSE, PAPER_MAE)  # the order


def metrics_of(*subjects: Subject) -> tuple[Metric, ...]:
    """Metrics of any of these subjects; of lists, without a length."""
    return tuple(metric for metric in METRICS if metric.subject in subjects)


def all_metrics(ks: Sequence[int]) -> tuple[Metric, ...]:
    """Every metric that is measured with lists of k films, in the order of results.json."""
    return (
        *metrics_of(*RATING_PREDICTION.subjects),
        *(metric.at(k) for k in ks for metric in metrics_of(*TOP_N.subjects)),
        *metrics_of(Subject.CELLS),
    )


def shown_metrics(group: MetricGroup, ks: Sequence[int]) -> tuple[Metric, ...]:
    """What a table shows: of lists those of every length, then those that weigh places, of the longest."""
    if Subject.LISTS not in group.subjects:
        return metrics_of(*group.subjects)
    of_lists = metrics_of(*group.subjects)
    unweighted = [metric.at(k) for k in ks for metric in of_lists if not metric.weighs_places]
    return (*unweighted, *(metric.at(max(ks)) for metric in of_lists if metric.weighs_places))
