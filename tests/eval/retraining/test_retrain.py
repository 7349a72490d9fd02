"""From a data set and a store to a version that answers, or does not."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from eval import retrain
from eval.retraining.limits import limited
from eval.retraining.making import retrained
from eval.retraining.order import Order
from eval.retraining.trial import stand_in
from recsys.artifacts.artifact import load_artifact
from recsys.errors import DataError
from recsys.store import open_store
from recsys.versions.errors import VersionError
from recsys.versions.registry import Registry
from tests.eval.retraining.conftest import join, settle, wished
from tests.support.store_places import CHEAP, PASSWORD

ORDER = Order(model="ease")
FOREIGN = 5  # the number of a film that the data set does not have


def arrays_of(version):
    return {name: value.tobytes() for name, value in load_artifact(version.folder).model.arrays().items()}


def test_versions_follow_each_other_and_say_what_they_are_made_of(town, store, registry, keys):
    said = []
    first = retrained(town.dataset, store, registry, ORDER, said.append)
    assert first.state == "current"
    assert (first.record.lineage.parent, first.record.lineage.n_people) == (None, 0)
    settle(store, town, keys, range(12))
    settle(store, town, keys, range(12, 15), consent="no")
    second = retrained(town.dataset, store, registry, ORDER, said.append)
    lineage = second.record.lineage
    assert second.state == "current", second.record.gate.reason
    assert (lineage.parent, lineage.n_people) == (first.number, 12)
    assert lineage.n_ratings <= town.stars[:12].nnz
    assert lineage.data_sha256 != first.record.lineage.data_sha256
    assert arrays_of(second).items() != arrays_of(first).items()
    assert {row["group"] for row in second.record.gate.figures["rows"]} >= {"people of the data set"}
    assert retrained(town.dataset, store, registry, ORDER, said.append) is None
    assert said[-1] == "There is nothing new to learn since version 2."
    assert registry.rollback().number == first.number
    table = next(line for line in said if line.startswith("\nVersion 2"))
    assert "Against version 1:" in table
    assert "Passed: it is not worse than version 1 in the one figure that there is, loads, and makes lists." in table


def test_the_next_version_is_that_which_would_be_had_somebody_gone_never_been(town, store, registry, keys, tmp_path):
    people = settle(store, town, keys, range(8))
    store.accounts.delete_account(people[3], PASSWORD)
    store.consents.answer(people[5], "no")
    made = retrained(town.dataset, store, registry, ORDER, [].append)
    for person in (people[row] for row in (0, 1, 2, 4, 6, 7)):
        store.accounts.delete_account(person, PASSWORD)
    settle(store, town, keys, (0, 1, 2, 4, 6, 7))
    again = retrained(town.dataset, store, Registry(tmp_path / "others"), ORDER, [].append)
    assert again.record.lineage.data_sha256 == made.record.lineage.data_sha256
    assert again.record.fingerprint == made.record.fingerprint
    assert arrays_of(again) == arrays_of(made)


def test_what_cannot_be_used_is_left_out_and_told(town, store, registry, keys):
    join(store, "Ann", keys.label, wished(town.stars, 0, keys) | {FOREIGN: 4.0})
    join(store, "Ben", keys.label, dict(list(wished(town.stars, 1, keys).items())[:3]))
    join(store, "Cleo", keys.label, wished(town.stars, 2, keys) | {keys.key_of(100): 4.5, keys.key_of(101): 0.5})
    said = []
    made = retrained(town.dataset, store, registry, ORDER, said.append)
    assert "1 of films that the data set does not have" in said[0]
    assert "2 that its scale does not have" in said[0]
    assert "those of 1 people with fewer than 5" in said[0]
    assert made.record.lineage.n_people == 2


def test_what_is_refused_is_kept_and_does_not_answer(town, store, registry, keys, monkeypatch):
    first = retrained(town.dataset, store, registry, ORDER, [].append)
    settle(store, town, keys, range(10))
    monkeypatch.setattr("eval.retraining.making.problem_of", lambda version, dataset: "it lists nothing")
    said = []
    refused = retrained(town.dataset, store, registry, ORDER, said.append)
    assert refused.state == "refused"
    assert refused.has_model
    assert refused.record.gate.reason == "Refused: it lists nothing."
    assert registry.current().number == first.number
    assert said[-1].endswith("Refused: it lists nothing.")


def test_a_version_may_pass_and_wait(town, store, registry):
    made = retrained(town.dataset, store, registry, replace(ORDER, promotes=False), [].append)
    assert made.state == "candidate"
    assert made.record.gate.passed
    assert registry.current() is None


def test_a_model_that_consists_of_ratings_is_refused_before_anything_is_read(town, registry):
    with pytest.raises(DataError, match="user-knn consists of its training ratings"):
        retrained(town.dataset, None, registry, Order(model="user-knn"))


def test_what_passes_is_promoted_on_the_hub_first(town, store, registry, monkeypatch):
    class Away:
        def __init__(self, name):
            assert name == "ann/films"

        def promote(self, version):
            raise DataError("the Hub is away")

    monkeypatch.setattr("eval.retraining.making.Repository", Away)
    with pytest.raises(DataError, match="the Hub is away"):
        retrained(town.dataset, store, registry, replace(ORDER, hub="ann/films"), [].append)
    assert registry.current() is None
    assert registry.version(1).record.gate.passed
    later = retrained(town.dataset, store, registry, ORDER, [].append)  # what has passed is promoted when it can be
    assert (later.number, registry.current().number, len(registry.versions())) == (1, 1, 1)


def test_what_an_operator_does_during_a_round_stands(town, store, registry, keys, monkeypatch):
    first = retrained(town.dataset, store, registry, ORDER, [].append)
    settle(store, town, keys, range(10))
    with monkeypatch.context() as patched:
        rolled_out = registry.add(load_artifact(first.folder), first.record.lineage)  # by hand, while a round is at it
        patched.setattr("eval.retraining.making.problem_of", lambda *_: registry.promote(rolled_out.number) and None)
        sentence = "version 2 answers by now, and version 1 was expected to; version 3 was not promoted"
        with pytest.raises(VersionError, match=sentence):
            retrained(town.dataset, store, registry, ORDER, [].append)
    waiting = registry.version(3)
    assert (waiting.state, waiting.record.gate.passed, registry.current().number) == ("candidate", True, 2)
    again = retrained(town.dataset, store, registry, ORDER, [].append)  # for 3 was compared with another
    assert (again.number, again.state, again.record.lineage.parent) == (4, "current", 2)
    assert retrained(town.dataset, store, registry, ORDER, [].append) is None


def test_after_a_rollback_by_hand_versions_wait_for_somebody(town, store, registry, keys):
    first = retrained(town.dataset, store, registry, ORDER, [].append)
    settle(store, town, keys, range(10))
    retrained(town.dataset, store, registry, ORDER, [].append)
    registry.rollback()
    settle(store, town, keys, range(10, 14))
    said = []
    third = retrained(town.dataset, store, registry, ORDER, said.append)
    assert (third.state, third.record.gate.passed, registry.current().number) == ("candidate", True, first.number)
    assert said[-1].startswith("Version 1 answers since somebody has rolled back to it, so version 3 waits; let it ")
    assert retrained(town.dataset, store, registry, ORDER, said.append).number == 3
    assert registry.current().number == first.number
    registry.promote(3)
    registry.compare(1)
    settle(store, town, keys, range(14, 18))
    assert retrained(town.dataset, store, registry, ORDER, said.append).state == "current"
    assert any(line.startswith("The comparison of version 1 with version 3 by list, begun ") for line in said)


def test_what_was_refused_is_tried_again_once_another_version_answers(town, store, registry, keys, monkeypatch):
    retrained(town.dataset, store, registry, ORDER, [].append)
    first = registry_with(town, store, registry, keys)
    said = []
    with monkeypatch.context() as patched:
        patched.setattr("eval.retraining.making.problem_of", lambda *_: "it squeaks")
        settle(store, town, keys, range(10, 14))
        refused = retrained(town.dataset, store, registry, ORDER, said.append)
    assert (first.number, refused.number, refused.state) == (2, 3, "refused")
    assert retrained(town.dataset, store, registry, ORDER, said.append) is None
    assert said[-1] == (
        "There is nothing new to learn since version 3, which the gate refused; `python -m recsys.versions show 3` "
        "says why, and `promote 3 --anyway` lets it answer."
    )
    registry.rollback()
    again = retrained(town.dataset, store, registry, ORDER, said.append)
    assert (again.number, again.state, again.record.lineage.parent) == (4, "candidate", 1)
    assert retrained(town.dataset, store, registry, ORDER, said.append).number == 4


def test_other_settings_are_something_new(town, store, registry):
    retrained(town.dataset, store, registry, ORDER, [].append)
    assert retrained(town.dataset, store, registry, ORDER, [].append) is None
    assert retrained(town.dataset, store, registry, replace(ORDER, seed=3), [].append).number == 2


def test_a_version_that_was_never_judged_is_made_again(town, store, registry, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("eval.retraining.making.decided", killed)
        with pytest.raises(KeyboardInterrupt):
            retrained(town.dataset, store, registry, ORDER, [].append)
    assert registry.version(1).record.gate is None
    assert retrained(town.dataset, store, registry, ORDER, [].append).state == "current"
    assert retrained(town.dataset, store, registry, ORDER, [].append) is None


def test_nobody_s_ratings_do_not_take_the_place_of_people_s_by_themselves(town, store, registry, keys):
    first = registry_with(town, store, registry, keys)
    with open_store(Path(registry.folder).parent / "empty.sqlite", config=CHEAP) as empty:
        refused = retrained(town.dataset, empty, registry, ORDER, [].append)
    assert refused.state == "refused"
    assert "nobody's ratings are in it, and version 1 has learned from those of 10 people" in refused.record.gate.reason
    assert registry.current().number == first.number


def registry_with(town, store, registry, keys):
    """The first version, of ten people's ratings."""
    settle(store, town, keys, range(10))
    return retrained(town.dataset, store, registry, ORDER, [].append)


