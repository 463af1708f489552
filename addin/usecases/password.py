"""Password: keep in the machine's own vault the password of a shared database, once it was seen to open it, or a client
secret."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.engine import URL

from addin.databases import SERVER, database, journal_url, keep_password, password_name
from addin.home import home
from addin.journal import Journal
from addin.profile import Profile
from addin.usecases.report import Report
from addin.usecases.worker import schedules
from connectors.ledger import Ledger
from connectors.problems import CannotRun, Problem
from connectors.secrets.bindings import release
from connectors.secrets.holder import Holder
from connectors.secrets.secret import Secret
from connectors.secrets.store import open_secrets
from connectors.source import Source


def keep(profile: Profile | None, server: str, secret: Secret) -> Report:
    """Keep the password of a company's journal, or of the workers' database.

    Raises ``CannotRun`` where it does not open that database, and then keeps nothing.
    """
    if profile is None:
        schedules(server, secret).registered()
        url, holder, name = database(server, "PASSERELLE_SERVER"), Holder(home=str(home())), SERVER
    else:
        url, holder, name = _opened(profile, secret), profile.holder, password_name(profile)
    keep_password(url, holder, name, secret)
    return Report(run=0, facts={"secret": name})


def keep_for(side: str, profile: Profile, secret: Secret) -> Report:
    """Keep the secret that the ``ledger`` or the ``source`` asks for: a client secret, a user's password.

    Raises ``CannotRun``.
    """
    with _side(side, profile) as opened:
        return Report(run=0, facts={"secret": opened.keep_secret(secret)})


def kept_for(side: str, profile: Profile) -> bool:
    """Whether the secret that it asks for is there; one that cannot be read is not."""
    with suppress(CannotRun), _side(side, profile) as opened:
        return opened.has_secret()
    return False


def _side(side: str, profile: Profile) -> Ledger | Source:
    return profile.open_ledger() if side == "ledger" else profile.open_source()


def forget(profile: Profile | None) -> Report:
    """Remove a password again: of a company's journal, else of the workers' database. Raises ``CannotRun``."""
    place, name = (profile.home, password_name(profile)) if profile else (home(), SERVER)
    open_secrets(place / "secrets").forget(name)
    release(name)
    return Report(run=0, facts={"forgotten": name})


def _opened(profile: Profile, secret: Secret) -> URL:
    url = journal_url(profile)
    if url is None:
        raise CannotRun(Problem(code="password_needless", params={"company": profile.company}))
    Journal(url.set(password=secret.reveal())).close()
    return url
