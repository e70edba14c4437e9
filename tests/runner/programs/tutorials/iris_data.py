"""The data of iris_2017.py: a CSV file, read by pandas, and its input functions."""
import os

import numpy as np
import pandas as pd
import tensorflow as tf

CSV_COLUMN_NAMES = ['SepalLength', 'SepalWidth',
                    'PetalLength', 'PetalWidth', 'Species']
SPECIES = ['Setosa', 'Versicolor', 'Virginica']
CENTERS = [[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]]


def maybe_make(name, rows, seed):
    """Writes flowers around three centers, in place of a download."""
    if not os.path.exists(name):
        random = np.random.RandomState(seed)
        with open(name, 'w') as f:
            f.write('%d,4,setosa,versicolor,virginica\n' % rows)
            for i in range(rows):
                kind = i % 3
                flower = CENTERS[kind] + 0.25 * random.randn(4)
                f.write(','.join('%.1f' % x for x in flower) + ',%d\n' % kind)
    return name


def load_data(y_name='Species'):
    train_path = maybe_make('iris_training.csv', 120, 0)
    test_path = maybe_make('iris_test.csv', 30, 1)

    train = pd.read_csv(train_path, names=CSV_COLUMN_NAMES, header=0)
    train_x, train_y = train, train.pop(y_name)

    test = pd.read_csv(test_path, names=CSV_COLUMN_NAMES, header=0)
    test_x, test_y = test, test.pop(y_name)

    return (train_x, train_y), (test_x, test_y)


def train_input_fn(features, labels, batch_size):
    dataset = tf.data.Dataset.from_tensor_slices((dict(features), labels))
    dataset = dataset.shuffle(1000).repeat().batch(batch_size)
    return dataset.make_one_shot_iterator().get_next()


def eval_input_fn(features, labels, batch_size):
    features = dict(features)
    if labels is None:
        inputs = features
    else:
        inputs = (features, labels)
    dataset = tf.data.Dataset.from_tensor_slices(inputs)
    assert batch_size is not None, "batch_size must not be None"
    return dataset.batch(batch_size)