def test_a_version_that_knows_other_films_is_not_replaced(town, store, registry):
    retrained(town.dataset, store, registry, ORDER, [].append)
    with pytest.raises(DataError, match="version 1, which answers, knows the films of town, and --dataset is other"):
        retrained(replace(town.dataset, name="other"), store, registry, ORDER)


def test_a_model_without_stars_does_not_replace_one_that_has_them(town, store, registry):
    retrained(town.dataset, store, registry, replace(ORDER, model="baseline"), [].append)
    refused = retrained(town.dataset, store, registry, replace(ORDER, model="popularity"), [].append)
    assert refused.record.gate.reason == "Refused: it has no RMSE, and version 1 has."


def test_what_was_imported_or_agreed_to_since_is_not_known_to_the_champion(town, store, registry, keys, monkeypatch):
    clock = store.accounts._now
    ann = join(store, "Ann", keys.label, wished(town.stars, 20, keys), "no")
    settle(store, town, keys, range(10))
    clock.advance(hours=1)
    first = retrained(town.dataset, store, registry, ORDER, [].append)
    assert abs(first.record.lineage.read_at - clock()) < timedelta(seconds=1)
    clock.advance(hours=1)
    store.consents.answer(ann, "yes")
    import_of(store, join(store, "Ben", keys.label, {}), keys.label, wished(town.stars, 21, keys))
    seen = []
    for part in ("making", "rivals"):
        monkeypatch.setattr(f"eval.retraining.{part}.stand_in", lambda *given: seen.append(given) or stand_in(*given))
    second = retrained(town.dataset, store, registry, ORDER, [].append)
    assert second.record.lineage.n_people == 12
    (_, known, trial, *_), (_, all_known, *_) = seen
    ann_and_ben = trial.n_base_users + np.array([0, 11])  # by when they registered
    late = np.isin(trial.whole.ratings.user_idx, ann_and_ben) & ~trial.held_out
    assert late.sum() > 20
    assert all_known.n_ratings - known.n_ratings == late.sum()


