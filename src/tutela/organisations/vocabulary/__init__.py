"""Shared vocabulary: countries, roles, guarded actions, back-off, errors and networks."""
