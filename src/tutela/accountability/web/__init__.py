"""Pages of events and of the public log."""
