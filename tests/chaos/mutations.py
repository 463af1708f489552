"""Which seeds catch an engine that breaks one of its rules: ``python -m tests.chaos.mutations [SEEDS [NAME]]``.

Each rule is left out in turn, and seeds are tried until three have failed; a rule that no seed needs would be shown.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from math import inf
from pathlib import Path

import pytest

from addin.journal import Journal, State, Transfer
from addin.journal import journal as journal_module
from addin.journal.lease import Lease
from addin.journal.protocol import OPEN, Step
from addin.sync import calls as calls_module
from addin.sync import lookup as lookup_module
from addin.sync import plan as plan_module
from addin.sync import run as run_module
from addin.usecases import sync as sync_module
from connectors.ledger import Ledger, Posted, Rejected, Unknown
from connectors.ledgers.beancount import book as beancount_book
from tests.chaos.campaign import all_of, try_seed
from tests.chaos.worlds import Worlds, make
from workbook.file import package

Mutation = Callable[[pytest.MonkeyPatch], None]
ENOUGH = 3


def no_intent(patch: pytest.MonkeyPatch) -> None:
    written = Journal.write

    def write(journal: Journal, transfers: list[Transfer]) -> None:
        written(journal, [each for each in transfers if each.state is not State.INTENT])

    patch.setattr(Journal, "write", write)
    patch.setattr(journal_module, "may_follow", lambda *_: True)


def blind(patch: pytest.MonkeyPatch) -> None:
    def look_up(journal: Journal, ledger: Ledger, run: int) -> list[Transfer]:
        waiting = [each for history in journal.open().values() for each in history if each.state in OPEN]
        journal.write([each.after(Step.MISS) for each in waiting])
        return []

    patch.setattr(sync_module, "look_up", look_up)


def one_key_each_time(patch: pytest.MonkeyPatch) -> None:
    numbers, made = count(), plan_module.idempotency_key
    patch.setattr(plan_module, "idempotency_key", lambda *parts: f"{made(*parts)[:20]}-{next(numbers)}")


def move(path: Path, content: bytes, still: Callable[[], bool]) -> bool:
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
    return still()


def write_beside(target: Path, content: bytes) -> Path:
    beside = target.with_name(f".{target.name}.tmp")
    beside.write_bytes(content)
    return beside


MUTATIONS: dict[str, Mutation] = {
    "outcome without an intent": no_intent,
    "sent again without looking up": blind,
    "absent at once": lambda patch: patch.setattr(lookup_module, "TERM", 0.0),
    "a new key for each attempt": one_key_each_time,
    "not answered counts as refused": lambda patch: patch.setattr(run_module, "Unknown", Rejected),
    "refused believed first": lambda patch: patch.setattr(
        calls_module, "_caution", lambda outcome: (Posted, Unknown, Rejected).index(type(outcome))
    ),
    "no lease": lambda patch: patch.setattr(Lease, "_taken", taken_always(Lease._taken)),
    "no fence": lambda patch: patch.setattr(Lease, "confirm", lambda *_: None),
    "sent however late": lambda patch: patch.setattr(Journal, "left", lambda _: lambda: inf),
    "the book is not made durable": lambda patch: patch.setattr(beancount_book, "_move_in_place", move),
    "the workbook is not made durable": lambda patch: patch.setattr(package, "write_beside", write_beside),
}


def taken_always(taken: Callable[..., object]) -> Callable[..., None]:
    """Whoever asks for the lease has it, and the former holder is not told."""

    def take(lease: Lease, connection: object) -> None:
        if taken(lease, connection):
            lease.token = connection.exec_driver_sql("SELECT max(token) FROM lease").scalar()

    return take


def killers(mutation: Mutation, seeds: int, worlds: Worlds, folder: Path) -> tuple[list[int], int]:
    """The first seeds that fail under a mutation, and how many were tried."""
    wanted, caught = all_of(make(folder / "wanted")), []
    for seed in range(1, seeds + 1):
        with pytest.MonkeyPatch.context() as patch:
            mutation(patch)
            try:
                try_seed(seed, worlds, folder / "company", wanted)
            except Exception:  # noqa: BLE001 - however it shows, it is caught
                caught.append(seed)
        if len(caught) == ENOUGH:
            return caught, seed
    return caught, seeds


def main(seeds: int, name: str = "") -> int:
    """Print the table; how many rules no seed needs."""
    folder = Path(tempfile.mkdtemp(prefix="mutations"))
    worlds, free = Worlds(folder), 0
    for shared in (False, True):
        worlds.new(folder / "company", shared=shared, online=shared).close()
    print("| a rule left out | seeds tried | caught by |\n|---|---|---|")
    for mutation, change in MUTATIONS.items():
        if name in mutation:
            caught, tried = killers(change, seeds, worlds, folder)
            free += not caught
            print(f"| {mutation} | {tried} | {', '.join(map(str, caught)) or 'none'} |", flush=True)
    worlds.close()
    shutil.rmtree(folder)
    return free


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 60, *sys.argv[2:3]))
