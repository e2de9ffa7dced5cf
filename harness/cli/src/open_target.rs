//! Opens the target of a command: the embedded server, or one that listens at an address.

use std::io::Write;
use std::sync::Arc;

use super::cast::{self, FixedCast};
use super::environment::now;
use super::ready::reach;
use super::target::{AccountsArg, EMBEDDED, GivenState, TargetArgs};
use super::{CliError, Environment};
use passmuster::domain::{Operation, Profile};
use passmuster::engine::{Description, EmbeddedSupply, HttpSupply, ProbeError, Run, RunError, RunSettings};
use passmuster::fitted;
use passmuster::server::{Answers, AnyFault, ServerSettings, Signatures};
use passmuster::targets::endpoint::Endpoint;
use passmuster::targets::guard::Guard;
use passmuster::targets::reset::ResetError;
use passmuster::targets::secrets::{masked, masked_address};
use passmuster::targets::spawn::{self, Spawned};
use passmuster::targets::{
    AccountSelection, Caller, HttpTransport, OrganizationSetup, Target, fresh_nonce, reset, version,
};

/// The port that command lines name for the embedded server, which has none of its own.
const EMBEDDED_ENDPOINT: &str = "http://127.0.0.1:4599";

/// A target made ready.
pub(super) struct OpenTarget {
    pub(super) supply: AnySupply,
    pub(super) target: Target,
    pub(super) description: Description,
    pub(super) spawned: Option<Spawned>,
    /// The accounts, where they are somebody's.
    pub(super) cast: Option<FixedCast>,
}

/// The supply of systems for its scenarios.
pub(super) enum AnySupply {
    Embedded(Arc<EmbeddedSupply>),
    Http(Arc<HttpSupply>),
}

impl OpenTarget {
    /// Finds the target, starts it where a line for that is given, and makes sure that a reset works.
    pub(super) async fn open(
        args: &TargetArgs,
        answers: Answers,
        seed: u64,
        profile: Profile,
        environment: &Environment,
    ) -> Result<Self, CliError> {
        let mut target = args.resolve()?;
        if target.name == EMBEDDED {
            if matches!(target.organization, OrganizationSetup::Static { .. }) {
                let message = "the embedded server has no organization of its own";
                return Err(CliError::usage(message, "write --organization api, or none"));
            }
            return Ok(Self::embedded(args, target, answers, seed, profile));
        }
        let (endpoint, spawned) = locate(args, &mut target, environment).await?;
        if !args.allow_accounts.is_empty() {
            cast::furnish(args, &mut target, environment)?;
            let cast = FixedCast::open(args, &target).await?;
            let description = describe(args, &target, &endpoint);
            let supply = HttpSupply { transport: cast.transport.clone(), reset: None };
            let supply = AnySupply::Http(Arc::new(supply));
            return Ok(Self { supply, target, description, spawned, cast: Some(cast) });
        }
        check_loopback(&endpoint, &target)?;
        if matches!(target.accounts, AccountSelection::Single(_)) && args.reset.is_none() {
            let message = "with one account only, what one scenario leaves behind is in the way of the next";
            let known = target.reset_hint.as_deref().unwrap_or("POST /path");
            return Err(CliError::usage(message, format!("say how to clear it: --reset '{known}'")));
        }
        let transport = HttpTransport::new(target.clone(), Guard::default())
            .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        let transport = Arc::new(transport);
        if let Some(wait) = args.wait.filter(|_| spawned.is_none()) {
            // What a target that is not ready by then answers, the run says.
            reach(&*transport, target.ready.as_deref(), &some_caller(&target), wait).await;
        }
        let reset = match &args.reset {
            None => None,
            Some(reset) => Some((reset.clone(), verified(&transport, reset, &target).await?)),
        };
        let mut description = describe(args, &target, &endpoint);
        if let (None, Some(path)) = (&description.version, &target.version_at) {
            description.version = version::ask(&transport, path, &some_caller(&target)).await;
        }
        let supply = AnySupply::Http(Arc::new(HttpSupply { transport, reset }));
        Ok(Self { supply, target, description, spawned, cast: None })
    }

