"""Canned estimators, and stand-ins for those that this runtime lacks."""
