"""Digits: find them, read them, place them on the canvas, feed them to a model."""
