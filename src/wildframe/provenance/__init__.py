"""Claims that others can check: certificates of a run, and what is behind a number.

It reads what all stations wrote, and so stands above them.
"""
