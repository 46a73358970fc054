"""Notices to hosts: text, sending, answers, reminders."""
