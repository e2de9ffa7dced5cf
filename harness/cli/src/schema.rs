//! `schema`: prints the JSON schema of a report, or of the configuration file.

use std::io::Write;

use clap::Args;

use super::rules::write;
use super::{CliError, ExitCode, value};
use passmuster::report::Schema;

/// `schema`: the JSON schema of a report, or of the configuration file.
#[derive(Clone, Debug, Args)]
pub(crate) struct SchemaArgs {
    #[arg(value_name = "NAME", value_parser = value::schema, help = value::help_on_schemas())]
    pub(crate) schema: Schema,
}

/// Does `schema`.
///
/// # Errors
///
/// Those of the writer.
pub(crate) fn schema(args: &SchemaArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    write(out, args.schema.text)
}
