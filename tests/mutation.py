"""The mutation run: `python -m tests.mutation [--room ROOM] [--modules GLOB] [--sample N] [--seed S]`, on demand.

Small changes are made to the core, one at a time (by mutmut), and the tests that reach each are run (by `mutants`).
What no test notices survives: a test is missing there, or the change changes nothing and is named with its reason in
`mutation_equivalents.toml`. Everything happens in a copy under `build/mutation`; the tree is not touched.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.mutants import ASKED, answers_to

ROOT = Path(__file__).parents[1]
EQUIVALENTS = Path(__file__).with_name("mutation_equivalents.toml")
FLOORS = ("addin", "connectors", "workbook", "vba")
BESIDE = ("tests", "docs", "benchmarks", "README.md", "LISEZMOI.md", "LICENSE", ".ci")
JUDGING = (
    "accepted", "approval", "case", "claims", "effects", "linking", "matching", "plan", "postings", "refused",
    "resolve", "sides", "statuses", "twins",
)  # fmt: skip
"""The modules of the sync that only judge: what they say follows from what they are given."""
ROOMS = {
    "http": ("connectors/http/*",),
    "journal": ("addin/journal/*",),
    "checks": ("addin/sync/checks/*",),
    "judging": tuple(f"addin/sync/{name}.py" for name in JUDGING),
    "runs": ("addin/sync/*",),
}
"""Where mutations are made; a module is of the first room that it fits."""
TESTS = {
    "http": ("http", "http_told", "http_attacks", "http_secrets"),
    "journal": ("journal_rows", "journal_memory", "journal", "journal_releases", "protocol_model"),
    "checks": ("checks", "taxes", "planted_faults", "sheet_mistakes"),
    "judging": (
        "rulings",
        "checks",
        "told_and_heard",
        "matching",
        "fees",
        "amended_later",
        "sides",
        "applied_later",
        "claims",
        "returned_payments",
    ),
    "runs": (
        "carrying_out",
        "told_and_heard",
        "inbound",
        "deferral_steps",
        "deferred",
        "applied_later",
        "tax_boxes",
        "fees",
        "amended_later",
        "rulings",
        "reconciled",
        "dues",
        "exchange",
        "undo",
        "undo_in_past",
        "returned_payments",
        "matching",
        "advance",
        "beside_payments",
        "both_sides",
        "changed_since",
        "checks",
        "completeness",
        "sent_and_taken_back",
    ),
}
"""The tests that are asked about a room, below ``tests/addin`` or ``tests/connectors``: those that hold its rules."""
OPTIONS = ("-n", "0", "--tb", "native", "-p", "no:cacheprovider", "-o", "tmp_path_retention_policy=none",
           "--hypothesis-profile", "whole")  # fmt: skip
"""How pytest runs them: what a failure says is read by nobody, and no test leaves a file."""
IN_MEMORY = Path("/dev/shm")
"""Where they write, if there is such a folder."""
GOAL = 95


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One change: mutmut's name of it, its module, the line that it takes away and the one it puts there."""

    name: str
    module: str
    was: str
    becomes: str


@dataclass(frozen=True, kw_only=True)
class Equivalent:
    """A change that changes nothing that anyone can see, by patterns of the two lines, and why."""

    was: str
    becomes: str
    reason: str
    module: str = "*"

    def covers(self, mutation: Mutation) -> bool:
        """Whether a mutation is of this kind."""
        return (
            fnmatch(mutation.module, self.module)
            and re.search(self.was, mutation.was) is not None
            and re.search(self.becomes, mutation.becomes) is not None
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutations that were asked for; 1 where fewer than the goal were noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--modules", default="*", help="only modules whose path matches, such as 'addin/sync/checks/*'")
    parser.add_argument("--room", choices=ROOMS, help="only modules of this room")
    parser.add_argument("--sample", type=int, help="so many of them, chosen by the seed; all where it is not given")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--children", type=int, default=2, help="processes at a time")
    asked = parser.parse_args(arguments)
    equivalents = [Equivalent(**entry) for entry in tomllib.loads(EQUIVALENTS.read_text("utf-8")).get("kind", ())]
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    survivors: list[Mutation] = []
    for place, names in _sampled(asked.room, asked.modules, asked.sample, asked.seed).items():
        for name, noticed in _run(place, names, asked.children).items():
            module = _module_of(name)
            if noticed:
                counts[module]["killed"] += 1
                continue
            mutation = _shown(place, name, module)
            equivalent = any(each.covers(mutation) for each in equivalents)
            counts[module]["equivalent" if equivalent else "survived"] += 1
            survivors += [] if equivalent else [mutation]
    for mutation in survivors:
        print(f"{mutation.name}\n  - {mutation.was}\n  + {mutation.becomes}")
    return _report(counts)


def _report(counts: dict[str, Counter[str]]) -> int:
    whole = sum(counts.values(), Counter[str]())
    print(f"{'module':44} {'killed':>8} {'survived':>9} {'equivalent':>11}")
    for module, count in [*sorted(counts.items()), ("all", whole)]:
        print(f"{module:44} {count['killed']:8} {count['survived']:9} {count['equivalent']:11}  {_share(count):.1f} %")
    return 0 if _share(whole) >= GOAL else 1


def _share(count: Counter[str]) -> float:
    asked = count["killed"] + count["survived"]
    return 100 * count["killed"] / asked if asked else 100.0


def _sampled(only: str | None, modules: str, size: int | None, seed: int) -> dict[Path, list[str]]:
    """The names of the mutations to make, by the folder of the copy in which they are."""
    names = [
        (place, name) for room in ([only] if only else ROOMS)
        if any(fnmatch(module, modules) for module in _modules(room))
        for place in [_copied(room)] for name in _made(place, modules)
    ]  # fmt: skip
    if size is not None and size < len(names):
        names = random.Random(seed).sample(names, size)
    sampled: dict[Path, list[str]] = {}
    for place, name in names:
        sampled.setdefault(place, []).append(name)
    return sampled


def _modules(room: str) -> list[str]:
    """The paths of a room's modules; migrations are run by their paths, where no change of them would be seen."""
    paths = sorted(path.relative_to(ROOT).as_posix() for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))
    return [path for path in paths if _room_of(path) == room and "/migrations/" not in path]


