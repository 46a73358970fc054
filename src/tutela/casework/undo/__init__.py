"""Undo: an action that sends something waits a few seconds, and can be undone until then."""
