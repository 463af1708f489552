"""One seed: a company, a few runs in which things go wrong, then quiet. ``python -m tests.chaos.campaign 1 2000``.

A seed decides the ledger, the database, who works, what is undone and what fails when; it alone replays a failure
(``python -m tests.chaos.campaign 17 17``). Shows at the end how many seeds failed and how often each fault was met.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.chaos.going_wrong import Run
from tests.chaos.worlds import Worlds


def try_seed(seed: int, worlds: Worlds, folder: Path) -> Counter[str]:
    """Go through one seed; how often each fault was met. Raises ``AssertionError``."""
    run = Run(seed, worlds, folder)
    try:
        run()
        return run.world.noted()
    finally:
        run.world.close()


def main(first: int, last: int) -> int:
    """Try these seeds, and tell, how far it came too where it is interrupted; how many failed."""
    folder = Path(tempfile.mkdtemp(prefix="chaos"))
    worlds, met, failed, tried = Worlds(folder), Counter[str](), [], 0
    started = time.monotonic()
    with suppress(KeyboardInterrupt):
        for seed in range(first, last + 1):
            try:
                met += try_seed(seed, worlds, folder / "company")
            except Exception as wrong:  # noqa: BLE001 - a campaign goes on, and tells
                failed.append(seed)
                print(f"seed {seed}: {type(wrong).__name__}: {' '.join(str(wrong).split())[:400]}", flush=True)
                if first == last:
                    traceback.print_exc()
            tried += 1
            if tried % 5 == 0:
                print(f"{tried} seeds, {len(failed)} failed, {time.monotonic() - started:.0f} s", flush=True)
    print(f"{tried} seeds, {len(failed)} failed {failed}, {time.monotonic() - started:.0f} s")
    for what, times in sorted(met.items()):
        print(f"{times:7} {what}")
    worlds.close()
    shutil.rmtree(folder)
    return len(failed)


if __name__ == "__main__":
    sys.exit(min(1, main(*map(int, sys.argv[1:3]))))
