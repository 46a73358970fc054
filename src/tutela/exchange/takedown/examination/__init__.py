"""Examination of an address on an analyst's own machine (`tutela examine`): its messages, and how content is fetched.

messages      signed and sealed task, signed result         page_items   addresses of what a page shows
fetch         content of an address, on that machine alone  evidence     what was fetched, sealed to the police
"""
