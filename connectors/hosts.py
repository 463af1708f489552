"""Which hosts are this machine, and the ports that schemes stand for."""

from __future__ import annotations

from ipaddress import ip_address

PORTS = {"https": 443, "http": 80}


def is_loopback(host: str) -> bool:
    """Whether what is sent to a host stays on this machine (127.0.0.0/8, ::1, localhost)."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
