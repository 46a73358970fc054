"""Alerts for urgent reports: which reports call, floods of one sender, and reports that become urgent later."""
