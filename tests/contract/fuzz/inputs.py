"""Turns descriptions of features, labels and inputs into tensors and input_fns."""

import collections
import functools

import numpy as np
import tensorflow as tf

from tests.contract.fuzz.programs import Leaf

tf1 = tf.compat.v1

Named = collections.namedtuple("Named", ["b", "a"])


class Holder:
    """Is no structure that TensorFlow knows."""

    def __init__(self, value):
        self.value = value


def held(value):
    """Gives what is in a Holder; anything else as it is."""
    return value.value if isinstance(value, Holder) else value


def _numbers(index, rows):
    """Gives numbers of 0 to 2 in halves, for each row of the leaf with this index."""
    return ((rows * (index + 2) + index) % 5) / 2


def _texts(numbers):
    return np.array(["ä" + "x" * int(2 * number) for number in numbers.ravel()], object)


def _sparse(values):
    count = len(values)
    indices = np.stack([np.arange(count), np.arange(count) % 3], axis=1)
    return tf.SparseTensor(indices.astype(np.int64), values, [count, 3])


def _ragged(values):
    lengths = np.arange(len(values)) % 3
    repeated = np.repeat(values, lengths, axis=0)
    return tf.RaggedTensor.from_row_lengths(repeated, lengths)


# form -> function of the numbers of the rows.
ARRAYS = {
    "float": lambda n: n.astype(np.float32),
    "double": lambda n: n.astype(np.float64),
    "half": lambda n: n.astype(np.float16),
    "int": lambda n: (2 * n).astype(np.int64),
    "byte": lambda n: (2 * n).astype(np.uint8),
    "bool": lambda n: n > 0.5,
    "text": _texts,
    "column": lambda n: n.astype(np.float32)[:, None],
    "matrix": lambda n: np.stack([n, n + 1], axis=1).astype(np.float32),
    "cube": lambda n: np.stack([[n, n + 1]] * 2).T.astype(np.float32),
}
COMPOSITES = {
    "sparse": lambda n: _sparse(n.astype(np.float32)),
    "sparse text": lambda n: _sparse(_texts(n)),
    "ragged": lambda n: _ragged(n.astype(np.float32)),
    "ragged text": lambda n: _ragged(_texts(n)),
}
# What only tensors in a graph, not the elements of a Dataset, can be.
OBJECTS = {
    "none": lambda n: None,
    "number": lambda n: 1.5,
    "lists": lambda n: [[1, 2]] * len(n),
    "array": lambda n: n.astype(np.float32),
    "scalar": lambda n: tf.constant(2.0),
    "object": lambda n: Holder(tf.constant(n.astype(np.float32))),
    "variable": lambda n: tf1.get_variable("v", initializer=n.astype(np.float32)),
}


def leaves(structure):
    """Lists the Leafs of a description in order."""
    if isinstance(structure, Leaf):
        return [structure]
    parts = structure.parts if structure else ()
    return [leaf for part in parts for leaf in leaves(part)]


def kinds(structure):
    """Lists the kinds of the Nests in a description."""
    if not structure or isinstance(structure, Leaf):
        return []
    inner = [kind for part in structure.parts for kind in kinds(part)]
    return [structure.kind, *inner]


# kind of a Nest -> function of its keys and parts; each names what it needs alone, so
# that a runtime can tell that it does not change.
TOGETHER = {
    "dict": lambda keys, parts: dict(zip(keys, parts, strict=True)),
    "ordered": lambda keys, parts: collections.OrderedDict(
        zip(keys, parts, strict=True)
    ),
    "named": lambda keys, parts: Named(*parts),
    "list": lambda keys, parts: list(parts),
    "tuple": lambda keys, parts: tuple(parts),
}


def fill(structure, values):
    """Puts the values of an iterator in the places of the leaves."""
    if structure is None:
        return None
    if isinstance(structure, Leaf):
        return next(values)
    parts = [fill(part, values) for part in structure.parts]
    return TOGETHER[structure.kind](structure.keys, parts)


def arrays(structure, rows, first=0):
    """Fills a structure with numpy arrays of these rows; composites are left out."""
    found = [
        ARRAYS.get(leaf.form, ARRAYS["float"])(_numbers(first + index, rows))
        for index, leaf in enumerate(leaves(structure))
    ]
    return fill(structure, iter(found))


def tensors(structure, rows, first=0):
    """Fills a structure with tensors of these rows, in the current graph."""

    def value(index, form):
        numbers = _numbers(first + index, rows)
        if form in ARRAYS:
            return tf.constant(ARRAYS[form](numbers))
        return {**COMPOSITES, **OBJECTS}[form](numbers)

    found = [value(i, leaf.form) for i, leaf in enumerate(leaves(structure))]
    return fill(structure, iter(found))


def _is_dense(structure):
    return all(leaf.form in ARRAYS for leaf in leaves(structure))


def _result(returns, features, labels):
    """Puts features and labels together as an input_fn returns them."""
    return {
        "pair": lambda: (features, labels),
        "list": lambda: [features, labels],
        "features": lambda: features,
        "without labels": lambda: (features, None),
        "triple": lambda: (features, labels, labels),
        "single": lambda: (features,),
        "none": lambda: None,
    }[returns]()


