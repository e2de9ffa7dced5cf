"""The real program, found beside this Python or on the path."""

import socket
import subprocess

import pytest

from passmuster import Program, _run

FAULT = "create-again"


@pytest.fixture
def faulty():
    """The address of a server that has a fault, and answers by itself."""
    server = subprocess.Popen([_run.find(), "serve", "--fault", FAULT], stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[-1]
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def test_a_cause_at_an_address_is_told_to_a_stranger(pytester, faulty):
    pytester.makepyfile(
        f"def test_mock(passmuster):\n    passmuster.run(endpoint={faulty!r}, max_calls=1500, phases='probe,boundary')\n"
    )
    done = pytester.runpytest_inprocess()
    done.assert_outcomes(failed=2)
    done.stdout.fnmatch_lines(
        [
            "*CreateMembers starts an existing entry anew (C-*)*",
            "1. administrator: EnableSecurityHub `{}`",
            "AWS: *already a member*",
            "This server: 200*",
            f"curl *{faulty}*",
            "*(SH-CREATE-007, observed)",
            "- botocore: success",
            "See it again:  passmuster replay D-*",
        ]
    )


def test_a_server_that_is_started_and_conforms_passes(pytester):
    spawn = f"'{_run.find()}' serve --port {{port}}"
    pytester.makepyfile(
        f"def test_mock(passmuster):\n"
        f"    passmuster.run(endpoint='http://127.0.0.1:4599', spawn={spawn!r}, max_calls=300, phases='probe,laws')\n"
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_nobody_at_an_address_is_no_verdict(tmp_path):
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
    run = Program(tmp_path).run(endpoint=f"http://127.0.0.1:{port}")
    assert run.code == 3 and run.complaint == "there is no verdict"
    assert "connection refused" in run.verdict and not list(tmp_path.iterdir())
