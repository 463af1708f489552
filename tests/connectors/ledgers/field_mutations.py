"""Each field of a ledger's table in turn renamed, dropped, swapped with the next and, where it is only read, sent."""

from collections.abc import Iterator
from dataclasses import replace

from connectors.wire.form import Field, Form


def mutations(form: Form) -> Iterator[tuple[str, str, Form]]:
    """Each mutation: what was done, at which place, and the table that it makes."""
    for part in ("fields", "line"):
        fields: tuple[Field, ...] = getattr(form, part)
        sent = [place for place, each in enumerate(fields) if each.way != "back"]
        for place, each in enumerate(fields):

            def with_(*changed: tuple[int, Field | None], fields=fields, part=part) -> Form:
                told = dict(changed)
                kept = tuple(told.get(at_, one) for at_, one in enumerate(fields))
                return replace(form, **{part: tuple(one for one in kept if one is not None)})

            yield "renamed", each.wire, with_((place, replace(each, wire=f"{each.wire}s")))
            yield "dropped", each.wire, with_((place, None))
            if each.way == "back":
                yield "sent", each.wire, with_((place, replace(each, way="both")))
            elif len(sent) > 1:
                next_ = sent[(sent.index(place) + 1) % len(sent)]
                other = fields[next_]
                yield "swapped", each.wire, with_((place, replace(each, wire=other.wire)),
                                                  (next_, replace(other, wire=each.wire)))  # fmt: skip
