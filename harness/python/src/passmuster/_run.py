"""The program and its report, without pytest."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

CLEAN, NEW_DIVERGENCE = 0, 1

#: What the exit codes mean that are no verdict.
MEANINGS = {
    2: "passmuster was called in a way that it refuses",
    3: "there is no verdict",
    4: "nothing was checked",
    5: "what was reviewed is no longer seen, and the run is strict",
    70: "passmuster has an internal error",
    130: "the run was interrupted",
}

#: The end of a reason why a run stopped, where that was a number that it was asked for.
AS_ASKED = "as many were sent as were asked for"

#: The heading of `report --issue` from which on other findings of the same cause are listed.
OTHERS = "\n## Where else it shows\n"


@dataclass
class Cause:
    """What is behind findings of a run, or a finding that no cause explains."""

    id: str
    title: str
    fails: bool
    findings: list = field(default_factory=list)
    proof: dict = field(default_factory=dict)
    known: bool = True


@dataclass
class Run:
    """A run that ended: its exit code, what it said, and its report, which is empty where there is none."""

    code: int
    out: str
    err: str
    report: dict
    program: "Program"

    @property
    def target(self):
        """The target by its name."""
        return plain(self.report.get("target", {}).get("name", "the target"))

    @property
    def verdict(self):
        """The last line of what the run said, or the error and its hint where it said nothing."""
        if self.out.strip():
            return self.out.strip().splitlines()[-1]
        return self.err[max(self.err.rfind("error: "), 0) :].strip() or f"exit code {self.code}"

    @property
    def checked(self):
        """What was checked, in one line."""
        rules = [rule["status"] for rule in self.report.get("rules", [])]
        operations = [operation["support"] for operation in self.report.get("operations", [])]
        held, violated = rules.count("held"), rules.count("violated")
        calls = self.report.get("totals", {}).get("calls", 0)
        return (
            f"{self.target}: {calls:,} calls, {held + violated} of {len(rules)} rules checked, {violated} of them "
            f"violated, {operations.count('supported')} of {len(operations)} operations are there"
        )

    @property
    def complaint(self):
        """Why this run is not green; `None` where it is."""
        if self.code == CLEAN:
            # A run that was cut says nothing of what it did not come to; a number that was asked for is no cut.
            stopped = self.report.get("stopped") or ""
            is_cut = not all(part.endswith(AS_ASKED) for part in stopped.split("; ") if part)
            return f"the run was cut short: {plain(stopped)}" if is_cut else None
        if self.code == NEW_DIVERGENCE:
            number = sum(cause.fails for cause in self.causes)
            causes = "1 cause" if number == 1 else f"{number} causes"
            return f"{self.target} does otherwise than AWS, for {causes}; each is a failure of its own"
        return MEANINGS.get(self.code, f"passmuster ended with exit code {self.code}")

    @property
    def causes(self):
        """The causes, the one to mend first at the head, then findings that none explains."""
        found = {one["id"]: one for one in self.report.get("divergences", [])}
        left = dict(found)
        causes = []
        for cause in self.report.get("causes", []):
            members = [left.pop(id, None) or found[id] for id in cause["findings"] if id in found]
            causes.append(self._cause(cause["id"], cause["title"], members, found.get(cause.get("proof"), {})))
        for one in left.values():
            if self._bears(one) or one["disposition"] == "known":
                causes.append(self._cause(one["id"], one["summary"], [one], one))
        return [cause for cause in causes if cause.fails or cause.known]

    def _cause(self, id, title, members, proof):
        return Cause(
            id=id,
            title=plain(title),
            fails=any(self._bears(one) for one in members),
            findings=members,
            proof=proof,
            known=bool(members) and all(one["disposition"] in ("known", "resolved") for one in members),
        )

    def _bears(self, one):
        """Whether a finding makes the run fail. Suspicions do where it was strict, which shows in its exit code."""
        if one["disposition"] not in ("new", "changed") or self.code != NEW_DIVERGENCE:
            return False
        if one["severity"] == "suspicion":
            return not self._has_new_divergence
        return one["severity"] == "divergence"

    @property
    def _has_new_divergence(self):
        return any(
            one["severity"] == "divergence" and one["disposition"] in ("new", "changed")
            for one in self.report.get("divergences", [])
        )

    def told(self, cause):
        """A cause as a text for somebody who sees nothing else: the title, the smallest proof, rules and their sources,
        what users of SDKs notice, and how to see it again."""
        proof = cause.proof
        if cause.id.startswith("C-"):
            text = self.program.ask(self.report, "report", "{}", "--issue", cause.id)
            # The heading is the title, and what else it shows in is told below.
            text = text.partition(OTHERS)[0].partition("\n")[2].strip()
        else:
            text = self.program.ask(self.report, "explain", cause.id, "--from", "{}").strip()
            text = "\n\n".join(part for part in (text, plain(proof.get("curl", ""))) if part)
        lines = [f"{cause.title} ({cause.id})", "", text or bare(proof), ""]
        others = [plain(one["summary"]) for one in cause.findings if one["id"] != proof.get("id")]
        if others:
            lines += [f"It shows in {len(others)} more, such as: {others[0]}", ""]
        if proof.get("replay"):
            lines.append(f"See it again:  {plain(proof['replay'])}")
        for rule in proof.get("rules", [])[:1]:
            lines.append(f"Think that AWS does otherwise?  passmuster explain {rule}")
        return "\n".join(lines)


def bare(one):
    """A finding as the report has it, for a program that can't say more."""
    lines = []
    for number, step in enumerate(one.get("scenario", {}).get("steps", []), 1):
        lines.append(f"{number}. {step.get('principal')} {step.get('operation')} {json.dumps(step.get('request'))}")
        lines.append(f"   answers {step.get('response', '')}")
    lines += [f"expected: {one.get('expected')}", f"observed: {one.get('observed')}"]
    lines.append(f"rules: {', '.join(one.get('rules', []))}")
    return "\n".join(map(plain, lines))


