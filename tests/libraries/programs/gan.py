"""Trains, evaluates and exports a GANEstimator of tensorflow-gan."""

import sys

import tensorflow as tf
import tensorflow_gan as tfgan

tf1 = tf.compat.v1


def generator(noise, mode):
    hidden = tf1.layers.dense(noise, 8, tf.nn.relu)
    return tf1.layers.dense(hidden, 2)


def discriminator(data, condition, mode):
    return tf1.layers.dense(tf1.layers.dense(data, 8, tf.nn.relu), 1)


def input_fn():
    real = tf.random.normal([200, 2], mean=3.0, seed=1)
    noise = tf.random.normal([200, 4], seed=2)
    return tf.data.Dataset.from_tensor_slices((noise, real)).repeat(5).batch(20)


def receiver():
    noise = tf1.placeholder(tf.float32, [None, 4])
    return tf.estimator.export.TensorServingInputReceiver(noise, noise)


estimator = tfgan.estimator.GANEstimator(
    sys.argv[1],
    generator_fn=generator,
    discriminator_fn=discriminator,
    generator_loss_fn=tfgan.losses.wasserstein_generator_loss,
    discriminator_loss_fn=tfgan.losses.wasserstein_discriminator_loss,
    generator_optimizer=tf1.train.AdamOptimizer(0.01, 0.5),
    discriminator_optimizer=tf1.train.AdamOptimizer(0.01, 0.5),
)
estimator.train(input_fn, steps=20)
result = estimator.evaluate(input_fn, steps=2)
assert result["global_step"] == 20, result
exported = estimator.export_saved_model(f"{sys.argv[1]}/export", receiver)
print("exported", exported.decode())
