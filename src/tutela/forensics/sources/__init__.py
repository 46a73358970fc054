"""Sources of a triage: folders, and the file systems of disk images, read in a cage and never written."""
