"""Brings events to their targets: at least once, and in order for each subject."""
