//! The properties, one after the other; what was switched on is switched off at the end.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use super::super::ready::{Readiness, reach};
use super::watched::{Watched, is_success};
use super::{Health, Sign};
use crate::error::CliError;
use crate::open_target::some_caller;
use passmuster::domain::Operation;
use passmuster::engine::{ProbeError, Run, RunError, RunSettings, Support};
use passmuster::targets::reset::{ResetError, reset, reset_and_verify};
use passmuster::targets::{AccountSelection, Caller, HttpTransport, Reset, TransportError, fresh_nonce};

/// One look at a target.
pub(super) struct Checkup<'a> {
    target: Watched,
    settings: RunSettings,
    reset: Option<Reset>,
    out: &'a mut dyn Write,
    worst: Health,
}

impl<'a> Checkup<'a> {
    pub(super) fn new(
        transport: Arc<HttpTransport>,
        settings: RunSettings,
        reset: Option<Reset>,
        out: &'a mut dyn Write,
    ) -> Self {
        Self { target: Watched::new(transport), settings, reset, out, worst: Health::Good }
    }

    /// Looks at each property; the worst of them.
    pub(super) async fn go_through(&mut self, wait: Duration) -> Result<Health, CliError> {
        let caller = some_caller(self.target.transport.target());
        let ready = self.target.transport.target().ready.clone();
        let reached = reach(&self.target, ready.as_deref(), &caller, wait).await;
        let (sign, is_reached) = self.reachable(reached, wait).await;
        self.tell(&sign)?;
        if !is_reached {
            return Ok(self.worst);
        }
        let examined = self.examine(&caller).await;
        let undone = self.undo(&caller).await;
        examined?;
        self.tell(&undone)?;
        Ok(self.worst)
    }

    async fn examine(&mut self, caller: &Caller) -> Result<(), CliError> {
        let sign = self.resets(caller).await;
        self.tell(&sign)?;
        let run = match Run::probed(Arc::new(self.target.clone()), &self.settings).await {
            Ok(run) => run,
            Err(RunError::Probe(ProbeError::Unreachable(error))) => {
                let error = self.target.transport.explain(error).await;
                return self.tell(&Sign::of_error(Health::Gone, "operations", &format!("failed to {error}")));
            }
            Err(error) => return self.tell(&Sign::of_error(Health::Wrong, "state", &error.to_string())),
        };
        let sign = self.operations(&run).await;
        self.tell(&sign)?;
        if self.worst == Health::Gone || run.support.supported() == 0 {
            return Ok(());
        }
        let state = match run.remarks.iter().find(|remark| remark.contains("passed over")) {
            Some(passed) => Sign::unknown("state", passed.as_str()),
            None => Sign::good("state", "the accounts that were looked at are unused".to_owned()),
        };
        self.tell(&state)?;
        let sign = self.accounts(&run);
        self.tell(&sign)?;
        let sign = self.regions(&run).await;
        self.tell(&sign)
    }

    fn tell(&mut self, sign: &Sign) -> Result<(), CliError> {
        let rank = |health: Health| match health {
            Health::Good | Health::Unknown => 0,
            Health::Wrong => 1,
            Health::Empty => 2,
            Health::Gone => 3,
        };
        if rank(sign.health) > rank(self.worst) {
            self.worst = sign.health;
        }
        sign.write(self.out)
    }

    async fn reachable(&self, reached: Readiness, wait: Duration) -> (Sign, bool) {
        const PROPERTY: &str = "reachable";
        match reached {
            Readiness::After(took) => {
                (Sign::good(PROPERTY, format!("answers, the first time after {:.1} s", took.as_secs_f64())), true)
            }
            Readiness::NotReady(path, status) => {
                let seen = format!("{path} is still answered by status {status} after {wait:?}");
                let sign = Sign::bad(Health::Gone, PROPERTY, seen);
                (sign.with_remedy("look at its log, or give it more time: --wait TIME"), false)
            }
            Readiness::Never(error) => {
                let error = self.target.transport.explain(error).await;
                (Sign::of_error(Health::Gone, PROPERTY, &format!("failed to {error}")), false)
            }
        }
    }

