"""Promotions that reach the Hub too: both end up alike, whoever else promotes meanwhile."""

from contextlib import contextmanager

import pytest

from recsys.versions import promoting
from recsys.versions.errors import VersionError
from recsys.versions.promoting import promote, roll_back
from recsys.versions.writing import holding


class Main:
    """What main of a repository has had; `then` is done while the next version is pushed."""

    def __init__(self):
        self.had, self.then = [], lambda: None

    def promote(self, version):
        self.had.append(version.number)
        then, self.then = self.then, lambda: None
        then()
        return f"main now has {version}."


def test_a_promotion_reaches_the_hub_first(three):
    main, said = Main(), []
    main.then = lambda: said.append(three.current_number())
    assert promote(three, 2, main, said.append, instead_of=3).state == "current"
    assert (main.had, said[0]) == ([2], 3)
    assert said[1].startswith("main now has version 2")
    assert roll_back(three, main, said.append).number == 3
    assert main.had == [2, 3]


@pytest.mark.parametrize("main", [None, Main()])
def test_who_promotes_or_rolls_back_is_told_which_comparison_ends(three, main):
    for work in (lambda tell: promote(three, 2, main, tell), lambda tell: roll_back(three, main, tell)):
        three.compare(1)
        said = []
        work(said.append)
        (told,) = [sentence for sentence in said if "ends with that" in sentence]
        assert told.startswith("The comparison of version 1 with version ")
        said.clear()
        work(said.append)
        assert not any("ends with that" in sentence for sentence in said)


def test_what_is_not_to_be_promoted_does_not_reach_the_hub(three):
    main = Main()
    with pytest.raises(VersionError, match="version 3 answers by now, and version 1 was expected to"):
        promote(three, 2, main, [].append, instead_of=1)
    with pytest.raises(VersionError, match="version 3 answers by now, and version 2 was expected to"):
        roll_back(three, main, [].append, instead_of=2)
    assert main.had == []


@pytest.mark.parametrize("work", [lambda *of: promote(of[0], 2, *of[1:], instead_of=3), roll_back])
def test_the_hub_gets_back_what_answers_where_another_was_promoted_meanwhile(three, work):
    main = Main()
    last = three.add(three_of(three), three.version(3).record.lineage).number
    main.then = lambda: three.promote(last)
    with pytest.raises(VersionError, match="version 4 answers by now, and version 3 was expected to"):
        work(three, main, [].append)
    assert main.had[-1] == three.current_number() == last


def three_of(registry):
    from recsys.artifacts.artifact import load_artifact

    return load_artifact(registry.version(3).folder)


def test_one_at_a_time_promotes_on_the_hub(three, monkeypatch):
    main = Main()

    @contextmanager
    def impatient(path, _):
        with holding(path, 0.05):
            yield

    monkeypatch.setattr(promoting, "holding", impatient)

    def at_once():
        with pytest.raises(VersionError, match="another program has been changing these versions"):
            promote(three, 1, main, [].append)

    main.then = at_once
    promote(three, 2, main, [].append)
    assert (main.had, three.current_number()) == ([2], 2)
