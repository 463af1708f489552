"""What Windows shows of a program in its properties: version, product and publisher, a file for each program."""

from __future__ import annotations

from importlib.metadata import metadata
from pathlib import Path

PROGRAMS = {
    "passerelle": "Passerelle",
    "passerelle-ribbon": "Passerelle ribbon",
    "passerelle-scheduled": "Passerelle by the clock",
}

RESOURCE = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1, subtype=0),
  kids=[
    StringFileInfo([StringTable("040904B0", [
      StringStruct("CompanyName", "Passerelle"),
      StringStruct("FileDescription", {description!r}),
      StringStruct("FileVersion", {version!r}),
      StringStruct("InternalName", {name!r}),
      StringStruct("LegalCopyright", {licence!r}),
      StringStruct("OriginalFilename", {file!r}),
      StringStruct("ProductName", "Passerelle"),
      StringStruct("ProductVersion", {version!r}),
    ])]),
    VarFileInfo([VarStruct("Translation", [0x0409, 1200])]),
  ],
)
"""
"""As PyInstaller reads it; 040904B0 is English in Unicode (Microsoft's VERSIONINFO resource)."""


def write(folder: Path) -> None:
    """Write a file ``NAME.version`` for each program into a folder."""
    product = metadata("passerelle")
    version = product["Version"]
    numbers = tuple((*(int(part) for part in version.split(".")), 0, 0, 0)[:4])
    for name, description in PROGRAMS.items():
        text = RESOURCE.format(
            numbers=numbers, version=version, name=name, file=f"{name}.exe", description=description,
            licence=product.get("License-Expression") or "MIT",
        )  # fmt: skip
        (folder / f"{name}.version").write_text(text, encoding="utf-8")
