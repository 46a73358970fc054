"""Viewing budget of the Centre and the next report to open."""
