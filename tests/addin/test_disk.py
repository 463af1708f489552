"""What the system refuses of a file is told by its own sentence, never as our defect nor as what passes by itself.

In the place of each file that the product reads or writes stands something else, the disk takes nothing more, or
nothing at all; and whatever was refused, once the disk takes again everything is booked exactly once.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addin.cli import app
from addin.logbook import logs
from connectors.problems import Owner, owner_of
from tests.addin.conftest import Association
from tests.sampled import sampled

LONG = pytest.mark.long

INSTEAD: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link to itself": lambda path: path.symlink_to(path),
    "a folder": lambda path: path.mkdir(),
    "a device": lambda path: path.symlink_to("/dev/zero"),
}

PLACES: dict[str, Callable[[Association], Path]] = {
    "profile": lambda a: a.profile.place / "profile.toml",
    "journal": lambda a: a.profile.place / "journal.sqlite",
    "lock": lambda a: a.profile.place / "running.lock",
    "workbook": lambda a: a.profile.workbook,
    "book": lambda a: a.folder / "passerelle.beancount",
    "main book": lambda a: a.folder / "book.beancount",
    "book's lock": lambda a: a.folder / "passerelle.beancount.lock",
    "log": lambda _: logs(),
}
HARMLESS = {"log", "lock", "book's lock"}
"""What need not stop anybody: nothing is read from there."""


def pressed(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """A command's exit status and its problems."""
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert not isinstance(done.exception, Exception), done.exception
    return done.exit_code, json.loads(done.stdout)["problems"]


def put(path: Path, kind: str) -> None:
    """Let something else stand at a path."""
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    INSTEAD[kind](path)


@pytest.mark.parametrize("kind", sampled(INSTEAD, "a pipe", "a link to itself"))
@pytest.mark.parametrize("place", PLACES)
def test_what_stands_in_the_place_of_a_file_is_told(association: Association, place: str, kind: str) -> None:
    association.init()
    association.pull()
    workbook = str(association.profile.workbook)
    put(PLACES[place](association), kind)
    status, problems = pressed("sync", workbook)
    codes = {problem["code"] for problem in problems}
    if place in HARMLESS and status == 0:
        return
    assert status == 2 or (status == 1 and place == "book's lock"), codes
    assert codes & {"not_a_file", "journal_unwritable", "company_unknown"}, codes
    assert not any(owner_of(code) in (Owner.LATER, Owner.DEFECT) for code in codes)


WRITERS: dict[str, Callable[[Association, Path], list[str]]] = {
    "report": lambda a, to: ["report", str(a.profile.workbook), "--to", str(to)],
    "bundle": lambda _, to: ["doctor", "--bundle", str(to)],
    "workbook": lambda _, to: ["build", str(to)],
}


