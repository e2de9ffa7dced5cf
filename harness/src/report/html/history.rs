//! Several runs beside each other on the page: which causes and findings came and went.

use maud::{Markup, html};

use crate::report::history::{History, HistoryCell, HistoryRow, MOST_ROWS};
use crate::report::terminal::text::{abbreviated, count, plural};

/// The most characters that are shown of a name.
const NAME: usize = 60;

/// The most characters that are shown of a title.
const TITLE: usize = 300;

/// The section, where there is more than one run.
pub(super) fn history(history: Option<&History>) -> Markup {
    html! {
        @if let Some(history) = history {
            section #history {
                h2 { "History" }
                p.note { (plural(history.runs.len() as u64, "run")) ", the oldest first; the rest of this page is about the newest." }
                p.legend {
                    @for (cell, meaning) in HistoryCell::ALL { span { span class={ "key " (class(cell)) } { (label(cell)) } ": " (meaning) } " " }
                }
                (table(history, "Causes", &history.causes))
                (table(history, "Findings without a cause", &history.findings))
                (remarks(history))
                (totals(history))
            }
        }
    }
}

fn table(history: &History, title: &str, rows: &[HistoryRow]) -> Markup {
    html! {
        @if !rows.is_empty() {
            h3 { (title) }
            div.scroll tabindex="0" role="region" aria-label={ "history: " (title) } {
                table.history {
                    thead { tr { th { "" } (heads(history)) } }
                    tbody {
                        @for row in rows.iter().take(MOST_ROWS) {
                            tr {
                                th scope="row" { (name(row)) " " (abbreviated(&row.title, TITLE)) }
                                @for cell in &row.cells { td { span class={ "key " (class(*cell)) } { (label(*cell)) } } }
                            }
                        }
                    }
                }
            }
            @if rows.len() > MOST_ROWS { p.note { (count((rows.len() - MOST_ROWS) as u64)) " more are left out." } }
        }
    }
}

/// The id, as a link where the newest run has what it names.
fn name(row: &HistoryRow) -> Markup {
    let is_there = matches!(row.cells.last(), Some(HistoryCell::Present(_)));
    html! {
        @if is_there { a href={ "#" (row.id) } { code { (abbreviated(&row.id, NAME)) } } }
        @else { code { (abbreviated(&row.id, NAME)) } }
    }
}

fn heads(history: &History) -> Markup {
    html! {
        @for run in &history.runs {
            th scope="col" { (abbreviated(&run.name(true), NAME)) br; small { (run.day) " " (run.time) } }
        }
    }
}

fn remarks(history: &History) -> Markup {
    let remarks: Vec<&String> = history.causes.iter().flat_map(|row| &row.remarks).collect();
    html! {
        @if !remarks.is_empty() {
            h3 { "Causes under other ids" }
            ul { @for remark in remarks { li { (remark) } } }
        }
    }
}

fn totals(history: &History) -> Markup {
    html! {
        h3 { "Totals" }
        div.scroll tabindex="0" role="region" aria-label="history: totals" {
            table.history {
                thead { tr { th { "" } (heads(history)) } }
                tbody {
                    @for (title, figures) in history.totals() {
                        tr { th scope="row" { (title) } @for figure in figures { td { (figure) } } }
                    }
                }
            }
        }
    }
}

fn label(cell: HistoryCell) -> String {
    match cell {
        HistoryCell::Present(number) => plural(number, "finding"),
        other => other.words(),
    }
}

const fn class(cell: HistoryCell) -> &'static str {
    match cell {
        HistoryCell::Present(_) => "violated",
        HistoryCell::Absent => "held",
        HistoryCell::Elsewhere | HistoryCell::Unsure => "in-the-way",
        HistoryCell::NotReached => "never",
    }
}
