'''Trains a simple convnet on digits with Keras, of 2018.'''
from __future__ import print_function

import sys

import keras
import numpy as np
import tensorflow as tf
from keras import backend as K
from keras.backend.tensorflow_backend import set_session
from keras.callbacks import LambdaCallback
from keras.layers import Conv2D, Input, MaxPooling2D
from keras.layers.core import Dense, Dropout, Flatten
from keras.layers.normalization import BatchNormalization
from keras.models import Model, Sequential
from keras.optimizers import Adam
from keras.utils import np_utils
from sklearn.datasets import load_digits

config = tf.ConfigProto()
config.gpu_options.allow_growth = True
set_session(tf.Session(config=config))
np.random.seed(1)
tf.set_random_seed(1)

digits = load_digits()
images = np.reshape(digits.images, newshape=(-1, 8, 8)) / 16.
x_train, x_test = images[:1500, ..., np.newaxis], images[1500:, ..., np.newaxis]
y_train = np_utils.to_categorical(digits.target[:1500], 10)
y_test = keras.utils.to_categorical(digits.target[1500:], 10)

model = Sequential()
model.add(Conv2D(8, kernel_size=(3, 3), activation='relu',
                 input_shape=(8, 8, 1)))
model.add(BatchNormalization())
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Dropout(0.1))
model.add(Flatten())
model.add(Dense(10, activation='softmax'))
model.compile(loss=keras.losses.categorical_crossentropy,
              optimizer=Adam(lr=0.01), metrics=['accuracy'])
history = model.fit(x_train, y_train, batch_size=50, epochs=6, verbose=0,
                    validation_data=(x_test, y_test),
                    callbacks=[LambdaCallback(
                        on_epoch_end=lambda epoch, logs: print('epoch', epoch))])
print(sorted(history.history))
score = model.evaluate(x_test, y_test, verbose=0)
print('Test accuracy: %.3f' % score[1])

# The features, by the session that Keras trains in.
features = K.function([model.input, K.learning_phase()], [model.layers[-2].output])
print('features', features([x_test, 0])[0].shape)
print('in the graph:', K.get_session().graph is tf.get_default_graph())
model.save_weights('weights.h5')
again = Model(model.input, Dense(10, name='again').apply(model.layers[-2].output))
print([layer.name for layer in again.layers][-1])
