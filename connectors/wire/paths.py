"""Places in a body by their paths: names joined by dots, where ``Phones[PhoneType=FAX]`` is one element of a list."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]

STEP = re.compile(r"(?P<name>[^.\[\]]+)(?:\[(?P<by>[^=\]]+)=(?P<value>[^\]]*)\])?(?:\.|$)")


@cache
def steps(path: str) -> tuple[tuple[str, str, str], ...]:
    """Each name of a path, with the field and value that choose among a list's elements where it says so."""
    found, at = [], 0
    while at < len(path):
        step = STEP.match(path, at)
        if step is None:
            raise ValueError(f"no path: {path}")
        found.append((step["name"], step["by"] or "", step["value"] or ""))
        at = step.end()
    return tuple(found)


def put(body: Body, path: str, value: object) -> None:
    """Set a place, and make what leads to it."""
    *outer, (last, _, _) = steps(path)
    for name, by, chosen in outer:
        body = _element(body.setdefault(name, []), by, chosen) if by else body.setdefault(name, {})
    body[last] = value


def at(body: Any, path: str) -> Any:  # noqa: ANN401 (JSON is anything)
    """What stands at a place; ``None`` where nothing does."""
    for name, by, chosen in steps(path):
        body = body.get(name) if isinstance(body, dict) else None
        if by:
            alike = (each for each in body or [] if isinstance(each, dict) and each.get(by) == chosen)
            body = next(alike, None)
    return body


def _element(elements: list[Body], by: str, chosen: str) -> Body:
    for each in elements:
        if each.get(by) == chosen:
            return each
    elements.append({by: chosen})
    return elements[-1]
