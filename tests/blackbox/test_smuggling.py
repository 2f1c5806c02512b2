# SPDX-License-Identifier: Apache-2.0
"""What the back end sees is what was recorded, byte for byte, whatever a client sends."""
import collections

import smuggling


def test_every_case_against_a_recording_back_end(tmp_path):
    backend = smuggling.Recorder()
    try:
        problems, count = smuggling.run(backend, tmp_path / "data")
    finally:
        backend.stop()
    assert count >= 500
    assert not problems, "\n".join(problems)


def test_the_cases_are_different_ones():
    cases = smuggling.load()
    assert len({case["bytes"] for case in cases}) > 0.97 * len(cases)
    assert collections.Counter(case["expect"] for case in cases)["any"] < 0.1 * len(cases)
