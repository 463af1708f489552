"""Rounds by the clock on one workstation: what a scheduler is given, it shows, and gives back.

cron is the real one on a spool of its own; systemd's own verifier reads the units; Windows' task is held against the
schema of Microsoft's documentation, and ``schtasks`` is a stand-in.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from addin.schedule.cron import Cron, moments
from addin.schedule.registrar import LONGEST, SHORTEST, Registrar, Schedule, interval, spoken
from addin.schedule.systemd import Systemd
from addin.schedule.windows import Windows, task
from addin.texts import what
from addin.usecases.schedule import register, remove, schedulers, show
from connectors.problems import CannotRun
from tests.addin.conftest import Association, documents_in
from tests.chaos.postgres import new_database

MINUTE, QUARTER = timedelta(minutes=1), timedelta(minutes=15)
SCHEMA = Path(__file__).with_name("task_scheduler.xsd")
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=40
)
"""What a company and a workbook may be called, but for two characters that no XML 1.0, and so no task, holds."""


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def first_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def crontab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cron:
    """The real crontab over a spool of its own, in a mount namespace; it holds a line of somebody else's."""
    real = shutil.which("crontab")
    spool = tmp_path / "spool"
    (spool / "crontabs").mkdir(parents=True)
    inside = f'mount --bind {shlex.quote(str(spool))} /var/spool/cron && exec {real} "$@"'
    script(tmp_path / "bin" / "crontab", f'#!/bin/sh\nexec unshare -m sh -c {shlex.quote(inside)} crontab "$@"\n')
    first_on_path(tmp_path / "bin", monkeypatch)
    if real is None or subprocess.run(["crontab", "-"], input="5 4 * * * theirs\n", text=True, check=False).returncode:
        pytest.skip("cron, and a mount namespace")
    return Cron()


def lines() -> list[str]:
    return subprocess.run(["crontab", "-l"], capture_output=True, text=True, check=False).stdout.splitlines()


@pytest.mark.parametrize(("text", "wanted"), [("15m", QUARTER), ("2h", 8 * QUARTER), (" 1d ", timedelta(days=1))])
def test_an_interval_is_minutes_hours_or_days(text: str, wanted: timedelta) -> None:
    assert interval(text) == wanted


