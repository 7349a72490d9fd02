import subprocess
import zipfile

import pytest

from recsys.data.reading.formats import read_folder
from recsys.data.sources import wheel as wheel_module
from recsys.data.sources.wheel import FOLDER, pip_download, write_official_files
from recsys.errors import DataError
from recsys.films.catalog import Film

TABLES = {  # made up, in the wheel's way of writing; the films' odd lines are like its own
    "inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n7\t1\t3\t100\n5\t267\t5\t101\n",
    "user": "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n5\t24\tM\tnone\t85711\n",
    "item": (
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        "1\tCafé, Le\t1995\tAnimation Children's Comedy\n"
        "267\tunkonwn\tunkonwn\tunknown\n"
        "1412\tMade for Home (1996)\tV\tSci-Fi\n"
    ),
}


def make_wheel(path, tables=TABLES):
    with zipfile.ZipFile(path, "w") as archive:
        for end, text in tables.items():
            archive.writestr(f"{FOLDER}/ml-100k.{end}", text)
    return path


def test_the_wheels_tables_become_the_official_files(tmp_path):
    write_official_files(make_wheel(tmp_path / "tiny.whl"), tmp_path)
    zeros = "|0"
    assert (tmp_path / "u.data").read_bytes() == b"7\t1\t3\t100\n5\t267\t5\t101\n"
    assert (tmp_path / "u.user").read_bytes() == b"5|24|M|none|85711\n"
    assert (tmp_path / "u.item").read_bytes().decode("latin-1").splitlines() == [
        f"1|Café, Le (1995)|01-Jan-1995|||0|0|0|1|1|1{zeros * 13}",
        f"267|unknown||||1{zeros * 18}",
        f"1412|Made for Home (1996) (V)|01-Jan-1996||{zeros * 15}|1{zeros * 3}",
    ]


def test_what_it_writes_is_read_by_the_one_parser(tmp_path):
    write_official_files(make_wheel(tmp_path / "tiny.whl"), tmp_path)
    tables = read_folder(tmp_path)
    assert tables.films[1] == Film("Café, Le (1995)", ("Animation", "Children's", "Comedy"), "01-Jan-1995")
    assert tables.films[267] == Film("unknown", ("unknown",))
    assert tables.users.loc[5].tolist() == [24, "M", "none", "85711"]


def test_refuses_a_truncated_wheel(tmp_path):
    wheel = make_wheel(tmp_path / "tiny.whl")
    wheel.write_bytes(wheel.read_bytes()[:-40])
    with pytest.raises(DataError, match="tiny.whl is truncated or lacks the data: File is not a zip file"):
        write_official_files(wheel, tmp_path)


def test_refuses_a_wheel_without_the_data(tmp_path):
    wheel = make_wheel(tmp_path / "tiny.whl", {"inter": TABLES["inter"]})
    with pytest.raises(DataError, match="tiny.whl is truncated or lacks the data: .*ml-100k.user"):
        write_official_files(wheel, tmp_path)


def pretend(monkeypatch, run):
    monkeypatch.setattr(wheel_module.subprocess, "run", run)


def test_pip_is_asked_for_the_one_wheel_and_nothing_it_depends_on(tmp_path, monkeypatch):
    asked = []

    def run(command, **options):
        asked.append(command)
        (tmp_path / "tiny.whl").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    pretend(monkeypatch, run)
    assert pip_download(tmp_path) == tmp_path / "tiny.whl"
    assert {"download", "--no-deps", "recbole==1.2.1", str(tmp_path)} <= set(asked[0])


def test_pips_last_words_are_the_reason(tmp_path, monkeypatch):
    pretend(monkeypatch, lambda *_, **__: subprocess.CompletedProcess([], 1, "", "WARNING: a\nERROR: No such thing\n"))
    with pytest.raises(DataError, match=r"pip download recbole==1.2.1 failed: ERROR: No such thing$"):
        pip_download(tmp_path)


def test_pip_may_not_take_forever(tmp_path, monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    pretend(monkeypatch, run)
    with pytest.raises(DataError, match="did not end within 120 seconds"):
        pip_download(tmp_path)
