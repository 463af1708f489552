"""Many companies on a server: workers that share one queue in PostgreSQL (the extra ``server``)."""

from addin.server.database import Stored
from addin.server.queue import Timing
from addin.server.work import work

__all__ = ["Stored", "Timing", "work"]
