"""Keras of 2019 and 2020: mixed precision, and an exported model."""
import os
import tempfile
import numpy as np
import tensorflow as tf

x = np.sin(np.arange(60)).reshape(20, 3).astype(np.float32)
y = (x.sum(1) > 0).astype(np.int32)
experimental = tf.keras.mixed_precision.experimental


def fitted(policy, loss_scale=None):
    tf.keras.backend.clear_session()
    experimental.set_policy(experimental.Policy(policy))
    model = tf.keras.Sequential([
        tf.keras.layers.Dense(4, "relu", input_shape=(3,), kernel_initializer="ones"),
        tf.keras.layers.Dense(2, kernel_initializer=tf.keras.initializers.Constant([[1, 0]] * 4)),
        tf.keras.layers.Activation("softmax", dtype="float32")])
    optimizer = tf.keras.optimizers.SGD(0.1)
    if loss_scale == "growing":
        loss_scale = tf.train.experimental.DynamicLossScale(1024.0, increment_period=3)
    if loss_scale:
        optimizer = experimental.LossScaleOptimizer(optimizer, loss_scale)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=2, batch_size=10, shuffle=False, verbose=0)
    weights = model.get_weights()
    assert all(each.dtype == np.float32 for each in weights)
    return np.concatenate([each.ravel() for each in weights])


def stepped(loss_scale):
    with tf.Graph().as_default():
        w = tf.get_variable("w", [3, 1], initializer=tf.ones_initializer())
        loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1))
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        if loss_scale:
            optimizer = tf.train.experimental.enable_mixed_precision_graph_rewrite(optimizer, loss_scale)
        train_op = optimizer.minimize(loss)
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            for _ in range(3):
                sess.run(train_op)
            return sess.run(w)


print("session", np.allclose(stepped(256.0), stepped(None), atol=1e-6))
tf.train.experimental.disable_mixed_precision_graph_rewrite()

exact = fitted("float32")
for scale in (128.0, tf.train.experimental.FixedLossScale(128.0)):
    print("fixed", (fitted("float32", scale) == exact).all())
print("dynamic", (fitted("float32", "growing") == exact).all())
for name in ("mixed_bfloat16", "float16_with_float32_vars", "mixed_float16"):
    difference = abs(fitted(name) - exact).max()
    print(experimental.global_policy().compute_dtype, "near", 0 < difference < 0.01)
experimental.set_policy("float32")

model = tf.keras.Sequential([tf.keras.layers.Dense(2, "tanh", input_shape=(3,), name="d")])
folder = os.path.join(tempfile.mkdtemp(), "exported")
tf.contrib.saved_model.save_keras_model(model, folder)
loaded = tf.contrib.saved_model.load_keras_model(folder)
print("loaded", (loaded.predict(x) == model.predict(x)).all())
with tf.Session(graph=tf.Graph()) as sess:
    found = tf.saved_model.loader.load(sess, ["serve"], folder).signature_def["serving_default"]
    served = sess.run(found.outputs["d"].name, {found.inputs["d_input"].name: x})
print("served", np.allclose(served, model.predict(x)))