def import_of(store, person, label, stars):
    """Ratings that are said to be years old."""
    long_ago = store.accounts._now() - timedelta(days=900)
    store.ratings.set_ratings(person, label, stars, when=dict.fromkeys(stars, long_ago))


def test_a_page_of_a_few_people_improves_its_model(town, store, registry, keys):
    for rows, number in ((range(3), 3), (range(3, 9), 9)):
        settle(store, town, keys, rows)
        made = retrained(town.dataset, store, registry, ORDER, [].append)
        assert made.state == "current", made.record.gate.reason
        assert made.record.lineage.n_people == number
        assert made.record.lineage.n_ratings >= 0.9 * town.stars[:number].nnz


def test_figures_of_a_few_people_are_not_kept(town, store, registry, keys):
    settle(store, town, keys, range(9))
    made = retrained(town.dataset, store, registry, ORDER, [].append)
    assert {row["group"] for row in made.record.gate.figures["rows"]} == {"people of the data set"}
    settle(store, town, keys, range(9, 15))
    made = retrained(town.dataset, store, registry, ORDER, [].append)
    assert "people of the page" in {row["group"] for row in made.record.gate.figures["rows"]}


def test_of_a_model_that_hides_people_nothing_is_told_of_what_they_gave(town, store, registry, keys, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "eval.retraining.ingredients.limited", lambda *given, **how: seen.append(how) or limited(*given, **how)
    )
    settle(store, town, keys, range(10))
    made = retrained(town.dataset, store, registry, Order(model="dp-popularity"), [].append)
    assert seen == [{"of_films": False}]
    lineage = made.record.lineage
    assert (lineage.data_sha256, lineage.n_people, lineage.n_ratings) == (None, 10, 0)
    assert "private" in load_artifact(made.folder).facts
    assert "dataset_sha256" not in load_artifact(made.folder).facts


