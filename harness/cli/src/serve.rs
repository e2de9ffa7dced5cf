//! `serve`: the reference server on a loopback port, until it is interrupted.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::environment::now;
use super::files::answers;
use super::{CliError, ExitCode, value};
use passmuster::domain::Profile;
use passmuster::engine::Interrupt;
use passmuster::server::{AnyFault, Listener, Reference, ServerClock, ServerSettings, SessionRules, Signatures};

/// `serve`: the reference implementation over HTTP.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// The port; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Switch on a fault
    #[arg(long = "fault", value_name = "ID", value_parser = value::any_fault)]
    pub(crate) faults: Vec<AnyFault>,
    /// List the faults and what they violate, and stop
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// Give these answers to the open questions, as `run --learn` wrote them
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    #[arg(long, value_name = "PROFILE", default_value_t, hide_default_value = true, help = value::help_on_profiles("to answer to malformed requests"))]
    pub(crate) profile: Profile,
    /// Refuse requests with wrong signatures; access key ids are account ids
    #[arg(long)]
    pub(crate) verify_signatures: bool,
    /// The secret key of every account
    #[arg(
        long,
        value_name = "KEY",
        default_value = "test",
        requires = "verify_signatures",
        hide_default_value = true
    )]
    pub(crate) secret_key: String,
    /// The seed of the ids that are handed out
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Wait this long before each answer, such as 20ms
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub(crate) latency: Option<Duration>,
}

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
    let failed = CliError::unwritable;
    if args.list_faults {
        for fault in AnyFault::all() {
            writeln!(out, "{:<28} {:<16} {}", fault.name(), fault.violates(), fault.summary()).map_err(failed)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (faults, wire_faults) = AnyFault::part(&args.faults);
    let server = Reference::with(ServerSettings {
        seed: args.seed,
        clock: ServerClock::Running(now),
        answers: answers(args.answers.as_deref())?,
        faults,
        changes: Vec::new(),
        wire_faults,
        profile: args.profile,
        sessions: SessionRules::default(),
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
