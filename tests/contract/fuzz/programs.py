"""Programs as plain data: what an Estimator is made of, and what is called on it.

Words such as "sparse" or "adam" name entries of the tables in `inputs`, `models`,
`hooks` and `exports`. The defaults make the plainest program.
"""

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True)
class Leaf:
    """One feature, label or prediction."""

    form: str = "float"

    @property
    def depth(self) -> int:
        """Returns how many Nests are around a leaf below."""
        return 0


@dataclasses.dataclass(frozen=True)
class Nest:
    """A dict, list, tuple or named tuple of parts."""

    kind: str
    keys: tuple
    parts: tuple

    @property
    def items(self) -> tuple:
        """Returns (key, part) in order."""
        return tuple(zip(self.keys, self.parts, strict=True))

    @property
    def depth(self) -> int:
        """Returns how many Nests are around a leaf below."""
        return 1 + max((part.depth for part in self.parts), default=0)


X = Nest("dict", ("x",), (Leaf(),))


@dataclasses.dataclass(frozen=True)
class Input:
    """An input_fn."""

    kind: str = "dataset"
    arguments: str = "none"
    returns: str = "pair"
    batches: int = 2
    batch_size: int = 2
    endless: bool = False
    passes: str | None = None  # what goes to model_fn beside features and labels


@dataclasses.dataclass(frozen=True)
class Model:
    """A model_fn."""

    arguments: str = "mode"
    records: bool = False  # notes its calls, so that none is certain to repeat
    variables: str = "zeros"
    loss: str = "scalar"
    optimizer: str = "sgd"
    train_op: str = "minimize"
    predictions: Any = Nest("dict", ("y",), (Leaf("y"),))
    metrics: tuple = ()  # (name, form)
    exports: tuple | None = None  # (name, form)
    summaries: tuple = ()
    scaffold: str = "none"
    hooks: tuple = ()  # (field of EstimatorSpec, form)
    returns: str = "spec"
    head: str = "none"


@dataclasses.dataclass(frozen=True)
class Config:
    """A RunConfig."""

    save_checkpoints_steps: int | None = 2
    save_summary_steps: int | None = 2
    log_step_count_steps: int | None = 2
    keep_checkpoint_max: int | None = 5
    tf_random_seed: int | None = 3


@dataclasses.dataclass(frozen=True)
class Train:
    steps: int | None = 2
    max_steps: int | None = None
    input: int = 0
    hooks: tuple = ()
    listeners: tuple = ()


@dataclasses.dataclass(frozen=True)
class Evaluate:
    steps: int | None = 2
    input: int = 0
    name: str | None = None
    checkpoint: str | None = None
    hooks: tuple = ()


@dataclasses.dataclass(frozen=True)
class Predict:
    take: int = 3
    input: int = 0
    keys: Any = None
    single: bool = True
    checkpoint: str | None = None
    hooks: tuple = ()


@dataclasses.dataclass(frozen=True)
class Export:
    receivers: tuple = (("infer", "serving"),)  # (mode, form)
    text: bool = False
    extra: str = "none"
    checkpoint: str | None = None


@dataclasses.dataclass(frozen=True)
class TrainAndEvaluate:
    max_steps: int | None = 3
    input: int = 0
    eval_input: int = 0
    eval_steps: int | None = 1
    exporters: tuple = ()
    name: str | None = None


@dataclasses.dataclass(frozen=True)
class NewEstimator:
    """Another Estimator on the same model_dir, or one that begins warm in a new one."""

    warm_start: str = "none"
    variables: str | None = None


@dataclasses.dataclass(frozen=True)
class Change:
    """Something else changes between two calls: a closure, or the model_dir."""

    what: str = "closure"


@dataclasses.dataclass(frozen=True)
class Program:
    """What is built, and what is called in which order."""

    features: Any = X
    labels: Any = Leaf()
    inputs: tuple = (Input(),)
    model: Model = Model()
    config: Config = Config()
    params: bool = False
    calls: tuple = (Train(), Evaluate(), Predict())
