"""tf.contrib.learn.preprocessing, and data sets."""

import numpy as np

DOCUMENTS = ["The cat sat on the mat.", "I can't read it's 3.5 b-c", "cat zzz"]


def vocabularies(tf):
    processing = tf.contrib.learn.preprocessing
    processor = processing.VocabularyProcessor(5)
    first = list(processor.fit_transform(DOCUMENTS))
    rare = processing.VocabularyProcessor(4, min_frequency=1)
    second = list(rare.fit_transform(["d a a b b c", "a c d d d"]))
    found = [
        first,
        list(processor.transform(["the dog cat"])),
        list(processor.reverse([[1, 2, 0, 3]])),
        len(processor.vocabulary_),
        second,
        len(rare.vocabulary_),
        rare.vocabulary_.get("a"),
        rare.vocabulary_.reverse(1),
        list(processing.ByteProcessor(5).transform(["ab", "xyzuvw"])),
        list(processing.CategoricalProcessor().fit_transform([["a", "b"], ["c", "a"]])),
    ]
    return lambda session: found


def irises(tf):
    data, target = tf.contrib.learn.datasets.load_dataset("iris")
    # scikit-learn has corrected two of the 150 flowers.
    return lambda session: [data.shape, data.mean(0)[0], np.bincount(target)]


def modes(tf):
    learn = tf.contrib.learn
    keys = learn.ModeKeys
    found = [
        keys.TRAIN,
        keys.EVAL,
        keys.INFER,
        learn.TaskType.PS,
        learn.ProblemType.CLASSIFICATION,
        learn.PredictionKey.CLASSES,
    ]
    return lambda session: found
