//! Every snapshot of a reviewed divergence can be read.
//!
//! This test lives beside the snapshots because `cargo insta review` looks for pending ones below the folders that hold
//! the sources of a package.

use std::fs;
use std::path::Path;

use passmuster::baseline::Baseline;

#[test]
fn every_reviewed_divergence_can_be_read() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../snapshots/targets");
    let Ok(folders) = fs::read_dir(targets) else { return };
    for folder in folders {
        let folder = folder.unwrap().path();
        if folder.is_dir() {
            Baseline::load(&folder).unwrap();
        }
    }
}
