"""A suite is green only for what was judged, and each cause is a result that says all."""

import pytest

from passmuster import _run


def cause(id, *findings, title="the hub is never asked for"):
    return {"id": id, "title": title, "findings": list(findings), "proof": findings[0]}


def test_a_clean_run_passes_and_says_what_was_checked(ends, report):
    done = ends(0, report())
    done.assert_outcomes(passed=1)
    done.stdout.fnmatch_lines(["mock: 1,234 calls, 1 of 2 rules checked, 0 of them violated, 1 of 1 operations are there"])


def test_each_cause_fails_as_a_result_of_its_own(ends, report, finding):
    found = [finding("D-1"), finding("D-2"), finding("D-3")]
    done = ends(1, report(found, [cause("C-1", "D-1", "D-2"), cause("C-2", "D-3", title="members are lost")]))
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(
        [
            "mock does otherwise than AWS, for 2 causes; each is a failure of its own",
            "the hub is never asked for (C-1)",
            "1. administrator GetMembers {}",
            "expected: this",
            "observed: that",
            "rules: SH-CREATE-007",
            "It shows in 1 more, such as: summary of D-2",
            "See it again:  passmuster replay D-1",
            "members are lost (C-2)",
            "  C-1  the hub is never asked for",
            "  C-2  members are lost",
            "FAILED *::test_mock::C-1*",
            "FAILED *::test_mock::C-2*",
        ]
    )


def test_a_finding_without_a_cause_fails_too(ends, report, finding):
    done = ends(1, report([finding("D-1"), finding("D-2")], [cause("C-1", "D-1")]))
    done.assert_outcomes(failed=3)
    done.stdout.fnmatch_lines(["summary of D-2 (D-2)"])


def test_what_was_reviewed_passes(ends, report, finding):
    known = [finding("D-1", disposition="known"), finding("D-2", disposition="known")]
    ends(0, report(known, [cause("C-1", "D-1")])).assert_outcomes(passed=3)


def test_what_is_new_of_a_reviewed_cause_fails(ends, report, finding):
    found = [finding("D-1", disposition="known"), finding("D-2", disposition="changed")]
    ends(1, report(found, [cause("C-1", "D-1", "D-2")])).assert_outcomes(failed=2)


def test_suspicions_and_notes_are_no_results(ends, report, finding):
    found = [finding("D-1", severity="suspicion"), finding("D-2", severity="note")]
    ends(0, report(found, [cause("C-1", "D-1")])).assert_outcomes(passed=1)


def test_suspicions_fail_where_the_run_was_strict(ends, report, finding):
    found = [finding("D-1", severity="suspicion"), finding("D-2", severity="note")]
    ends(1, report(found, [cause("C-1", "D-1")])).assert_outcomes(failed=2)


@pytest.mark.parametrize("code", [2, 3, 4, 5, 70, 101, 130, -9])
def test_without_a_verdict_nothing_is_green(ends, report, code):
    ends(code, report()).assert_outcomes(failed=1)


def test_a_run_that_was_cut_is_not_green(ends, report):
    done = ends(0, report(stopped="the time ran out"))
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["the run was cut short: the time ran out"])


def test_a_run_that_did_as_much_as_it_was_asked_for_is_green(ends, report):
    asked = "not all malformed requests were sent: as many were sent as were asked for"
    ends(0, report(stopped=asked)).assert_outcomes(passed=1)
    ends(0, report(stopped=f"the time ran out; {asked}")).assert_outcomes(failed=1)


@pytest.mark.parametrize("text", [None, "", []])
def test_success_without_a_report_is_not_green(ends, text):
    ends(0, text).assert_outcomes(failed=1)


def test_an_error_is_told_with_its_hint(ends):
    done = ends(2, err="some progress\nerror: unexpected argument '--max-cals' found\n hint: try '--max-calls'")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*refuses", "error: unexpected*", "*hint: try '--max-calls'"])
    done.stdout.no_fnmatch_line("some progress")


def test_what_a_target_says_stays_text(ends, report, finding):
    hostile = "a\x1b[2J\n::error::no\u202e"
    found = [finding("D-1", observed=hostile, summary=hostile), finding("D-2", summary=hostile, curl=hostile)]
    done = ends(1, report(found, [cause("C-1", "D-1", title=hostile)], target={"name": hostile}))
    done.assert_outcomes(failed=3)
    assert not {"\x1b", "\u202e"} & set(str(done.stdout))
    done.stdout.no_re_match_line("::error::no.*")
    done.stdout.fnmatch_lines(["a\\x1b[[]2J\\n::error::no\\u202e (C-1)"])


def test_the_first_failure_is_enough_where_that_is_wanted(ends, report, finding):
    ends(1, report([finding("D-1")], [cause("C-1", "D-1")]), flags=["-x"]).assert_outcomes(failed=1)


def test_several_processes_tell_all_causes_in_one_failure(pytester, ends, report, finding):
    pytest.importorskip("xdist")
    # The stand-in in the other process as well; `ends` puts the program back in this one.
    pytester.makeconftest(f"from passmuster import _run\n_run.find = lambda: {str(pytester.path / 'passmuster')!r}\n")
    found = [finding("D-1"), finding("D-2")]
    done = ends(1, report(found, [cause("C-1", "D-1"), cause("C-2", "D-2", title="members are lost")]), flags=["-n1"])
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["the hub is never asked for (C-1)", "See it again:*D-1", "members are lost (C-2)"])


def test_flags_are_the_keywords_of_a_call():
    named = {"max_calls": 300, "strict": True, "quiet": False, "seed": None, "fault": ["a", "b"]}
    assert list(_run.flags_of(named)) == ["--max-calls", "300", "--strict", "--fault", "a", "--fault", "b"]
