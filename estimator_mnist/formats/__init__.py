"""Ways out: a checkpoint as a SavedModel, a Keras file, a LiteRT file, or a page."""

# What --format takes. Here, so that naming the formats does not import TensorFlow.
FORMATS = ("saved_model", "keras", "tflite", "html")
