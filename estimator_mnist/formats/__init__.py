"""Ways out: a checkpoint as another program's model, as a page, or as arrays."""

# What --format takes. Here, so that naming the formats does not import TensorFlow.
FORMATS = ("saved_model", "keras", "tflite", "html", "onnx", "pytorch")
# These are of any checkpoint's variables, whatever model they are of.
WEIGHTS = ("safetensors", "npz")
