"""Pages of an organisation: people, keys, approvals, messages and views."""
