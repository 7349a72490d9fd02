"""A registry of versions in a folder: what is kept of each, which answers, and that nothing is ever half there."""

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from recsys.artifacts.artifact import load_artifact, save_artifact
from recsys.artifacts.manifest import ArtifactError
from recsys.versions import reading, writing
from recsys.versions.errors import VersionError
from recsys.versions.lineage import Gate, Lineage, written
from recsys.versions.origin import lineage_of
from recsys.versions.promotions import read_promotions
from recsys.versions.registry import Registry
from recsys.versions.writing import DRAFT, LOCK, locked
from tests.support.small_models import artifact_of, fitted, ratings
from tests.versions.conftest import LINEAGE, made

ROOT = Path(__file__).parents[2]
PASSED = Gate(passed=True, reason="It is not worse.", figures={"ndcg@10": {"mean": 0.42, "interval": [0.41, 0.43]}})
REFUSED = Gate(passed=False, reason="It is worse for newcomers.", figures={"newcomers": -0.02})
ROUNDS = 40


def states(registry):
    return {version.number: version.state for version in registry.versions()}


def test_a_version_is_read_as_it_was_added(registry):
    artifact = made()
    added = registry.add(artifact, LINEAGE, PASSED)
    found = Registry(registry.folder).version(1)
    assert found == added
    assert (found.number, found.state, found.has_model) == (1, "candidate", True)
    assert (found.record.lineage, found.record.gate) == (LINEAGE, PASSED)
    assert (found.record.model, found.record.dataset) == ("popularity", "films")
    assert found.record.fingerprint == artifact.fingerprint() == load_artifact(found.folder).fingerprint()
    assert found.record.made_at.isoformat() == "2026-03-01T00:00:00+00:00"
    assert {"movie-vae", "numpy"} <= found.record.code.keys()


def test_versions_are_numbered_in_order_and_found_by_number_or_fingerprint(three):
    assert [version.number for version in three.versions()] == [3, 2, 1]
    second = three.version(2)
    assert three.version("2") == three.version(second.record.fingerprint[:6].upper()) == second
    assert second.record.fingerprint != three.version(1).record.fingerprint


@pytest.mark.parametrize("said", ["9", "nothing", "0", "", "abc", "1" * 99, "²", "../0001"])
def test_what_is_no_version_is_refused_in_a_sentence(three, said):
    with pytest.raises(VersionError, match="there is no version .* the newest is 3"):
        three.version(said)


def test_of_versions_that_are_the_same_model_the_newest_is_found(registry):
    for _ in range(2):
        added = registry.add(made(), LINEAGE)
    assert registry.version(added.record.fingerprint).number == 2


def test_states_say_what_became_of_each(three):
    three.add(made(3), LINEAGE, REFUSED)
    assert states(three) == {4: "refused", 3: "current", 2: "candidate", 1: "promoted before"}
    assert three.current().number == 3


def test_before_the_first_promotion_none_answers(registry):
    assert registry.current() is None
    registry.add(made(), LINEAGE)
    assert registry.current() is None
    with pytest.raises(VersionError, match="no version in .* that answered before"):
        registry.rollback()


def test_a_decision_is_kept_and_a_refused_version_is_promoted_only_anyway(three):
    assert three.judge(2, REFUSED).state == "refused"
    with pytest.raises(VersionError, match="version 2 .* was refused: It is worse for newcomers. --anyway promotes"):
        three.promote(2)
    assert three.current().number == 3
    assert three.promote(2, anyway=True).state == "current"
    assert three.judge(2, PASSED).record.gate == PASSED


def test_rollbacks_lead_back_one_after_the_other(three):
    three.promote(2)
    assert [three.rollback().number, three.rollback().number] == [3, 1]
    with pytest.raises(VersionError, match="answered before"):
        three.rollback()
    assert states(three) == {3: "promoted before", 2: "promoted before", 1: "current"}


def test_a_promotion_in_place_of_a_version_that_answers_no_more_is_refused(three):
    sentence = "version 3 answers by now, and version 1 was expected to; version 2 was not promoted: look at `list`"
    with pytest.raises(VersionError, match=sentence):
        three.promote(2, instead_of=1)
    with pytest.raises(VersionError, match="version 3 answers by now, and no version was expected to"):
        three.promote(2, instead_of=None)
    assert three.current().number == 3
    assert three.promote(3, instead_of=1).state == "current"  # it answers already
    assert three.promote(2, instead_of=3).state == "current"


def test_the_first_promotion_takes_the_place_of_none(registry):
    registry.add(made(), LINEAGE)
    with pytest.raises(VersionError, match="no version answers by now, and version 1 was expected to"):
        registry.promote(1, instead_of=1)
    assert registry.promote(1, instead_of=None).state == "current"


