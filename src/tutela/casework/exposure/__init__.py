"""Exposure: a daily limit of openings for each person, with breaks."""