def plain(text):
    """A text of a target in one line, without what moves a terminal's cursor or begins a command in a log."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(text))


class Program:
    """The program `passmuster`."""

    def __init__(self, folder):
        """It runs in a folder: `passmuster.toml` and the reviewed divergences are looked for from there."""
        self.folder = Path(folder)
        self.path = find()

    def run(self, *flags, **named):
        """A run with these flags: `max_calls=3000` is `--max-calls 3000`, `strict=True` is `--strict`, and a list
        repeats its flag. Pending divergences are written only where `snapshots=True` asks for it."""
        line = [*map(str, flags), *flags_of(named)]
        if not any(flag in ("--snapshots", "--no-snapshots") for flag in line):
            line.append("--no-snapshots")
        with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
            report = Path(folder, "run.json")
            done = self._call("run", *line, "--report", f"json={report}")
            try:
                record = json.loads(report.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                record = {}
        code = done.returncode
        if code in (CLEAN, NEW_DIVERGENCE) and not record:
            # Green without a report would be a guess.
            code = 70
        return Run(code, done.stdout, done.stderr, record, self)

    def ask(self, report, *arguments):
        """What a command says on a report, whose path stands for `{}`; nothing where it can't."""
        with tempfile.TemporaryDirectory(prefix="passmuster-") as folder:
            path = Path(folder, "run.json")
            path.write_text(json.dumps(report), encoding="utf-8")
            done = self._call(*(str(path) if argument == "{}" else argument for argument in arguments))
        return done.stdout if done.returncode == 0 else ""

    def _call(self, *arguments):
        return subprocess.run(
            [self.path, *arguments],
            cwd=self.folder,
            # Annotations of GitHub Actions belong to a log that nobody captures.
            env={name: value for name, value in os.environ.items() if name != "GITHUB_ACTIONS"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )


def flags_of(named):
    """Flags of the command line for names and values of Python."""
    for name, value in named.items():
        flag = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            yield flag
        elif isinstance(value, (list, tuple)):
            for one in value:
                yield from (flag, str(one))
        else:
            yield from (flag, str(value))


def find():
    """The program beside this Python, or on the path."""
    name = "passmuster.exe" if sys.platform == "win32" else "passmuster"
    beside = Path(sysconfig.get_path("scripts"), name)
    path = str(beside) if beside.is_file() else shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"no program {name} in {beside.parent} nor on the path; pip install passmuster brings it")
    return path
