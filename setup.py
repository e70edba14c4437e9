"""Package `estimator_mnist`; BUILD.md says why these versions."""

import pathlib
import re

import setuptools

TOP = pathlib.Path(__file__).parent
PYTHONS = range(10, 14)  # 3.10 to 3.13
PACKAGES = ["estimator_mnist", "estimator_mnist.*"]


def version() -> str:
    """Returns `__version__`, which no TensorFlow need be imported for."""
    text = (TOP / "estimator_mnist" / "__init__.py").read_text("utf-8")
    (found,) = re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    return found


def long_description() -> str:
    """Returns the README without what only a checkout can show: pictures, links."""
    parts = (TOP / "README.md").read_text("utf-8").split("\n\n")
    text = "\n\n".join(part for part in parts if "![](" not in part)
    return re.sub(r"\[([^]]+)\]\((?!https?:)[^)]*\)", r"\1", text)


setuptools.setup(
    name="estimator_mnist",
    version=version(),
    description="TF1-style Estimators on today's TensorFlow, and MNIST classifiers",
    long_description=long_description(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    keywords=["tensorflow", "estimator", "tf.estimator", "mnist", "checkpoint"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Developers",
        "Intended Audience :: Education",
        "Intended Audience :: Science/Research",
        "Operating System :: POSIX :: Linux",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3 :: Only",
        *(f"Programming Language :: Python :: 3.{minor}" for minor in PYTHONS),
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    # `flags/` lies at the top of the checkout, and there is no other copy of it.
    packages=[*setuptools.find_packages(include=PACKAGES), "estimator_mnist.flags"],
    package_dir={"estimator_mnist.flags": "flags"},
    package_data={
        "": ["py.typed", "*.html", "*.css", "*.js", "*.cjs"],
        "estimator_mnist.flags": ["*.flags"],
    },
    python_requires=">=3.10,<3.14",
    install_requires=[
        "tensorflow>=2.15",
        "tf_keras>=2.15",
        "numpy>=1.26",
        "matplotlib",
        "Pillow",
        "scipy",
        "scikit-learn",
        "absl-py",
        "requests",
        "filelock",
        "fissix",
    ],
    extras_require={
        "notebook": ["nbformat"],
        "onnx": ["onnx!=1.19.0", "onnxruntime", "tf2onnx"],
        "pytorch": ["safetensors", "torch"],
        "safetensors": ["safetensors"],
        "test": [
            "build",
            "coverage>=7.10.7",
            "hypothesis",
            "ipykernel",
            "mypy",
            "nbclient",
            "nbformat",
            "pandas",
            "pytest",
            "pytest-cov>=7",
            "pytest-rerunfailures",
            "pytest-xdist",
            "ruff",
            "safetensors",
            "types-requests",
            "websocket-client",
        ],
    },
    entry_points={
        "console_scripts": [
            "estimator-mnist = estimator_mnist.main:console",
            "estimator-mnist-run = estimator_mnist.run:main",
            "estimator-mnist-launch = estimator_mnist.launch:main",
        ]
    },
)
