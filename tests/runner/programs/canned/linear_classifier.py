"""Words of different numbers per row, weights and names (TensorFlow 1.3)."""
from __future__ import print_function

import tensorflow as tf

ROWS = [("good fine", 1.0, "yes"), ("bad", 1.0, "no"), ("fine", 2.0, "yes"),
        ("bad awful unheard-of", 1.0, "no"), ("", 0.5, "no")]


def input_fn():
    text, weight, answer = (tf.constant(list(part)) for part in zip(*ROWS))
    words = tf.string_split(text)
    return {"words": words, "weight": weight}, answer


words = tf.feature_column.categorical_column_with_vocabulary_list(
    "words", ["good", "fine", "bad", "awful"])
classifier = tf.estimator.LinearClassifier(
    feature_columns=[words],
    weight_column=tf.feature_column.numeric_column("weight"),
    label_vocabulary=["no", "yes"],
    optimizer=tf.train.FtrlOptimizer(0.3, l2_regularization_strength=0.01))
classifier.train(input_fn=input_fn, steps=50)
metrics = classifier.evaluate(input_fn=input_fn, steps=1)
print("accuracy %.3f auc %.3f" % (metrics["accuracy"], metrics["auc"]))
for prediction in classifier.predict(input_fn=input_fn):
    print(prediction["classes"][0].decode(), prediction["logistic"].shape)
    break
for name in classifier.get_variable_names():
    print(name)
weights = classifier.get_variable_value("linear/linear_model/words/weights")
print("signs", " ".join("+" if w > 0 else "-" for w in weights[:, 0]))
