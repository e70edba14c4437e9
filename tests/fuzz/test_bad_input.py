"""Whatever is in flags, files and environment: the command works, or says why not."""

import collections
import os
import secrets
import time

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.fuzz import cases, program, values
from tests.fuzz.check import check

SETTINGS = hypothesis.settings(
    phases=[hypothesis.Phase.generate],  # a case is small as it is drawn
    suppress_health_check=list(hypothesis.HealthCheck),
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model_dir with all that a training, an evaluation and predict leave."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    common = [f"--model_dir={folder}", "--dataset=digits", "--model=linear"]
    training = ["--mode=train", "--max_steps=4", "--eval_steps_interval=2"]
    for flags in (training, ["--mode=evaluate"], ["--mode=predict"]):
        outcome = program.run([*common, *flags])
        assert outcome.code == 0, outcome.err
    owner = '{"pid": 1, "host": "here", "started": "2026-01-01"}'
    (folder / "trainer.json").write_text(owner)
    return folder


def of_each_kind(trained, readers):
    return {
        "model_dir": cases.of_model_dirs(trained, readers),
        "data": cases.of_data(),
        "TF_CONFIG": cases.of_tf_config(),
        "flags": cases.of_flags(readers),
        "program": cases.of_programs(),
    }


@pytest.mark.parametrize(
    "kind,examples",
    [("model_dir", 6), ("data", 12), ("TF_CONFIG", 4), ("flags", 10), ("program", 12)],
)
def test_a_command_works_or_says_in_one_line_why_not(trained, kind, examples):
    @hypothesis.settings(SETTINGS, max_examples=examples)
    @hypothesis.given(of_each_kind(trained, cases.READERS)[kind])
    def keeps_to_the_rule(case):
        check(case, trained)

    keeps_to_the_rule()


@pytest.mark.parametrize("name", ["experiment.json", "early_stopping.json"])
def test_no_content_of_a_json_file_is_a_traceback(trained, name):
    for what in [*values.CONTENTS.values(), *values.THINGS]:
        files = {f"run/{name}": what}
        outcome = check(cases.Case("json", cases.READERS["train"], files, {}), trained)
        # A link to nothing is as no file; of an empty state all has its default.
        assert outcome.code == 0 or name in outcome.err, what


@pytest.mark.parametrize(
    "text",
    [
        '{"task": {"index": 1e400}}',
        '{"model_dir": 5}',
        '{"model_dir": "another"}',
        '{"session_master": []}',
        '{"cluster": {"chief": 5}}',
        "[" * 100_000,
        "[]",
    ],
    ids=lambda text: text[:20],
)
def test_a_tf_config_that_cannot_be_is_named(trained, text):
    case = cases.Case("json", cases.READERS["evaluate"], {}, {"TF_CONFIG": text})
    assert "TF_CONFIG" in check(case, trained).err


@pytest.mark.parametrize("place", ["file", "file/below", "pipe/below", "dead"])
@pytest.mark.parametrize("flag", ["model_dir", "output_dir"])
def test_a_folder_that_cannot_be_made_is_named(trained, flag, place):
    argv = ["--mode=predict", "--model_dir=run", "--dataset=digits"]
    case = cases.Case("flags", [*argv, f"--{flag}={place}"], {}, {})
    outcome = check(case, trained)
    assert outcome.code == 1 and place.partition("/")[0] in outcome.err


@pytest.mark.slow
def test_a_command_works_or_says_why_not_for_an_hour(trained):
    """Take ESTIMATOR_MNIST_FUZZ_MINUTES instead, from ESTIMATOR_MNIST_FUZZ_SEED on."""
    minutes = float(os.environ.get("ESTIMATOR_MNIST_FUZZ_MINUTES", 60))
    seed = int(os.environ.get("ESTIMATOR_MNIST_FUZZ_SEED", secrets.randbelow(10**6)))
    kinds = of_each_kind(trained, cases.READERS)
    kinds["slow model_dir"] = cases.of_model_dirs(trained, cases.SLOW_READERS)
    kinds["slow flags"] = cases.of_flags(cases.SLOW_READERS)
    often = ["model_dir", "flags", "TF_CONFIG", "data", "program"] * 2
    drawn = st.sampled_from([*often, *kinds]).flatmap(kinds.__getitem__)
    counts, failed = collections.Counter(), []
    end = time.monotonic() + 60 * minutes
    while time.monotonic() < end:
        print(f"seed {seed}: {dict(counts)}", flush=True)
        failed += round_of(seed, drawn, trained, counts)
        seed += 1
    print(f"until seed {seed}: {dict(counts)}")
    assert not failed


def round_of(seed, drawn, trained, counts):
    """Draws and checks some cases; returns those that failed."""
    failed = []

    @hypothesis.seed(seed)
    @hypothesis.settings(SETTINGS, max_examples=20, derandomize=False)
    @hypothesis.given(drawn)
    def keeps_to_the_rule(case):
        try:
            code = check(case, trained).code
        except AssertionError as error:
            print(f"{case}\n{error}", flush=True)
            failed.append(case)
        else:
            counts[f"{case.kind} {'refused' if code else 'done'}"] += 1

    keeps_to_the_rule()
    return failed
