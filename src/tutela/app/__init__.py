"""Composition of a node: settings, URLs, wiring, worker, command line and demonstration.

The app package holds no rule of the casework, and no other package imports it.
"""
