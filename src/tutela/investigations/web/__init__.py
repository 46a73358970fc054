"""API and pages of the authority desk."""