@pytest.mark.parametrize("text", ["", "15", "15 m", "0m", "-5m", "1.5h", "32d", "45000m", "m", "15m; rm", "١٥x"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CannotRun, match="interval_wrong"):
        interval(text)


@given(minutes=st.integers(SHORTEST // MINUTE, LONGEST // MINUTE))
def test_an_interval_is_written_as_it_is_read(minutes: int) -> None:
    assert interval(spoken(minutes * MINUTE)) == minutes * MINUTE


@given(minutes=st.integers(SHORTEST // MINUTE, LONGEST // MINUTE))
def test_cron_repeats_at_even_distances_or_not_at_all(minutes: int) -> None:
    """Counted over two days, minute by minute, as crontab(5) reads the five fields."""
    try:
        minute, hour, *rest = moments(minutes * MINUTE).split()
    except CannotRun:
        assert 60 % minutes if minutes < 60 else 1440 % minutes or minutes % 60
        return
    assert rest == ["*", "*", "*"]
    due = [n for n in range(2 * 1440) if _matches(minute, n % 60) and _matches(hour, n // 60 % 24)]
    assert {after - before for before, after in pairwise(due)} == {minutes}


def _matches(field: str, value: int) -> bool:
    if field.isdigit():
        return value == int(field)
    return value % int(field.removeprefix("*/") if "/" in field else 1) == 0


def test_cron_takes_shows_replaces_and_gives_back(crontab: Cron, association: Association) -> None:
    association.name = "Club d'échecs à 50 %"
    association.init()
    assert register(association.profile, "15m", [crontab]).facts["schedules"] == [
        {"company": association.name, "every": "15m", "scheduler": "cron"}
    ]
    register(association.profile, "2h", [crontab])
    theirs, head, line = lines()
    assert theirs == "5 4 * * * theirs"
    assert line.startswith("0 */2 * * * ")
    assert "2h" in head
    remove(association.profile, [crontab])
    assert lines() == ["5 4 * * * theirs"]
    remove(association.profile, [crontab])


def test_what_cron_starts_makes_a_round(crontab: Cron, association: Association) -> None:
    """The line as cron hands it to the shell: without its five fields, and with ``\\%`` as ``%`` (crontab(5))."""
    association.folder = association.folder.with_name("50% d'escompte")
    association.settings |= {"source.path": "source"}
    association.init()
    register(association.profile, "1m", [crontab])
    command = lines()[-1].split(maxsplit=5)[5].replace(r"\%", "%")
    done = subprocess.run(["/bin/sh", "-c", command], check=False)
    said = (association.profile.place / "scheduled.log").read_text(encoding="utf-8")
    assert done.returncode == 0, said
    assert documents_in(association.folder / "book.beancount").total() == 2


def test_a_company_is_scheduled_in_one_place_also_when_a_server_takes_it_over(
    crontab: Cron, association: Association
) -> None:
    association.init()
    register(association.profile, "15m", [crontab])
    told = register(association.profile, "1h", schedulers(new_database())).facts["schedules"]
    assert told == [{"company": association.name, "every": "1h", "scheduler": "server"}]
    assert lines() == ["5 4 * * * theirs"]


def test_a_company_whose_workbook_was_moved_is_not_scheduled(crontab: Cron, association: Association) -> None:
    association.init()
    association.profile.workbook.rename(association.folder / "moved.xlsm")
    with pytest.raises(CannotRun, match="workbook_missing"):
        register(association.profile, "15m", [crontab])
    assert lines() == ["5 4 * * * theirs"]


def test_an_interval_that_cron_cannot_keep_changes_nothing(crontab: Cron, association: Association) -> None:
    association.init()
    with pytest.raises(CannotRun, match="interval_impossible"):
        register(association.profile, "45m", [crontab])
    assert lines() == ["5 4 * * * theirs"]


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    """Units in a folder; a session of systemd does not run here, so ``systemctl`` only notes what it is asked."""
    script(tmp_path / "bin" / "systemctl", f'#!/bin/sh\necho "$@" >> {shlex.quote(str(tmp_path / "asked"))}\n')
    first_on_path(tmp_path / "bin", monkeypatch)
    return Systemd(tmp_path / "units")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd")
def test_systemd_accepts_the_units_and_finds_the_program(systemd: Systemd, tmp_path: Path) -> None:
    """Its verifier refuses a program that is not there, so that a name which only quoting saves is proof of it."""
    program = tmp_path / "50% escompte à $HOME" / "python"
    script(program, "#!/bin/sh\n")
    command = (str(program), "-m", "addin", "sync", '/a b/c%d\'s "$HOME" \\.xlsm')
    systemd.register(Schedule(key="club", company="Club à 50 %\n[Service]", every=QUARTER, command=command))
    units = sorted((tmp_path / "units").glob("passerelle-club.*"))
    verified = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, units)], capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert (verified.returncode, verified.stderr) == (0, "")
    program.unlink()
    broken = subprocess.run(
        ["systemd-analyze", "--user", "verify", *map(str, units)], capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
    )  # fmt: skip
    assert broken.returncode
    assert str(program) in broken.stderr


def test_systemd_takes_shows_and_gives_back(systemd: Systemd, association: Association, tmp_path: Path) -> None:
    association.name = "Club à 50 %"
    association.init()
    key = association.profile.place.name
    assert key.startswith("club-a-50-")
    told = register(association.profile, "45m", [systemd]).facts["schedules"]
    assert told == [{"company": association.name, "every": "45m", "scheduler": "systemd"}]
    remove(association.profile, [systemd])
    assert list((tmp_path / "units").iterdir()) == []
    assert (tmp_path / "asked").read_text(encoding="utf-8").splitlines() == [
        "--user daemon-reload",
        f"--user enable --now passerelle-{key}.timer",
        f"--user disable --now passerelle-{key}.timer",
        "--user daemon-reload",
    ]


@given(company=NAMES, book=NAMES, minutes=st.integers(SHORTEST // MINUTE, LONGEST // MINUTE))
def test_windows_task_is_as_microsoft_documents_it(company: str, book: str, minutes: int) -> None:
    command = ("C:\\Program Files\\Passerelle & co\\pythonw.exe", "-m", "addin", "sync", f"C:\\{book}.xlsm", "--pull")
    text = task(Schedule(key="k", company=company, every=minutes * MINUTE, command=command))
    document = etree.fromstring(text.encode("utf-16"))
    etree.XMLSchema(etree.parse(str(SCHEMA))).assertValid(document)
    ns = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert document.findtext(".//t:Command", namespaces=ns) == command[0]
    assert document.findtext(".//t:Arguments", namespaces=ns) == subprocess.list2cmdline(command[1:])


SCHTASKS = """#!{python}
import pathlib, sys
kept = pathlib.Path({folder!r})
given = dict(zip(sys.argv, sys.argv[1:]))
assert given["/TN"].startswith("\\\\Passerelle\\\\"), given
task = kept / given["/TN"].rpartition("\\\\")[2]
if "/Create" in given:
    assert sys.argv[-1] == "/F"
    task.write_bytes(pathlib.Path(given["/XML"]).read_bytes())
elif not task.exists():
    sys.exit("ERREUR : le fichier spécifié est introuvable.")
elif "/Delete" in given:
    assert sys.argv[-1] == "/F"
    task.unlink()
elif sys.argv[-1] == "/XML":
    print(task.read_bytes().decode("utf-16"))
"""


def test_windows_takes_shows_and_gives_back(
    association: Association, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tasks").mkdir()
    script(tmp_path / "bin" / "schtasks", SCHTASKS.format(python=sys.executable, folder=str(tmp_path / "tasks")))
    first_on_path(tmp_path / "bin", monkeypatch)
    association.init()
    windows: Registrar = Windows()
    assert show([windows]).facts["schedules"] == []
    told = register(association.profile, "15m", [windows]).facts["schedules"]
    assert told == [{"company": "petite-association", "every": "15m", "scheduler": "windows"}]
    register(association.profile, "3h", [windows])
    assert show([windows]).facts["schedules"] == [{**told[0], "every": "3h"}]
    remove(association.profile, [windows])
    assert list((tmp_path / "tasks").iterdir()) == []
    remove(association.profile, [windows])


def test_a_scheduler_that_refuses_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "bin" / "systemctl", "#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
    first_on_path(tmp_path / "bin", monkeypatch)
    with pytest.raises(CannotRun) as stopped:
        Systemd(tmp_path / "units").register(Schedule(key="k", company="C", every=QUARTER, command=("x",)))
    [problem] = stopped.value.problems
    assert problem.code == "scheduler_refused"
    assert what("en", problem) == "The scheduler did not do it (systemctl): Failed to connect to bus"
    assert what("fr", problem) == "Le planificateur ne l'a pas fait (systemctl)\u00a0: Failed to connect to bus"


def test_a_scheduler_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CannotRun, match="scheduler_refused") as stopped:
        Systemd(tmp_path / "units").register(Schedule(key="k", company="C", every=QUARTER, command=("x",)))
    assert "systemctl" in what("en", stopped.value.problems[0])


def test_started_without_a_console_it_writes_what_it_says_to_a_file(tmp_path: Path) -> None:
    """``pythonw.exe`` gives a program neither standard output nor standard error (Python's documentation, sys)."""
    code = "import sys, runpy; sys.stdout = sys.stderr = None; sys.argv = ['addin', 'ledgers', '--json']; " \
           "runpy.run_module('addin', run_name='__main__')"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PASSERELLE_HOME": str(tmp_path)}, check=False
    )
    assert done.returncode == 0
    assert "beancount" in (tmp_path / "scheduled.log").read_text(encoding="utf-8")
