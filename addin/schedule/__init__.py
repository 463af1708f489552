"""Rounds by the clock: on one workstation through what it has for that, on a server through its workers."""
