"""Start page of the Centre."""
