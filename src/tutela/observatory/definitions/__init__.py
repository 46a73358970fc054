"""Definitions of figures as data: units, stages, periods, coverage, and the calendar of breaks."""
