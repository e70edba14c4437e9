"""Kills a command after each of its operations on files; see every_operation.py."""
