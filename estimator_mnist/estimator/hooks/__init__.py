"""Hooks that stop a training, or evaluate during one."""
