#!/usr/bin/env python3
"""Runs the shell lines of the recipes as they stand, with the variables that each place where they run would set.

    .ci/recipes_run.py PASSMUSTER RECIPES
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

PROGRAM, RECIPES = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
#: A fault of the server, and a word of the cause that has to be told.
FAULT, CAUSE = "create-again", "CreateMembers starts an existing entry anew"
CALLS = "1500"


class Machine:
    """A folder with a passmuster on the path, against a server that is made from these flags."""

    def __init__(self, folder, flags):
        self.folder = Path(folder)
        programs = self.folder / "bin"
        programs.mkdir()
        shutil.copy2(PROGRAM, programs / "passmuster")
        self.spawn = f"'{programs / 'passmuster'}' serve --port {{port}}{flags}"
        self.variables = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": folder,
            "CI": "true",
            "SPAWN": self.spawn,
            "PASSMUSTER_TARGET": "mock",
            "PASSMUSTER_ENDPOINT": "http://127.0.0.1:4599",
            "PASSMUSTER_MAX_CALLS": CALLS,
            "PASSMUSTER_MAX_TIME": "15m",
        }

    def shell(self, script, shell=("bash", "-eo", "pipefail", "-c"), **variables):
        """The exit code and the text of a script."""
        done = subprocess.run(
            [*shell, script],
            cwd=self.folder,
            env={**self.variables, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def must(self, wanted, script, **others):
        """The text of a script that has to end with an exit code."""
        code, text = self.shell(script, **others)
        if code != wanted:
            sys.exit(f"recipes: exit code {code} instead of {wanted} of\n{script}\n{text}")
        return text


def scripts(steps, name):
    """The lines of a step by its name."""
    return next(step["run"] for step in steps if step.get("name") == name)


def whole(machine, ends):
    """The action."""
    action = yaml.safe_load((RECIPES / "github/action.yml").read_text())
    run = next(step for step in action["runs"]["steps"] if step.get("id") == "run")
    inputs = {name: one["default"] for name, one in action["inputs"].items()}
    inputs |= {"target": "mock", "spawn": machine.spawn, "program": str(PROGRAM), "flags": f"--max-calls={CALLS}\n"}
    given = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: inputs[found.group(1)], value)
        for name, value in run["env"].items()
    }
    output, summary = machine.folder / "output", machine.folder / "summary"
    text = machine.must(ends, run["run"], GITHUB_ACTIONS="true", GITHUB_OUTPUT=str(output),
                        GITHUB_STEP_SUMMARY=str(summary), RUNNER_TEMP=str(machine.folder), **given)
    assert output.read_text() == f"exit-code={ends}\n", output.read_text()
    assert (CAUSE in summary.read_text()) == (ends == 1), summary.read_text()
    assert ("::error" in text) == (ends == 1), text
    reports = {path.suffix for path in (machine.folder / inputs["reports"]).iterdir()}
    assert reports == {".json", ".html", ".sarif", ".xml"} or reports == {".json", ".html", ".sarif", ".junit"}, reports


def workflow(machine, ends):
    """The workflow with a matrix."""
    jobs = yaml.safe_load((RECIPES / "github/sharded.yml").read_text())["jobs"]
    for shard in jobs["shard"]["strategy"]["matrix"]["shard"]:
        machine.must(0, scripts(jobs["shard"]["steps"], "Run a shard"), SHARD=str(shard))
    text = machine.must(ends, scripts(jobs["merge"]["steps"], "Merge"))
    told(text, ends)
    assert json.loads((machine.folder / "passmuster.sarif").read_text())["version"] == "2.1.0"
    assert (machine.folder / "passmuster.html").stat().st_size > 1000
    # One that is missing is no smaller run.
    (machine.folder / "shard-2.json").unlink()
    machine.must(2, scripts(jobs["merge"]["steps"], "Merge"))


def pipeline(machine, ends):
    """The pipeline of GitLab."""
    jobs = yaml.safe_load((RECIPES / "gitlab/gitlab-ci.yml").read_text())
    number = jobs["shard"]["parallel"]
    for index in range(1, number + 1):
        lines = "\n".join(jobs["shard"]["script"])
        machine.must(0, lines, CI_NODE_INDEX=str(index), CI_NODE_TOTAL=str(number))
    told(machine.must(ends, "\n".join(jobs["merge"]["script"])), ends)
    assert "<testsuites" in (machine.folder / "passmuster.xml").read_text()


def indexed(machine, ends):
    """The jobs of Kubernetes."""
    documents = [*yaml.safe_load_all((RECIPES / "kubernetes/shards.yaml").read_text())]
    documents += [*yaml.safe_load_all((RECIPES / "kubernetes/merge.yaml").read_text())]
    shards, merge = (document for document in documents if document["kind"] == "Job")
    reports = machine.folder / "reports"
    reports.mkdir()
    container = shards["spec"]["template"]["spec"]["containers"][0]
    number = next(one["value"] for one in container["env"] if one["name"] == "SHARDS")
    assert shards["spec"]["completions"] == int(number), number
    given = {"shell": container["command"], "REPORTS": str(reports), "SHARDS": number}
    for index in range(int(number)):
        machine.must(0, container["args"][0], JOB_COMPLETION_INDEX=str(index), **given)
        (machine.folder / "shard.json").unlink()
    # A pod that is called wrongly ends with the code that ends the job.
    machine.must(2, container["args"][0], JOB_COMPLETION_INDEX="0", PASSMUSTER_MAX_CALLS="many", **given)
    container = merge["spec"]["template"]["spec"]["containers"][0]
    told(machine.must(ends, container["args"][0], shell=container["command"], REPORTS=str(reports)), ends)


def told(text, ends):
    """Whether the cause is told where there is one, and only there."""
    assert (CAUSE in text) == (ends == 1), text


def main():
    for recipe in (whole, workflow, pipeline, indexed):
        for flags, ends in ((f" --fault {FAULT}", 1), ("", 0)):
            with tempfile.TemporaryDirectory(prefix="passmuster-recipe-") as folder:
                recipe(Machine(folder, flags), ends)
        name = recipe.__doc__[0].lower() + recipe.__doc__[1:-1]
        print(f"recipes: {name}: red with its cause, and green without a fault", flush=True)


if __name__ == "__main__":
    main()