def test_two_rollbacks_at_once_go_back_one_step(three, monkeypatch):
    three.promote(2)
    both, said = threading.Barrier(2), []

    def usable(_):
        both.wait(30)  # until both have seen that 2 answers

    monkeypatch.setattr(reading, "problem_of", usable)

    def roll_back():
        try:
            said.append(three.rollback().number)
        except VersionError as error:
            said.append(str(error))

    threads = [threading.Thread(target=roll_back) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said, key=str) == [
        3,
        "somebody else has promoted or rolled back meanwhile; nothing was rolled back, look at `list`",
    ]
    assert three.current().number == 3


@pytest.mark.parametrize("name", ["model/arrays.safetensors", "version.json"])
def test_a_rollback_passes_over_what_does_not_load(three, name, caplog):
    three.promote(2)
    (three.folder / "0003" / name).write_bytes(b"cut off")
    assert [version.number for version in three.prune(1)] == []  # 1 is what a rollback leads to
    assert three.rollback().number == 1
    assert "A rollback passes over version 3: " in caplog.text
    assert read_promotions(three.folder).way == (1,)


def test_a_rollback_that_leads_to_nothing_says_why(three):
    (three.version(1).folder / "arrays.safetensors").write_bytes(b"cut off")
    with pytest.raises(VersionError, match="answered before; version 1 cannot be used .*: got sha256"):
        three.rollback()
    assert three.current().number == 3


def test_to_promote_what_answers_changes_nothing(three):
    three.promote(3)
    assert three.rollback().number == 1


def test_a_parent_must_be_a_version(three):
    assert three.add(made(), LINEAGE.model_copy(update={"parent": 3})).record.lineage.parent == 3
    with pytest.raises(VersionError, match="got version 9 for a parent, which is not in"):
        three.add(made(), Lineage(parent=9))
    assert not [*three.folder.glob(f"{DRAFT}*")]


def test_figures_are_kept_as_json_has_them(registry):
    metrics = {"rmse": np.float32(0.5), "n": np.int64(3), "of each": np.array([1.0, np.nan]), "worst": float("inf")}
    added = registry.add(made(), Lineage(metrics=metrics))
    assert added.record.lineage.metrics == {"rmse": 0.5, "n": 3, "of each": [1.0, None], "worst": None}


def test_what_is_no_lineage_is_refused():
    for wrong in ({"n_people": -1}, {"data_sha256": "x"}, {"metrics": {"a": object()}}, {"parent": 0}):
        with pytest.raises(ValidationError):
            Lineage(**wrong)
    with pytest.raises(VersionError, match="bytes of figures to keep with a version; expected at most 1,048,576"):
        written(Lineage(metrics={"much": "x" * 2**20}))


def test_a_model_folder_becomes_a_version_with_its_own_files_alone(registry, tmp_path):
    save_artifact(tmp_path / "model", made())
    (tmp_path / "model" / "README.md").write_text("beside it")
    lineage = lineage_of(tmp_path / "model", "The first.")
    assert lineage == Lineage(data_sha256="0b" * 32, note="The first.")
    added = registry.add_folder(tmp_path / "model", lineage)
    assert {path.name for path in added.folder.iterdir()} == {"model.json", "arrays.safetensors", "manifest.json"}
    with pytest.raises(ArtifactError, match="the file is missing"):
        registry.add_folder(tmp_path / "nothing", lineage)


def test_a_model_that_consists_of_ratings_is_no_version(registry, tmp_path):
    train = ratings()
    save_artifact(tmp_path / "model", artifact_of("user-knn", fitted("user-knn", train), train))
    with pytest.raises(VersionError, match="consists of its training ratings"):
        registry.add_folder(tmp_path / "model", LINEAGE)


def test_what_does_not_load_is_not_promoted(three):
    (three.version(2).folder / "arrays.safetensors").write_bytes(b"cut off")
    with pytest.raises(ArtifactError, match="the file was altered or cut off"):
        three.promote(2)
    assert three.current().number == 3


# ---- pruning


def test_pruning_deletes_old_models_and_keeps_what_is_known_of_them(three):
    three.add(made(3), LINEAGE)
    three.promote(2)  # which a rollback leaves for 3
    assert [version.number for version in three.prune(1)] == [1]
    assert {version.number: version.has_model for version in three.versions()} == {4: True, 3: True, 2: True, 1: False}
    assert (three.version(1).record.lineage, three.version(1).state) == (LINEAGE, "promoted before")
    assert three.prune(1) == []
    assert three.rollback().number == 3
    with pytest.raises(VersionError, match="answered before"):  # 1 is gone
        three.rollback()
    with pytest.raises(VersionError, match="the model of version 1 .* was pruned; promote another"):
        three.promote(1)


