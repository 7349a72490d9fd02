"""What earlier versions left behind is read, and answers as it did: artifacts of all models, a database."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from recsys.artifacts.artifact import load_artifact
from recsys.data.interactions import Histories, Interactions
from recsys.models import MODELS
from recsys.store import open_store
from tests.golden.save import CHEAP, FOLDER, MOMENT, NAME, PASSWORD
from tests.support.small_models import ratings

ARTIFACTS = sorted(path.parent for path in FOLDER.glob("*/manifest.json"))


def test_what_was_left_is_by_models_that_there_are():
    assert {path.name for path in ARTIFACTS} <= set(MODELS)
    assert len(ARTIFACTS) >= 18


@pytest.mark.parametrize("folder", ARTIFACTS, ids=lambda path: path.name)
def test_an_artifact_answers_as_it_did(folder):
    model, asked = load_artifact(folder, train=Interactions(ratings(1))).model, ratings(2)[:10]
    with np.load(f"{folder}.npz") as answers:
        np.testing.assert_allclose(model.score(Histories(asked)), answers["score"], rtol=1e-4, atol=1e-5)
        if "stars" in answers:
            np.testing.assert_allclose(model.predict(Histories(asked)), answers["stars"], rtol=1e-4)


def test_a_database_is_opened_with_all_that_was_in_it(tmp_path):
    kept = json.loads((FOLDER / "store.json").read_text(encoding="utf-8"))
    place = Path(shutil.copy(FOLDER / "store.sqlite", tmp_path))
    with open_store(place, config=CHEAP, now=lambda: MOMENT) as store:
        person = store.accounts.person_of(store.accounts.sign_in(NAME, PASSWORD, "here"))
        assert len(kept["sessions"]) == 1
        exported = store.exports.everything(person)
        assert len(exported.pop("sessions")) == len(kept.pop("sessions")) + 1
        assert exported == kept | {"declined": [], "consents": []}  # which came later
        assert store.consents.of(person).agrees is None
        store.ratings.undo_last(person)
        assert {film: rating.stars for film, rating in store.ratings.of(person, "films").items()} == {7: 3.0, 8: 1.0}
        assert store.accounts.person_of(store.accounts.sign_in_from("hf", "subject-1", "Cleo")).name == "Cleo"
