"""People: directory, sign-in, sessions, roles, recovery and API keys."""
