"""Alerts for urgent reports: schedule, on-call, escalation and flood alerts."""