@pytest.mark.parametrize("kind", INSTEAD)
@pytest.mark.parametrize("what", WRITERS)
def test_what_a_person_lets_be_written_replaces_no_pipe_folder_device_or_link(
    association: Association, tmp_path: Path, what: str, kind: str
) -> None:
    """As root, a report took the place of the device itself; a link that leads round was called a defect of ours."""
    association.init()
    association.pull()
    association.sync()
    to = tmp_path / "to.xlsm"
    put(to, kind)
    if kind == "a device":
        to.unlink()
        os.mknod(to, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
    before = os.lstat(to)
    status, [problem] = pressed(*WRITERS[what](association, to))
    assert (status, problem["code"]) == (2, "not_a_file")
    assert str(to) in problem["what"]
    assert os.lstat(to).st_ino == before.st_ino


@pytest.mark.parametrize("what", WRITERS)
@pytest.mark.parametrize("to", ["x" * 300, "/proc/x/y.xlsm", "afile/y.xlsm"])
def test_a_place_that_takes_no_file_is_told(association: Association, tmp_path: Path, what: str, to: str) -> None:
    association.init()
    association.pull()
    association.sync()
    (tmp_path / "afile").write_text("mine")
    status, [problem] = pressed(*WRITERS[what](association, tmp_path / to))
    assert (status, problem["code"], problem["owner"]) == (2, "file_unwritable", "accountant")
    assert (tmp_path / "afile").read_text() == "mine"


def test_a_name_that_no_file_can_have_is_not_there() -> None:
    """It was “there, but cannot be opened”, and was to be closed in another program."""
    status, [problem] = pressed("check", "x" * 300 + ".xlsm")
    assert (status, problem["code"]) == (2, "workbook_missing")


@pytest.mark.parametrize(
    "name",
    ["x" * 250, "Ligue\nd'échecs", "Ligue\0", "CON", "nul.txt", "Ligue...", " ", "..", "../../Ligue", "\\\\host\\share",
     "\u202eLigue", "会社", "\ud800"],
)  # fmt: skip
def test_a_company_of_any_name_has_its_own_folder_or_a_sentence(association: Association, name: str) -> None:
    """On every platform: what Windows keeps for devices (CON, NUL), a name's end, and what leads elsewhere."""
    association.write()
    status, problems = pressed(
        "init", str(association.folder), "--company", name, "--set", "new_account_default=yes"
    )  # fmt: skip
    if status:
        assert status == 2
        assert [problem["code"] for problem in problems] == ["company_name_wrong"]
        assert name in (" ", "Ligue\nd'échecs", "Ligue\0", "\ud800")
        return
    [made] = (Path(os.environ["PASSERELLE_HOME"]) / "companies").iterdir()
    assert made.name.isascii()
    assert made.name.strip(". ") == made.name
    assert made.name.split(".")[0].upper() not in ("CON", "NUL", "PRN", "AUX")
    assert pressed("pull", str(next(association.folder.glob("*.xlsm"))))[0] == 0


@contextmanager
def instead_of(folder: Path, disk: Path, *, full: bool) -> Iterator[None]:
    """What a folder holds on a small file system of its own, full or read only; the tests run as root, as CI does."""
    disk.mkdir()
    with ExitStack() as undo:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)], check=True)
        undo.callback(subprocess.run, ["umount", "-l", str(disk)], check=True)
        shutil.copytree(folder, disk, dirs_exist_ok=True)
        subprocess.run(["mount", "--bind", str(disk), str(folder)], check=True)
        undo.callback(subprocess.run, ["umount", "-l", str(folder)], check=True)
        if full:
            with suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
                while filler.write(bytes(4096)):
                    pass
        else:
            subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
        yield


@pytest.mark.parametrize(("full", "code"), [(True, "disk_full"), (False, "disk_read_only")])
@pytest.mark.parametrize("place", ["journal", "workbook", "book"])
def test_a_disk_that_is_full_or_read_only_is_told_and_nothing_is_lost(
    association: Association, tmp_path: Path, place: str, full: bool, code: str
) -> None:
    """The book's folder holds the workbook too; of it, the one that is written first is told, and the other waits."""
    association.init()
    association.pull()
    workbook = str(association.profile.workbook)
    with instead_of(PLACES[place](association).parent, tmp_path / "disk", full=full):
        status, problems = pressed("sync", workbook)
    assert status in (1, 2)
    assert code in {problem["code"] for problem in problems}
    assert {problem["owner"] for problem in problems} & {"administrator", "accountant"}
    booked_once(association)


def booked_once(association: Association) -> None:
    """Whatever had been refused, one more sync books what there is, and none twice."""
    for _ in range(2):
        association.sync()
    text = association.ledger_text()
    assert [text.count(f'number: "{number}"') for number in ("F-1", "R-1")] == [1, 1], text


@pytest.mark.parametrize("most", [0, *(pytest.param(1 << n, marks=LONG) for n in (12, 14, 16, 18)), 1 << 15, 1 << 17])
def test_a_file_that_may_not_grow_is_told_wherever_it_is_and_everything_is_booked_once(
    association: Association, most: int
) -> None:
    """``RLIMIT_FSIZE``: each file of a sync in turn is the first that does not fit."""
    association.init()
    association.pull()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        [sys.executable, "-m", "addin", "sync", str(association.profile.workbook), "--json"],
        capture_output=True, text=True, check=False, preexec_fn=limit, encoding="utf-8",
    )  # fmt: skip
    problems = json.loads(done.stdout)["problems"]
    assert "Traceback" not in done.stderr
    assert done.returncode != 3, problems
    assert done.returncode == 0 or {"administrator", "accountant"} & {problem["owner"] for problem in problems}, (
        problems
    )
    booked_once(association)
