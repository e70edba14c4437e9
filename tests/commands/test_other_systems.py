"""The package can be imported where a system lacks what is only Linux's, or POSIX's.

Nothing more is known of Windows and macOS; BUILD.md lists what is untested there.
"""

from tests import children

# TensorFlow and others look at their system themselves, and are imported already.
PROGRAM = """
import contextlib, importlib, pkgutil, signal, sys
# A gradient can be registered once.
kept = "estimator_mnist.estimator.session.fast_gradients"
ours = [name for name in sys.modules if name.partition(".")[0] == "estimator_mnist"]
for name in set(ours) - {kept}:
    del sys.modules[name]
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty"):
    sys.modules[name] = None
for name in ("SIGHUP", "SIGQUIT", "SIGALRM", "SIGKILL", "alarm", "setitimer"):
    delattr(signal, name)
import estimator_mnist
failed = {}
for module in pkgutil.walk_packages(estimator_mnist.__path__, "estimator_mnist."):
    if module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        failed[module.name] = error
assert not failed, failed
assert len([n for n in sys.modules if n.startswith("estimator_mnist.")]) > 200
from estimator_mnist import files, launch
files.write_text("written", "whole")
assert open("written").read() == "whole"
assert [one.name for one in launch.SIGNALS] == ["SIGINT", "SIGTERM"]
"""


def test_each_module_is_imported_where_only_windows_things_are(fork_server, tmp_path):
    outcome = children.run(fork_server, "script", [PROGRAM], tmp_path, tmp_path)
    assert outcome.code == 0, outcome.err
