"""Draws programs. Most of a program is plain; what fails in any runtime is rare."""

import itertools

from hypothesis import strategies as st

from tests.contract.fuzz import heads, hooks, inputs, parts, programs
from tests.contract.fuzz.programs import Leaf, Nest


def usually(plain, other, one_in=2):
    """Draws from `other` once in so many times; both are lists of values."""
    return once_in(one_in).flatmap(
        lambda is_other: st.sampled_from(other if is_other else plain)
    )


def once_in(count):
    """Draws True once in so many times. Hypothesis prefers the ends of a range."""
    return st.integers(0, count + 1).map(lambda n: n == count // 2 + 1)


def words(table, failing=(), without=()):
    """Draws a word of a table; one of those that fail once in a while."""
    plain = [word for word in table if word not in failing and word not in without]
    return usually(plain, list(failing) or plain, 40)


_DENSE = list(inputs.ARRAYS)
_LEAF_FORMS = st.one_of(
    st.sampled_from(_DENSE),
    st.sampled_from(_DENSE),
    st.sampled_from(_DENSE + list(inputs.COMPOSITES)),
    usually(_DENSE, list(inputs.OBJECTS), 4),
)


def nests(inner, kinds=("dict", "dict", "ordered", "list", "tuple", "named")):
    """Draws a Nest of one to three of `inner`."""
    keys = usually([("x",), ("b", "a"), ("c", "a", "b")], [("x", 1), (2, 1)], 20)

    def of_kind(kind):
        chosen = st.just(("b", "a")) if kind == "named" else keys
        return chosen.flatmap(
            lambda names: st.builds(
                Nest,
                st.just(kind),
                st.just(names),
                st.tuples(*[inner] * len(names)),
            )
        )

    return st.sampled_from(kinds).flatmap(of_kind)


def structures(forms):
    """Draws nested features or labels."""
    leaf = st.builds(Leaf, forms)
    inner = st.one_of(leaf, leaf, leaf, nests(leaf))
    flat = nests(leaf, ("dict",))
    nothing = st.sampled_from([None, Nest("dict", (), ()), Nest("tuple", (), ())])
    return st.one_of(
        st.just(programs.X), flat, flat, leaf, nests(inner), st.one_of(flat, nothing)
    )


_FLAT = set(_DENSE) - {"column", "matrix", "cube", "text"}


def _fitting(features, labels):
    """Lists the kinds of input that can give such features and labels."""
    both = [part for part in (features, labels) if part is not None]
    forms = {leaf.form for part in both for leaf in inputs.leaves(part)}
    kinds = {kind for part in both for kind in inputs.kinds(part)}
    if "list" in kinds or not forms.isdisjoint(inputs.OBJECTS) or not forms:
        return ["tensors"]
    fitting = [
        "tensors",
        "dataset",
        "shuffled",
        "one shot",
        "initializable",
        "counting",
    ]
    if not forms.issubset(_DENSE) or labels is None:
        return fitting
    fitting += ["slices", "generator"]
    depth = max((part.depth for part in both), default=0)
    if kinds <= {"dict"} and depth <= 1 and isinstance(labels, Leaf):
        fitting += ["numpy"] * 3
        if kinds and forms <= _FLAT:
            fitting += ["pandas"]
    return fitting


def _input(fitting):
    kinds = ["tensors", *inputs.DATASETS, *inputs.FUNCTIONS]
    return st.builds(
        programs.Input,
        kind=usually(fitting, kinds, 30),
        arguments=usually(
            ["none", "mode", "params", "config", "three", "default", "partial"],
            ["bound mode", "object", "method", "keywords"] * 3
            + ["positional", "missing"],
            8,
        ),
        returns=usually(
            ["pair", "pair", "pair", "list"],
            ["features", "without labels"] * 4 + ["triple", "single", "none"],
            8,
        ),
        batches=usually([2, 3, 1], [0], 12),
        batch_size=st.sampled_from([2, 3, 1]),
        endless=st.booleans(),
        passes=usually([None], ["collection", "name", "variable"], 8),
    )


def _predictions():
    plain = [
        *("y", "x", "column", "int", "bool", "double", "half", "text", "step"),
        *("variable", "complex"),
    ]
    forms = usually(plain, list(parts.OUTPUTS), 20)
    leaf = st.builds(Leaf, forms)
    bare = st.one_of(leaf, usually([None], [Nest("dict", (), ())]))
    keys = usually([("y",), ("b", "a"), ("a", "b", "c")], [("y", 1)], 20)
    named = keys.flatmap(
        lambda names: st.builds(
            Nest,
            usually(["dict"], ["ordered", "list"], 6),
            st.just(names),
            st.tuples(*[leaf] * len(names)),
        )
    )
    return st.one_of(st.just(programs.Model().predictions), named, named, named, bare)


_FAILING_METRICS = (
    *("keras without update", "list", "three", "none", "numbers", "none inside"),
    *("sparse", "tensor"),
)


def _metrics():
    form = words(parts.METRICS, _FAILING_METRICS)
    name = usually(
        ["m", "a", "z", "scope/b"], ["loss", "global_step", 3, ("t", "u")], 40
    )
    return st.lists(st.tuples(name, form), max_size=4, unique_by=lambda m: m[0]).map(
        tuple
    )


def _exports():
    forms = usually(
        ["predict", "bare predict", "regress", "classify", "classes"],
        ["tuple keys", "regress ints", "tensor", "int keys", "none"],
        30,
    )
    keys = usually([("serving_default", "b"), ("a",)], [(), ("a", "b")], 16)
    given = keys.flatmap(
        lambda names: st.tuples(*[st.tuples(st.just(name), forms) for name in names])
    )
    return st.one_of(st.none(), given)


_HOOKS = usually(
    ["recorder", "fetch", "logging", "summaries", "step counter", "stop"],
    [word for word in hooks.HOOKS],
    8,
)


def _hooks(one_in=3):
    some = st.lists(_HOOKS, min_size=1, max_size=2).map(tuple)
    return once_in(one_in).flatmap(lambda given: some if given else st.just(()))


_FIELDS = (
    "training_hooks",
    "training_chief_hooks",
    "evaluation_hooks",
    "prediction_hooks",
)


def _spec_hooks():
    pair = st.tuples(st.sampled_from(_FIELDS), _hooks(2))
    pairs = st.lists(pair, max_size=2, unique_by=lambda p: p[0]).map(tuple)
    return once_in(4).flatmap(lambda given: pairs if given else st.just(()))


def _models():
    return st.builds(
        programs.Model,
        arguments=usually(
            ["mode", "mode", "params", "config", "other order", "defaults"],
            ["partial", "object", "no mode"] * 4
            + ["keywords", "no labels", "unknown", "no features"],
            8,
        ),
        records=st.booleans(),
        variables=st.sampled_from(list(parts.VARIABLES)),
        loss=usually(
            ["scalar"],
            ["vector of 1", "double", "unknown shape", "nan", "nan in evaluation"] * 2
            + list(parts.LOSSES),
            8,
        ),
        optimizer=st.sampled_from(list(parts.OPTIMIZERS)),
        train_op=usually(
            ["minimize"], ["count", "count by 2", "grouped"] * 3 + ["none", "number"], 8
        ),
        predictions=_predictions(),
        metrics=_metrics(),
        exports=_exports(),
        summaries=st.lists(
            st.sampled_from(list(parts.SUMMARIES)), max_size=2, unique=True
        ).map(tuple),
        scaffold=usually(["none"], list(parts.SCAFFOLDS), 4),
        hooks=_spec_hooks(),
        returns=usually(["spec"], ["replaced", "none", "tuple"], 24),
        head=usually(["none"], list(heads.HEADS), 3),
    )


def _configs():
    return st.builds(
        programs.Config,
        save_checkpoints_steps=st.sampled_from([2, 1, 3, 100, None]),
        save_summary_steps=st.sampled_from([2, 1, 0, 100, None]),
        log_step_count_steps=st.sampled_from([2, 1, 100, None]),
        keep_checkpoint_max=st.sampled_from([5, 1, 2, 0, None]),
        tf_random_seed=st.sampled_from([3, 7]),
    )


def _is_endless(description):
    return description.kind == "tensors" or description.endless


def _steps(description):
    """Draws how many steps to take; None only where the input ends."""
    some = [1, 2, 3, 5] if _is_endless(description) else [1, 2, 3, 5, None]
    return usually(some, [0] if _is_endless(description) else [None], 24)


_CHECKPOINTS = usually(
    [None], ["model.ckpt-0"] * 3 + ["model.ckpt-2", "model.ckpt-1"], 8
)


def _train(index, description):
    total = st.sampled_from([1, 2, 3, 5, 8])
    lengths = st.one_of(
        st.tuples(_steps(description), st.none()),
        st.tuples(st.none(), total),
        usually([(2, None)], [(1, 1), (None, 0)], 12),
    )
    listeners = st.sampled_from([(), (), (), ("recorder",), ("stop",)])
    return lengths.flatmap(
        lambda pair: st.builds(
            programs.Train,
            *map(st.just, (*pair, index)),
            _hooks(),
            listeners,
        )
    )


def _evaluate(index, description):
    name = usually([None], ["test", "a/b"], 4)
    return st.builds(
        programs.Evaluate,
        _steps(description),
        st.just(index),
        name,
        _CHECKPOINTS,
        _hooks(),
    )


def _predict(index, description):
    keys = usually([None], [("y", "a", "b"), "yab", "b", ("no",), ()], 6)
    return st.builds(
        programs.Predict,
        st.sampled_from([3, 7]),
        st.just(index),
        keys,
        st.booleans(),
        _CHECKPOINTS,
        _hooks(6),
    )


def _export(index, description):
    forms = [
        *("serving", "serving", "bare", "alternatives", "strings", "raw", "tensor"),
        "parsing",
    ]
    infer = st.tuples(st.just("infer"), usually(forms, ["none", "no function"], 12))
    labelled = usually(["supervised", "raw supervised"], ["serving"], 6)
    others = [st.tuples(st.just(mode), labelled) for mode in ("train", "eval")]
    infer_alone, evaluated = st.tuples(infer), st.tuples(others[1])
    every = st.tuples(infer, *others)
    no_mode = st.sampled_from([(), (("other", "serving"),)])
    receivers = usually(
        [infer_alone, infer_alone, evaluated, every], [no_mode], 16
    ).flatmap(lambda strategy: strategy)
    return st.builds(
        programs.Export,
        receivers,
        st.booleans(),
        usually(["none"], ["empty", "file", "missing"], 5),
        _CHECKPOINTS,
    )


def _train_and_evaluate(index, description):
    steps = usually([3, 5, 2], [None] if not _is_endless(description) else [1], 8)
    exporters = st.sampled_from([(), (), ("final",), ("latest", "best")])
    return st.builds(
        programs.TrainAndEvaluate,
        steps,
        st.just(index),
        st.just(index),
        _steps(description),
        exporters,
        usually([None], ["test"], 4),
    )


def _new_estimator():
    forms = ["folder", "newest", "some", "none at all", "list", "renamed", "other name"]
    return st.builds(
        programs.NewEstimator,
        usually(["none"], forms, 2),
        usually([None], list(parts.VARIABLES), 6),
    )


def _calls(given_inputs, most):
    pairs = list(enumerate(given_inputs))

    def of(kind):
        return st.sampled_from(pairs).flatmap(lambda pair: kind(*pair))

    train = of(_train)
    any_call = st.one_of(
        train,
        of(_evaluate),
        of(_evaluate),
        of(_predict),
        of(_predict),
        of(_export),
        of(_train_and_evaluate),
        _new_estimator(),
        st.builds(programs.Change, st.sampled_from(["closure", "empty"])),
    )
    # Most other exports find no trained model.
    trained_export = st.tuples(train, of(_export))
    group = st.one_of(*[any_call.map(lambda call: (call,))] * 4, trained_export)
    first = usually([train], [any_call], 6).flatmap(lambda strategy: strategy)
    return st.tuples(first, st.lists(group, min_size=1, max_size=most)).map(
        lambda calls: (calls[0], *itertools.chain(*calls[1]))
    )


@st.composite
def all_programs(draw, calls=4):
    """Draws a Program of up to so many calls after the first."""
    features = draw(structures(_LEAF_FORMS))
    labels = draw(
        usually([Leaf(), Leaf("column"), Leaf("int"), None], [Leaf("text")], 6)
        | structures(_LEAF_FORMS)
    )
    kinds = _fitting(features, labels)
    given = draw(st.lists(_input(kinds), min_size=1, max_size=2).map(tuple))
    return programs.Program(
        features,
        labels,
        given,
        draw(_models()),
        draw(_configs()),
        draw(usually([False], [True], 3)),
        draw(_calls(given, calls)),
    )
