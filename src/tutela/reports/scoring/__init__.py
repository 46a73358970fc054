"""Scores of a report: separate queues, history and register claims."""
