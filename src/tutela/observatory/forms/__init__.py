"""Forms of returns as data, the content of a return, its validation, and its files: CSV, XLSX, JSON and PDF."""
