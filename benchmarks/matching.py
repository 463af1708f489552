"""How long 10,000 accounts take to be matched to 10,000 customers, beside one comparison of each with each.

``python benchmarks/matching.py [SIZE]`` prints the processor's seconds of both, their ratio, and the most memory taken.
The comparison is rapidfuzz's own, of names alone, for one account in a hundred, multiplied.
"""

from __future__ import annotations

import resource
import sys
import time

from rapidfuzz import process
from rapidfuzz.fuzz import token_sort_ratio

from addin.sync.offers import offers
from tests.addin.namesakes import grown

PART = 100


def main(size: int = 10_000) -> None:
    """Measure both once, in this order."""
    accounts, customers = grown(1, size)
    start = time.process_time()
    found = sum(bool(matches) for _, matches in offers(accounts, customers, ()))
    ours = time.process_time() - start
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    names = [customer.name for customer in customers]
    start = time.process_time()
    for account in accounts[::PART]:
        process.extract(account.name, names, scorer=token_sort_ratio, limit=3)
    plain = (time.process_time() - start) * PART
    took = f"{found} suggested in {ours:.1f} s, {most:.0f} MB at most"
    print(f"{size} x {size}: {took}; each with each {plain:.1f} s, {plain / ours:.1f} times as long")


if __name__ == "__main__":
    main(*(int(size) for size in sys.argv[1:2]))
