"""Intake: addresses become cases, from public reports, staff, files and partners."""
