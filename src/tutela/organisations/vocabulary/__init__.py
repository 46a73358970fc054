"""Shared vocabulary: countries, roles, guarded acts, back-off, errors and networks."""
