"""Package `estimator_mnist`; BUILD.md says why these versions."""

import pathlib

import setuptools

setuptools.setup(
    name="estimator_mnist",
    version="0.2.0.dev0",
    description="TF1-style Estimators on today's TensorFlow, and MNIST classifiers",
    long_description=pathlib.Path(__file__).with_name("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    packages=setuptools.find_packages(include=["estimator_mnist", "estimator_mnist.*"]),
    package_data={"estimator_mnist": ["py.typed"]},
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
        "test": [
            "coverage>=7.10.7",
            "hypothesis",
            "mypy",
            "nbformat",
            "pandas",
            "pytest",
            "pytest-cov>=7",
            "pytest-xdist",
            "ruff",
            "types-requests",
        ],
    },
    entry_points={
        "console_scripts": [
            "estimator-mnist = estimator_mnist.main:console",
            "estimator-mnist-run = estimator_mnist.run:main",
        ]
    },
)
