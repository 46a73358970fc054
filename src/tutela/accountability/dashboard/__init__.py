"""Accountability summary on an auditor's start page."""
