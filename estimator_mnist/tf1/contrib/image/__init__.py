"""tf.contrib.image: projective transforms, and rotations and translations by them."""

from estimator_mnist.tf1 import replacements
from estimator_mnist.tf1.contrib.image.transforms import (
    angles_to_projective_transforms,
    compose_transforms,
    rotate,
    transform,
    translate,
    translations_to_projective_transforms,
)

__all__ = [
    "angles_to_projective_transforms",
    "compose_transforms",
    "rotate",
    "transform",
    "translate",
    "translations_to_projective_transforms",
]

__getattr__ = replacements.module_getattr("tf.contrib.image")
