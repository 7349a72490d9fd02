"""What JAX has compiled is kept for the next program, where nobody else can write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys import compiled
from recsys.compiled import PLACE, SETTINGS, is_own, keep_compiled, this_machine

PROGRAM = """
import json
from recsys.compiled import keep_compiled
keep_compiled()
import jax, jax.numpy as jnp
found = []
jax.monitoring.register_event_listener(lambda event, **_: found.append(event.rsplit("/", 1)[-1]))
jax.jit(lambda x: jnp.tanh(x @ x) + 1)(jnp.ones((3, 3))).block_until_ready()
print(json.dumps([found.count("cache_hits"), found.count("cache_misses")]))
"""


def run(cache, **variables) -> list[int]:
    """Programs that were found compiled, and those that were not."""
    environment = {name: value for name, value in os.environ.items() if name not in (PLACE, *SETTINGS)}
    environment |= {"MOVIE_VAE_CACHE": str(cache), **variables}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found: list[int] = json.loads(done.stdout)
    return found


@pytest.fixture
def untold(tmp_path, monkeypatch):
    """The cache folder, where JAX was told of nothing."""
    for name in (PLACE, *SETTINGS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOVIE_VAE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_second_program_finds_what_the_first_one_compiled(tmp_path):
    first, second = run(tmp_path), run(tmp_path)
    assert (first[0], second[1]) == (0, 0)
    assert first[1] == second[0] > 0
    assert [each.name for each in tmp_path.iterdir()] == [f"compiled-{this_machine()}"]


def test_jax_s_own_variables_go_before(tmp_path):
    theirs = tmp_path / "theirs"
    assert run(tmp_path / "ours", **{PLACE: str(theirs), **SETTINGS})[1] > 0
    assert any(theirs.iterdir())
    assert not (tmp_path / "ours").exists()
    assert run(tmp_path / "ours", JAX_ENABLE_COMPILATION_CACHE="false") == [0, 0]


def test_its_folder_is_this_users_alone(untold):
    keep_compiled()
    folder = Path(os.environ[PLACE])
    assert folder == untold / f"compiled-{this_machine()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {name: os.environ[name] for name in SETTINGS} == SETTINGS


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are POSIX's")
@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_where_others_can_write_nothing_is_kept(untold, mode, above, monkeypatch):
    monkeypatch.setattr(compiled.os, "getgid", lambda: os.getuid() + 1)  # else the group is this user's alone
    folder = untold / f"compiled-{this_machine()}"
    folder.mkdir(parents=True, mode=0o700)
    (untold if above else folder).chmod(mode)
    keep_compiled()
    assert PLACE not in os.environ
    assert not any(folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="modes of folders are POSIX's")
def test_a_folder_whose_group_is_one_user_and_a_sticky_one_are_closed(tmp_path, monkeypatch):
    tmp_path.chmod(0o770)
    monkeypatch.setattr(compiled.os, "getgid", lambda: tmp_path.stat().st_gid)
    monkeypatch.setattr(compiled.os, "getuid", lambda: tmp_path.stat().st_uid)
    assert compiled.is_closed(tmp_path) == (tmp_path.stat().st_uid == tmp_path.stat().st_gid)
    tmp_path.chmod(0o1777)
    assert compiled.is_closed(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.with_name(file.name.replace("-cache", "-atime")).unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:40]),
    ],
)
def test_what_is_damaged_disturbs_nobody(tmp_path, damage):
    first = run(tmp_path)
    for file in tmp_path.rglob("*-cache"):
        damage(file)
    assert sum(run(tmp_path)) > 0  # and no word on stderr
    assert sum(run(tmp_path)) > 0
    assert first[1] > 0


@pytest.mark.parametrize("place", ["~nobody-is-called-so/cache", "/proc/none/cache"])
def test_where_no_folder_can_be_found_a_program_runs_as_without(monkeypatch, place):
    monkeypatch.delenv(PLACE, raising=False)
    monkeypatch.setenv("MOVIE_VAE_CACHE", place)
    keep_compiled()
    assert PLACE not in os.environ


def test_where_there_can_be_no_folder_nothing_is_kept(untold):
    untold.write_text("a file")
    keep_compiled()
    assert PLACE not in os.environ


def test_a_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    owner = tmp_path.stat().st_uid
    assert is_own(tmp_path)
    monkeypatch.setattr(compiled.os, "getuid", lambda: owner + 1, raising=False)
    monkeypatch.setattr(compiled, "ROOT", owner + 2)
    assert not is_own(tmp_path)


def test_other_machines_have_folders_of_their_own(tmp_path, monkeypatch):
    def named(*lines: str) -> str:
        (tmp_path / "cpuinfo").write_text("\n".join(lines))
        monkeypatch.setattr(compiled, "CPUINFO", tmp_path / "cpuinfo")
        return this_machine()

    core = ("model name\t: A 1", "flags\t\t: fpu avx2")
    assert named(*core) == named("cpu MHz : 1", *core, *core)
    assert len({named(*core), named(core[0], "flags\t\t: fpu avx2 avx512f"), named("model name\t: B", core[1])}) == 3
    monkeypatch.setattr(compiled, "CPUINFO", tmp_path / "none")
    assert this_machine() not in {named(*core)}
