"""Intake of reports: API, batches, uploads and CyberTipline submissions."""
