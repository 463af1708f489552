"""Makes everything that a release holds: ``python packaging/release.py FOLDER``, in an environment with the product.

The wheel and the source, the installers of a product that was built on Windows (``--built``), the bill of materials,
what is new in both languages, the file by which an older copy hears of it, and the SHA-256 of each. Whoever makes it
again from the same source, with the same tools, gets the same bytes of all but the installers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

import installers
from changes import LOGS, Told, told_of
from materials import bill

ROOT = Path(__file__).resolve().parent.parent
SUMS = "SHA256SUMS"
RELEASES = "releases.json"
"""What is laid at the address that ``PASSERELLE_RELEASES`` names (``addin/releases.py`` reads it)."""


def main() -> None:
    """Make them all and say which."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--built", type=Path, help="the product that build.py made on Windows")
    asked.add_argument("--page", type=_https, default="", help="the address of the page that people get it from")
    given = asked.parse_args()
    make(given.folder.resolve(), given.page, given.built.resolve() if given.built else None)
    print((given.folder / SUMS).read_text(encoding="utf-8"), end="")


def make(folder: Path, page: str = "", built: Path | None = None) -> None:
    """Everything of the release that the source is at, into a folder that is new. Raises ``NotTold``."""
    release = version("passerelle")
    told = told_of(release)
    moment = datetime.combine(told.day, datetime.min.time(), UTC)
    folder.mkdir(parents=True)
    distributions(folder, moment)
    for _ in installers.make(built, folder) if built else ():
        pass
    _write(folder / f"passerelle-{release}.cdx.json", bill(moment))
    for language, name in LOGS.items():
        (folder / name).write_text(told.text[language], encoding="utf-8", newline="\n")
    sums = {path.name: digest(path) for path in sorted(folder.iterdir())}
    _write(folder / RELEASES, announcement(release, told, page, sums))
    sums[RELEASES] = digest(folder / RELEASES)
    lines = [f"{number}  {name}\n" for name, number in sorted(sums.items())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def distributions(folder: Path, moment: datetime) -> None:
    """The wheel and the source, whose files are all of one moment."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", folder]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


def announcement(release: str, told: Told, page: str, sums: dict[str, str]) -> dict[str, object]:
    """What an older copy reads of this release."""
    files = [{"name": name, "sha256": number} for name, number in sums.items()]
    return {"version": release, "date": told.day.isoformat(), "page": page, "news": told.points, "files": files}


def digest(path: Path) -> str:
    """The SHA-256 of a file, in the digits that ``sha256sum`` writes."""
    return sha256(path.read_bytes()).hexdigest()


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def _https(text: str) -> str:
    if urlsplit(text).scheme != "https":
        raise argparse.ArgumentTypeError("an address that begins with https://")
    return text


if __name__ == "__main__":
    main()
