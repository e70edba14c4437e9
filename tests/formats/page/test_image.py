"""The page makes images of drawings as --mode=predict does of pictures."""

import json
import shutil
import subprocess
from importlib import resources

import numpy as np
import pytest

from estimator_mnist.data import translation
from estimator_mnist.data.pictures import mnist_form
from estimator_mnist.formats import page

PROGRAM = """
const [code, drawings] = require("fs").readFileSync(0, "utf8").split("\\0");
require("vm").runInThisContext(code);
const found = JSON.parse(drawings).map(({ ink, height, width }) => {
  const pixels = Float32Array.from(ink);
  return [28, 40].map((side) => Array.from(imageOf(pixels, height, width, side)));
});
console.log(JSON.stringify(found));
"""


def drawings():
    """Returns ink of a tall, a wide and a tiny drawing, and of one at the edge."""
    generator = np.random.default_rng(0)
    for shape, box in [
        ([280, 280], np.s_[40:250, 100:190]),
        ([90, 200], np.s_[30:55, 3:180]),
        ([50, 50], np.s_[20:23, 30:34]),
        ([280, 280], np.s_[150:280, 160:280]),
    ]:
        ink = np.zeros(shape, np.float32)
        noise = generator.random(ink[box].shape, np.float32)
        ink[box] = np.where(noise > 0.4, noise, 0)
        yield ink


def test_an_image_is_that_of_the_same_ink_in_a_picture():
    node = shutil.which("node") or pytest.skip("no node is on PATH")
    code = (resources.files(page) / "image.js").read_text("utf-8")
    given = [
        {"ink": ink.ravel().tolist(), "height": len(ink), "width": ink.shape[1]}
        for ink in drawings()
    ]
    done = subprocess.run(
        [node, "-e", PROGRAM],
        input=f"{code}\0{json.dumps(given)}",
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for ink, found in zip(drawings(), json.loads(done.stdout), strict=True):
        image, centre = mnist_form.normalized(ink)
        corner = mnist_form.corner(centre, ink.shape)
        (canvas,) = translation.place(image[None], np.array([corner]))
        for expected, pixels in zip([image, canvas], found, strict=True):
            # Of what lies in the middle between two greys, either may be taken.
            np.testing.assert_allclose(
                255 * np.array(pixels), expected.ravel(), atol=1.01
            )
            assert np.abs(255 * np.array(pixels) - expected.ravel()).mean() < 1e-3
