"""Start page content for an administrator."""
