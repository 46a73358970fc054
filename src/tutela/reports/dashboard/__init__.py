"""What the start page shows the Centre."""
