"""Makes the installers of a built Windows product: one for every accounting system, one for each, and an MSI.

``python packaging/installers.py BUILT FOLDER``, with NSIS (makensis) and msitools (wixl) at hand. Where the environment
names a program in ``PASSERELLE_SIGN``, it is given each file to sign in its place: programs first, then installers.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from pathlib import Path
from xml.sax.saxutils import quoteattr

HERE = Path(__file__).resolve().parent
SIGN = "PASSERELLE_SIGN"
UPGRADE = uuid.UUID("1d6f2c5e-8f0b-4a57-9a53-0f5a3c8b7e21")
"""The UpgradeCode of every release's MSI: Windows knows by it which one to replace. It never changes."""


def main() -> None:
    """Make them all and say where they are."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("built", type=Path)
    asked.add_argument("folder", type=Path)
    given = asked.parse_args()
    for made in make(given.built.resolve(), given.folder.resolve()):
        print(made)


def make(built: Path, folder: Path) -> Iterator[Path]:
    """Every installer of a built product."""
    folder.mkdir(parents=True, exist_ok=True)
    for program in sorted(built.glob("*.exe")):
        sign(program)
    version, systems = version_of(built), systems_of(built)
    yield nsis(built, folder, version, systems, "")
    for name in systems:
        yield nsis(built, folder, version, systems, name)
    yield msi(built, folder, version)


def version_of(built: Path) -> str:
    """The release, of the metadata that the product holds."""
    (metadata,) = (built / "_internal").glob("passerelle-*.dist-info")
    return metadata.name.removesuffix(".dist-info").rpartition("-")[2]


def systems_of(built: Path) -> dict[str, str]:
    """Name → label of the ledgers that the product holds."""
    from connectors.registry import ledger_type

    points = ConfigParser(delimiters=("=",))
    points.optionxform = str  # type: ignore[assignment,method-assign] # a name keeps its case
    (metadata,) = (built / "_internal").glob("passerelle-*.dist-info")
    points.read(metadata / "entry_points.txt", encoding="utf-8")
    return {name: ledger_type(name).label for name in points["passerelle.ledgers"]}


def file_name(version: str, label: str) -> str:
    """As the guides name it: ``Passerelle.Installer_v1.0.exe``, ``Passerelle.QuickBooksOnline.Installer_v1.0.exe``."""
    system = "".join(each for each in label if each.isalnum())
    return ".".join(filter(None, ("Passerelle", system, f"Installer_v{version}.exe")))


def systems_text(systems: Mapping[str, str]) -> str:
    """What the script includes: the first system, and a macro that does something with each."""
    each = "".join(f'  !insertmacro ${{DO}} "{name}" "{label}"\n' for name, label in systems.items())
    return f'!define FIRST_SYSTEM "{next(iter(systems))}"\n!macro EACH_SYSTEM DO\n{each}!macroend\n'


def nsis(built: Path, folder: Path, version: str, systems: Mapping[str, str], system: str) -> Path:
    """An installer for every system, or for the one that is named."""
    outfile = folder / file_name(version, systems.get(system, ""))
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "systems.nsh"
        listed.write_text(systems_text(systems), encoding="utf-8")
        defined = {"VERSION": version, "PAYLOAD": built, "OUTFILE": outfile, "SYSTEMS": listed}
        if system:
            defined |= {"LEDGER": system, "LABEL": systems[system]}
        if os.environ.get(SIGN):
            defined["SIGN"] = os.environ[SIGN]
        command = ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *(f"-D{n}={v}" for n, v in defined.items())]
        subprocess.run([*command, HERE / "installer" / "passerelle.nsi"], check=True)
    return outfile


def sign(path: Path) -> None:
    """Let the program that the environment names sign a file in its place; without one it stays unsigned."""
    if program := os.environ.get(SIGN):
        subprocess.run([program, path], check=True)


def msi(built: Path, folder: Path, version: str) -> Path:
    """The package for administrators, per machine: what it installs, and where the ribbon's program is."""
    outfile = folder / f"Passerelle_v{version}.msi"
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "passerelle.wxs"
        source.write_text(wxs(built, version), encoding="utf-8")
        subprocess.run(["wixl", "--arch", "x64", "-o", outfile, source], check=True, cwd=built)
    sign(outfile)
    return outfile


def wxs(built: Path, version: str) -> str:
    """Its description in the words of WiX."""
    components: list[str] = []
    tree = "\n".join(_folder(built, built, components))
    references = "\n".join(f'      <ComponentRef Id="{each}"/>' for each in components)
    text = (HERE / "installer" / "passerelle.wxs").read_text(encoding="utf-8")
    for name, value in {"VERSION": version, "UPGRADE": str(UPGRADE), "FILES": tree, "REFERENCES": references}.items():
        text = text.replace(f"@{name}@", value)
    return text


def _folder(folder: Path, built: Path, components: list[str]) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        place = path.relative_to(built).as_posix()
        key = uuid.uuid5(UPGRADE, place)
        if path.is_dir():
            yield f'<Directory Id="d{key.hex}" Name={quoteattr(path.name)}>'
            yield from _folder(path, built, components)
            yield "</Directory>"
            continue
        components.append(f"c{key.hex}")
        yield f'<Component Id="c{key.hex}" Guid="{key}" Win64="yes">'
        yield f'<File Id="f{key.hex}" Source={quoteattr(place)} Name={quoteattr(path.name)} KeyPath="yes"/>'
        yield "</Component>"


if __name__ == "__main__":
    main()
