"""The module that is generated for PyTorch computes what the network does."""

import itertools
import re
import runpy

import numpy as np
import pytest
import tensorflow as tf

from estimator_mnist import errors
from estimator_mnist.formats.page import program
from estimator_mnist.formats.pytorch import module_source
from estimator_mnist.models import catalog, layers
from estimator_mnist.models.networks import cnn_same, lenet5

tf1 = tf.compat.v1

# Each model, and what its settings change in its graph.
CASES = {
    **{model: (model, 28, {}) for model in catalog.MODELS},
    "cnn, 40x40, even": ("cnn", 40, {"kernel_size": 4, "normalize": "global"}),
    "cnn, by pixel": ("cnn", 28, {"normalize": "pixel"}),
    **{
        f"cnn_same, {name}": ("cnn_same", 28, {"activation": name, "filters": 4})
        for name in cnn_same.ACTIVATIONS
    },
    **{f"lenet5, {head}": ("lenet5", 28, {"head": head}) for head in lenet5.HEADS},
}
SMALL = {"cnn": {"filters": 4, "dense_units": 16}}


def generated(network, side, images=None):
    """Returns the module of a network, and the probabilities of its graph."""
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        tf1.set_random_seed(1)
        given = tf1.placeholder(tf.float32, [None, side, side])
        probabilities = tf.nn.softmax(network(given).logits)
        session.run(tf1.global_variables_initializer())
        for variable in tf1.global_variables():
            noise = np.random.default_rng(3).normal(size=variable.shape) * 0.1
            session.run(variable.assign_add(noise))
        found = program.of_graph(session, given, probabilities, form="pytorch")
        module = module_source.generate(found, graph, "net_of_test")
        if images is None:
            return module, None
        return module, session.run(probabilities, {given: images})


def network_of(model, changes):
    one = catalog.MODELS[model]
    params = {**one.params, **SMALL.get(model, {}), **changes, "seed": 0}
    return lambda images: one.network(images, params, False)


def test_the_code_is_what_one_would_write():
    network = network_of("cnn", {})
    module, _ = generated(network, 28)
    body = module.code[
        module.code.index("class ") : module.code.index("    def forward")
    ]
    assert (
        body
        == """\
class NetOfTest(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv2d = nn.Conv2d(1, 4, 5, padding="same")
        self.dense = nn.Linear(784, 16)
        self.dense_1 = nn.Linear(16, 10)

    def logits(self, images):
        x = images.unsqueeze(1)  # [batch, 1, 28, 28]
        x = torch.relu(self.conv2d(x))  # [batch, 4, 28, 28]
        x = F.max_pool2d(x, 2)  # [batch, 4, 14, 14]
        x = x.flatten(1)  # [batch, 784]
        x = torch.relu(self.dense(x))  # [batch, 16]
        return self.dense_1(x)

"""
    )
    layers = itertools.product(("conv2d", "dense", "dense_1"), ("weight", "bias"))
    assert set(module.tensors) == {".".join(names) for names in layers}


@pytest.mark.parametrize("model", ["cnn_same", "lenet5", "linear"])
def test_every_member_is_used_and_has_a_tensor(model):
    module, _ = generated(network_of(model, {}), 28)
    compile(module.code, "model.py", "exec")
    assert 25 < len(module.code.splitlines()) < 70
    members = {name.partition(".")[0] for name in module.tensors}
    for member in members:
        uses = re.findall(rf'(?:self\.|"){member}\b', module.code)
        assert len(uses) == 2, member


def test_what_code_has_no_words_for_is_refused():
    def network(images):
        fast = tf.signal.fft2d(tf.cast(images, tf.complex64))
        return layers.Network(layers.dense(layers.flatten(tf.abs(fast)), 10))

    with pytest.raises(errors.ExportError, match="--format=pytorch does not know"):
        generated(network, 28)


@pytest.mark.parametrize("case", sorted(CASES))
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
def test_torch_computes_what_the_graph_does(case, tmp_path):
    torch = pytest.importorskip("torch")
    save = pytest.importorskip("safetensors.numpy").save_file
    model, side, changes = CASES[case]
    images = np.random.default_rng(2).random([7, side, side], np.float32)
    module, wanted = generated(network_of(model, changes), side, images)
    (tmp_path / module_source.FILE).write_text(module.code)
    tensors = {name: np.ascontiguousarray(v) for name, v in module.tensors.items()}
    save(tensors, str(tmp_path / module_source.WEIGHTS))
    with torch.no_grad():
        network = runpy.run_path(str(tmp_path / module_source.FILE))["load"]()
        found = network(torch.tensor(images)).numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-5)
