"""Writes checkpoints and events, finds them, checks them, restores them."""
