"""API and pages of the register."""
