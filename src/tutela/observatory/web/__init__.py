"""Pages of the observatory: dashboards, open data and claims for everybody; figures and returns at a desk."""
