//! Malformed requests find every fault that the reference server's protocol can have.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::fmt::Write as _;

use crate::SWEEPS;
use crate::breadth::sample;
use crate::support::malformed::{gravest, record, selection, settings};
use passmuster::domain::Operation;
use passmuster::server::WireFault;

use Operation::{CreateMembers, GetFindings, ListMembers, UpdateSecurityHubConfiguration};

/// Where a fault shows, so that looking for it takes no time: a class or row, and an operation.
fn place(fault: WireFault) -> (&'static str, Operation) {
    match fault.name() {
        "wire-text-as-integer" => ("D90", ListMembers),
        "wire-text-as-flag" => ("D91", ListMembers),
        "wire-text-as-boolean" => ("D76", UpdateSecurityHubConfiguration),
        "wire-any-path" => ("D20", ListMembers),
        "wire-path-in-any-case" => ("D26", ListMembers),
        "wire-put-is-post" => ("D21", CreateMembers),
        "wire-null-accepted" => ("D62", CreateMembers),
        "wire-bad-utf8-accepted" | "wire-closes-on-bad-utf8" => ("D63", CreateMembers),
        "wire-half-pair-kept" => ("D64", CreateMembers),
        "wire-duplicates-both-count" => ("D67", CreateMembers),
        "wire-nan-accepted" => ("D71", CreateMembers),
        "wire-null-entries-skipped" | "wire-half-a-batch" => ("D78", CreateMembers),
        "wire-required-missing" => ("D80", CreateMembers),
        "wire-names-in-any-case" => ("D83", CreateMembers),
        "wire-array-as-input" | "wire-array-as-entry" => ("D84", CreateMembers),
        "wire-text-ends-at-nul" => ("D103", CreateMembers),
        "wire-refused-yet-done" => ("D38", CreateMembers),
        "wire-deep-nesting-500" => ("D69", CreateMembers),
        "wire-unknown-member-500" => ("D81", CreateMembers),
        "wire-cookie-echoed" => ("M108", ListMembers),
        "wire-token-echoed" => ("M135", ListMembers),
        "wire-header-injection" => ("I16", ListMembers),
        "wire-hangs-on-large-body" => ("M189", CreateMembers),
        "wire-slow-on-many-members" => ("M187", CreateMembers),
        "wire-busy-behind-deep-nesting" => ("M184", CreateMembers),
        "wire-length-before-chunked" => ("D05", CreateMembers),
        "wire-signed-length" => ("D03", CreateMembers),
        "wire-blank-before-colon" => ("D01", CreateMembers),
        "wire-vast-number-500" => ("D70", CreateMembers),
        "wire-vast-parameter-500" => ("M294", ListMembers),
        "wire-first-copy-checked" | "wire-last-copy-500" => ("M295", CreateMembers),
        "wire-first-copy-500" => ("M296", CreateMembers),
        "wire-second-value-500" => ("D93", ListMembers),
        "wire-capital-names-unknown" => ("M299", CreateMembers),
        "wire-form-read" => ("M300", CreateMembers),
        "wire-long-text-500" => ("M301", CreateMembers),
        "wire-foreign-blanks-500" => ("M302", CreateMembers),
        "wire-text-as-number" => ("D77", GetFindings),
        "wire-underscores-in-numbers" => ("M305", ListMembers),
        "wire-escapes-read-twice" => ("M309", ListMembers),
        "wire-zero-width-500" => ("M304", CreateMembers),
        name if name.starts_with("wire-broken-json") || name == "wire-trailing-text-accepted" => {
            ("D60", CreateMembers)
        }
        _ => ("D75", CreateMembers),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_the_protocol_is_found() {
    let mut table = String::new();
    let mut missed = Vec::new();
    for fault in sample(WireFault::all().iter().copied(), 12) {
        // A signature speaks for the method that was meant.
        let signatures = fault.name() != "wire-put-is-post";
        let run = record(&[fault], signatures, selection(place(fault)), settings()).await;
        let Some(found) = gravest(&run) else {
            missed.push(fault);
            continue;
        };
        let (name, row) = (fault.name(), fault.row());
        writeln!(table, "{name:<28} {row:<4} {:<10} {}", found.severity.name(), found.fingerprint).unwrap();
    }
    assert!(missed.is_empty(), "{missed:?}");
    if !SWEEPS {
        return;
    }
    insta::with_settings!({ snapshot_path => "../../snapshots/faults", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("wire", table);
    });
}
