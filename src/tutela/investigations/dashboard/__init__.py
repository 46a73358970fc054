"""What the start page shows an authority."""
