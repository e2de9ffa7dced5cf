"""The plugin for pytest: the fixture `passmuster` runs the program, and each cause becomes a result of its own."""

import pytest

from ._run import Program

RUNS = pytest.StashKey()
PROPERTY = "passmuster"


class Runner:
    """The value of the fixture."""

    def __init__(self, item):
        self._item = item

    def run(self, *flags, **named):
        """Runs `passmuster run` with these flags, and fails unless the run is green.

        `passmuster.run(target="moto", spawn="moto_server -p {port}", max_calls=3000)` has the flags of the command
        line by their names; without any, `passmuster.toml` says what to do. Each cause that is found fails as a result
        of its own, after this test; one that was reviewed passes.
        """
        __tracebackhide__ = True
        run = Program(self._item.config.rootpath).run(*flags, **named)
        self._item.stash.setdefault(RUNS, []).append(run)
        # Shown where the test fails, and with -rA where it passes.
        print(run.out)
        complaint = run.complaint
        if run.report:
            self._item.user_properties.append((PROPERTY, run.checked))
        if complaint is not None:
            told = [f"{complaint}\n{run.verdict}"]
            if spread_out(self._item.config):
                told += [run.told(cause) for cause in run.causes if cause.fails]
            pytest.fail("\n\n".join(told), pytrace=False)
        return run


def spread_out(config):
    """Whether this is a process of pytest-xdist, which takes no results but of what was collected: there the failure of
    the test itself has all causes."""
    return hasattr(config, "workerinput")


@pytest.fixture
def passmuster(request):
    """Runs passmuster against a target: `passmuster.run(target="moto", spawn="moto_server -p {port}")`."""
    return Runner(request.node)


class CauseItem(pytest.Item):
    """One cause of a run, as a result of its own."""

    def __init__(self, *, run, cause, beside, **others):
        super().__init__(**others)
        self.passmuster_run, self.cause, self.beside = run, cause, beside

    def runtest(self):
        """Fails with all that there is to say, unless the cause was reviewed."""
        if self.cause.fails:
            # Whole, where the line of the failure is cut.
            self.user_properties.append((PROPERTY, f"  {self.cause.id}  {self.cause.title}"))
            pytest.fail(self.passmuster_run.told(self.cause), pytrace=False)

    def reportinfo(self):
        """The place of the test that ran passmuster."""
        path, line, name = self.beside.reportinfo()
        standing = "" if self.cause.fails else "reviewed: "
        return path, line, f"{name}: {standing}{self.cause.title} ({self.cause.id})"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item, nextitem):
    """Adds the results of the causes that a test has found, right after its own."""
    yield
    runs = item.stash.get(RUNS, [])
    item.stash[RUNS] = []
    if spread_out(item.config):
        return
    causes = [(run, cause) for run in runs for cause in run.causes]
    # The progress counts what was collected.
    item.session.testscollected += len(causes)
    for run, cause in causes:
        if item.session.shouldfail or item.session.shouldstop:
            return
        result = CauseItem.from_parent(
            item.parent,
            name=cause.id,
            nodeid=f"{item.nodeid}::{cause.id}",
            run=run,
            cause=cause,
            beside=item,
        )
        result.config.hook.pytest_runtest_protocol(item=result, nextitem=nextitem)


def pytest_terminal_summary(terminalreporter):
    """Says what each run has checked, and the causes: a suite is green only for what was looked at."""
    lines = []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                lines += [text for name, text in getattr(report, "user_properties", []) if name == PROPERTY]
    if lines:
        terminalreporter.section("passmuster")
        for line in dict.fromkeys(lines):
            terminalreporter.line(line)
