//! A suite for a build server: what is wrong already is listed with a reason, and only what is new fails.
//!
//! ```console
//! $ cargo run -p passmuster --example regression_suite
//! ```
//!
//! The service stands for any that has faults: here it is the reference server, with some switched on. `main` goes
//! through the life of a suite: the first run writes what it finds as pending, somebody accepts it with a reason, the
//! next run passes, and a change that breaks something else fails. `tests/examples.rs` holds each of these.

use std::error::Error;
use std::io::{Write, stdout};
use std::path::Path;

use passmuster::baseline::{Baseline, Ending};
use passmuster::engine::Phase;
use passmuster::server::{Answers, Embedded, Fault};
use passmuster::{Findings, Harness};

/// Why somebody accepts what is wrong.
const REASON: &str = "nobody relies on it; to be mended with the next release";

/// The suite: a run of the service with these faults, held against the reviewed divergences in a folder. Where `ci` is
/// not set, what is new is written there, to be reviewed by `passmuster review` or `cargo insta review`.
///
/// # Errors
///
/// When the run can't begin, or the folder can't be read or written.
pub(crate) async fn suite(faults: &[Fault], reviewed: &Path, ci: bool) -> Result<Findings, Box<dyn Error>> {
    let service = Embedded::new(1, Answers::default(), faults);
    let harness = Harness::new().phases([Phase::Boundary, Phase::Random]).max_calls(2_500);
    let baseline = Baseline::load(reviewed)?;
    let findings = harness.test(service).await?.against(&baseline);
    if !ci {
        baseline.write_pending(findings.record())?;
    }
    Ok(findings)
}

/// Accepts all that is pending in a folder.
///
/// # Errors
///
/// When the folder can't be read or written.
pub(crate) fn accept_all(reviewed: &Path) -> Result<usize, Box<dyn Error>> {
    let mut baseline = Baseline::load(reviewed)?;
    let pending = baseline.pending()?;
    for entry in &pending {
        baseline.accept(&entry.id, REASON)?;
    }
    Ok(pending.len())
}

/// The fault that the service has had for long, and the one that a change brings.
///
/// # Errors
///
/// When there are none of these names.
pub(crate) fn faults() -> Result<[Fault; 2], Box<dyn Error>> {
    Ok([Fault::from_name("create-again")?, Fault::from_name("enable-twice")?])
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("passmuster-regression-suite-{}", std::process::id()));
    let [old, new] = faults()?;
    let mut out = stdout();
    let mut tell = |when: &str, findings: &Findings| {
        let ids: Vec<&str> = findings.new_divergences().map(|found| found.id.as_str()).collect();
        writeln!(out, "{when}: {}, new: {}", findings.ending().meaning(), ids.join(" "))
    };

    tell("the first run", &suite(&[old], &folder, false).await?)?;
    let accepted = accept_all(&folder)?;
    tell(&format!("after {accepted} were accepted"), &suite(&[old], &folder, true).await?)?;
    let broken = suite(&[old, new], &folder, true).await?;
    tell("after a change", &broken)?;
    std::fs::remove_dir_all(&folder)?;
    // A suite ends with `if findings.ending() != Ending::Clean { exit(1) }`; here failing is what was to be shown.
    match broken.ending() {
        Ending::NewDivergence => Ok(()),
        other => Err(other.meaning().into()),
    }
}
