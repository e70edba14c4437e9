"""Ways out: a checkpoint as a SavedModel, a Keras file, or a LiteRT (TFLite) file."""
