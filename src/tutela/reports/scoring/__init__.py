"""Scores of a report: priority lanes, history and register claims."""
