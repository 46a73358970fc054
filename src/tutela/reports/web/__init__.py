"""API and pages of the Centre desk."""
