"""What the start page shows an auditor."""
