"""What the start page shows an administrator."""
