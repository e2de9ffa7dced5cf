//! `doctor`: looks at each property of a live target that a run depends on, and says what to change.

mod checkup;
mod watched;

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::config::ConfigArgs;
use super::open_target::{check_loopback, locate, settings_for};
use super::target::{EMBEDDED, TargetArgs};
use super::{CliError, Environment, ExitCode};
use checkup::Checkup;
use passmuster::baseline::Ending;
use passmuster::domain::printable;
use passmuster::engine::Interrupt;
use passmuster::targets::guard::Guard;
use passmuster::targets::secrets::{masked, masked_address};
use passmuster::targets::{HttpTransport, OrganizationSetup, fresh_nonce};

/// The time that a target may take to answer for the first time.
const WAIT: Duration = Duration::from_secs(30);

/// `doctor`: look at a target.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DoctorArgs {
    /// The target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// What was seen of one property.
pub(super) struct Sign {
    health: Health,
    property: &'static str,
    seen: String,
    /// What to change, where something is wrong.
    remedy: Option<String>,
}

/// Whether a run can rely on a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Good,
    /// It was not looked at, or a run does without.
    Unknown,
    /// A run would cry wolf, or could not begin.
    Wrong,
    /// Nothing answers, or not so that anything could be told.
    Gone,
    /// There is nothing that a run could test.
    Empty,
}

impl Sign {
    pub(super) const fn good(property: &'static str, seen: String) -> Self {
        Self { health: Health::Good, property, seen, remedy: None }
    }

    pub(super) fn unknown(property: &'static str, seen: impl Into<String>) -> Self {
        Self { health: Health::Unknown, property, seen: seen.into(), remedy: None }
    }

    pub(super) fn bad(health: Health, property: &'static str, seen: impl Into<String>) -> Self {
        Self { health, property, seen: seen.into(), remedy: None }
    }

    pub(super) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    /// The same of an error of another layer, which brings its remedy along after a semicolon.
    pub(super) fn of_error(health: Health, property: &'static str, error: &str) -> Self {
        let first = error.lines().next().unwrap_or_default();
        match first.rsplit_once("; ") {
            Some((seen, remedy)) => Self::bad(health, property, seen).with_remedy(remedy),
            None => Self::bad(health, property, first),
        }
    }

    fn write(&self, out: &mut dyn Write) -> Result<(), CliError> {
        let mark = match self.health {
            Health::Good => "ok",
            Health::Unknown => "-",
            Health::Wrong | Health::Gone | Health::Empty => "WRONG",
        };
        let shown = |text: &str| printable(&masked(text)).into_owned();
        let mut text = format!("{mark:<6} {:<11} {}\n", self.property, shown(&self.seen));
        if let Some(remedy) = &self.remedy {
            text.push_str(&format!("{:<18} change: {}\n", "", shown(remedy)));
        }
        out.write_all(text.as_bytes()).map_err(CliError::unwritable)
    }
}

/// Does `doctor`.
///
/// # Errors
///
/// When the target is none that may be called, or can't be started.
pub(crate) async fn doctor(
    args: &DoctorArgs,
    environment: &Environment,
    interrupt: &Interrupt,
    out: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    if args.target.name() == EMBEDDED {
        let fix = "say which: --target NAME, or --endpoint URL";
        return Err(CliError::usage("the embedded server is never ill", fix));
    }
    if !args.target.allow_accounts.is_empty() {
        let fix = "`passmuster run --dry-run` says whose they are, and that they are empty";
        return Err(CliError::usage("accounts of somebody are none to try things on", fix));
    }
    tokio::select! {
        biased;
        () = interrupt.raised() => Ok(Ending::Interrupted.into()),
        ended = examine(args, environment, out) => ended,
    }
}

async fn examine(args: &DoctorArgs, environment: &Environment, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let mut target = args.target.resolve()?;
    let (endpoint, spawned) = locate(&args.target, &mut target, environment).await?;
    check_loopback(&endpoint, &target)?;
    // What founds an organization can't be undone.
    target.organization = OrganizationSetup::None;
    let mut settings = settings_for(&target, &args.target)?;
    settings.nonce = fresh_nonce();
    let transport = HttpTransport::new(target, Guard::default())
        .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    let head = format!("{} ({})\n", transport.target().name, masked_address(&endpoint));
    out.write_all(printable(&head[..head.len() - 1]).as_bytes()).map_err(CliError::unwritable)?;
    out.write_all(b"\n").map_err(CliError::unwritable)?;
    let mut checkup = Checkup::new(Arc::new(transport), settings, args.target.reset.clone(), out);
    let worst = checkup.go_through(args.target.wait.unwrap_or(WAIT)).await;
    if let Some(mut spawned) = spawned {
        spawned.stop().await;
    }
    let (verdict, code) = match worst? {
        Health::Good | Health::Unknown => ("a run can rely on it", ExitCode::SUCCESS),
        Health::Wrong => ("a run can't rely on it before that is changed", ExitCode::Usage),
        Health::Gone => ("no verdict", Ending::NoVerdict.into()),
        Health::Empty => ("there is nothing to test", Ending::NothingChecked.into()),
    };
    out.write_all(format!("\nexit {}: {verdict}\n", code.code()).as_bytes()).map_err(CliError::unwritable)?;
    Ok(code)
}
