"""Whether the auditor notices each rule of the books that the product breaks: `python -m tests.auditor.mutations`.

Each change of `mutations.toml` is made in a copy of the tree, and the auditor's test that is named beside it is run
there. It is caught where that test's comparison fails; a program that falls over catches nothing. With `--rule N` those
of one rule are tried, with `--sample N --seed S` some of them.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTED = Path(__file__).with_name("mutations.toml")
COPIED = ("addin", "connectors", "workbook", "vba", "tests", "docs")
FAILED = re.compile(r"^FAILED (?P<test>\S+?)(?: - (?P<shown>.*))?$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change that breaks a rule: one line of a module, what it becomes, and the test that has to notice."""

    rule: int
    breaks: str
    module: str
    line: str
    becomes: str
    test: str

    def found(self, root: Path = ROOT) -> list[str]:
        """The lines of the module that are this one."""
        lines = (root / self.module).read_text("utf-8").splitlines()
        return [line for line in lines if line.strip() == self.line]

    def made(self, root: Path) -> None:
        """Make the change in a copy of the tree."""
        [line], file = self.found(root), root / self.module
        changed = line.replace(self.line, self.becomes)
        file.write_text(file.read_text("utf-8").replace(f"{line}\n", f"{changed}\n", 1), encoding="utf-8")


def listed() -> list[Mutation]:
    """All mutations of the list."""
    return [Mutation(**entry) for entry in tomllib.loads(LISTED.read_text("utf-8"))["mutation"]]


def comparisons() -> dict[str, list[str]]:
    """What pytest is asked for, by the names that the list gives to the auditor's tests."""
    return dict(tomllib.loads(LISTED.read_text("utf-8"))["tests"])


def sampled(mutations: Sequence[Mutation], size: int | None, seed: int) -> Sequence[Mutation]:
    """So many of them, chosen by the seed; all without a size."""
    return mutations if size is None else random.Random(seed).sample(mutations, min(size, len(mutations)))


def caught_by(mutation: Mutation, folder: Path) -> str:
    """The test whose comparison fails under a mutation, and how it shows; empty where none does."""
    root = folder / "tree"
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", root)
    mutation.made(root)
    asked = ["-q", "-n", "0", "-x", "-rf", "--tb=line", "--show-capture=no", "-p", "no:cacheprovider",
             f"--basetemp={folder / 'books'}"]  # fmt: skip
    command = [sys.executable, "-m", "pytest", *asked, *comparisons()[mutation.test]]
    away = {**os.environ, "COLUMNS": "400", "PYTHONPATH": str(root), "PASSERELLE_LANGUAGE": "en"}
    run = subprocess.run(command, cwd=root, env=away, capture_output=True, text=True, check=False)
    return next(_failed(run.stdout), "")


def _failed(said: str) -> Iterator[str]:
    """The tests of which a comparison failed, by what pytest says at its end."""
    for failed in FAILED.finditer(said):
        if (failed["shown"] or "").startswith("AssertionError"):
            yield f"{failed['test'].rpartition('::')[2]}: {failed['shown'].removeprefix('AssertionError: ')[:110]}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutations that were asked for, and show what caught each; how many nothing caught."""
    parser = argparse.ArgumentParser(prog="python -m tests.auditor.mutations", description=__doc__)
    parser.add_argument("--rule", type=int, help="only mutations of this rule")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the seed; all where it is not given")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    chosen, free = sampled([each for each in listed() if asked.rule in (None, each.rule)], asked.sample, asked.seed), 0
    print("| rule | mutation | caught by |\n|---|---|---|")
    for mutation in chosen:
        with tempfile.TemporaryDirectory(prefix="mutation") as folder:
            caught = caught_by(mutation, Path(folder))
        free += not caught
        print(f"| {mutation.rule} | {mutation.breaks} | {caught or '**nothing**'} |", flush=True)
    return free


if __name__ == "__main__":
    sys.exit(main())
