"""Complaints: intake, decision, deadlines, misuse, and what the person is told."""
