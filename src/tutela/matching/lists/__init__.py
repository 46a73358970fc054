"""Lists in use: all hash families of an item, rules, counts and changes."""
