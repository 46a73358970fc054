"""Notices to users: schedule, language, text and reinstatement."""
