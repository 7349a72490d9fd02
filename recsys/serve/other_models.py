"""Models beside the one that is served: saved ones are loaded, quick ones are trained, when somebody asks for them."""

from pathlib import Path

from recsys.artifacts.fitting import fit_all
from recsys.artifacts.runs import models_beside
from recsys.data.interactions import Histories
from recsys.data.movielens import Dataset, load_dataset
from recsys.data.sources.names import NAMES
from recsys.errors import DataError
from recsys.films.catalog import Catalog
from recsys.models import MODELS
from recsys.progress import OnProgress
from recsys.recommend.pretrained import require_same_ratings
from recsys.recommend.recommender import Recommender
from recsys.serve.background import Background
from recsys.serve.find_model import SEED
from recsys.training import Training

QUICK = ("popularity", "user-knn", "svd", "als", "ease", "vae")  # vae takes 15 s, the others a second or a few
FEW_RATINGS = 250_000  # more, and only popularity is trained while somebody waits
FEW_FILMS = 3_000  # more, and ease is not: its memory grows with the square
SERVED = ""  # the name of the model that the page answers with


class OtherModels:
    """Models by name that know the same films as the one that is served.

    Attributes:
        dataset: name or folder of ratings to train on, if the served model was fitted on them.
        runs: folder with results of eval.run.
        progress: name -> how much of a model's training is done, in [0, 1]; while it is trained.
    """

    def __init__(self, dataset: str | None, runs: Path):
        self.dataset, self.runs = dataset, runs
        self.progress: dict[str, float] = {}
        self._models: Background[str, Recommender] = Background({})
        self._loaded: Dataset | None = None

    def names(self, served: Recommender) -> list[str]:
        """SERVED, the quick ones that these data allow, and those in runs that can list; the same model only once."""
        items = served.artifact.items
        quick = QUICK if items.n_ratings.sum() <= FEW_RATINGS else QUICK[:1]
        fitting = [name for name in quick if name != "ease" or len(items.ids) <= FEW_FILMS]
        saved = models_beside(self.runs, served.artifact.facts)
        found = (name for name in dict.fromkeys([*fitting, *saved]) if name != served.artifact.name)
        return [SERVED, *filter(can_list, found)]

    def checked(self, name: object, served: Recommender) -> str:
        """The name; DataError if no model is called so."""
        names = self.names(served)
        if not isinstance(name, str) or name not in names:
            raise DataError(f"There is no such model here: choose one of {', '.join(names[1:])}.")
        return name

    def for_lists(self, name: str, served: Recommender) -> Recommender | None:
        """The model of a name that a browser has kept; None while it is being made ready.

        One that is there is found at once.

        Raises:
            DataError: there is no such model, or it could not be made ready.
        """
        ready = self._models.values.get(name)
        return self.ask(self.checked(name, served), served) if ready is None else ready

    def ask(self, name: str, served: Recommender) -> Recommender | None:
        """The model of a checked name; None while it is being made ready.

        Raises:
            DataError: it could not be made ready; the next call tries again.
        """
        return served if name == SERVED else self._models.ask(name, lambda: self._make(name, served))

    def _make(self, name: str, served: Recommender) -> Recommender:
        saved = self._saved(served)
        made = self._load(saved[name], served) if name in saved else self._train(name, served)
        made.model.score(Histories(made.history({})))  # what has to be compiled is compiled now
        self.progress.pop(name, None)
        return made

    def _saved(self, served: Recommender) -> dict[str, Path]:
        return models_beside(self.runs, served.artifact.facts)

    def _load(self, folder: Path, served: Recommender) -> Recommender:
        loaded = Recommender.from_pretrained(folder, titles=served.films_from or self.dataset)
        require_same_films(loaded.catalog, served, f"{loaded.artifact.name}, which lies in {folder},")
        return loaded

    def _train(self, name: str, served: Recommender) -> Recommender:
        dataset = self._data(served)
        least = int(served.artifact.facts.get("min_film_ratings", 0))
        training = Training(seed=SEED, on_progress=self._note(name))
        artifact = fit_all(name, dataset, training, min_film_ratings=least)
        return Recommender(artifact, dataset.catalog, dataset.source)

    def _data(self, served: Recommender) -> Dataset:
        """The ratings, read once; models are made one after the other, so nobody reads them twice."""
        if self._loaded is None:
            facts = served.artifact.facts
            dataset = load_dataset(
                self._source(served),
                min_ratings=int(facts.get("min_ratings", 20)),
                on_duplicate="latest",  # where there are none, it makes no difference
                scale=served.scale,
            )
            require_same_films(dataset.catalog, served, dataset.name)
            self._loaded = dataset
        return self._loaded

    def _source(self, served: Recommender) -> str | Path:
        """Name or folder of the ratings that the served model was fitted on; DataError if they are not here."""
        facts, name = served.artifact.facts, served.artifact.name
        named = facts.get("dataset")
        sources = [self.dataset, served.films_from, named if isinstance(named, str) and named in NAMES else None]
        reasons = [f"no data set that is here has the ratings that {name} was fitted on"]
        for source in dict.fromkeys(source for source in sources if source):
            try:
                require_same_ratings(source, facts)
                return source
            except DataError as reason:
                reasons.append(str(reason).rstrip("."))
        raise DataError(f"No other model can be trained beside {name}: {'; '.join(reasons)}.")

    def _note(self, name: str) -> OnProgress:
        def note(stage: str, done: int, total: int | None, /, **figures: float) -> None:
            if total:
                self.progress[name] = done / total

        return note


def can_list(name: str) -> bool:
    """Whether a model of a name puts films in an order; a mean of all ratings does not."""
    return name in MODELS and MODELS[name].ranks_by != "nothing"


def require_same_films(catalog: Catalog, served: Recommender, whose: str) -> None:
    """Raise DataError unless what has an id in two catalogues is one film."""
    titles = dict(zip(served.catalog.item_ids.tolist(), served.display_titles, strict=True))
    for item, item_id in enumerate(catalog.item_ids.tolist()):
        title = catalog.display_title(item)
        if titles.get(item_id, title) != title:
            raise DataError(
                f"The films of {whose} are not those of {served.artifact.name}: number {item_id} is {title!r} there, "
                f"and {titles[item_id]!r} here."
            )
