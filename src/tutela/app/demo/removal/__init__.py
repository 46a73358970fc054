"""Removal requests in the demonstration: their stories, and their step of the walk."""
