//! Shows the progress of a run while it goes on.

use std::io::{self, Write};
use std::time::Duration;

use super::TerminalStyle;
use super::text::{count, hanging, plural};
use crate::event::Event;
use passmuster_contract::domain::{Severity, printable};

/// The form in which progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Not at all.
    Quiet,
    /// What happens in a line each, and no counters: for logs.
    Lines,
    /// The same, below it one line of counters that is drawn again and again: for terminals.
    Bar,
}

/// The time for which the bar stays as it is; oftener would cost more than an eye can see.
const DRAW_EVERY: Duration = Duration::from_millis(80);

/// Draws the events of a run.
#[derive(Debug)]
pub struct Progress<W> {
    out: W,
    mode: Mode,
    style: TerminalStyle,
    phase: &'static str,
    budget: Option<u64>,
    before: u64,
    calls: u64,
    scenarios: u64,
    findings: usize,
    drawn_at: Option<Duration>,
    drawn: usize,
}

impl<W: Write> Progress<W> {
    /// Nothing has happened yet.
    pub const fn new(out: W, mode: Mode, style: TerminalStyle) -> Self {
        Self {
            out,
            mode,
            style,
            phase: "",
            budget: None,
            before: 0,
            calls: 0,
            scenarios: 0,
            findings: 0,
            drawn_at: None,
            drawn: 0,
        }
    }

    /// Shows an event; `elapsed` is the time since the run began.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn on(&mut self, event: &Event, elapsed: Duration) -> io::Result<()> {
        if self.mode == Mode::Quiet {
            return Ok(());
        }
        match event {
            Event::PhaseStarted { phase, budget } => {
                self.phase = phase;
                self.budget = *budget;
                self.before = self.calls;
                match (self.mode, budget) {
                    (Mode::Bar, _) => self.draw(elapsed),
                    (_, Some(budget)) => {
                        self.interject(("", 0), &format!("{phase}: {} planned", plural(*budget, "call")), elapsed)
                    }
                    (_, None) => self.interject(("", 0), &format!("{phase}: begins"), elapsed),
                }
            }
            Event::Progress { calls, scenarios, findings } => {
                (self.calls, self.scenarios, self.findings) = (*calls, *scenarios, *findings);
                match self.drawn_at {
                    Some(drawn) if elapsed.saturating_sub(drawn) < DRAW_EVERY => Ok(()),
                    _ => self.draw(elapsed),
                }
            }
            // What the contract leaves open is told at the end, where that is asked for.
            Event::Found { severity: Severity::Note, .. } => Ok(()),
            Event::Found { id, severity, summary } => {
                let label = match severity {
                    Severity::Divergence => self.style.red(severity.name()),
                    Severity::Suspicion => self.style.yellow(severity.name()),
                    Severity::Note => self.style.dim(severity.name()),
                };
                let head = format!("{} {label}: ", printable(id));
                let indent = id.chars().count() + severity.name().len() + 3;
                self.interject((&head, indent), summary, elapsed)
            }
            Event::Recorded(_) => Ok(()),
            Event::Remark(remark) => self.interject(("note: ", 6), remark, elapsed),
        }
    }

    /// Says something before anything happens.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn say(&mut self, text: &str) -> io::Result<()> {
        if self.mode == Mode::Quiet { Ok(()) } else { self.interject(("", 0), text, Duration::ZERO) }
    }

    /// Removes the bar, so that other text can follow.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn finish(&mut self) -> io::Result<()> {
        self.erase()?;
        self.out.flush()
    }

    /// The writer, with whatever was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Writes a line above the counters; `head` is what stands before the text, and how many columns it fills.
    fn interject(&mut self, head: (&str, usize), text: &str, elapsed: Duration) -> io::Result<()> {
        self.erase()?;
        match self.mode {
            // Whoever searches a log wants the line as a whole.
            Mode::Lines | Mode::Quiet => writeln!(self.out, "{}{}", head.0, printable(text))?,
            Mode::Bar => hanging(&mut self.out, self.style, head.0, head.1, text)?,
        }
        if self.phase.is_empty() { self.out.flush() } else { self.draw(elapsed) }
    }

    fn draw(&mut self, elapsed: Duration) -> io::Result<()> {
        if self.mode != Mode::Bar {
            return self.out.flush();
        }
        self.drawn_at = Some(elapsed);
        let seconds = elapsed.as_secs_f64();
        let each = if self.phase == "malformed" { "malformed request" } else { "scenario" };
        let counters = format!(
            "{}, {}, {}, {seconds:.0} s",
            plural(self.calls, "call"),
            plural(self.findings as u64, "finding"),
            plural(self.scenarios, each),
        );
        let mut line = format!("{:<10} {}{counters}", self.phase, self.bar());
        // A line that fills the terminal would scroll it.
        let room = self.style.width.saturating_sub(1);
        line = line.chars().take(room).collect();
        let width = line.chars().count();
        let leftovers = " ".repeat(self.drawn.saturating_sub(width));
        write!(self.out, "\r{line}{leftovers}")?;
        self.drawn = width;
        self.out.flush()
    }

    /// The part of the phase's budget that is used, where it has one.
    fn bar(&self) -> String {
        const CELLS: u64 = 20;
        let Some(budget) = self.budget.filter(|budget| *budget > 0) else { return String::new() };
        let used = self.calls.saturating_sub(self.before).min(budget);
        let full = used.saturating_mul(CELLS) / budget;
        let cells: String = (0..CELLS).map(|cell| if cell < full { '#' } else { '.' }).collect();
        format!("[{cells}] of {} · ", count(budget))
    }

    fn erase(&mut self) -> io::Result<()> {
        if self.drawn > 0 {
            write!(self.out, "\r{}\r", " ".repeat(self.drawn))?;
            self.drawn = 0;
        }
        Ok(())
    }
}
