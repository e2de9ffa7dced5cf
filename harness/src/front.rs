//! The front door: runs the engine against a service of the caller's own, and gives what it finds as data.
//!
//! Everything here only puts together what [`engine`](crate::engine), [`baseline`](crate::baseline) and
//! [`report`](crate::report) offer; a caller that needs more calls those.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::baseline::{Baseline, Ending};
use crate::engine::{
    Description, HttpSupply, Interrupt, Phase, Run, RunError, RunSettings, Supply, diagnose_within,
};
use crate::record::{CauseRecord, Disposition, DivergenceRecord, RunRecord, Stopped};
use crate::report::issue;
use crate::report::terminal::{TerminalStyle, summary};
use crate::targets::guard::Guard;
use crate::targets::{
    self, AccountSelection, HttpTransport, OrganizationSetup, SetupError, SystemUnderTest, Target,
};
use passmuster_contract::domain::{Account, Severity};

/// A run that is ready to go: against a service in this process by [`test`](Self::test), or one at an address by
/// [`test_at`](Self::test_at).
#[derive(Clone, Debug)]
pub struct Harness {
    settings: RunSettings,
    nonce: Option<u64>,
}

impl Default for Harness {
    /// As [`new`](Self::new) makes it.
    fn default() -> Self {
        Self { settings: RunSettings::default(), nonce: None }
    }
}

impl Harness {
    /// A run with the usual [`RunSettings`]: all phases but malformed requests, and 10,000 calls
    /// within ten minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another seed. Same seed, same calls.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// The number that account ids depend on besides the seed. Without it a service in this process, which is new,
    /// always sees the same ones; one at an address, which may remember earlier runs, sees others each time.
    #[must_use]
    pub fn nonce(mut self, nonce: u64) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// These [phases](Phase) alone. What a run supports is always probed first.
    #[must_use]
    pub fn phases(mut self, phases: impl Into<Vec<Phase>>) -> Self {
        self.settings.phases = phases.into();
        self
    }

    /// Plans with so many calls; confirming what they find comes on top.
    #[must_use]
    pub fn max_calls(mut self, calls: u64) -> Self {
        self.settings.max_calls = calls;
        self
    }

    /// Ends the run after this time, whatever is left to do.
    #[must_use]
    pub fn max_time(mut self, time: Duration) -> Self {
        self.settings.max_time = time;
        self
    }

    /// Changes any other setting.
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut RunSettings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Tests a service in this process, such as [`InProcess`](targets::InProcess).
    ///
    /// One and the same service takes all calls, several at once; each scenario has accounts of its own.
    ///
    /// # Errors
    ///
    /// When the run can't begin.
    pub async fn test<S: SystemUnderTest + 'static>(&self, service: S) -> Result<Findings, HarnessError> {
        let description = Description {
            target: "custom".to_owned(),
            endpoint: "in process".to_owned(),
            curl_endpoint: "http://127.0.0.1:PORT".to_owned(),
            curl_ca: None,
            accounts: AccountSelection::AccessKey,
            version: None,
            replay_flags: " --endpoint http://127.0.0.1:PORT".to_owned(),
        };
        let settings = RunSettings { nonce: self.nonce.unwrap_or(self.settings.nonce), ..self.settings.clone() };
        self.run(Shared(Arc::new(service)), settings, &description).await
    }

    /// Tests whatever listens at the address of a [`Target`], which has to be on this machine.
    ///
    /// # Errors
    ///
    /// When the target can't be reached, or the run can't begin.
    pub async fn test_at(&self, target: Target) -> Result<Findings, HarnessError> {
        let endpoint = target.endpoint.clone().unwrap_or_default();
        let description = Description {
            target: target.name.clone(),
            curl_endpoint: endpoint.clone(),
            curl_ca: target.ca.as_ref().map(|file| file.display().to_string()),
            replay_flags: format!(" --endpoint {endpoint}"),
            endpoint,
            accounts: target.accounts.clone(),
            version: None,
        };
        let mut settings = fitted(self.settings.clone(), &target)?;
        settings.nonce = self.nonce.unwrap_or_else(targets::fresh_nonce);
        let transport = Arc::new(HttpTransport::new(target, Guard::default())?);
        self.run(HttpSupply { transport, reset: None }, settings, &description).await
    }

    async fn run<S: Supply>(
        &self,
        supply: S,
        mut settings: RunSettings,
        description: &Description,
    ) -> Result<Findings, HarnessError> {
        settings.started = targets::now();
        let began = Instant::now();
        let run = Run::start(Arc::new(supply), settings.clone(), &Interrupt::default(), |_| ()).await?;
        let mut record = run.record(&settings, description);
        diagnose_within(&mut record, settings.time_for_causes(began.elapsed()));
        Ok(Findings::of(record))
    }
}

