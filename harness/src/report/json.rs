//! The run as JSON, for programs; other formats can be rendered from it later.

use std::io::{self, Write};

use crate::record::{RunRecord, SCHEMA};

/// Writes a run.
pub(super) fn render(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, record)?;
    out.write_all(b"\n")
}

/// Reads a run; an error says what is wrong.
pub(super) fn parse(text: &[u8]) -> Result<RunRecord, String> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_slice(text).map_err(|error| format!("it is no report: {error}"))?;
    if head.schema != SCHEMA {
        let schema = passmuster_contract::domain::printable(&head.schema).into_owned();
        return Err(format!("its schema is {schema}, and this version reads {SCHEMA}"));
    }
    serde_json::from_slice(text).map_err(|error| error.to_string())
}
