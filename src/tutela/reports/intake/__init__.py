"""Intake of reports: API, batches, uploads and received CyberTipline submissions."""
