"""CHANGELOG.md is in the form of Keep a Changelog, and agrees with the package."""

import re
from datetime import date
from pathlib import Path

import recsys

CHANGELOG = (Path(__file__).parents[2] / "CHANGELOG.md").read_text(encoding="utf-8")
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Numbers"]
RELEASES = re.findall(r"^## \[(.+?)\](?: - (.+))?$", CHANGELOG, re.MULTILINE)


def test_its_sections_are_unreleased_and_then_versions_the_newest_first():
    assert len(RELEASES) == len(re.findall(r"^## ", CHANGELOG, re.MULTILINE))
    (unreleased, when), *versions = RELEASES
    assert (unreleased, when) == ("Unreleased", "")
    dated = [(tuple(map(int, version.split("."))), date.fromisoformat(when)) for version, when in versions]
    assert dated == sorted(dated, reverse=True)
    assert len({version for version, _ in dated}) == len(dated) > 0


def test_the_newest_version_is_that_of_the_package():
    assert RELEASES[1][0] == recsys.__version__


def test_every_section_says_what_kind_of_change_it_has_in_one_order():
    for section in re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.*)$", section, re.MULTILINE)
        assert kinds == [kind for kind in KINDS if kind in kinds]
