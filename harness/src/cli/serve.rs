//! `serve`: the reference server for anybody to call.

use std::io::Write;
use std::time::Duration;

use super::session::answers;
use super::{CliError, ExitCode, ServeArgs};
use crate::engine::Interrupt;
use crate::server::{Fault, Listener, Reference};

/// Does `serve`, until interrupted.
///
/// # Errors
///
/// When the port can't be had.
pub async fn serve(args: &ServeArgs, interrupt: &Interrupt, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let failed = |error: std::io::Error| CliError::internal(format!("failed to write: {error}"));
    if args.list_faults {
        for fault in Fault::all() {
            writeln!(out, "{:<28} {:<16} {}", fault.name(), fault.rule().0, fault.summary()).map_err(failed)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    if args.verify_signatures {
        let hint = "leave it out: the account is the access key id, whoever signs";
        return Err(CliError::usage("this version does not verify signatures", hint));
    }
    let server = Reference::new(args.seed, answers(args.answers.as_deref())?, &args.faults);
    let listener = Listener::bind(args.port, args.latency.unwrap_or(Duration::ZERO))
        .await
        .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    writeln!(out, "listening {}", listener.endpoint()).and_then(|()| out.flush()).map_err(failed)?;
    tokio::select! {
        never = listener.serve(server) => match never {},
        () = interrupt.raised() => Ok(ExitCode::SUCCESS),
    }
}
