"""python -m estimator_mnist.launch: a job of several processes on this machine."""

import json
import signal
import socket
import subprocess
import sys

import pytest

from estimator_mnist import launch

PRINT_CONFIG = "import os; print(os.environ['TF_CONFIG'])"


def command(code):
    return [sys.executable, "-c", code]


@pytest.fixture
def started(request):
    """Starts tasks, and stops what is left of them."""
    tasks = []

    def start(*arguments):
        tasks.extend(launch.start(*arguments))
        return tasks

    yield start
    for task in tasks:
        task.stop(0)
        task.flush()


@pytest.fixture
def signal_handlers():
    """Restores the handlers that `main` sets."""
    numbers = launch.SIGNALS
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_each_task_gets_its_tf_config(started, capfd):
    tasks = started(2, 1, True, command(PRINT_CONFIG))
    assert launch.first_failure(tasks) is None
    for task in tasks:
        task.flush()
    lines = capfd.readouterr().out.splitlines()
    pairs = [line.split("| ") for line in lines]
    configs = {name: json.loads(text) for name, text in pairs}
    assert {name.rstrip() for name in configs} == {
        "chief 0",
        "worker 0",
        "worker 1",
        "ps 0",
        "evaluator 0",
    }
    clusters = [config["cluster"] for config in configs.values()]
    assert clusters == clusters[:1] * 5
    counts = {job: len(hosts) for job, hosts in clusters[0].items()}
    assert counts == {"chief": 1, "worker": 2, "ps": 1}
    assert configs["worker 1    "]["task"] == {"type": "worker", "index": 1}


def test_the_first_that_fails_is_named(started):
    fail = "import os, sys, time; 'ps' in os.environ['TF_CONFIG'][-30:] and sys.exit(3)"
    tasks = started(1, 1, False, command(fail + "\ntime.sleep(600)"))
    failed = launch.first_failure(tasks)
    assert (failed.name, failed.code) == ("ps 0", 3)
    launch.stop([task for task in tasks if task is not failed])
    assert {task.code for task in tasks} == {3, 128 + signal.SIGTERM}


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_the_first_task_that_fails(
    monkeypatch, signal_handlers, capfd, code
):
    program = command("import sys; print(sys.argv[1:]); sys.exit(int(sys.argv[1]))")
    monkeypatch.setattr(launch, "PROGRAM", program)
    assert launch.main(["--workers=0", "--ps=0", "--", str(code), "--x"]) == code
    out = capfd.readouterr().out
    assert f"chief 0     | ['{code}', '--x']\n" in out
    assert ("chief 0 failed, exit code 3: stopping the others." in out) == bool(code)


def test_ports_are_free_and_differ():
    ports = launch.free_ports(20)
    assert len(set(ports)) == 20
    with socket.create_server((launch.HOST, ports[0])):
        pass


def test_a_negative_count_is_refused(capsys):
    with pytest.raises(SystemExit):
        launch.main(["--workers=-1"])
    assert "-1 is less than 0" in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        ["--mode=predict"],
        ["--model_dir", "base", "-mode", "doctor"],
        ["--flagfile=sweep"],
    ],
)
def test_a_mode_that_no_cluster_runs_is_refused(flags, capsys, monkeypatch):
    monkeypatch.setattr(launch, "start", None)
    assert launch.main(["--", *flags]) == 1
    err = capsys.readouterr().err
    assert err.startswith("error: --mode=") and "run it without launch" in err


RECORDS_SIGNALS = """
import os, signal, sys, time
def end(signum, frame):
    for _ in range(5000):
        print("saving" * 10)
    open(sys.argv[1], "w").write(signal.Signals(signum).name)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
time.sleep(600)
"""
LAUNCHES = """
import sys
from estimator_mnist import launch
launch.PROGRAM = [sys.executable, "-c", sys.argv[1]]
sys.exit(launch.main(["--workers=0", "--ps=0", "--", sys.argv[2]]))
"""


def obeys_signals():
    """Undoes what nohup, or a shell's `&`, has told the tests to ignore."""
    for ignored in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(ignored, signal.SIG_DFL)


def launched(*arguments, preexec_fn=obeys_signals):
    return subprocess.Popen(
        [sys.executable, "-c", LAUNCHES, RECORDS_SIGNALS, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=preexec_fn,
    )


@pytest.mark.parametrize("name", ["SIGHUP", "SIGQUIT", "SIGTERM"])
def test_a_signal_ends_the_tasks_although_the_terminal_is_gone(name, tmp_path):
    process = launched(str(tmp_path / "signal"))
    assert b"ready" in process.stdout.readline()
    process.stdout.close()  # what is printed from now on is an error
    process.send_signal(getattr(signal, name))
    if name == "SIGHUP":  # a shell sends it, too
        process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 128 + getattr(signal, name)
    assert (tmp_path / "signal").read_text() == "SIGTERM"


def test_a_job_that_nohup_started_outlives_the_terminal(tmp_path):
    def ignore():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = launched(str(tmp_path / "signal"), preexec_fn=ignore)
    assert b"ready" in process.stdout.readline()
    process.send_signal(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
