"""Public pages for children and those who help them: voices and the help finder."""
