//! `explain` for what the protocol says: rows of the decision table, invariants, classes of malformed requests.

use passmuster::catalogue::{nearest, paragraph};
use passmuster::domain::{Operation, Profile};
use passmuster::malformation::protocol::{Invariant, Row, invariants, rows};
use passmuster::malformation::{Base, Class, Malformed, Operator, Part, Set, classes};

/// Whether an id has the form of these: a letter and digits.
pub(crate) fn is_meant(id: &str) -> bool {
    let rest = id.strip_prefix(['D', 'd', 'I', 'i', 'M', 'm']);
    rest.is_some_and(|rest| rest.starts_with(|digit: char| digit.is_ascii_digit()))
}

/// Explains the row, invariant or class of this id, in whatever case it is typed.
///
/// # Errors
///
/// Says that there is none, and which come near.
pub(crate) fn explain(id: &str) -> Result<String, String> {
    let same = |known: &str| known.eq_ignore_ascii_case(id);
    if let Some(found) = rows().iter().find(|row| same(&row.id)) {
        return Ok(row(found));
    }
    if let Some(found) = invariants().iter().find(|invariant| same(&invariant.id)) {
        return Ok(invariant(found));
    }
    if let Some(found) = classes().find(|class| same(&class.id.to_string())) {
        return Ok(class(found));
    }
    let ids: Vec<String> = classes().map(|class| class.id.to_string()).collect();
    let known = rows().iter().map(|row| row.id.as_str());
    let known = known.chain(invariants().iter().map(|invariant| invariant.id.as_str()));
    let near = nearest(id, known.chain(ids.iter().map(String::as_str)));
    let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    Err(format!("there is no row, invariant or class of malformed requests {id:?}{meant}"))
}

/// The class, row or invariant of this id, in whatever case it is typed, by which malformed requests are chosen.
///
/// # Errors
///
/// When there is none, or no class rests on it, in words that fit after "invalid value …: ".
pub(crate) fn sent_for(id: &str) -> Result<String, String> {
    let ids: Vec<String> = match id.as_bytes().first().map(u8::to_ascii_uppercase) {
        Some(b'D') => rows().iter().map(|row| row.id.clone()).collect(),
        Some(b'I') => invariants().iter().map(|invariant| invariant.id.clone()).collect(),
        _ => classes().map(|class| class.id.to_string()).collect(),
    };
    if let Some(known) = ids.iter().find(|known| known.eq_ignore_ascii_case(id)) {
        let of_class = known.starts_with('M');
        if of_class || classes().any(|class| class.rows.contains(&known.as_str())) {
            return Ok(known.clone());
        }
        return Err(format!("no class of malformed requests rests on {known}: any answer is held to it"));
    }
    let what = match ids.first() {
        Some(first) if first.starts_with('D') => "row of the decision table",
        Some(first) if first.starts_with('I') => "invariant",
        _ => "class of malformed requests",
    };
    let range = |ids: &[String]| Some(format!("they go from {} to {}", ids.first()?, ids.last()?));
    let near = nearest(id, ids.iter().map(String::as_str));
    let meant = if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
    Err(format!("no {what}; {}{meant}", range(&ids).unwrap_or_default()))
}

fn row(row: &Row) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{}  ", row.id), &row.statement);
    section(&mut out, "What may be answered", &row.allowed);
    section(&mut out, "Evidence", row.grade.name());
    list(&mut out, "Sources", row.sources.iter().map(String::as_str));
    used_by(&mut out, &row.id);
    out
}

fn invariant(invariant: &Invariant) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{}  ", invariant.id), &invariant.statement);
    section(&mut out, "Where it doesn't hold", invariant.severity.name());
    section(&mut out, "Evidence", invariant.grade.name());
    list(&mut out, "Sources", invariant.sources.iter().map(String::as_str));
    used_by(&mut out, &invariant.id);
    out
}

fn used_by(out: &mut String, id: &str) {
    let using = classes().filter(|class| class.rows.contains(&id));
    let lines: Vec<String> = using.map(|class| format!("{}: {}", class.id, class.title)).collect();
    if !lines.is_empty() {
        list(out, "Malformed requests", lines.iter().map(String::as_str));
    }
}

fn class(class: &Class) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{}  ", class.id), class.title);
    section(&mut out, "What is malformed", part(class.part));
    section(&mut out, "Evidence", class.grade.name());
    let statement = |id: &&str| {
        let row = rows().iter().find(|row| row.id == **id).map(|row| &row.statement);
        let invariant = invariants().iter().find(|invariant| invariant.id == **id);
        format!("{id}: {}", row.or(invariant.map(|invariant| &invariant.statement)).map_or("", String::as_str))
    };
    let statements: Vec<String> = class.rows.iter().map(statement).collect();
    list(&mut out, "What it rests on", statements.iter().map(String::as_str));
    match class.operator {
        Operator::Spoils(_) => requests(&mut out, class),
        Operator::Sequence(_) => section(&mut out, "Requests", "several, one after the other or at once"),
        Operator::Excused(reason) => section(&mut out, "Requests", &format!("none: {reason}")),
    }
    out
}

/// On which operations it is sent, and its variants on the first of them that has all.
fn requests(out: &mut String, class: &Class) {
    let bases: Vec<Base> = Operation::ALL.iter().map(|operation| Base::sample(*operation)).collect();
    let counted = bases.iter().map(|base| (base, class.requests(base).len())).filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counted.map(|(base, count)| format!("{} {count}", base.operation)).collect();
    section(out, "Requests of a run", &counts.join(", "));
    let most = bases.iter().rev().max_by_key(|base| class.requests(base).len());
    let Some(base) = most else { return };
    let lines: Vec<String> = class.variants(base).iter().map(variant).collect();
    list(out, &format!("Variants of {}", base.operation), lines.iter().map(String::as_str));
}

fn variant(malformed: &Malformed) -> String {
    let words = |sets: &mut dyn Iterator<Item = Set>| {
        sets.map(|set| set.words(Profile::Union)).collect::<Vec<_>>().join("; or ")
    };
    let allowed = words(&mut malformed.allowed.sets());
    let tolerated = words(&mut malformed.allowed.tolerated());
    let noted = if tolerated.is_empty() { String::new() } else { format!("; worth a note: {tolerated}") };
    format!("{}: {allowed}{noted}", malformed.variant)
}

const fn part(part: Part) -> &'static str {
    match part {
        Part::Framing => "the message, as HTTP",
        Part::Route => "method and path",
        Part::Headers => "header fields",
        Part::Signature => "the signature",
        Part::Members => "the members of the body",
        Part::Text => "the text of the body",
        Part::Query => "the query string",
        Part::Sequence => "a sequence of requests",
    }
}

fn section(out: &mut String, heading: &str, text: &str) {
    out.push_str(&format!("\n{heading}\n"));
    paragraph(out, "  ", text);
}

fn list<'a>(out: &mut String, heading: &str, lines: impl Iterator<Item = &'a str>) {
    out.push_str(&format!("\n{heading}\n"));
    for line in lines {
        paragraph(out, "  - ", line);
    }
}