def _room_of(module: str) -> str:
    """The first room that a module fits; empty where there is none."""
    fits = (room for room, patterns in ROOMS.items() if any(fnmatch(module, pattern) for pattern in patterns))
    return next(fits, "")


def _copied(room: str) -> Path:
    """A copy of the tree with mutmut's settings for one room."""
    place = ROOT / "build" / "mutation" / room
    place.mkdir(parents=True, exist_ok=True)
    for name in (*FLOORS, *BESIDE):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, place / name, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, place / name)
    (place / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text("utf-8") + _settings(room), encoding="utf-8"
    )
    return place


def _settings(room: str) -> str:
    return (
        "\n[tool.mutmut]\n"
        f"source_paths = {json.dumps(FLOORS)}\nalso_copy = {json.dumps(BESIDE)}\n"
        f"only_mutate = {json.dumps(_modules(room))}\n"
        'use_setproctitle = false\nuse_git_change_detection = false\non_dependency_change = "ignore"\n'
    )


def _tests(room: str) -> list[str]:
    """The paths of the tests that are asked about a room."""
    paths = (f"tests/{floor}/test_{name}.py" for name in TESTS[room] for floor in ("addin", "connectors"))
    return [path for path in paths if (ROOT / path).is_file()]


def _made(place: Path, modules: str) -> Iterator[str]:
    """Make the mutations in a copy; the names of those in the modules that were asked for."""
    script = (
        "from mutmut import __main__ as m; m.set_mutant_under_test('mutant_generation'); "
        "m.makedirs('mutants', exist_ok=True); m.copy_src_dir(); m.copy_also_copy_files(); m.create_mutants(2)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=place, check=True, stdout=subprocess.DEVNULL)
    for path in sorted((place / "mutants").rglob("*.py.meta")):
        if fnmatch(path.relative_to(place / "mutants").as_posix().removesuffix(".meta"), modules):
            yield from sorted(json.loads(path.read_text("utf-8"))["exit_code_by_key"])


def _run(place: Path, names: list[str], children: int) -> dict[str, bool]:
    """Whether the tests notice each mutation."""
    asked = place / "asked.json"
    asked.write_text(json.dumps({"names": names, "children": children}), "utf-8")
    answers_to(asked).unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.mutants", *OPTIONS, *_tests(place.name)]
    mutated, memory = place / "mutants", IN_MEMORY if IN_MEMORY.is_dir() else None
    with (place / "run.log").open("w", encoding="utf-8") as log, TemporaryDirectory(dir=memory) as own:
        known = {**os.environ, ASKED: str(asked), "PYTHONPATH": str(mutated), "PYTEST_DEBUG_TEMPROOT": own}
        subprocess.run(command, cwd=mutated, env=known, check=False, stdout=log, stderr=log)
    if not answers_to(asked).exists():
        sys.exit(f"The tests fail before anything is changed: see {log.name}")
    return dict(json.loads(answers_to(asked).read_text("utf-8")))


def _module_of(name: str) -> str:
    """The module's path of a mutation's name (``addin.sync.plan.x_plan__mutmut_3``)."""
    return name.rpartition(".")[0].replace(".", "/") + ".py"


def _shown(place: Path, name: str, module: str) -> Mutation:
    """A mutation with the lines that it changes."""
    command = [sys.executable, "-m", "mutmut", "show", name]
    said = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True).stdout.splitlines()
    lines = {
        sign: " ".join(line[1:].strip() for line in said if line[:1] == sign and line[:3] != sign * 3) for sign in "-+"
    }
    return Mutation(name=name, module=module, was=lines["-"], becomes=lines["+"])


if __name__ == "__main__":
    sys.exit(main())