    /// Whether a reset clears what is there.
    async fn resets(&self, caller: &Caller) -> Sign {
        const PROPERTY: &str = "reset";
        let target = self.target.transport.target();
        let known = target.reset_hint.as_deref();
        let Some(wanted) = &self.reset else {
            return match (known, &target.accounts) {
                (_, AccountSelection::Single(_)) => {
                    let sign = Sign::bad(Health::Wrong, PROPERTY, "none, and there is one account only");
                    sign.with_remedy(format!("--reset '{}'", known.unwrap_or("POST /path")))
                }
                (Some(known), _) => Sign::unknown(
                    PROPERTY,
                    format!("not asked for; scenarios take fresh accounts (known: '{known}')"),
                ),
                (None, _) => Sign::unknown(PROPERTY, "not asked for; scenarios take fresh accounts"),
            };
        };
        match reset_and_verify(&self.target, wanted, caller).await {
            Ok(()) => Sign::good(PROPERTY, "clears a hub that was on".to_owned()),
            Err(error @ ResetError::Transport(_)) => Sign::of_error(Health::Gone, PROPERTY, &error.to_string()),
            Err(error) => Sign::of_error(Health::Wrong, PROPERTY, &error.to_string()),
        }
    }

    /// The operations that are there.
    async fn operations(&self, run: &Run) -> Sign {
        const PROPERTY: &str = "operations";
        let tested: Vec<Operation> = Operation::ALL.iter().copied().filter(|one| !one.is_setup()).collect();
        let (supported, all) = (run.support.supported(), tested.len());
        let without = |wanted: fn(&Support) -> bool| {
            let found = tested.iter().filter_map(|one| {
                run.support.get(*one).filter(|support| wanted(support)).map(|support| (one, support))
            });
            let found: Vec<_> = found.collect();
            found.first().map(|(one, support)| {
                format!("{} of them, such as {one}: {}", found.len(), support.reason().unwrap_or_default())
            })
        };
        let broken = without(|support| matches!(support, Support::Broken(_)));
        let missing = without(|support| matches!(support, Support::Unsupported(_)));
        if supported == 0 {
            if let Some(other) = self.target.transport.other_scheme().await {
                return Sign::of_error(Health::Gone, PROPERTY, &format!("failed to {other}"));
            }
            let why = broken.or(missing).unwrap_or_default();
            let sign = Sign::bad(Health::Empty, PROPERTY, format!("none of {all} is there: {why}"));
            return sign.with_remedy("see that Security Hub is served at this address: --endpoint URL");
        }
        let mut seen = format!("{supported} of {all} are there");
        if let Some(missing) = missing {
            seen.push_str(&format!("; not {missing}"));
        }
        match broken {
            Some(broken) => Sign::bad(Health::Wrong, PROPERTY, format!("{seen}; broken {broken}"))
                .with_remedy("look at the log of the target: a well-formed call should not fail"),
            None => Sign::good(PROPERTY, seen),
        }
    }

