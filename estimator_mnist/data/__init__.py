"""Data sets: find, read and verify them; translate the images; build input_fns."""
