"""Pages of the hotline, and the public report page."""