class Batches:
    """Gives the batches that an Input describes, in each form that there is."""

    def __init__(self, program, description):
        self.features, self.labels = program.features, program.labels
        self.description = description

    def rows(self, batch):
        size = self.description.batch_size
        return np.arange(batch * size, (batch + 1) * size)

    def all_rows(self):
        return np.arange(self.description.batches * self.description.batch_size)

    def put_together(self, fill_with, rows, pair="pair"):
        """Puts features and labels together.

        Args:
          pair: what a list of the two becomes; an element of a Dataset is a tuple.
        """
        features = fill_with(self.features, rows)
        labels = fill_with(self.labels, rows, first=3)
        returns = self.description.returns
        return _result(pair if returns == "list" else returns, features, labels)

    def batch(self):
        return self.put_together(tensors, self.rows(0), pair="list")

    def dataset(self):
        """Gives a Dataset of whole batches, as many as there are to be."""
        count = self.description.batches
        pieces = [
            tf.data.Dataset.from_tensors(self.put_together(tensors, self.rows(i)))
            for i in range(max(count, 1))
        ]
        whole = functools.reduce(lambda a, b: a.concatenate(b), pieces)
        return self.repeated(whole if count else whole.take(0))

    def slices(self):
        every = self.put_together(arrays, self.all_rows())
        rows = tf.data.Dataset.from_tensor_slices(every)
        # The last batch is smaller.
        return self.repeated(rows.batch(max(self.description.batch_size - 1, 1)))

    def repeated(self, dataset):
        return dataset.repeat() if self.description.endless else dataset

    def generator(self):
        """Gives a Dataset whose elements Python makes."""
        given = [
            self.put_together(arrays, self.rows(i))
            for i in range(self.description.batches)
        ]
        example = self.put_together(arrays, self.rows(0))
        signature = tf.nest.map_structure(
            lambda a: tf.TensorSpec([None, *a.shape[1:]], tf.as_dtype(a.dtype)), example
        )
        made = tf.data.Dataset.from_generator(
            lambda: iter(given), output_signature=signature
        )
        return self.repeated(made)


def _one_shot(batches):
    return tf1.data.make_one_shot_iterator(batches.dataset()).get_next()


def _initializable(batches):
    iterator = tf1.data.make_initializable_iterator(batches.dataset())
    tf1.add_to_collection(tf1.GraphKeys.TABLE_INITIALIZERS, iterator.initializer)
    return iterator.get_next()


def _counting(batches):
    """Gives tensors that a local variable makes larger with each batch."""
    name = "batches"
    counter = tf1.get_local_variable(name, [], initializer=tf1.zeros_initializer())
    count = tf1.assign_add(counter, 1.0)
    taken = _one_shot(batches)
    return tf.nest.map_structure(
        lambda t: t + tf.cast(count, t.dtype) if t.dtype.is_floating else t,
        taken,
        expand_composites=True,
    )


def _shuffled(batches):
    """Gives a Dataset in an order that the graph's seed draws."""
    return batches.dataset().shuffle(10).map(lambda *parts: parts)


DATASETS = {
    "dataset": Batches.dataset,
    "slices": Batches.slices,
    "generator": Batches.generator,
    "shuffled": _shuffled,
    "one shot": _one_shot,
    "initializable": _initializable,
    "counting": _counting,
}


def _numpy_input_fn(est, batches):
    features = arrays(batches.features, batches.all_rows())
    labels = arrays(batches.labels, batches.all_rows(), first=3)
    return est.inputs.numpy_input_fn(
        features,
        labels,
        batch_size=batches.description.batch_size,
        num_epochs=None if batches.description.endless else 1,
        shuffle=False,
    )


def _pandas_input_fn(est, batches):
    import pandas

    features = arrays(batches.features, batches.all_rows())
    labels = arrays(batches.labels, batches.all_rows(), first=3)
    if batches.labels is not None:
        labels = pandas.Series(labels)
    return est.inputs.pandas_input_fn(
        pandas.DataFrame(features),
        labels,
        batch_size=batches.description.batch_size,
        num_epochs=None if batches.description.endless else 1,
        shuffle=False,
    )


FUNCTIONS = {"numpy": _numpy_input_fn, "pandas": _pandas_input_fn}


def _with_arguments(form, body):
    """Gives a callable of this signature that calls body(arguments)."""

    class Callable:
        def __call__(self, params):
            return body(params=params)

        def method(self, mode):
            return body(mode=mode)

    return {
        "none": lambda: lambda: body(),
        "mode": lambda: lambda mode: body(mode=mode),
        "params": lambda: lambda params: body(params=params),
        "config": lambda: lambda config: body(config=config),
        "three": lambda: (
            lambda config, mode, params: body(mode=mode, params=params, config=config)
        ),
        "default": lambda: lambda params=None, other=5: body(params=params),
        "partial": lambda: functools.partial(
            lambda extra, mode: body(mode=mode, extra=extra), 1
        ),
        "bound mode": lambda: functools.partial(lambda mode: body(mode=mode), mode="m"),
        "object": Callable,
        "method": lambda: Callable().method,
        "keywords": lambda: lambda **named: body(**named),
        "positional": lambda: lambda *given: body(given=given),
        "missing": lambda: lambda needed: body(needed=needed),
    }[form]()


def _beside(passes):
    """Leaves something in the graph that model_fn looks for."""
    if passes == "collection":
        tf1.add_to_collection("beside", tf.constant(0.5))
    if passes == "name":
        tf.constant(0.25, name="beside")
    if passes == "variable":
        tf1.get_variable("beside_v", [], initializer=tf1.ones_initializer())


def make(est, program, index, note):
    """Gives the input_fn with this index."""
    description = program.inputs[index]
    batches = Batches(program, description)
    if description.kind in FUNCTIONS:
        return FUNCTIONS[description.kind](est, batches)
    take = DATASETS.get(description.kind, Batches.batch)
    if description.kind == "generator" and not _is_dense(program.features):
        take = Batches.dataset

    def body(**arguments):
        note("input_fn", index, arguments)
        _beside(description.passes)
        return take(batches)

    return _with_arguments(description.arguments, body)
