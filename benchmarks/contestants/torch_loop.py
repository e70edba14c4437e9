"""Trains with PyTorch's usual loop and a vectorised translation per batch.

Network and settings are models.catalog's, which imports no TensorFlow.
"""

import os

import torch
from torch import nn, optim

from benchmarks.contestants.stopwatch import ROOM, SIDE, Stopwatch
from estimator_mnist.data import datasets
from estimator_mnist.models import catalog


def pytorch(model: str, seconds: float, data_dir: str) -> float:
    """Trains without torch.compile."""
    net = torch_net(model)
    return train(net, one_step(net, optimizer_of(net, model)), model, seconds, data_dir)


def pytorch_compiled(model: str, seconds: float, data_dir: str) -> float:
    """Trains with torch.compile of the forward pass, the backward pass with it."""
    net = torch.compile(torch_net(model))
    return train(net, one_step(net, optimizer_of(net, model)), model, seconds, data_dir)


def one_step(net, optimizer):
    """Returns a function that makes a step with translated images and labels."""
    cross_entropy = nn.CrossEntropyLoss()

    def step(images: torch.Tensor, labels: torch.Tensor) -> None:
        loss = cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step


def train(net, step, model: str, seconds: float, data_dir: str) -> float:
    """Makes steps with translated batches for `seconds`; returns steps per second."""
    torch.set_num_threads(os.cpu_count())
    data = datasets.load("mnist", data_dir).train
    images = torch.tensor(data.images).reshape(-1, 28 * 28)
    labels = torch.tensor(data.labels).long()
    batch_size, watch, steps = catalog.MODELS[model].batch_size, Stopwatch(seconds), 0
    pixel = torch.arange(28)[:, None] * SIDE + torch.arange(28)  # on the canvas
    pixel, order = pixel.reshape(1, -1), torch.randperm(len(labels))
    while not watch.is_over(steps):
        first = steps * batch_size % (len(labels) - batch_size)
        rows = order[first : first + batch_size]
        corners = torch.randint(0, ROOM, [2, batch_size, 1])
        places = pixel + corners[0] * SIDE + corners[1]
        x = torch.zeros(batch_size, SIDE * SIDE)
        x.scatter_(1, places, images[rows].float() / 255)
        step(x, labels[rows])
        steps += 1
    return watch.steps_per_s


def torch_net(model: str) -> nn.Module:
    """Returns the network of `model`, for images of [batch, SIDE * SIDE]."""
    params = catalog.MODELS[model].params
    if model == "linear":
        return nn.Linear(SIDE * SIDE, 10)
    if model == "mlp":
        units = params["hidden_units"]
        return nn.Sequential(
            nn.Linear(SIDE * SIDE, units), nn.ReLU(), nn.Linear(units, 10)
        )
    filters, units = params["filters"], params["dense_units"]
    return nn.Sequential(
        nn.Unflatten(1, (1, SIDE, SIDE)),
        nn.Conv2d(1, filters, params["kernel_size"], padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(filters * (SIDE // 2) ** 2, units),
        nn.ReLU(),
        nn.Dropout(params["dropout_rate"]),
        nn.Linear(units, 10),
    )


def optimizer_of(net: nn.Module, model: str) -> optim.Optimizer:
    """Returns the optimizer of `model` with its learning rate, which stays."""
    params = catalog.MODELS[model].params
    kind = {"adam": optim.Adam, "gradient_descent": optim.SGD}[params["optimizer"]]
    return kind(net.parameters(), params["learning_rate"])
