"""Triage: work queue, next case, viewing budget, assessment, known material and new scores."""
