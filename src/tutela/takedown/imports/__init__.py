"""Imports of backlogs: old tables and mailboxes of a hotline become cases, and nothing else of them is kept."""
