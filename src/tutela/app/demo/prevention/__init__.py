"""Prevention in the demonstration."""
