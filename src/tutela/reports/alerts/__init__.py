"""Alerts for urgent reports: which reports raise one, many from one sender, and reports that become urgent later."""
