"""Files that wait on an Edge: candidates, alerts and what was not scanned, encrypted."""
