"""ICCAM v3, reconstructed: its numbers, and reports out of our cases and back."""
