"""Every body that QuickBooks Online is sent, as it leaves, kept in files: one for each of the vendor's entities.

``python -m tests.connectors.ledgers.quickbooks_bodies`` writes the files anew, from what the suites then send.
"""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from connectors import exact_json
from connectors.conformance import making
from connectors.http import session
from connectors.http.attempt import Call

FOLDER = Path(__file__).with_suffix("")
WRITING = "PASSERELLE_WRITES_BODIES"
"""In the environment: the folder that every test writes what it sent into, instead of comparing it."""
SUITES = (
    "test_quickbooks_bodies.py::test_a_whole_life_of_every_kind_sends_what_is_kept",
    "test_quickbooks_conformance.py",
)

Bodies = dict[str, list[str]]
"""By entity, what was asked of it and the body, in the order in which they left."""


@contextmanager
def sent() -> Iterator[Bodies]:
    """What leaves our HTTP session within, under keys that are the same in every run."""
    bodies: Bodies = defaultdict(list)
    attempted, runs = session.attempt, count(1)

    def seen(one: object, call: Call, *rest: Any) -> Any:
        for entity, line in _lines(call):
            bodies[entity].append(line)
        return attempted(one, call, *rest)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "attempt", seen)
        patch.setattr(making, "uuid4", lambda: UUID(int=next(runs) << 96))
        yield bodies


def _lines(call: Call) -> Iterator[tuple[str, str]]:
    """The writes of a request, each with its entity: how it is asked for, and its body as it stands."""
    resource = urlsplit(call.url).path.partition("/v3/company/")[2].partition("/")[2]
    if call.method != "POST" or not resource or resource == "query":
        return
    if resource == "batch":
        for item in exact_json.loads(call.content)["BatchItemRequest"]:
            [entity] = item.keys() - {"bId", "operation"}
            yield entity.lower(), f"batch {item['operation']} {exact_json.dumps(item[entity])}"
        return
    asked = "&".join(f"{name}={call.query[name]}" for name in ("operation", "include") if name in call.query)
    yield resource, f"alone {asked or 'create'} {call.content.decode()}"


@contextmanager
def among_those_kept(name: str) -> Iterator[Bodies]:
    """Fails when a body is sent within that no file has; where the files are written anew, it goes into them."""
    with sent() as bodies:
        yield bodies
    if folder := os.environ.get(WRITING):
        for entity, lines in bodies.items():
            path = Path(folder) / entity / f"{name}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return
    strange = [f"{entity}: {line}" for entity, lines in bodies.items() for line in lines if line not in kept(entity)]
    assert not strange, "\n".join(["Bodies that are not among those kept:", *strange])


def kept(entity: str) -> frozenset[str]:
    """The lines of an entity's file."""
    path = FOLDER / f"{entity}.txt"
    return frozenset(_read(path)) if path.exists() else frozenset()


def _read(path: Path) -> list[str]:
    """Its lines; a body holds every other character that ends lines elsewhere."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def write() -> None:
    """Write the files anew: each body once, in the order of the alphabet."""
    with tempfile.TemporaryDirectory() as told:
        suites = [str(FOLDER.parent / name) for name in SUITES]
        subprocess.run([sys.executable, "-m", "pytest", "-q", *suites], check=True, env={**os.environ, WRITING: told})
        for entity in Path(told).iterdir():
            lines = {line for path in entity.iterdir() for line in _read(path)}
            text = "".join(f"{line}\n" for line in sorted(lines))
            (FOLDER / f"{entity.name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
