//! Malformed requests find every fault that the reference server's protocol can have.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod support;

use std::fmt::Write as _;

use passmuster::domain::Operation;
use passmuster::engine::{Filter, Selection};
use passmuster::record::{DivergenceRecord, RunRecord};
use passmuster::server::WireFault;
use support::wire::{record, settings};

/// What a fault needs to show: classes or rows, and operations.
struct Needs(&'static [&'static str], &'static [Operation]);

use Operation::{CreateMembers, ListMembers, UpdateOrganizationConfiguration};

/// Where each fault shows, so that looking for it takes no time.
fn needs(fault: WireFault) -> Needs {
    match fault.name() {
        "wire-text-as-integer" => Needs(&["D90"], &[ListMembers]),
        "wire-text-as-flag" => Needs(&["D91"], &[ListMembers]),
        "wire-text-as-boolean" => Needs(&["D76"], &[UpdateOrganizationConfiguration]),
        "wire-any-path" => Needs(&["D20"], &[ListMembers]),
        "wire-path-in-any-case" => Needs(&["D26"], &[ListMembers]),
        "wire-put-is-post" => Needs(&["D21"], &[CreateMembers]),
        "wire-broken-json-accepted"
        | "wire-trailing-text-accepted"
        | "wire-broken-json-500"
        | "wire-broken-json-page-500"
        | "wire-broken-json-page" => Needs(&["D60"], &[CreateMembers]),
        "wire-null-accepted" => Needs(&["D62"], &[CreateMembers]),
        "wire-bad-utf8-accepted" | "wire-closes-on-bad-utf8" => Needs(&["D63"], &[CreateMembers]),
        "wire-duplicates-both-count" => Needs(&["D67"], &[CreateMembers]),
        "wire-nan-accepted" => Needs(&["D71"], &[CreateMembers]),
        "wire-null-entries-skipped" => Needs(&["D78"], &[CreateMembers]),
        "wire-required-missing" => Needs(&["D80"], &[CreateMembers]),
        "wire-names-in-any-case" => Needs(&["D83"], &[CreateMembers]),
        "wire-array-as-input" | "wire-array-as-entry" => Needs(&["D84"], &[CreateMembers]),
        "wire-text-ends-at-nul" => Needs(&["D64", "D68", "D110"], &[CreateMembers]),
        "wire-half-a-batch" | "wire-number-as-text" => Needs(&["D75"], &[CreateMembers]),
        "wire-refused-yet-done" => Needs(&["D36"], &[CreateMembers]),
        "wire-deep-nesting-500" => Needs(&["D69"], &[CreateMembers]),
        "wire-unknown-member-500" => Needs(&["D81"], &[CreateMembers]),
        "wire-error-as-array"
        | "wire-error-twice"
        | "wire-error-without-type"
        | "wire-stack-trace"
        | "wire-answer-too-short" => Needs(&["D75"], &[CreateMembers]),
        _ => Needs(&[], &[CreateMembers, ListMembers]),
    }
}

fn selection(Needs(ids, operations): &Needs) -> Selection {
    let ids = ids.iter().map(|id| Filter::Rule((*id).to_owned()));
    Selection { only: ids.chain(operations.iter().copied().map(Filter::Operation)).collect(), skip: Vec::new() }
}

/// The finding that names the fault's row, or is about a class that rests on it.
fn blamed(record: &RunRecord, fault: WireFault) -> Option<&DivergenceRecord> {
    record.divergences.iter().find(|found| found.rules.iter().any(|rule| rule == fault.row()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_the_protocol_is_found() {
    let mut table = String::new();
    let mut missed = Vec::new();
    for fault in WireFault::all().iter().copied() {
        let began = std::time::Instant::now();
        let run = record(&[fault], selection(&needs(fault)), settings()).await;
        eprintln!("{fault} {} {:?} {}", fault.row(), began.elapsed(), run.totals.wire_requests);
        for found in &run.divergences {
            eprintln!("    {} {:?} {} {}", found.severity, found.rules, found.fingerprint, found.summary);
        }
        let Some(found) = blamed(&run, fault) else {
            missed.push(fault);
            continue;
        };
        writeln!(table, "{:<28} {:<4} {:<10} {}", fault.name(), fault.row(), found.severity, found.fingerprint)
            .unwrap();
    }
    assert!(missed.is_empty(), "{missed:?}");
    insta::with_settings!({ snapshot_path => "../../snapshots/faults", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("wire", table);
    });
}
