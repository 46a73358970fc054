"""Removal requests: intake, rules, mandates, contact, pause and withdrawal, progress and the closing letter."""
