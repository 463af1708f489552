"""Who may do what in a company: roles, the kinds of records that need an approval, and the two-person rule."""

from __future__ import annotations

import json
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, field_validator

from addin.person import Person
from connectors.records import Kind


class Role(StrEnum):
    """What a person may do; each may also do what those before may."""

    NOBODY = "nobody"
    VIEWER = "viewer"
    PREPARER = "preparer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"

    def includes(self, other: Role) -> bool:
        """Whether who has this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


COMMANDS: dict[str, Role] = {
    # looking
    "log": Role.VIEWER,
    "preview": Role.VIEWER,
    "find": Role.VIEWER,
    "find_in_ledger": Role.VIEWER,
    "open": Role.VIEWER,
    "open_record": Role.VIEWER,
    "report": Role.VIEWER,
    "taxes": Role.VIEWER,
    "period": Role.VIEWER,
    "period_file": Role.VIEWER,
    "watch": Role.VIEWER,
    "alike": Role.VIEWER,
    "settings": Role.VIEWER,
    "set_up": Role.VIEWER,
    "show_rights": Role.VIEWER,
    # preparing: what is typed or marked in the sheet is judged by the next of these that reads it
    "connect": Role.PREPARER,
    "pull": Role.PREPARER,
    "look_at_source": Role.PREPARER,
    "confirm_source": Role.PREPARER,
    "check": Role.PREPARER,
    "mark": Role.PREPARER,
    "mark_to_transfer": Role.PREPARER,
    "mark_stand_by": Role.PREPARER,
    "mark_do_not_sync": Role.PREPARER,
    "mark_in_review": Role.PREPARER,
    "no_go_before": Role.PREPARER,
    "no_go": Role.PREPARER,
    "undo_no_go": Role.PREPARER,
    "start_in_sync": Role.PREPARER,
    "start": Role.PREPARER,
    "undo_mark": Role.PREPARER,
    "suggest": Role.PREPARER,
    "suggest_matches": Role.PREPARER,
    "link": Role.PREPARER,
    "link_sure": Role.PREPARER,
    "unlink": Role.PREPARER,
    "create": Role.PREPARER,
    "create_new": Role.PREPARER,
    "proposals": Role.PREPARER,
    "same": Role.PREPARER,
    "same_one": Role.PREPARER,
    "second": Role.PREPARER,
    "second_one": Role.PREPARER,
    "confirm": Role.PREPARER,
    "accept": Role.PREPARER,
    "sync": Role.PREPARER,
    "auto_sync": Role.PREPARER,
    "stop": Role.PREPARER,
    "reconcile": Role.PREPARER,
    "tax_boxes": Role.PREPARER,
    "show_preview": Role.PREPARER,
    "language": Role.PREPARER,
    # approving, and taking back what was approved
    "approve": Role.APPROVER,
    "undo": Role.APPROVER,
    "undo_transfer": Role.APPROVER,
    "undo_run": Role.APPROVER,
    # what the company is connected to, and who may do what
    "authorize": Role.ADMINISTRATOR,
    "disconnect": Role.ADMINISTRATOR,
    "schedule": Role.ADMINISTRATOR,
    "rights": Role.ADMINISTRATOR,
    "apply_settings": Role.ADMINISTRATOR,
}
"""The role that each command and each button asks for."""

OF_NO_COMPANY = frozenset(
    {
        "about",
        "build",
        "create_company",
        "give_secret",
        "demo",
        "doctor",
        "guide",
        "init",
        "ledgers",
        "metrics",
        "password",
        "sample",
        "sandbox",
        "sources",
    }
    | {"trust", "upgrade", "worker"}
)
"""Commands and buttons that open no company, or change what is this person's alone (a password in their own vault); a
worker opens each company as the account it runs as."""


class Rights(BaseModel):
    """A company's rights. Where no administrator is named, everyone is one.

    Else who is not named may look only, and where viewers are named, not even that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    administrators: tuple[str, ...] = ()
    """Accounts that may change these rights and the company's connections."""
    approvers: tuple[str, ...] = ()
    """Accounts that may approve."""
    preparers: tuple[str, ...] = ()
    """Accounts that may pull, mark, map, link and sync."""
    viewers: tuple[str, ...] = ()
    """Accounts that may look."""
    review: tuple[Kind, ...] = ()
    """Kinds of records that arrive In Review, and leave only as they were approved."""
    two_people: bool = False
    """Who changed or marked a record last may not approve it."""

    @field_validator("administrators", "approvers", "preparers", "viewers", mode="after")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))

    def role_of(self, person: Person) -> Role:
        """The highest role under which a person is named."""
        if not self.administrators:
            return Role.ADMINISTRATOR
        lists = (
            (Role.ADMINISTRATOR, self.administrators),
            (Role.APPROVER, self.approvers),
            (Role.PREPARER, self.preparers),
            (Role.VIEWER, self.viewers),
        )
        others = Role.NOBODY if self.viewers else Role.VIEWER
        return next((role for role, names in lists if any(map(person.is_named, names))), others)

    def as_text(self) -> str:
        """The rights as one text, the same for the same rights."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)


def rights_of(text: str) -> Rights:
    """The rights behind ``as_text``; those of a company without any where there is none."""
    return Rights.model_validate_json(text) if text else Rights()
