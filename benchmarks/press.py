"""What a press of Sync imports: how long, and how often as long as Python takes to start.

``python benchmarks/press.py [RUNS]`` starts Python so many times for each step and prints the least of the processor's
seconds, which other work on the machine swells least, and how many starts of Python with nothing to do they come to.
The macro has written to the status bar before any of it. POSIX only, for ``resource``.
"""

from __future__ import annotations

import resource
import subprocess
import sys

STEPS = {
    "Python": "pass",
    "until the workbook is found": "import addin.ribbon, workbook.live.live_book",
    "until the ledger is asked": "import addin.ribbon, workbook.live.live_book, addin.trust, addin.usecases.sync",
    "QuickBooks Online and the files": (
        "import addin.ribbon, workbook.live.live_book, addin.trust, addin.usecases.sync;"
        "import connectors.ledgers.quickbooks_online.connector, connectors.sources.files.connector"
    ),
}
RUNS = 10


def seconds(code: str) -> float:
    """The processor's seconds that Python takes for some code, its start included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    """Print what each step comes to; every one includes those before it."""
    least = {step: min(seconds(code) for _ in range(runs)) for step, code in STEPS.items()}
    for step, taken in least.items():
        print(f"{step:32} {taken:6.3f} s {taken / least['Python']:6.1f} starts")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
