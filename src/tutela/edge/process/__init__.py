"""Processes of an Edge: supervisor, workers, list coordinator and rescanner."""
