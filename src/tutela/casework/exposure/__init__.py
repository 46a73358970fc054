"""Exposure: a daily budget of openings for each person, with breaks and a stop."""
