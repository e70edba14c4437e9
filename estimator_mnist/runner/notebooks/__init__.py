"""Runs notebooks cell by cell, as Jupyter would."""
