"""Triage: work queue, next report, viewing budget, assessment, known material and new scores."""
