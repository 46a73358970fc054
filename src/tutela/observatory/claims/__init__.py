"""Claims register: sentences of others that have a figure in them, with source chain, critique, age and status."""
