"""Planning, checking and running a sync."""
