"""What the start page shows about the register."""
