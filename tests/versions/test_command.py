"""`python -m recsys.versions`: what it prints, and its sentences."""

import re
import shutil

import pytest

from recsys.artifacts.artifact import save_artifact
from recsys.versions.__main__ import main
from recsys.versions.lineage import Gate
from recsys.versions.published import with_record
from tests.versions.conftest import LINEAGE, made


@pytest.fixture
def run(three, capsys):
    """What a command prints, and on stderr; and its exit status."""

    def run(*words):
        status = main([*words, "--versions", str(three.folder)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_list_has_a_line_for_each_version(run, three):
    three.judge(2, Gate(passed=False, reason="Worse."))
    status, out, err = run("list")
    first, *lines = out.splitlines()
    assert (status, err) == (0, "")
    assert first.split() == [
        "version",
        "fingerprint",
        "made",
        "(UTC)",
        "model",
        *["parent", "people", "ratings", "gate", "state"],
    ]
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    assert lines[0].endswith("-      40      812  -        current")
    assert lines[1].endswith("812  refused  refused")
    assert lines[2].endswith("promoted before")


def test_of_a_drafted_lists_version_both_are_shown(run, three):
    one, other = (three.version(number).record.fingerprint for number in (3, 1))
    status, out, _ = run("show", f"{one}+{other}")
    assert status == 0
    assert out.startswith("A list of these two was drafted from both")
    assert [line.split()[-1] for line in out.splitlines() if line.startswith("fingerprint")] == [one, other]
    status, _, err = run("show", f"{one}+0123456789")
    assert status == 2
    assert "there is no version '0123456789'" in err


def test_all_that_is_kept_of_a_version_is_shown(run, three):
    three.judge(2, Gate(passed=False, reason="Worse\nfor newcomers.", figures={"newcomers": -0.02}))
    _, out, _ = run("show", "2")
    assert f"fingerprint    {three.version(2).record.fingerprint}\n" in out
    assert "version        2, refused\n" in out
    assert "people added   40\n" in out
    assert "people read    2026-02-28 23:59 UTC\n" in out
    assert 'fitted with    {"seed": 7, "epochs": 3, "min_film_ratings": 0}\n' in out
    assert 'metrics        {"ndcg@10": 0.42}\n' in out
    assert "reason         Worse for newcomers.\n" in out
    assert out.endswith('figures        {"newcomers": -0.02}\n')


def test_promotions_and_rollbacks_are_told(run, three):
    third, second = (three.version(number).record.fingerprint for number in (3, 2))
    assert run("promote", "2") == (0, f"Version 2 ({second}) answers from now on.\n", "")
    assert run("rollback", "3")[2].endswith(
        "version 2 answers by now, and version 3 was expected to; nothing was rolled back: look at `list`, and promote "
        "or roll back again if it is to be so\n"
    )
    assert run("rollback", "2") == (0, f"Version 3 ({third}) answers again, instead of version 2.\n", "")
    assert run("rollback")[1].endswith("answers again, instead of version 3.\n")
    assert three.current().number == 1


def test_a_damaged_version_has_a_line_and_hides_no_other(run, three):
    (three.folder / "0002" / "version.json").write_text("{")
    status, out, err = run("list")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert [line.split()[0] for line in lines[1:4]] == ["3", "2", "1"]
    assert lines[2].endswith("damaged")
    assert lines[4].startswith("Version 2 is damaged: ")
    assert "0002/version.json: not JSON" in lines[4]
    assert run("show", three.version(1).record.fingerprint)[0] == 0


def test_pruning_says_what_went_and_what_stays_for_what_reason(run, three):
    three.add(made(4), LINEAGE)
    assert run("prune", "--keep", "1") == (
        0,
        "The models of these versions were deleted: 2.\nVersion 3 stays, since it answers.\n"
        "Version 1 stays, since it is what a rollback leads to.\n",
        "",
    )
    assert run("prune", "--keep", "9")[1] == "There was nothing to delete.\n"


def test_a_model_folder_is_added(run, three, tmp_path):
    save_artifact(tmp_path / "model", made(7))
    _, out, _ = run("add", str(tmp_path / "model"), "--note", "By hand.")
    assert "is now version 4" in out
    assert three.version(4).record.lineage.note == "By hand."


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "9"], "there is no version '9' in .*: the newest is 3"),
        (["promote", "x"], "there is no version 'x'"),
        (["promote", "2"], "was refused: Worse. --anyway"),
        (["add", "nothing"], "nothing/model.json: the file is missing"),
        (["push", "2"], "got no repository to push to; name one by --hub"),
        (["promote", "3", "--hub", "nonsense"], "got 'nonsense' as the name of a repository; expected USER/REPO"),
    ],
)
def test_a_mistake_is_a_sentence(run, three, words, sentence, monkeypatch):
    monkeypatch.delenv("MOVIE_VAE_VERSIONS_HUB", raising=False)
    three.judge(2, Gate(passed=False, reason="Worse."))
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert re.search(sentence, err), err


@pytest.mark.parametrize("keep", ["0", "-1", "x", "1" * 30])
def test_so_many_versions_to_keep_as_there_cannot_be_are_refused(run, keep, capsys):
    with pytest.raises(SystemExit, match="2"):
        run("prune", f"--keep={keep}")
    assert "versions to keep; expected at least 1" in capsys.readouterr().err


def test_where_there_are_no_versions_a_sentence_says_how_to_begin(tmp_path, capsys):
    assert main(["list", "--versions", str(tmp_path / "none")]) == 2
    assert "begin with `python -m recsys.versions add MODEL`" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["add", "model"], ["list"]])
def test_the_name_of_a_repository_makes_no_folder(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    sentence = "which is not there and may mean a repository on the Hub; expected a folder, such as ./someone/movies"
    with pytest.raises(SystemExit, match="2"):
        main([*words, "--versions", "someone/movies"])
    assert sentence in " ".join(capsys.readouterr().err.split())
    monkeypatch.setenv("MOVIE_VAE_VERSIONS", "someone/movies")
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert "(here, or in MOVIE_VAE_VERSIONS)" in " ".join(capsys.readouterr().err.split())
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("named", ["./someone/movies", "there/already", "runs/versions"])
def test_what_cannot_be_a_repository_is_a_folder(named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there" / "already").mkdir(parents=True)
    save_artifact(tmp_path / "model", made(7))
    monkeypatch.setenv("MOVIE_VAE_VERSIONS", named)
    assert main(["add", "model"]) == 0
    assert (tmp_path / named / "0001").is_dir()


@pytest.mark.parametrize(("passed", "said"), [(True, "says nothing here"), (False, "and so it is refused here")])
def test_what_was_a_version_elsewhere_keeps_what_it_was_made_of(run, three, tmp_path, passed, said):
    there = three.judge(3, Gate(passed=passed, reason="So it was.", figures={"newcomers": 0.02}))
    with with_record(there) as folder:
        shutil.copytree(folder, tmp_path / "pulled")
    status, out, _ = run("add", str(tmp_path / "pulled"))
    added = three.version(4)
    assert status == 0
    assert "It was version 3 elsewhere; what it was made of there is kept, but for its parent." in out
    assert said in out
    kept = {"note": "Was version 3 elsewhere. Of March."}
    assert added.record.lineage == LINEAGE.model_copy(update=kept)
    assert added.record.gate == (None if passed else there.record.gate)
    assert added.state == ("candidate" if passed else "refused")
