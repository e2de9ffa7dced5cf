//! A review, by what is typed and what it says.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use super::{ReviewArgs, review};
use crate::sample;
use passmuster::baseline::{Baseline, exit_code};
use passmuster::report::terminal::TerminalStyle;

/// A folder of its own for a test, in which these divergences are pending.
fn pending(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("passmuster-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&dir);
    let mut record = sample::flawed();
    Baseline::load(&dir).unwrap().settle(&mut record);
    record.exit_code = exit_code(&record, false);
    Baseline::load(&dir).unwrap().write_pending(&record).unwrap();
    dir
}

fn reviewing(dir: &Path, args: ReviewArgs, interactive: bool, typed: &str) -> String {
    let args = ReviewArgs { baseline: Some(dir.to_owned()), target: "moto".to_owned(), ..args };
    let mut out = Vec::new();
    let code = review(&args, interactive, TerminalStyle::PLAIN, &mut Cursor::new(typed), &mut out).unwrap();
    assert_eq!(code.code(), 0);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_review_asks_about_each_pending_divergence() {
    let dir = pending("review");
    let text = reviewing(&dir, ReviewArgs::default(), true, "what\na\nby design\nr\nq\n");
    assert!(text.contains("(1 of 3, target moto)") && text.contains("why is it accepted?"), "{text}");
    let baseline = Baseline::load(&dir).unwrap();
    let reasons: Vec<_> = baseline.reviewed().map(|entry| entry.terms.reason.clone()).collect();
    assert_eq!(reasons, [Some("by design".to_owned())]);
    assert_eq!(baseline.pending().unwrap().len(), 1);
}

#[test]
fn a_review_without_a_terminal_lists_and_takes_ids() {
    let dir = pending("review-ids");
    let id = sample::hub_off().id;
    let text = reviewing(&dir, ReviewArgs::default(), false, "");
    assert!(text.contains("3 pending, 0 accepted") && text.contains(&id), "{text}");
    let args =
        ReviewArgs { accept: vec![id.clone()], reason: Some("by design".to_owned()), ..ReviewArgs::default() };
    assert_eq!(reviewing(&dir, args, false, ""), format!("accepted {id}\n"));
    let text = reviewing(&dir, ReviewArgs { list: true, ..ReviewArgs::default() }, true, "");
    assert!(text.contains("2 pending, 1 accepted") && text.contains("because: by design"), "{text}");
}
