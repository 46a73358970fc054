"""API and pages of the authority's desk."""
