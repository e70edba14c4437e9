"""Ways out: a checkpoint as a SavedModel, a Keras file, or a LiteRT (TFLite) file."""

# What --format takes. Here, so that naming the formats does not import TensorFlow.
FORMATS = ("saved_model", "keras", "tflite")
