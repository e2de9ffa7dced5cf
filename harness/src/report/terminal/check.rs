//! The check of recorded conversations, for people: a line for each, and what diverges in it.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{abbreviated, hanging, labelled, plural};
use passmuster_contract::catalogue;
use passmuster_contract::check::{CheckRecord, ConversationRecord, ConversationVerdict, TraceDivergenceRecord};
use passmuster_contract::domain::printable;

/// The most characters that are shown of an expected or observed value.
const VALUE: usize = 900;

/// Writes a check; with `quiet`, only what isn't admissible and the totals.
///
/// # Errors
///
/// Those of the writer.
pub fn check(
    record: &CheckRecord,
    ending: &str,
    quiet: bool,
    style: TerminalStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut told = BTreeSet::new();
    for conversation in &record.conversations {
        if !quiet
            || conversation.verdict != ConversationVerdict::Admissible
            || !conversation.divergences.is_empty()
        {
            self::conversation(out, style, conversation, &mut told)?;
        }
    }
    for unread in &record.unread {
        let fix = unread.fix.as_ref().map_or_else(String::new, |fix| format!("; {fix}"));
        let text = format!("{}: {}{fix}", unread.place(), unread.what);
        hanging(out, style, "not read: ", 10, &text)?;
    }
    let with = |verdict| record.conversations.iter().filter(|found| found.verdict == verdict).count();
    writeln!(
        out,
        "exit {}, {ending}: {} ({} judged) in {}; {} admissible, {} diverging, {} late, {} inconclusive, {} not checked",
        record.exit_code,
        plural(record.calls, "call"),
        record.judged,
        plural(record.conversations.len() as u64, "conversation"),
        with(ConversationVerdict::Admissible),
        with(ConversationVerdict::Diverges),
        with(ConversationVerdict::Late),
        with(ConversationVerdict::Inconclusive),
        with(ConversationVerdict::NotChecked),
    )?;
    out.flush()
}

/// One conversation; the rules `told` before are only named.
fn conversation<'r>(
    out: &mut dyn Write,
    style: TerminalStyle,
    conversation: &'r ConversationRecord,
    told: &mut BTreeSet<&'r str>,
) -> io::Result<()> {
    let word = format!("{:<12}", conversation.verdict);
    let verdict = match conversation.verdict {
        ConversationVerdict::Diverges => style.red(&word),
        ConversationVerdict::Admissible => style.green(&word),
        ConversationVerdict::Late | ConversationVerdict::Inconclusive | ConversationVerdict::NotChecked => {
            style.yellow(&word)
        }
    };
    let sources: String = conversation.sources.iter().map(|key| format!(" [{}]", printable(key))).collect();
    let place = format!("{}:{}", conversation.file, conversation.line);
    writeln!(
        out,
        "{verdict}  {:<9}  {}{sources}  {}",
        plural(conversation.calls, "call"),
        printable(&conversation.title),
        style.dim(&printable(&place))
    )?;
    for found in &conversation.divergences {
        divergence(out, style, &conversation.file, found, told)?;
    }
    for late in &conversation.late {
        let text = format!("{}:{}: as {} allows for a while", conversation.file, late.line, late.rule);
        hanging(out, style, "  late: ", 8, &text)?;
    }
    for unjudged in &conversation.inconclusive {
        let text = format!("{}:{}: {}", conversation.file, unjudged.line, unjudged.reason);
        hanging(out, style, "  could not be judged: ", 23, &text)?;
    }
    Ok(())
}

fn divergence<'r>(
    out: &mut dyn Write,
    style: TerminalStyle,
    file: &str,
    found: &'r TraceDivergenceRecord,
    told: &mut BTreeSet<&'r str>,
) -> io::Result<()> {
    let severity = super::severity(style, found.severity);
    let place = printable(&format!("{file}:{}", found.line)).into_owned();
    writeln!(
        out,
        "\n{}  {severity} ({})  {}",
        style.bold(&printable(&found.id)),
        found.grade.name(),
        style.bold(&place)
    )?;
    hanging(out, style, "  ", 2, &found.summary)?;
    let who = format!("{} in {} calls {} ({})", found.account, found.region, found.operation, found.provenance);
    labelled(out, style, "call", &who)?;
    for id in &found.rules {
        rule(out, style, id, told.insert(id))?;
    }
    if !found.pointer.is_empty() {
        labelled(out, style, "at", &found.pointer)?;
    }
    labelled(out, style, "expected", &abbreviated(&found.expected, VALUE))?;
    labelled(out, style, "observed", &abbreviated(&found.observed, VALUE))?;
    writeln!(out)
}

/// The text of a rule, its grade, and its source; once.
fn rule(out: &mut dyn Write, style: TerminalStyle, id: &str, first: bool) -> io::Result<()> {
    let Some(rule) = catalogue::rule(id).filter(|_| first) else {
        return labelled(out, style, "rule", id);
    };
    labelled(out, style, "rule", &format!("{} ({}): {}", rule.id, rule.grade.name(), rule.statement))?;
    for citation in &rule.citations {
        let source = &citation.source;
        let link = source.link.as_ref().map_or_else(String::new, |link| format!(", {link}"));
        labelled(out, style, "source", &format!("[{}] {}{link}", source.key, source.title))?;
    }
    Ok(())
}
