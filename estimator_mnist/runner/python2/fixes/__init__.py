"""What fissix has no fixer for: one module each, found by its name."""
