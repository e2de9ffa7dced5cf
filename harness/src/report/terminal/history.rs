//! Several runs beside each other on a terminal: which causes and findings came and went.

use std::io::{self, Write};

use super::TerminalStyle;
use super::text::{count, cut, hanging, plural};
use crate::report::history::{History, HistoryCell, HistoryColumn, HistoryRow};

/// The columns of a name: those of "C-1a2b3c4d", and two before.
const NAME: usize = 12;

/// The columns of a run: those of a day, and two before.
const RUN: usize = 12;

/// The fewest columns that are left for a title.
const TITLE: usize = 24;

/// The most rows where not everything is to be told.
const MOST_ROWS: usize = 30;

/// Writes the history of several runs; of one there is none. Where a terminal has no room for all runs, the newest are told.
///
/// # Errors
///
/// Those of the writer.
pub fn history(history: &History, style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    if !history.is_of_several() {
        return Ok(());
    }
    let room = style.width.saturating_sub(NAME + 2 + TITLE) / RUN;
    let told = history.runs.len().min(room.max(1));
    let from = history.runs.len() - told;
    let target = history.target().map_or_else(String::new, |target| format!(" against {target}"));
    let left = if from == 0 { String::new() } else { format!(", the {told} newest of them, as there is room") };
    let title = format!("{}{target}, oldest first{left}", plural(history.runs.len() as u64, "run"));
    hanging(out, style, "", 0, &title)?;
    writeln!(out)?;
    let board = Board { style, history, from };
    board.heads(out)?;
    board.rows(out, "causes", &history.causes)?;
    board.rows(out, "findings without a cause", &history.findings)?;
    for (title, figures) in history.totals() {
        board.line(out, "", figures.into_iter().skip(from).map(|figure| (figure, None)), title)?;
    }
    writeln!(out)?;
    for remark in history.causes.iter().flat_map(|row| &row.remarks) {
        hanging(out, style, "  ", 2, remark)?;
    }
    let meanings = HistoryCell::ALL.iter().skip(1).map(|(cell, meaning)| format!("{} {meaning}", sign(*cell)));
    let legend = format!("a number: the findings that show it; {}", meanings.collect::<Vec<_>>().join("; "));
    hanging(out, style, "  ", 2, &legend)?;
    writeln!(out)
}

struct Board<'h> {
    style: TerminalStyle,
    history: &'h History,
    /// The runs that there is no room for.
    from: usize,
}

impl Board<'_> {
    fn heads(&self, out: &mut dyn Write) -> io::Result<()> {
        let runs = || self.history.runs.iter().skip(self.from);
        let mut line =
            |of: &dyn Fn(&HistoryColumn) -> String| self.line(out, "", runs().map(|run| (of(run), None)), "");
        if self.history.target().is_none() {
            line(&|run| run.target.clone())?;
        }
        line(&|run| run.name(false))?;
        line(&|run| run.day.clone())?;
        line(&|run| run.time.clone())
    }

    fn rows(&self, out: &mut dyn Write, title: &str, rows: &[HistoryRow]) -> io::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "{}", self.style.bold(title))?;
        let most = if self.style.verbose { rows.len() } else { MOST_ROWS };
        for row in rows.iter().take(most) {
            let cells = row.cells.iter().skip(self.from).map(|cell| (sign(*cell), Some(*cell)));
            self.line(out, &row.id, cells, &row.title)?;
        }
        match rows.len().saturating_sub(most) {
            0 => Ok(()),
            left => writeln!(out, "  and {} more; -v tells them", count(left as u64)),
        }
    }

    /// A name, what there is for each run, and a title.
    fn line(
        &self,
        out: &mut dyn Write,
        name: &str,
        cells: impl Iterator<Item = (String, Option<HistoryCell>)>,
        title: &str,
    ) -> io::Result<()> {
        let name = cut(name, NAME - 2);
        let mut line = format!("  {}{}", self.style.bold(&name), " ".repeat(NAME - 2 - name.chars().count()));
        let mut width = NAME;
        for (text, cell) in cells {
            let text = cut(&text, RUN - 2);
            line.push_str(&" ".repeat(RUN - text.chars().count()));
            line.push_str(&match cell {
                Some(HistoryCell::Present(_)) => self.style.red(&text),
                Some(HistoryCell::Elsewhere | HistoryCell::Unsure) => self.style.yellow(&text),
                Some(HistoryCell::Absent) => self.style.green(&text),
                Some(HistoryCell::NotReached) | None => text,
            });
            width += RUN;
        }
        line.push_str("  ");
        line.push_str(&cut(title, self.style.width.saturating_sub(width + 2).max(1)));
        writeln!(out, "{}", line.trim_end())
    }
}

/// A sign that is told apart without colours.
fn sign(cell: HistoryCell) -> String {
    match cell {
        HistoryCell::Present(number) => number.to_string(),
        HistoryCell::Absent => "-".to_owned(),
        HistoryCell::Elsewhere => "*".to_owned(),
        HistoryCell::Unsure => "~".to_owned(),
        HistoryCell::NotReached => "?".to_owned(),
    }
}
