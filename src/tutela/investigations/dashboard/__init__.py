"""Start page content for an authority."""