    /// Whether what one account does shows to another.
    fn accounts(&self, run: &Run) -> Sign {
        const PROPERTY: &str = "accounts";
        let target = self.target.transport.target();
        let way = match &target.accounts {
            AccountSelection::AccessKey => "the access key id".to_owned(),
            AccountSelection::Header(name) => format!("the header {name}"),
            AccountSelection::Keys(_) => "their keys".to_owned(),
            AccountSelection::Single(id) => return Sign::unknown(PROPERTY, format!("one only: {id}")),
        };
        let can_tell =
            [Operation::EnableSecurityHub, Operation::DescribeHub].iter().all(|one| run.support.can_call(*one));
        if !can_tell {
            let seen = "it can't be seen whether they are kept apart: no hub can be switched on and described";
            return Sign::unknown(PROPERTY, seen);
        }
        if !run.single_caller {
            return Sign::good(PROPERTY, format!("kept apart by {way}"));
        }
        let sign = Sign::bad(
            Health::Wrong,
            PROPERTY,
            format!("not kept apart by {way}: the hub of one is on for another"),
        );
        let single = target.reset_hint.as_deref().unwrap_or("POST /path");
        let other = match (&target.accounts, target.name.as_str()) {
            (_, "moto") => "start moto without MOTO_ACCOUNT_ID",
            (AccountSelection::AccessKey, _) => "name the header that it takes them from by --account-header NAME",
            _ => "try --accounts access-key",
        };
        sign.with_remedy(format!("{other}, or test it with one account: --accounts single --reset '{single}'"))
    }

    /// Whether what is done in one Region shows in another.
    async fn regions(&self, run: &Run) -> Sign {
        const PROPERTY: &str = "Regions";
        let regions = &self.settings.regions;
        let [first, second, ..] = &regions[..] else {
            return Sign::unknown(PROPERTY, "one only");
        };
        let can_tell = [Operation::EnableSecurityHub, Operation::DescribeHub, Operation::DisableSecurityHub]
            .iter()
            .all(|one| run.support.can_call(*one));
        if !can_tell {
            return Sign::unknown(PROPERTY, "it can't be seen whether they are kept apart");
        }
        match self.region_leaks(first, second).await {
            Ok(Some(false)) => Sign::good(PROPERTY, format!("{first} and {second} are kept apart")),
            Ok(Some(true)) => Sign::bad(
                Health::Wrong,
                PROPERTY,
                format!("not kept apart: a hub that is on in {first} is on in {second}"),
            )
            .with_remedy(format!("use one alone: --region {first}")),
            Ok(None) => Sign::unknown(PROPERTY, "no unused account was found to look at them"),
            Err(error) => Sign::of_error(Health::Gone, PROPERTY, &format!("failed to {error}")),
        }
    }

    /// Switches a hub on in one Region and looks for it in another; nothing where no account is unused.
    async fn region_leaks(&self, first: &str, second: &str) -> Result<Option<bool>, TransportError> {
        // The probe has left the hub of the only account on.
        self.target.undo().await?;
        let account = match &self.target.transport.target().accounts {
            AccountSelection::Single(id) => id.clone(),
            _ => format!("1{:011}", fresh_nonce() % 100_000_000_000),
        };
        let (here, there) = (Caller::new(&account, first), Caller::new(&account, second));
        if self.target.shows_hub(&here).await? || self.target.shows_hub(&there).await? {
            return Ok(None);
        }
        let enabled = self.target.ask(&here, Operation::EnableSecurityHub).await?;
        if !is_success(&enabled) || !self.target.shows_hub(&here).await? {
            return Ok(None);
        }
        self.target.shows_hub(&there).await.map(Some)
    }

    /// Switches off what was switched on.
    async fn undo(&self, caller: &Caller) -> Sign {
        const PROPERTY: &str = "left behind";
        let mut undone = self.target.undo().await;
        if let (Ok(1..), Some(wanted)) = (&undone, &self.reset)
            && reset(&self.target, wanted, caller).await.is_ok()
        {
            undone = self.target.undo().await;
        }
        match undone {
            Ok(0) => Sign::good(PROPERTY, "nothing: each hub that was switched on is off again".to_owned()),
            Ok(left) => Sign::bad(
                Health::Wrong,
                PROPERTY,
                format!("{left} hubs of made-up accounts can't be switched off"),
            )
            .with_remedy("restart the target, or clear it by --reset"),
            Err(error) => Sign::of_error(Health::Gone, PROPERTY, &format!("failed to {error}")),
        }
    }
}
