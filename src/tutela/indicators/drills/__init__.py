"""Drills in the register: organisations that take part, test entries, and which Edge has one."""
