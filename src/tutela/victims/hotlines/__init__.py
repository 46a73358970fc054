"""Hotlines: addresses handed over for assessment, notice and recheck; searches of public hosts; statuses."""
