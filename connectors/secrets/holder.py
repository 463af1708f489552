"""Whose a secret is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Holder(BaseModel):
    """A company by its id, in a home; ``own`` where that home is the person's without a question."""

    model_config = ConfigDict(frozen=True)

    home: str = ""
    company: str = ""
    own: bool = True
