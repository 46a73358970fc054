"""Assessments by people, and where something is illegal."""
