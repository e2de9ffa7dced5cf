//! The run as a page for people: for a merge request, a wiki, or a job's summary.

use std::io::{self, Write};
use std::slice;

use serde_json::Value;

use super::history::{History, HistoryCell, MOST_ROWS};
use super::terminal;
use crate::record::{
    Disposition, DivergenceRecord, RuleStatus, RunRecord, SdkRecord, UnstableRecord, WalkRecord, WireRecord,
};
use passmuster_contract::domain::{Severity, printable};

/// Writes a run, its history before the rest where it has one.
pub(super) fn render(record: &RunRecord, history: Option<&History>, out: &mut dyn Write) -> io::Result<()> {
    head(out, record)?;
    if let Some(history) = history.filter(|history| history.is_of_several()) {
        writeln!(out, "## History\n")?;
        tables(out, history)?;
    }
    walk(out, &record.walk)?;
    wire(out, &record.wire)?;
    for (severity, title) in
        [(Severity::Divergence, "Divergences"), (Severity::Suspicion, "Suspicions"), (Severity::Note, "Notes")]
    {
        let found: Vec<&DivergenceRecord> =
            record.divergences.iter().filter(|found| found.severity == severity).collect();
        if !found.is_empty() {
            writeln!(out, "## {title}\n")?;
        }
        found.into_iter().try_for_each(|found| finding(out, found))?;
    }
    unstable(out, record)?;
    rules(out, record)?;
    questions(out, record)?;
    sdk(out, &record.sdk)?;
    inconclusive(out, record)
}

/// Writes which causes several runs have, and nothing else.
pub(super) fn board(record: &RunRecord, history: Option<&History>, out: &mut dyn Write) -> io::Result<()> {
    let alone = history.is_none().then(|| History::of(slice::from_ref(record)));
    history.or(alone.as_ref()).map_or(Ok(()), |history| tables(out, history))
}

fn tables(out: &mut dyn Write, history: &History) -> io::Result<()> {
    for (title, rows) in [("causes", &history.causes), ("findings without a cause", &history.findings)] {
        if rows.is_empty() {
            continue;
        }
        let heads = history.runs.iter().map(|run| {
            let start = format!("{} {}", run.day, run.time);
            format!("{}<br>{}", plain(&run.name(true)), plain(start.trim()))
        });
        writeln!(out, "| {title} | {} |", heads.collect::<Vec<_>>().join(" | "))?;
        writeln!(out, "| --- |{}", " ---: |".repeat(history.runs.len()))?;
        for row in rows.iter().take(MOST_ROWS) {
            let cells: Vec<String> = row.cells.iter().map(|cell| plain(&cell.words())).collect();
            writeln!(out, "| {} {} | {} |", plain(&row.id), plain(&row.title), cells.join(" | "))?;
        }
        writeln!(out)?;
        if rows.len() > MOST_ROWS {
            writeln!(out, "{} more are left out.\n", rows.len() - MOST_ROWS)?;
        }
    }
    writeln!(out, "| totals |{}", " |".repeat(history.runs.len()))?;
    writeln!(out, "| --- |{}", " ---: |".repeat(history.runs.len()))?;
    for (title, figures) in history.totals() {
        writeln!(out, "| {title} | {} |", figures.join(" | "))?;
    }
    writeln!(out)?;
    let remarks: Vec<&String> = history.causes.iter().flat_map(|row| &row.remarks).collect();
    remarks.iter().try_for_each(|remark| writeln!(out, "- {}", plain(remark)))?;
    if !remarks.is_empty() {
        writeln!(out)?;
    }
    for (cell, meaning) in HistoryCell::ALL {
        let name = if matches!(cell, HistoryCell::Present(_)) { "a number".to_owned() } else { cell.words() };
        writeln!(out, "- {name}: {meaning}")?;
    }
    writeln!(out)
}

/// The beginning of a page: verdict, causes and coverage.
pub(super) fn head(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    let (target, totals) = (&record.target, &record.totals);
    let version = target.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    writeln!(out, "# {}{} against the Security Hub membership contract\n", plain(&target.name), plain(&version))?;
    writeln!(out, "**{}**\n", plain(&terminal::verdict(record)))?;
    if let Some(reason) = &record.stopped {
        writeln!(out, "Stopped early: {}.\n", plain(reason.as_str()))?;
    }
    writeln!(out, "| | |\n| --- | --- |")?;
    writeln!(out, "| endpoint | {} |", plain(&target.endpoint))?;
    writeln!(out, "| calls | {} in {} scenarios, {:.1} s |", totals.calls, totals.scenarios, totals.seconds)?;
    writeln!(out, "| seed | {} |", record.seed)?;
    if record.nonce > 0 {
        writeln!(out, "| nonce | {} |", record.nonce)?;
    }
    writeln!(out, "| started | {} |", plain(&record.started))?;
    writeln!(out, "| passmuster | {} |\n", plain(&record.version))?;
    causes(out, record)?;
    coverage(out, record)
}

