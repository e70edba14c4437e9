"""Small graphs of tf.contrib, run by TensorFlow 1.15 and by this package.

Each module is a family. Its functions take the TensorFlow of the day and return what to
compute, or a function of the session that computes it. `python tests/tf1/record.py`,
with TensorFlow 1.15, writes what it computes to recorded.json; `test_recorded.py`
compares.
"""
