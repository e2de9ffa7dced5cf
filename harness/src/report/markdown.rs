//! The run as a page for people.

use std::io::{self, Write};

use crate::record::RunRecord;

/// Writes a run.
pub(super) fn render(_record: &RunRecord, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
