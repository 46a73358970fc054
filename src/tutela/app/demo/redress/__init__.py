"""Redress in the demonstration: its stories, and its steps of the walk."""
