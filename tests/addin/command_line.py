"""The command line in a process of its own: started as a person starts it, or forked from one that imported it.

Half of what a command takes is its imports. So most tests have it from a process that is started once and forked for
each command; what is about the start itself, its environment or its encodings starts it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from tempfile import TemporaryDirectory

LONGEST = 300
"""Seconds that a command of a test may take."""


def passerelle(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What a command answers and says, with nothing but what a process of its own has."""
    if "forkserver" not in get_all_start_methods():  # Windows
        return started(*arguments, home=home, **environment)
    with TemporaryDirectory() as scratch:
        out, err = Path(scratch, "out"), Path(scratch, "err")
        child = _imported().Process(
            target=_run, args=(arguments, _environment(home, environment), Path.cwd(), out, err), daemon=True
        )
        child.start()
        child.join(LONGEST)
        status = child.exitcode
        if status is None:
            child.kill()
            raise TimeoutError(f"passerelle {' '.join(arguments)}")
        said = (path.read_text(encoding="utf-8") for path in (out, err))
        return subprocess.CompletedProcess(arguments, status, *said)


def started(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a Python that is started for it, as a person's shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "addin", *arguments], capture_output=True, text=True, check=False,
        env=_environment(home, environment), encoding="utf-8",
    )  # fmt: skip


def _environment(home: Path, more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "PASSERELLE_HOME": str(home), "PASSERELLE_LANGUAGE": "en", **more}


@cache
def _imported() -> BaseContext:
    """Where processes come from that have imported what most commands do."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["addin.cli", "addin.usecases.sync", "addin.usecases.pull", "addin.usecases.check",
                                    "addin.usecases.init", "connectors.http", "connectors.sources.files.connector",
                                    "connectors.ledgers.beancount.connector", "beancount.loader"])  # fmt: skip
    return context


def _run(arguments: tuple[str, ...], environment: dict[str, str], folder: Path, out: Path, err: Path) -> None:
    """Be the command: its arguments, environment, folder and streams, and nothing of the process before."""
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in ((1, out), (2, err)):
        stream = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(stream, number)
        os.close(stream)
    sys.argv = ["passerelle", *arguments]
    from addin.cli import main

    main()