/// A finding that opens where somebody wants to see it.
pub(super) fn folded(out: &mut dyn Write, found: &DivergenceRecord) -> io::Result<()> {
    let title = format!("{}: {}", found.id, found.summary);
    // Between these tags nothing is Markdown.
    let title = maud::html! { (printable(&title)) }.into_string();
    writeln!(out, "<details><summary>{title}</summary>\n")?;
    finding(out, found)?;
    writeln!(out, "\n</details>\n")
}

fn causes(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    if record.causes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Causes\n\nThe one to mend first at the head.\n")?;
    writeln!(out, "| cause | which is that | explains | rules |\n| --- | --- | --- | --- |")?;
    for cause in &record.causes {
        let (id, title) = (plain(&cause.id), plain(&cause.title));
        writeln!(
            out,
            "| {id} | {title} | {} | {} |",
            plain(&cause.findings.join(", ")),
            plain(&cause.rules.join(", "))
        )?;
    }
    writeln!(out)
}

fn coverage(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    writeln!(out, "## Coverage\n\n| operation | support | calls | divergences | reason |")?;
    writeln!(out, "| --- | --- | ---: | ---: | --- |")?;
    for operation in &record.operations {
        let reason = plain(operation.reason.as_deref().unwrap_or_default());
        let (name, support) = (plain(&operation.name), plain(operation.support.name()));
        writeln!(out, "| {name} | {support} | {} | {} | {reason} |", operation.calls, operation.divergences)?;
    }
    writeln!(out)
}

fn walk(out: &mut dyn Write, walk: &WalkRecord) -> io::Result<()> {
    if walk.situations == 0 {
        return Ok(());
    }
    writeln!(out, "## Situations\n")?;
    writeln!(out, "What {} accounts can come to in {} steps.\n", walk.cast, walk.depth)?;
    writeln!(out, "| situations | exercised | blocked | unsupported | in doubt | not reached |")?;
    writeln!(out, "| ---: | ---: | ---: | ---: | ---: | ---: |")?;
    let WalkRecord { situations, exercised, blocked, unsupported, otherwise, not_reached, .. } = walk;
    writeln!(out, "| {situations} | {exercised} | {blocked} | {unsupported} | {otherwise} | {not_reached} |\n")?;
    for (id, situations) in &walk.blocked_by {
        writeln!(out, "- {} is in the way of {situations}", plain(id))?;
    }
    if walk.truncated {
        writeln!(out, "- there are more: the search stopped at {} states", walk.states)?;
    }
    if walk.blocked_by.is_empty() && !walk.truncated { Ok(()) } else { writeln!(out) }
}

fn wire(out: &mut dyn Write, wire: &WireRecord) -> io::Result<()> {
    if wire.catalogue == 0 {
        return Ok(());
    }
    writeln!(out, "## Malformed requests\n")?;
    let WireRecord { profile, requests, compositions, classes, catalogue, .. } = wire;
    writeln!(out, "| profile | requests | of them random | classes | of |\n| --- | ---: | ---: | ---: | ---: |")?;
    writeln!(out, "| {} | {requests} | {compositions} | {classes} | {catalogue} |\n", plain(profile))?;
    for (why, classes) in &wire.not_sent {
        writeln!(out, "- not sent, as {}: {}", plain(why), plain(&classes.join(", ")))?;
    }
    if wire.not_sent.is_empty() { Ok(()) } else { writeln!(out) }
}

fn finding(out: &mut dyn Write, found: &DivergenceRecord) -> io::Result<()> {
    writeln!(out, "### {}: {}\n", plain(&found.id), plain(&found.summary))?;
    let rules = if found.rules.is_empty() { "none".to_owned() } else { found.rules.join(", ") };
    writeln!(
        out,
        "{}, {} ({}); rules: {}; reproduced {} of {}.\n",
        plain(found.disposition.name()),
        plain(found.severity.name()),
        plain(found.grade.name()),
        plain(&rules),
        found.reproduced.hits,
        found.reproduced.of,
    )?;
    if found.disposition == Disposition::Resolved {
        return writeln!(out, "It was reviewed, and is no longer seen.\n");
    }
    if let Some(terms) = &found.accepted {
        writeln!(out, "accepted: {}\n", plain(&terms.in_words()))?;
    }
    if !found.seen.is_empty() {
        let seen = found.seen.iter().map(|(class, operations)| {
            let operations: Vec<String> = operations.iter().map(|name| plain(name)).collect();
            format!("{} on {}", plain(class), operations.join(", "))
        });
        writeln!(out, "seen with {}.\n", seen.collect::<Vec<_>>().join("; "))?;
    }
    for (index, step) in found.scenario.steps.iter().enumerate() {
        let region = step.region.as_deref().map_or_else(String::new, |region| format!(" in {region}"));
        let call = format!("{}{region}: {}", step.principal, step.operation);
        writeln!(out, "{}. {} {}", index + 1, plain(&call), code(&step.request.to_string()))?;
        if !step.response.is_empty() {
            writeln!(out, "   → {}", code(&step.response))?;
        }
    }
    writeln!(out, "\nexpected:\n\n{}\nobserved:\n", block(&shown(&found.expected)))?;
    writeln!(out, "{}\nto see it again:\n", block(&shown(&found.observed)))?;
    writeln!(out, "{}", block(&format!("{}\n{}", printable(&found.replay), printable(&found.curl))))
}

