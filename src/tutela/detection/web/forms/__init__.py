"""Forms of the provider desk: parse the input and name errors. No form takes a file.

The rules are in the capability packages.
"""