    fn embedded(args: &TargetArgs, target: Target, answers: Answers, seed: u64, profile: Profile) -> Self {
        let (faults, wire_faults) = AnyFault::part(&args.faults);
        let signatures = Some(Signatures::new(&target.credentials.secret_key, now));
        let supply = Arc::new(EmbeddedSupply(ServerSettings {
            seed,
            answers,
            faults,
            wire_faults,
            profile,
            signatures,
            ..ServerSettings::default()
        }));
        let mut flags: String = args.faults.iter().map(|fault| format!(" --fault {fault}")).collect();
        flags.push_str(&setup_flags(args));
        let description = Description {
            target: target.name.clone(),
            endpoint: "in process".to_owned(),
            curl_endpoint: EMBEDDED_ENDPOINT.to_owned(),
            curl_ca: None,
            accounts: AccountSelection::AccessKey,
            version: Some(args.target_version.clone().unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned())),
            replay_flags: flags,
        };
        Self { supply: AnySupply::Embedded(supply), target, description, spawned: None, cast: None }
    }

    /// The settings that follow from the target.
    pub(super) fn settings(&self, args: &TargetArgs) -> Result<RunSettings, CliError> {
        settings_for(&self.target, args)
    }

    /// Whether it is the embedded server.
    pub(super) const fn is_in_process(&self) -> bool {
        matches!(self.supply, AnySupply::Embedded(_))
    }

    /// The nonce of a run: the one given, or a new one. Embedded servers remember nothing, and a run against them is
    /// the same each time.
    pub(super) fn nonce(&self, given: Option<u64>) -> u64 {
        given.unwrap_or_else(|| match self.supply {
            AnySupply::Embedded(_) => 0,
            AnySupply::Http(_) => fresh_nonce(),
        })
    }

    /// The description of a target that was not reached, for the report that says so.
    pub(super) fn unreached(args: &TargetArgs) -> Result<(Target, Description), CliError> {
        let target = args.resolve()?;
        let endpoint = target.endpoint.clone().unwrap_or_else(|| "not reached".to_owned());
        let description = describe(args, &target, &endpoint);
        Ok((target, description))
    }

    /// Asks what was started to end, while the report is made.
    pub(super) fn ask_to_end(&self) {
        if let Some(spawned) = &self.spawned {
            spawned.ask_to_end();
        }
    }

    /// Tells what is going to be done to accounts that are somebody's, and lets it be done.
    pub(super) fn plan(
        &mut self,
        args: &TargetArgs,
        settings: &RunSettings,
        is_rehearsal: bool,
        chat: &mut (dyn Write + Send),
    ) -> Result<(), CliError> {
        match &mut self.cast {
            Some(cast) => cast.plan(args.journal.as_deref(), settings, is_rehearsal, chat),
            None => Ok(()),
        }
    }

    /// Brings accounts back that are somebody's.
    pub(super) async fn restore(&mut self) -> Result<(), CliError> {
        match &mut self.cast {
            Some(cast) => cast.restore().await,
            None => Ok(()),
        }
    }

    /// The end of a run, in better words where the scheme of the endpoint explains it.
    pub(super) async fn explain(&self, finished: Result<Run, RunError>) -> Result<Run, RunError> {
        let AnySupply::Http(supply) = &self.supply else { return finished };
        match finished {
            Err(error) => Err(self.explain_error(error).await),
            // Many a server of TLS says in plain HTTP that it was not spoken to in TLS.
            Ok(run) if run.support.get(Operation::DescribeHub).is_some() && run.support.supported() == 0 => {
                let other = supply.transport.other_scheme().await;
                other.map_or(Ok(run), |why| Err(ProbeError::Unreachable(why).into()))
            }
            Ok(run) => Ok(run),
        }
    }

    /// A failure in better words where the scheme of the endpoint explains it.
    pub(super) async fn explain_error(&self, error: RunError) -> RunError {
        match (error, &self.supply) {
            (RunError::Probe(ProbeError::Unreachable(why)), AnySupply::Http(supply)) => {
                ProbeError::Unreachable(supply.transport.explain(why).await).into()
            }
            (other, _) => other,
        }
    }

    /// Ends what was started.
    pub(super) async fn close(&mut self) {
        if let Some(spawned) = &mut self.spawned {
            spawned.stop().await;
        }
    }

    /// The last output of a started server, for an error about it.
    pub(super) fn last_output(&self) -> Option<String> {
        self.spawned.as_ref().map(Spawned::last_output).filter(|output| !output.trim().is_empty())
    }
}

/// Starts the target where a line for that is given, and finds out its address.
pub(super) async fn locate(
    args: &TargetArgs,
    target: &mut Target,
    environment: &Environment,
) -> Result<(String, Option<Spawned>), CliError> {
    let mut spawned = None;
    if let Some(line) = &args.spawn {
        let started = Spawned::start(line, target.ready.as_deref(), spawn::DEFAULT_DEADLINE).await;
        let started = started.map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        target.endpoint = Some(started.endpoint());
        spawned = Some(started);
    }
    if target.endpoint.is_none() {
        target.endpoint.clone_from(&environment.aws_endpoint);
    }
    let Some(endpoint) = target.endpoint.clone() else {
        let hint = match &target.spawn_hint {
            Some(line) => format!("give its address with --endpoint URL, or start it with --spawn '{line}'"),
            None => "give its address with --endpoint URL".to_owned(),
        };
        return Err(CliError::usage(format!("where is {}?", target.name), hint));
    };
    Ok((endpoint, spawned))
}

