"""Canned estimators, and what stands for those that are not here."""
