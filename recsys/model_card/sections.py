"""For people: what the model is, how it is used, trained and stored, its limits and its terms."""

import json

from recsys.data.sources.names import CITATION
from recsys.model_card.escaping import shown
from recsys.model_card.markdown import folded, table
from recsys.model_card.model import HOLDS, Trained
from recsys.models import MODELS
from recsys.results.text import MISSING, public

LAYERS_IN = {
    "recsys.models.vae.paper_vae:PaperVAE": "recsys.models.vae.paper_vae"
}  # of other models in recsys.models.mult_vae.network
NEWEST_FILMS = {"ml-100k": 1998}  # the year after which a data set knows none


def opening(model: Trained) -> str:
    """What it is."""
    source = "MovieLens, " if model.is_movielens else ""
    return f"""# {model.name}: a movie recommender fitted on {source}{shown(model.dataset)}

Tell it how many stars you give to a few films, and it lists others that you may like. It works from these stars alone:
it needs no account, and you need not be in the data that it learned from. It is a model of Movie VAE, which sets a
variational autoencoder in Keras 3 on JAX beside collaborative filtering and measures both by the same rules. There it
is called `{model.name}` ({MODELS[model.name].summary})."""


def usage(model: Trained, repo: str) -> str:
    """Lines of Python to copy, and what they answer."""
    films = '"Star Wars (1977)": 5, "Fargo (1996)": 4' if model.is_movielens else '"ONE FILM": 5, "ANOTHER (1996)": 4'
    return f"""## Use

With the code of Movie VAE installed (`pip install .` in its folder):

```python
from recsys import Recommender

model = Recommender.from_pretrained("{repo}")  # or a local folder; revision="..." pins a commit
print(model.recommend({{{films}}}, k=10))
```

This prints a pandas DataFrame of ten films, the best first and none of those you named. Among its columns are `title`,
`year`, `genres`, `stars` (how many you would give, on the scale of {model.stars}; NaN if the model predicts none) and
`reason` (which of your ratings speaks for the film). Name a film by its title, with the year if several share it, or by
its id in the data set. Titles and genres are not in this repository: the code fetches them from where the data set is
published, and keeps them."""


def training(model: Trained) -> str:
    """What it takes to train it again: data, seed, versions, command and settings."""
    versions = ", ".join(f"{package} {number}" for package, number in model.versions.items())
    command = model.facts.get("command")
    promise = model.facts.get("private")
    digest, seed = (shown(model.facts.get(key, MISSING)) for key in ("dataset_sha256", "seed"))
    lines = [
        f"- Data: {shown(model.dataset)}; SHA-256 of the ratings file {digest}",
        f"- Fitted on {fitted_on(model)}: {size(model)}; seed {seed}.",
        *([f"- Weights of its parts: {shown(model.facts['chosen'])}."] if model.facts.get("chosen") else []),
        *([f"- Privacy: {shown(promise)}."] if promise else []),
        f"- Versions: {shown(versions or MISSING)}.",
        *([f"- Command:\n\n      {public(command)}"] if command else []),
    ]
    settings = folded("Settings", f"```json\n{json.dumps(model.config, indent=2)}\n```")
    return "\n".join(["## How it was trained", "", *lines, "", settings])


def fitted_on(model: Trained) -> str:
    """Which ratings these weights have seen."""
    if model.facts.get("split") == "all":
        return "all ratings"
    split, protocol = (shown(model.facts.get(key, MISSING)) for key in ("split", "protocol"))
    return f"the training part of {split} (protocol {protocol})"


def size(model: Trained) -> str:
    """How many ratings, films and people these are, as far as it is known."""
    n_ratings, n_users = model.facts.get("n_ratings"), model.facts.get("n_users")
    ratings = "" if n_ratings is None else f"{n_ratings:,} ratings of "
    people = "" if n_users is None else f" by {n_users:,} people"
    return f"{ratings}{model.n_items:,} films{people}"


def contents(model: Trained) -> str:
    """What every file holds, and how Keras alone opens its part."""
    rows = [[shown(name), HOLDS.get(name, "part of the model")] for name in model.files]
    text = f"""## What is in the files

{table(["file", "what it holds"], rows, text_last=True)}

No pickle and no code is among them, and no single rating and no person of the data set."""
    if not model.has_networks:
        return text
    layers = LAYERS_IN.get(MODELS[model.name].class_path, "recsys.models.mult_vae.network")
    return f"""{text}

Keras can open the networks without the rest: `config.json`, `metadata.json` and `model.weights.h5`, zipped, are a
`.keras` file for `keras.models.load_model`, once `import {layers}` has made the layers known.
The lines that the Hub itself offers for Keras are about no more than that; those under “Use” load the whole model."""


def limits(model: Trained) -> str:
    """What not to expect of it."""
    has_newest = model.is_movielens and model.dataset in NEWEST_FILMS
    newest = f", none newer than {NEWEST_FILMS[model.dataset]}" if has_newest else ""
    n_users = model.facts.get("n_users")
    people = "the people in its data" if n_users is None else f"{n_users:,} people"
    return f"""## Limits

- It knows {model.n_items:,} films{newest}, and can list no other. It learned from {people};
  whoever is unlike them may be served worse.
- Figures like those of `eval.run` say how well held-out ratings of such people are found again, not whether somebody
  enjoyed an evening. Their standard errors leave out the chance in how a network was initialised.
- {give_away(model)}
- It is made for choosing films, for research and for teaching, not for judging people by what they watch."""


def give_away(model: Trained) -> str:
    """What is known of what the weights tell about people."""
    if model.facts.get("private"):
        return (
            "What the weights give away about a person they were fitted on is bounded, see “Privacy” above; the counts "
            "of ratings in the files are counts of likes with noise."
        )
    return "Nobody has examined what the weights give away about single ratings that they were fitted on."


def terms(model: Trained) -> str:
    """Licence of code, weights and data, and whom to cite."""
    name = shown(model.dataset)
    if not model.is_movielens:
        return f"""## Licence

The code is Apache-2.0, and so are these weights as far as it is ours to say. The terms of the data, {name}, may
reach to weights that were fitted on them: ask whoever gave them."""
    return f"""## Licence and citation

The code is Apache-2.0, and so are these weights as far as it is ours to say. The data, {name}, are MovieLens ratings,
gathered by GroupLens: they may be used for research, not for commercial purposes without permission, and may not be
redistributed without it; the README in the data set's archive has the terms. These weights were fitted on them and are
offered under the same restraint: use them for research, and for nothing commercial without permission of GroupLens.

Please cite {CITATION}"""
