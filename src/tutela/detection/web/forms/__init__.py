"""Forms of the provider's desk: parse and name what is wrong; rules live in the capabilities. No form takes a file."""
