"""The tests of a room asked about many changes at once: collected once, each change in a process of its own.

A plugin of pytest, for `tests.mutation`. The tests run first as they are, and it is noted which functions each of them
reaches and how long it takes; that counts until its file changes, or one that is no test. Then each change is made, and
the tests that reach its function run, the fast ones first, until one fails: what takes long is asked only about what
the fast ones let pass.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ASKED = "MUTANTS_ASKED"
"""The environment variable that names the file with what is asked; the answers are written beside it."""
MUTANT = "MUTANT_UNDER_TEST"
"""The one in which mutmut's trampolines look for the change to make; `stats` has them note what is reached."""
PATIENCE = 60
"""Seconds that a change may take beyond twenty times what its tests take without it; then it hangs, and is noticed."""
BROKEN = 2
"""What a process ends with that could not run its tests."""


@dataclass(frozen=True)
class Reached:
    """What a test reaches by mutmut's names, and in how many seconds; ``stamp`` says of which files."""

    stamp: str
    seconds: float
    functions: tuple[str, ...]
    failed: bool


def answers_to(asked: Path) -> Path:
    """The file with the answers: by each change, whether a test noticed it."""
    return asked.with_suffix(".answers.json")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Ask about the changes instead of running the tests once."""
    if ASKED not in os.environ:
        return None
    asked = Path(os.environ[ASKED])
    wanted = json.loads(asked.read_text("utf-8"))
    reached = _reached(session.items, asked.with_suffix(".reached.json"))
    if failed := [name for name, each in reached.items() if each.failed]:
        raise session.Failed(f"fail before anything is changed: {', '.join(failed)}")
    noticed = _noticed({item.nodeid: item for item in session.items}, reached, wanted["names"], wanted["children"])
    answers_to(asked).write_text(json.dumps(noticed), "utf-8")
    return True


def _noticed(
    items: Mapping[str, pytest.Item], reached: Mapping[str, Reached], names: Sequence[str], children: int
) -> dict[str, bool]:
    """Whether a test notices each change; what no test reaches, none does."""
    of_function: defaultdict[str, list[str]] = defaultdict(list)
    for test in sorted(items, key=lambda test: reached[test].seconds):
        for function in reached[test].functions:
            of_function[function].append(test)
    noticed, running = dict.fromkeys(names, False), dict[int, str]()

    def end_one() -> None:
        pid, status = os.wait()
        if os.waitstatus_to_exitcode(status) == BROKEN:
            raise RuntimeError(f"the tests could not be run with {running[pid]}")
        noticed[running.pop(pid)] = status != 0

    for name in names:
        tests = of_function[name.rpartition("__mutmut_")[0]]
        if len(running) == children:
            end_one()
        seconds = PATIENCE + 20 * sum(reached[test].seconds for test in tests)
        running[_apart(lambda tests=tests: _fails([items[test] for test in tests]), name, int(seconds))] = name  # type: ignore[misc]
    while running:
        end_one()
    return noticed


def _apart(work: Callable[[], bool], mutant: str, seconds: int = 0) -> int:
    """Do something in a process of its own that has a change; its id. It ends with 1 where a test fails, and by a
    signal where it takes longer."""
    gc.freeze()
    if pid := os.fork():
        return pid
    code = BROKEN
    try:
        signal.alarm(seconds)
        os.environ[MUTANT] = mutant
        os.environ["PYTEST_DEBUG_TEMPROOT"] = mkdtemp(dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
        code = int(work())
    finally:
        if code == BROKEN:
            traceback.print_exc()
        os._exit(code)


def _fails(items: Sequence[pytest.Item]) -> bool:
    """Whether one of some tests fails; those after it are not run."""
    return any(failed for _, failed in _run(items))


def _run(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, bool]]:
    for item, after in zip_longest(items, items[1:]):
        yield item, any(report.failed for report in runtestprotocol(item, log=False, nextitem=after))


def _reached(items: Sequence[pytest.Item], kept: Path) -> dict[str, Reached]:
    """What each test reaches, as it was kept where its file has not changed since, nor any that is no test."""
    paths = sorted(Path().rglob("*.py"))
    rest = sha256(b"".join(path.read_bytes() for path in paths if not path.name.startswith("test_"))).hexdigest()
    stamps = {path: sha256(rest.encode() + path.read_bytes()).hexdigest() for path in {item.path for item in items}}
    known: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    fresh = [item for item in items if known.get(item.nodeid, {}).get("stamp") != stamps[item.path]]
    if fresh:
        os.waitpid(_apart(lambda: _note(fresh, known, stamps, kept), "stats"), 0)
        known = json.loads(kept.read_text("utf-8"))
    return {item.nodeid: Reached(**known[item.nodeid]) for item in items}


def _note(items: Sequence[pytest.Item], known: dict[str, Any], stamps: Mapping[Path, str], kept: Path) -> bool:
    state = importlib.import_module("mutmut.state").state()
    began = time.monotonic()
    for item, failed in _run(items):
        seconds, functions = time.monotonic() - began, tuple(sorted(state._stats))
        reached = Reached(stamp=stamps[item.path], seconds=seconds, functions=functions, failed=failed)
        known[item.nodeid] = asdict(reached)
        state._stats.clear()
        began = time.monotonic()
    kept.write_text(json.dumps(known), "utf-8")
    return False
