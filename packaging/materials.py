"""The bill of materials of a release: what the product holds of others, with versions, licences and who needs whom.

It is CycloneDX 1.6 in JSON (ECMA-424), written from the metadata of what is installed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import Distribution
from typing import Any

from contents import PRODUCT, needed, required
from licences import named

ROOM = uuid.UUID("6f0a8f8e-43c1-4a0e-9a51-3d6c1f8d2b70")
"""Whose serial numbers these are: the same for the same release with the same parts."""


def bill(moment: datetime, extras: frozenset[str] = frozenset({"", "postgres"})) -> dict[str, Any]:
    """The bill of the product as it is installed here, as of a moment."""
    parts = needed(PRODUCT, extras)
    product, *others = parts.items()
    references = {name: _reference(name, each) for name, each in parts.items()}
    serial = uuid.uuid5(ROOM, "\n".join(sorted(references.values())))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "timestamp": moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "component": {"type": "application", **_component(*product)},
        },
        "components": [{"type": "library", **_component(name, each)} for name, each in sorted(others)],
        "dependencies": [
            {"ref": references[name], "dependsOn": sorted(references[other] for other in _needs(name, parts, extras))}
            for name in sorted(parts)
        ],
    }


def _reference(name: str, distribution: Distribution) -> str:
    return f"pkg:pypi/{name}@{distribution.version}"


def _component(name: str, distribution: Distribution) -> dict[str, Any]:
    reference = _reference(name, distribution)
    expression = distribution.metadata.get("License-Expression")
    licence: dict[str, Any] = {"expression": expression} if expression else {"license": {"name": named(distribution)}}
    return {
        "bom-ref": reference, "name": name, "version": distribution.version, "licenses": [licence], "purl": reference,
    }  # fmt: skip


def _needs(name: str, parts: Mapping[str, Distribution], extras: frozenset[str]) -> set[str]:
    wanted = required(parts[name], extras if name == PRODUCT else frozenset({""}))
    return {other for other, _ in wanted} & parts.keys()