fn unstable(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    if record.unstable.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "## Not certain\n\n| what | why | seen | of | which means |\n| --- | --- | ---: | ---: | --- |"
    )?;
    for UnstableRecord { fingerprint, why, sightings, judged, .. } in &record.unstable {
        let (what, meaning) = (plain(fingerprint.trim_end()), why.meaning());
        writeln!(out, "| {what} | {why} | {sightings} | {judged} | {meaning} |")?;
    }
    writeln!(out)?;
    record.unstable.iter().filter_map(|one| one.finding.as_deref()).try_for_each(|found| finding(out, found))
}

fn rules(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    if record.rules.is_empty() || terminal::is_malformed_alone(record) {
        return Ok(());
    }
    writeln!(out, "## Rules\n\n| status | rules | meaning |\n| --- | ---: | --- |")?;
    for status in RuleStatus::ALL {
        let number = record.rules.iter().filter(|rule| rule.status == *status).count();
        writeln!(out, "| {status} | {number} | {} |", status.meaning())?;
    }
    writeln!(out, "\n| rule | status | exercised | in the way |\n| --- | --- | ---: | --- |")?;
    for rule in &record.rules {
        let why = plain(rule.blocked_by.as_deref().or(rule.reason.as_deref()).unwrap_or_default());
        writeln!(out, "| {} | {} | {} | {why} |", plain(&rule.id), plain(rule.status.name()), rule.exercised)?;
    }
    writeln!(out)
}

fn questions(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    if record.open_questions.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Open questions\n\n| question | answer | consistent |\n| --- | --- | --- |")?;
    for question in &record.open_questions {
        let consistent = if question.consistent { "yes" } else { "**no**" };
        writeln!(out, "| {} | {} | {consistent} |", plain(&question.id), plain(&question.answer))?;
    }
    writeln!(out)
}

fn sdk(out: &mut dyn Write, sdk: &SdkRecord) -> io::Result<()> {
    if sdk.answers == 0 {
        return Ok(());
    }
    writeln!(out, "## What SDKs make of errors, and of what they can't read\n")?;
    if sdk.misleading().next().is_none() {
        return writeln!(out, "{} answers: every SDK reads code and message.\n", sdk.answers);
    }
    writeln!(out, "| lint | the answer has | times of {} | misread by | which means | example |", sdk.answers)?;
    writeln!(out, "| --- | --- | ---: | --- | --- | --- |")?;
    for (id, lint) in sdk.misleading() {
        let (what, by, misread) = (plain(&lint.what), plain(&lint.misread_by.join(", ")), plain(&lint.misread));
        let (operation, status) = (plain(&lint.example.operation), lint.example.status);
        let body = plain(&lint.example.body);
        writeln!(
            out,
            "| {} | {what} | {} | {by} | {misread} | {operation} {status} {body} |",
            plain(id),
            lint.times
        )?;
    }
    writeln!(out)
}

fn inconclusive(out: &mut dyn Write, record: &RunRecord) -> io::Result<()> {
    for (title, entries) in [("Late", &record.late), ("Could not be judged", &record.inconclusive)] {
        if !entries.is_empty() {
            writeln!(out, "## {title}\n")?;
        }
        for entry in entries {
            writeln!(out, "- {}, {}×: {}", plain(&entry.operation), entry.times, plain(&entry.reason))?;
        }
    }
    if !record.remarks.is_empty() {
        writeln!(out, "\n## Remarks\n")?;
    }
    record.remarks.iter().try_for_each(|remark| writeln!(out, "- {}", plain(remark)))
}

/// Words that are nothing but words in Markdown: the target must not write links, images or HTML into the page.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '!' | '#' | '~' | '@' => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Code in a line.
fn code(text: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Code in lines of its own.
fn block(text: &str) -> String {
    let fence = "`".repeat((longest_run(text) + 1).max(3));
    let lines: String = text.lines().map(|line| format!("{}\n", printable(line))).collect();
    format!("{fence}\n{lines}{fence}\n")
}

/// The longest run of backticks: a fence has to be longer.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text).into_owned(),
        other => format!("{other:#}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_can_not_write_markup_into_the_page() {
        assert_eq!(plain("<img src=x> [a](b) | `c` *d*"), "&lt;img src=x> \\[a\\](b) \\| \\`c\\` \\*d\\*");
        assert_eq!(plain("two\nlines"), "two\\\\nlines");
    }

    #[test]
    fn code_can_not_end_its_fence() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(block("````\nx"), "`````\n````\nx\n`````\n");
    }
}