/// The settings that follow from a target.
pub(super) fn settings_for(target: &Target, args: &TargetArgs) -> Result<RunSettings, CliError> {
    let settings = RunSettings { fresh_accounts: args.reset.is_none(), started: now(), ..RunSettings::default() };
    fitted(settings, target).map_err(|error| CliError::from_message(&error.to_string()))
}

/// A run makes up accounts of its own: it has no business with a service that others use.
pub(super) fn check_loopback(endpoint: &str, target: &Target) -> Result<(), CliError> {
    let region = target.regions.first().map_or("us-east-1", String::as_str);
    let is_everywhere = endpoint.contains("{domain}");
    let parsed = Endpoint::parse(&endpoint.replace("{domain}", "amazonaws.com"), region)
        .map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    if !is_everywhere && parsed.resolved().is_loopback() {
        return Ok(());
    }
    let message = format!("refused to call {endpoint}: it is not on this machine");
    Err(CliError::usage(
        message,
        "only a loopback address is called without asking: name every account of the cast by --allow-accounts ID,…, \
         or forward a port",
    ))
}

async fn verified(
    transport: &Arc<HttpTransport>,
    reset: &passmuster::targets::Reset,
    target: &Target,
) -> Result<Caller, CliError> {
    let caller = some_caller(target);
    let done = match reset::reset_and_verify(transport, reset, &caller).await {
        Err(ResetError::Transport(error)) => Err(ResetError::Transport(transport.explain(error).await)),
        other => other,
    };
    done.map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    Ok(caller)
}

/// An account that no scenario has, or the only one.
pub(super) fn some_caller(target: &Target) -> Caller {
    let account = match &target.accounts {
        AccountSelection::Single(id) => id.as_str(),
        _ => "100000000001",
    };
    Caller::new(account, target.regions.first().map_or("us-east-1", String::as_str))
}

fn describe(args: &TargetArgs, target: &Target, endpoint: &str) -> Description {
    let endpoint = &masked_address(endpoint);
    let mut flags = String::new();
    if args.target.is_some() {
        flags.push_str(&format!(" --target {}", target.name));
    }
    flags.push_str(&match &args.spawn {
        Some(line) => format!(" --spawn '{}'", masked(line)),
        None => format!(" --endpoint {endpoint}"),
    });
    match args.selection() {
        Some(AccountSelection::Header(name)) => flags.push_str(&format!(" --account-header {name}")),
        Some(AccountSelection::Single(id)) => flags.push_str(&format!(" --accounts single={id}")),
        Some(AccountSelection::AccessKey | AccountSelection::Keys(_)) | None => {}
    }
    if let Some(ca) = &args.ca {
        flags.push_str(&format!(" --ca {}", ca.display()));
    }
    match &args.accounts {
        Some(profiles @ AccountsArg::Profiles(_)) => flags.push_str(&format!(" --accounts {profiles}")),
        // A shell would take the braces for a choice.
        Some(role @ AccountsArg::Role(_)) => flags.push_str(&format!(" --accounts '{role}'")),
        Some(AccountsArg::Selected(_)) | None => {}
    }
    if let Some(id) = &args.external_id {
        flags.push_str(&format!(" --external-id {id}"));
    }
    if !args.allow_accounts.is_empty() {
        flags.push_str(&format!(" --allow-accounts {}", args.allow_accounts.join(",")));
    }
    flags.push_str(&setup_flags(args));
    Description {
        target: target.name.clone(),
        endpoint: endpoint.to_owned(),
        curl_endpoint: endpoint.to_owned(),
        curl_ca: target.ca.as_ref().map(|file| file.display().to_string()),
        accounts: match &target.accounts {
            // Keys are nobody else's business.
            AccountSelection::Keys(_) => AccountSelection::Keys(Vec::new()),
            known => known.clone(),
        },
        version: args.target_version.clone(),
        replay_flags: flags,
    }
}

/// The flags on what is there before the first call, as they were.
fn setup_flags(args: &TargetArgs) -> String {
    let organization = args.organization.as_ref().map(|organization| format!(" --organization {organization}"));
    let given = args.given.map(|GivenState::Hub| " --given hub".to_owned());
    [organization, given].into_iter().flatten().collect()
}
