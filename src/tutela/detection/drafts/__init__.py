"""Drafts of reports: compose, edit, send, retract, and the DSA notification."""
