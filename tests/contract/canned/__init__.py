"""Canned estimators, on both runtimes, and against what the original printed."""