# --- the command


def test_the_command_makes_a_version_unless_another_is_at_it(town, store, tmp_path, capsys):
    options = ["--dataset", str(town.dataset.folder), "--min-ratings", "1", "--model", "ease"]
    options += ["--database", store.place, "--versions", str(tmp_path / "v")]
    with store.turns.of(retrain.TURN) as is_ours:
        assert is_ours
        assert retrain.main(options) == 0
    assert "Another process is retraining" in capsys.readouterr().out
    assert not (tmp_path / "v").exists()
    assert retrain.main(options) == 0
    assert "Version 1 answers from now on." in capsys.readouterr().out
    assert retrain.main([*options, "--database", str(tmp_path / "none")]) == 2
    assert "there is no database" in capsys.readouterr().err


def test_a_database_that_is_not_there_is_not_made(tmp_path, capsys, monkeypatch):
    for place in (f"sqlite:///{tmp_path}/typo.db", str(tmp_path / "typo.db")):
        assert retrain.main(["--database", place]) == 2
        assert f"there is no database {tmp_path}/typo.db" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/typo.db")
    assert retrain.main([]) == 2
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("model", ["dp-popularity", "dp-vae"])
def test_epsilon_is_spent_only_where_somebody_asks_for_it(model, capsys, monkeypatch):
    made = []
    monkeypatch.setattr(retrain, "once", lambda options: made.append(options.model) or 0)
    assert retrain.main(["--model", model, "--every", "24h", "--private", "8"]) == 2
    assert f"every version of {model} spends its epsilon anew" in capsys.readouterr().err
    assert retrain.main(["--model", model]) == 2
    assert "say how much that may be by --private EPSILON, such as 8" in capsys.readouterr().err
    assert retrain.main(["--model", "ease", "--private", "8"]) == 2
    assert "ease hides nobody within an epsilon; leave out --private" in capsys.readouterr().err
    assert made == []
    assert retrain.main(["--model", model, "--private", "8"]) == 0
    assert made == [model]


