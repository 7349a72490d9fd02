"""Which two versions are compared: begun and ended by hand, ended by whatever lets another version answer."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from recsys.versions.__main__ import main
from recsys.versions.comparison import COMPARISON, ENDED, Days, read_comparison
from recsys.versions.errors import VersionError
from recsys.versions.lineage import Gate
from recsys.versions.registry import Registry
from tests.versions.conftest import LINEAGE, made

REFUSED = Gate(passed=False, reason="It is worse for newcomers.")


@pytest.fixture
def run(three, capsys):
    """What a command prints, and on stderr; and its exit status."""

    def run(*words):
        status = main([*words, "--versions", str(three.folder)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def test_a_comparison_is_read_as_it_was_begun(three):
    assert three.comparison() is None
    begun = three.compare(2, "person")
    assert Registry(three.folder).comparison() == begun
    assert (begun.by, begun.champion, begun.challenger) == ("person", 3, 2)
    assert three.end_comparison()
    assert three.comparison() is None
    assert not three.end_comparison()


def test_each_comparison_has_an_id_of_its_own(three):
    first = three.compare(2)
    three.end_comparison()
    assert three.compare(2).id != first.id


def test_what_cannot_be_compared_is_refused_in_a_sentence(three):
    with pytest.raises(VersionError, match="version 3 answers; version 3 .* can be compared only with another"):
        three.compare(3)
    three.judge(2, REFUSED)
    with pytest.raises(VersionError, match="was refused: It is worse for newcomers"):
        three.compare(2)
    three.compare(2, anyway=True)
    with pytest.raises(VersionError, match="version 2 is compared already; end that by `compare --end`"):
        three.compare(1)


def test_nothing_is_compared_before_a_version_answers(registry):
    registry.add(made(), LINEAGE)
    with pytest.raises(VersionError, match="no version answers"):
        registry.compare(1)


@pytest.mark.parametrize("ends", [lambda registry: registry.promote(2), lambda registry: registry.rollback()])
def test_a_promotion_or_a_rollback_ends_it_for_good(three, ends):
    three.compare(2)
    ends(three)
    assert three.comparison() is None
    three.promote(3)
    assert three.comparison() is None


def test_to_promote_what_answers_already_ends_nothing(three):
    begun = three.compare(2)
    three.promote(3)
    assert three.comparison() == begun


def test_what_a_promotion_that_was_killed_has_left_is_no_comparison(three, monkeypatch):
    three.compare(2)
    monkeypatch.setattr("recsys.versions.registry.end_comparison", lambda *_: None)
    three.promote(1)
    assert read_comparison(three.folder) is not None
    assert three.comparison() is None
    assert three.compare(2).champion == 1  # and it is in nobody's way


def test_what_is_compared_is_not_pruned(three):
    for seed in (4, 5, 6):
        three.add(made(seed), LINEAGE)
    three.compare(2)
    assert [version.number for version in three.prune(1)] == [5, 4]
    three.end_comparison()
    assert [version.number for version in three.prune(1)] == [2]


def test_a_challenger_without_a_model_is_compared_no_more(three):
    three.compare(2)
    (three.folder / "0002" / "model" / "manifest.json").unlink()
    assert three.comparison() is None


def test_a_file_that_was_altered_is_told_and_ended(run, three):
    three.compare(2)
    (three.folder / COMPARISON).write_text('{"format": 1, "id": "no"}')
    with pytest.raises(VersionError, match=r"nobody can tell what is compared .*comparison\.json.*`compare --end`"):
        three.comparison()
    status, out, _ = run("list")
    assert status == 0
    assert out.splitlines()[-1].startswith("Nobody can tell what is compared (")
    assert run("prune", "--keep", "1")[0] == 2
    assert run("compare", "--end")[:2] == (0, "Nothing is compared any more.\n")
    assert three.comparison() is None


def test_comparisons_are_told(run, three):
    status, out, err = run("compare", "2")
    first, rest = out.split("\n", 1)
    assert (status, err) == (0, "")
    assert first.startswith("Version 2 is compared with version 3 by list, since 20")
    assert "loop report" in rest
    assert run("list")[1].splitlines()[-1] == first
    assert "Version 2 stays, since it is compared with the one that answers." in run("prune", "--keep", "1")[1]
    assert run("compare", "--end")[1] == "Nothing is compared any more.\n"
    assert run("compare", "--end")[1] == "Nothing was compared.\n"
    assert "compared" not in run("list")[1]
    assert "by person, since" in run("compare", "1", "--by", "person")[1]


def test_whoever_begins_one_hears_when_there_is_something_to_see_and_what_comes_next(run):
    _, out, _ = run("compare", "2")
    lines = out.splitlines()
    in_eight_days = datetime.now(UTC).date() + timedelta(days=8)
    assert "`python -m recsys.loop report --window 7` can tell something of it from" in lines[1]
    assert datetime.fromisoformat(re.search(r"from (\S+) \(UTC\) on", lines[1])[1]).date() == in_eight_days
    assert "Choose now on which day it is to end" in lines[2]
    assert "a promotion or a rollback" in lines[3]


@pytest.mark.parametrize("words", [["promote", "1"], ["rollback"]])
def test_whoever_ends_one_by_letting_another_version_answer_hears_which(run, three, words):
    three.compare(2, "person")
    begun = three.comparison().began
    status, out, _ = run(*words)
    assert status == 0
    assert (
        f"The comparison of version 2 with version 3 by person, begun {begun:%Y-%m-%d %H:%M} UTC, ends with that; "
        "`python -m recsys.loop report` tells what came of it." in out.splitlines()
    )
    assert "ends with that" not in run(*words[:1], "2")[1]  # there is none any more


def test_to_promote_what_answers_already_says_nothing_of_what_goes_on(run, three):
    three.compare(2)
    assert "comparison" not in run("promote", "3")[1]


def test_it_is_known_when_each_was_made_and_which_goes_on(three):
    first = three.compare(2)
    three.end_comparison()
    ended = three.now()
    second = three.compare(2)
    found = three.compared_when()
    assert [*found] == [first.id, second.id]
    assert found[first.id] == Days(first.began, ended - timedelta(hours=1), False)
    assert found[second.id] == Days(second.began, None, True)
    three.promote(1)
    assert three.compared_when()[second.id].ended > second.began
    assert Registry(three.folder.parent / "none").compared_when() == {}


def test_of_one_that_ended_by_itself_nobody_knows_when(three):
    first = three.compare(2)
    (three.folder / "0002" / "model" / "manifest.json").unlink()
    unknown = Days(first.began, None, False)
    assert three.compared_when() == {first.id: unknown}
    three.compare(1)
    assert three.compared_when()[first.id] == unknown


def test_what_was_compared_before_is_in_nobodys_way_where_it_cannot_be_read(three, caplog):
    (three.folder / ENDED).write_text("[]")
    three.compare(2)
    three.promote(1)
    assert three.current_number() == 1
    assert three.comparison() is None
    assert "It is not kept when the comparison ended: " in caplog.text
    assert (three.folder / ENDED).read_text() == "[]"


@pytest.mark.parametrize("words", [[], ["2", "--end"], ["2", "--by", "team"]])
def test_what_is_no_comparison_is_told_in_a_sentence(run, words, capsys):
    with pytest.raises(SystemExit) as exit_:
        run("compare", *words)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith("python -m recsys.versions compare: error: ")
