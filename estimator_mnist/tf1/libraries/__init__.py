"""Names that other libraries have lost, within a `with` block."""
