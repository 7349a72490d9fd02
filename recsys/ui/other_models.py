"""Models beside the one that is served: saved ones are loaded, quick ones are trained, when somebody asks for them."""

from contextlib import suppress
from pathlib import Path

from recsys.artifact import DESCRIPTION, read_description
from recsys.data.errors import DataError
from recsys.data.movielens import Dataset, load_dataset
from recsys.fitting import fit_all
from recsys.manifest import ArtifactError
from recsys.progress import OnProgress
from recsys.recommender import Recommender
from recsys.startup import SEED
from recsys.ui.kept import Kept

QUICK = ("popularity", "user-knn", "svd", "als", "ease", "vae")  # vae takes 15 s, the others a second or a few
FEW_RATINGS = 250_000  # more, and only popularity is trained while somebody waits
FEW_FILMS = 3_000  # more, and ease is not: its memory grows with the square
SERVED = ""  # the name of the model that the page answers with


class OtherModels:
    """Models by name that know the same films as the one that is served.

    Attributes:
        dataset: name or folder of ratings to train on, where the served model names it; None: the data set it names.
        runs: folder with results of eval.run.
        progress: name -> how much of a model's training is done, in [0, 1]; while it is trained.
    """

    def __init__(self, dataset: str | None, runs: Path):
        self.dataset, self.runs = dataset, runs
        self.progress: dict[str, float] = {}
        self._kept: Kept[str, Recommender] = Kept({})
        self._loaded: Dataset | None = None

    def names(self, served: Recommender) -> list[str]:
        """SERVED, the quick ones that these data allow, and those that lie in runs; the same model only once."""
        items = served.artifact.items
        quick = QUICK if items.n_ratings.sum() <= FEW_RATINGS else QUICK[:1]
        fitting = [name for name in quick if name != "ease" or len(items.ids) <= FEW_FILMS]
        saved = saved_models(self.runs, str(served.artifact.facts.get("dataset")))
        return [SERVED, *(name for name in dict.fromkeys([*fitting, *saved]) if name != served.artifact.name)]

    def checked(self, name: object, served: Recommender) -> str:
        """The name; DataError if no model is called so."""
        names = self.names(served)
        if not isinstance(name, str) or name not in names:
            raise DataError(f"There is no such model here: choose one of {', '.join(names[1:])}.")
        return name

    def ask(self, name: str, served: Recommender) -> Recommender | None:
        """The model of a checked name; None while it is being made ready.

        Raises:
            DataError: it could not be made ready; the next call tries again.
        """
        return served if name == SERVED else self._kept.ask(name, lambda: self._make(name, served))

    def _make(self, name: str, served: Recommender) -> Recommender:
        saved = self._saved(served)
        made = self._load(saved[name]) if name in saved else self._train(name, served)
        made.model.score(made.history({}))  # what has to be compiled is compiled now
        self.progress.pop(name, None)
        return made

    def _saved(self, served: Recommender) -> dict[str, Path]:
        return saved_models(self.runs, str(served.artifact.facts.get("dataset")))

    def _load(self, folder: Path) -> Recommender:
        return Recommender.from_pretrained(folder, titles=self.dataset)

    def _train(self, name: str, served: Recommender) -> Recommender:
        dataset = self._data(served)
        artifact = fit_all(name, dataset, seed=SEED, on_progress=self._note(name))
        return Recommender(artifact, dataset.catalog, dataset.source)

    def _data(self, served: Recommender) -> Dataset:
        """The ratings, read once; models are made one after the other, so nobody reads them twice."""
        if self._loaded is None:
            facts = served.artifact.facts
            named = str(facts.get("dataset"))
            self._loaded = load_dataset(
                self.dataset if self.dataset and Path(self.dataset).name == named else named,
                min_ratings=int(facts.get("min_ratings", 20)),
                on_duplicate="latest",  # where there are none, it makes no difference
            )
        return self._loaded

    def _note(self, name: str) -> OnProgress:
        def note(stage: str, done: int, total: int | None, /, **figures: float) -> None:
            if total:
                self.progress[name] = done / total

        return note


def saved_models(runs: Path, dataset: str) -> dict[str, Path]:
    """Folders of the models that eval.run has fitted on a data set, by name: of all its ratings, else the newest."""
    found: dict[str, tuple[bool, float, Path]] = {}
    for path in runs.glob(f"*/artifacts/*/*/{DESCRIPTION}"):
        with suppress(ArtifactError, OSError):
            description = read_description(path)
            facts, name = description["facts"], description["model"]
            if facts.get("dataset") == dataset:
                one = (facts.get("split") == "all", path.stat().st_mtime, path.parent)
                found[name] = max(found.get(name, one), one)
    return {name: folder for name, (_, _, folder) in sorted(found.items())}
