"""Figures of data, models and results, and the report that shows them on one page."""
