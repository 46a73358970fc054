"""Drills: run, recipients, and results."""