/// Run settings with what follows from the target: its Regions, its accounts, its organization, its limits.
///
/// # Errors
///
/// When the only account of the target has an id that is none.
pub fn fitted(mut settings: RunSettings, target: &Target) -> Result<RunSettings, HarnessError> {
    settings.single_account = match &target.accounts {
        AccountSelection::Single(id) => {
            Some(Account::from_digits(id).ok_or_else(|| HarnessError::Account(id.clone()))?)
        }
        AccountSelection::AccessKey | AccountSelection::Header(_) | AccountSelection::Keys(_) => None,
    };
    if let Some(cast) = &target.cast {
        let most = cast.len() as u64;
        settings.cast = Some(cast.as_slice().into());
        settings.single_account = settings.single_account.or((most == 1).then(|| cast[0]));
        settings.generate.cast = settings.generate.cast.min(most);
        settings.walk_cast = settings.walk_cast.min(most);
        // They are brought back before each scenario.
        settings.fresh_accounts = false;
    }
    settings.regions = target.regions.iter().map(|region| Arc::from(region.as_str())).collect();
    settings.generate.regions = u8::try_from(settings.regions.len()).unwrap_or(u8::MAX);
    settings.organization =
        if target.cast.is_some() { OrganizationSetup::None } else { target.organization.clone() };
    settings.given_hubs = target.given_hubs;
    settings.lacks_by_error_page = target.lacks_by_error_page;
    settings.max_pages = target.limits.max_pages;
    Ok(settings)
}

/// Why nothing was tested.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The target's only account has no id of twelve digits.
    #[error("{0:?} is no account id; write twelve digits: --accounts single=ID")]
    Account(String),
    /// The target can't be reached as it is described.
    #[error("failed to {0}")]
    Setup(#[from] SetupError),
    /// The run could not begin.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The results of a run. As text they are the summary that the command line shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Findings {
    record: RunRecord,
}

impl Findings {
    fn of(mut record: RunRecord) -> Self {
        record.exit_code = Ending::of(&record, false).code();
        Self { record }
    }

    /// The same run, held against what has been reviewed: a listed divergence is no longer new.
    #[must_use]
    pub fn against(mut self, baseline: &Baseline) -> Self {
        baseline.settle(&mut self.record);
        Self::of(self.record)
    }

    /// The divergences that were not reviewed, or not in this way, without suspicions and notes.
    pub fn new_divergences(&self) -> impl Iterator<Item = &DivergenceRecord> {
        let found = self.record.divergences.iter();
        found.filter(|found| {
            let is_new = matches!(found.disposition, Disposition::New | Disposition::Changed);
            found.severity == Severity::Divergence && is_new
        })
    }

    /// The ending of the run: [`Ending::Clean`] where it judged something and nothing new diverges.
    #[must_use]
    pub fn ending(&self) -> Ending {
        Ending::of(&self.record, false)
    }

    /// Asserts that the service does as AWS does, as far as the run could see: that it ended
    /// [clean](Ending::Clean), and was not cut short.
    ///
    /// # Panics
    ///
    /// When it did not. The message tells each cause with its smallest proof, the rules that it breaks with their
    /// sources, and what users of SDKs notice.
    #[track_caller]
    pub fn assert_conforms(&self) {
        let is_cut = self.record.stopped.as_ref().is_some_and(Stopped::is_cut);
        assert!(self.ending() == Ending::Clean && !is_cut, "{}", self.complaint());
    }

    /// What there is to say to somebody who sees nothing but a test that fails.
    fn complaint(&self) -> String {
        let new: Vec<&str> = self.new_divergences().map(|found| found.id.as_str()).collect();
        let is_new = |id: &String| new.contains(&id.as_str());
        let causes: Vec<&CauseRecord> =
            self.record.causes.iter().filter(|cause| cause.findings.iter().any(is_new)).collect();
        let target = &self.record.target.name;
        let mut text = match (new.len(), &self.record.stopped) {
            (0, Some(why)) => format!("the run was cut short: {why}"),
            (0, None) => format!("the run ended without a verdict: {}", self.ending().meaning()),
            (1, _) => format!("{target} does otherwise than AWS, in one way that is new"),
            (number, _) => format!("{target} does otherwise than AWS, in {number} ways that are new"),
        };
        for written in causes.iter().filter_map(|cause| issue(&self.record, &cause.id)) {
            text.push_str("\n\n");
            text.push_str(written.trim_end());
        }
        let is_explained = |id: &&str| causes.iter().any(|cause| cause.findings.iter().any(|found| found == id));
        if new.is_empty() || !new.iter().all(is_explained) {
            text.push_str(&format!("\n\n{self}"));
        }
        text
    }

    /// Everything the run found out, as reports hold it.
    #[must_use]
    pub const fn record(&self) -> &RunRecord {
        &self.record
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = Vec::new();
        summary(&self.record, TerminalStyle { verbose: true, ..TerminalStyle::PLAIN }, &mut text)
            .map_err(|_| fmt::Error)?;
        f.write_str(&String::from_utf8_lossy(&text))
    }
}

/// One service for all scenarios.
struct Shared<S>(Arc<S>);

impl<S: SystemUnderTest + 'static> Supply for Shared<S> {
    type Sut = Arc<S>;

    fn open(&self) -> Arc<S> {
        self.0.clone()
    }
}