@pytest.mark.parametrize("said", ["0", "-1", "nan", "inf", "much", "1e9"])
def test_an_epsilon_that_hides_nothing_is_refused(said, capsys):
    with pytest.raises(SystemExit, match="2"):
        retrain.parse(["--private", said])
    assert "is no number above 0 and up to 1000" in capsys.readouterr().err


def test_what_is_made_hides_people_within_the_epsilon_that_was_said(town, store, tmp_path):
    assert retrain.parse(["--private", "2"]).model == "dp-vae"
    order = retrain.order_of(retrain.parse(["--private", "2", "--model", "dp-popularity"]))
    registry = Registry(tmp_path / "versions")
    made = retrained(town.dataset, store, registry, order, tell=lambda _: None)
    assert made.record.lineage.fit.epsilon == 2
    model = load_artifact(made.folder).model
    assert model.config.privacy.epsilon == 2
    assert model.config.privacy.noise == "secret"


def test_the_name_of_a_repository_makes_no_folder(monkeypatch, capsys):
    monkeypatch.setenv("MOVIE_VAE_VERSIONS", "someone/movies")
    with pytest.raises(SystemExit, match="2"):
        retrain.parse([])
    assert "such as ./someone/movies" in " ".join(capsys.readouterr().err.split())


def test_what_is_made_after_the_lock_was_lost_waits(town, store, tmp_path, capsys, monkeypatch):
    def lost(*_):
        Path(f"{store.place}.{retrain.TURN}").unlink()

    monkeypatch.setattr("eval.retraining.making.problem_of", lost)
    options = ["--dataset", str(town.dataset.folder), "--min-ratings", "1", "--model", "ease"]
    assert retrain.main([*options, "--database", store.place, "--versions", str(tmp_path / "v")]) == 2
    assert "the lock that lets one process at a time be at this was lost" in capsys.readouterr().err
    made = Registry(tmp_path / "v").version(1)
    assert (made.state, made.record.gate.passed) == ("candidate", True)


@pytest.mark.parametrize(
    ("option", "said", "sentence"),
    [
        ("--every", "1w", "is no time such as 24h"),
        ("--every", "0h", "is no time such as 24h"),
        ("--ndcg-margin", "nan", "is no number from 0 to 1"),
        ("--rmse-margin", "-1", "is no number from 0 to 1"),
    ],
)
def test_what_is_no_time_or_margin_is_said(option, said, sentence, capsys):
    with pytest.raises(SystemExit, match="2"):
        retrain.parse([f"{option}={said}"])
    assert sentence in capsys.readouterr().err


def test_what_goes_wrong_with_one_is_said_and_the_next_is_tried(monkeypatch, capsys):
    rounds = iter([DataError("the database is gone"), None, OSError("no space left"), KeyboardInterrupt()])

    def once(options):
        if (raised := next(rounds)) is not None:
            raise raised

    slept = []
    monkeypatch.setattr(retrain, "once", once)
    monkeypatch.setattr("time.sleep", slept.append)
    assert retrain.main(["--every", "24h"]) == 130
    said = capsys.readouterr().err
    assert said.startswith("eval.retrain: the database is gone\n")
    assert "no space left" in said
    assert [round(seconds / 3600) for seconds in slept] == [24, 24, 24]


def test_a_kill_at_any_moment_leaves_whole_versions_and_one_that_answers(tmp_path):
    found = subprocess.run(
        [sys.executable, "-m", "tests.eval.retraining.kills", str(tmp_path), "20"], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    rounds = [line.split() for line in found.stdout.splitlines()]
    assert len(rounds) == 20
    assert all(line[1:] == ["0", "True", "True"] for line in rounds), found.stdout
    assert int(rounds[-1][0]) > 2, "no kill came after a version was made"
