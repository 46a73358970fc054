"""API and pages of the provider desk."""
