"""Triage: work queue, assessment, known material and new scores."""
