"""A page with a small network, and a browser to look at it with."""

import pytest

from estimator_mnist.formats.page import page
from tests.formats.page import browser, small_network


@pytest.fixture(scope="session")
def small_page(tmp_path_factory):
    """Returns the path of the page."""
    path = tmp_path_factory.mktemp("page") / "small.html"
    text = page.render(small_network.program(), small_network.ABOUT, "float16")
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="session")
def tab():
    """Returns a browser.Browser."""
    with browser.chromium() as one:
        yield one
