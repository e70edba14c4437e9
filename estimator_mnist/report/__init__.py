"""Pictures of a trained classifier, from its files, its checkpoint and arrays."""
