"""What the tests share: a stand-in for the program, which ends as it is told."""

import json
import sys

import pytest

from passmuster import _run

pytest_plugins = ["pytester"]

STANDIN = """\
import json, pathlib, sys
told = json.loads({told!r})
if sys.argv[1] == "run":
    path = sys.argv[-1].partition("=")[2]
    if told["report"] is not None:
        pathlib.Path(path).write_text(json.dumps(told["report"]))
    print(told["out"])
    print(told["err"], file=sys.stderr)
    sys.exit(told["code"])
sys.exit(2)
"""


@pytest.fixture
def ends(pytester, monkeypatch):
    """Lets a suite of one test run a stand-in that ends in this way, and gives the results."""

    def ends(code, report=None, *, out="", err="", flags=()):
        told = json.dumps({"code": code, "report": report, "out": out, "err": err})
        script = pytester.path / "standin.py"
        script.write_text(STANDIN.format(told=told))
        program = pytester.path / "passmuster"
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{script}' \"$@\"\n")
        program.chmod(0o755)
        monkeypatch.setattr(_run, "find", lambda: str(program))
        pytester.makepyfile("def test_mock(passmuster):\n    passmuster.run(target='mock')\n")
        return pytester.runpytest_inprocess(*flags)

    return ends


@pytest.fixture
def finding():
    """A finding of a report."""

    def finding(id, **others):
        found = {
            "id": id,
            "disposition": "new",
            "severity": "divergence",
            "summary": f"summary of {id}",
            "rules": ["SH-CREATE-007"],
            "expected": "this",
            "observed": "that",
            "scenario": {"steps": [{"principal": "administrator", "operation": "GetMembers", "request": {}}]},
            "curl": "curl -sS http://127.0.0.1:1/members",
            "replay": f"passmuster replay {id}",
        }
        return {**found, **others}

    return finding


@pytest.fixture
def report():
    """A report with these findings and causes."""

    def report(findings=(), causes=(), **others):
        rules = [{"id": "SH-CREATE-007", "status": "held"}, {"id": "SH-GET-001", "status": "not-exercised"}]
        base = {"schema": "passmuster.run/1", "target": {"name": "mock"}, "totals": {"calls": 1234}}
        operations = [{"name": "CreateMembers", "support": "supported"}]
        base |= {"rules": rules, "operations": operations, "divergences": list(findings), "causes": list(causes)}
        return {**base, **others}

    return report
