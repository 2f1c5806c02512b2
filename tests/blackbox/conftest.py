# SPDX-License-Identifier: Apache-2.0
import pytest

from harness import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("data")) as running:
        yield running
