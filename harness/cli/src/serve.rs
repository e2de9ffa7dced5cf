//! `serve`: the reference server for anybody to call.

use std::io::Write;
use std::time::Duration;

use super::session::{answers, now};
use super::{CliError, ExitCode, ServeArgs};
use passmuster::engine::Interrupt;
use passmuster::server::{AnyFault, Listener, Reference, ServerSettings, Signatures};

/// Does `serve`, until interrupted.
///
/// # Errors
///
/// When the port can't be had.
pub(crate) async fn serve(
    args: &ServeArgs,
    interrupt: &Interrupt,
    out: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let failed = |error: std::io::Error| CliError::internal(format!("failed to write: {error}"));
    if args.list_faults {
        for fault in AnyFault::all() {
            writeln!(out, "{:<28} {:<16} {}", fault.name(), fault.violates(), fault.summary()).map_err(failed)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (faults, wire_faults) = AnyFault::part(&args.faults);
    let server = Reference::with(ServerSettings {
        seed: args.seed,
        answers: answers(args.answers.as_deref())?,
        faults,
        wire_faults,
        profile: args.profile,
        signatures: args.verify_signatures.then(|| Signatures::new(&args.secret_key, now)),
    });
    let listener = Listener::bind(args.port, args.latency.unwrap_or(Duration::ZERO))
        .await
        .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    writeln!(out, "listening {}", listener.endpoint()).and_then(|()| out.flush()).map_err(failed)?;
    tokio::select! {
        never = listener.serve(server) => match never {},
        () = interrupt.raised() => Ok(ExitCode::SUCCESS),
    }
}