def test_numbers_are_not_used_again(three):
    three.rollback()
    assert [version.number for version in three.prune(1)] == [2]
    assert three.add(made(), LINEAGE).number == 4


@pytest.mark.parametrize("number", [1, 3, 4])
def test_numbers_of_folders_that_somebody_removed_are_not_used_again(three, number):
    assert three.add(made(3), LINEAGE).number == 4  # a candidate, which no promotion tells of
    for gone in range(number, 5):
        shutil.rmtree(three.folder / f"{gone:04}")
    assert three.add(made(), LINEAGE).number == 5


def test_numbers_of_a_registry_of_before_are_not_used_again(three):
    path = three.folder / "promotions.json"
    path.write_text(
        json.dumps({name: value for name, value in json.loads(path.read_text()).items() if "last" not in name})
    )
    shutil.rmtree(three.folder / "0003")
    assert three.add(made(), LINEAGE).number == 4


@pytest.mark.parametrize("keep", [0, -1])
def test_nothing_is_pruned_to_nothing(three, keep):
    with pytest.raises(VersionError, match="expected at least 1"):
        three.prune(keep)


# ---- files that somebody has altered


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "got a list, expected a JSON object"),
        ('{"format": 2}', "got format 2, expected 1; update this package"),
        ("{}", "number: field required; the file was altered"),
    ],
)
def test_an_altered_record_is_told_in_a_sentence(three, content, sentence):
    (three.folder / "0002" / "version.json").write_text(content)
    with pytest.raises(ValueError, match=sentence):
        three.version(2)
    assert three.current().number == 3


def test_a_damaged_record_hides_no_other_version(three, caplog):
    (three.folder / "0002" / "version.json").write_text("{")
    three.add(made(3), LINEAGE)
    assert [version.number for version in three.versions()] == [4, 3, 1]
    assert "Version 2 is damaged, and left out: " in caplog.text
    assert [entry.number for entry in three.entries()] == [4, 3, 2, 1]
    three.promote(4)
    (three.folder / "0003" / "version.json").unlink()
    assert [version.number for version in three.way_back()] == [1]


def test_altered_promotions_are_told_in_a_sentence(three):
    (three.folder / "promotions.json").write_text(json.dumps({"format": 1, "way": ["x"]}))
    with pytest.raises(VersionError, match=r"promotions.json: way.0: input should be a valid integer"):
        three.current()


def test_keys_that_are_not_known_yet_are_left_out(three):
    path = three.folder / "0002" / "version.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"later": 1}))
    assert three.version(2).record.lineage == LINEAGE


# ---- several at once, and killed at any moment


def test_what_earlier_programs_wrote_is_read(three):
    path = three.folder / "0001" / "version.json"
    content = json.loads(path.read_text())
    for name in ("read_at", "fit"):
        del content["lineage"][name]
    path.write_text(json.dumps(content))
    assert three.version(1).record.lineage == LINEAGE.model_copy(update={"read_at": None, "fit": None})


def test_several_that_write_at_once_lose_nothing(registry):
    def work(seed: int) -> None:
        for _ in range(3):
            one = Registry(registry.folder)
            one.promote(one.add(made(seed), LINEAGE).number)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [version.number for version in registry.versions()] == [*range(12, 0, -1)]
    assert all(load_artifact(version.folder) for version in registry.versions())
    assert read_promotions(registry.folder).ever == {*range(1, 13)}


def test_whoever_holds_the_lock_for_too_long_is_told_of(registry):
    registry.add(made(), LINEAGE)
    with writing.holding(registry.folder / LOCK, 1), pytest.raises(VersionError, match="let it end, and try again"):  # noqa: SIM117
        with locked(registry.folder, patience=0.05):
            raise AssertionError("two at once")


def test_drafts_of_others_stay_while_they_are_at_work_and_go_once_they_are_not(registry):
    with writing.draft_in(registry.folder) as at_work:
        (registry.folder / f"{DRAFT}left").mkdir()
        registry.add(made(), LINEAGE)
        assert at_work.is_dir()
        assert not (registry.folder / f"{DRAFT}left").exists()
    assert not at_work.exists()


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(VersionError, match="the versions in .* cannot be changed: .*Not a directory"):
        Registry(tmp_path / "file" / "versions").add(made(), LINEAGE)


def test_kill_9_at_any_moment_leaves_versions_whole_and_one_that_answers(tmp_path):
    words = [sys.executable, "-m", "tests.support.version_kills", str(tmp_path / "versions"), str(ROUNDS)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    rounds = [[*map(int, line.split())] for line in run.stdout.splitlines()]
    assert len(rounds) == ROUNDS
    assert {tuple(found[1:]) for found in rounds} == {(0, 0, 0)}, rounds
