//! The judge. It knows the contract only through the model, and nothing of HTTP.

mod batch;
mod compare;
mod evidence;
mod finding;
mod findings;
mod firm;
mod invitations;
mod learn;
mod members;
mod opinion;
mod organization;
mod session;
pub mod setup;
mod standards;
mod views;

use crate::domain::{
    Account, AccountRef, Divergence, DivergenceKind, ErrorKind, Grade, Naming, Operation, Outcome, Place, RuleId,
    Transition,
};
use crate::model::{Answers, Observer, State, rules, step};

use finding::{Continuation, Mismatch};

pub use firm::Given;
pub use opinion::{Question, whole_list};
pub use session::{Noted, Observation, Session};

/// The differences in an error answer that count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strictness {
    /// Its type alone.
    Kind,
    /// Also the HTTP status, where AWS was seen to send it.
    #[default]
    Status,
    /// Also the text, where AWS was seen to send it.
    Message,
}

impl Strictness {
    /// Every strictness, the least first.
    pub const ALL: [Self; 3] = [Self::Kind, Self::Status, Self::Message];

    /// The name that `--strictness` takes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Status => "status",
            Self::Message => "message",
        }
    }
}

/// One answer, about to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a, N> {
    /// The answer of the target; the pages of a paged read as one.
    pub outcome: &'a Outcome,
    /// The number of entries of each page.
    pub pages: &'a [usize],
    /// Members that the source does not show: that one of them is missing says nothing.
    pub unknown: &'a [String],
    /// The names this run gives the accounts.
    pub naming: &'a N,
    /// The differences that count.
    pub strictness: Strictness,
    /// The answers to open questions that are expected.
    pub answers: &'a Answers,
    /// The grade of a rule.
    pub grade: fn(RuleId) -> Grade,
}

impl<N: Naming> Observed<'_, N> {
    fn name(&self, account: Account) -> String {
        self.naming.account(account)
    }

    fn show(&self, account: &AccountRef) -> String {
        match account {
            AccountRef::Account(account) => self.name(*account),
            AccountRef::Text(text) => format!("{text:?}"),
        }
    }
}

/// The judge's answer on one step.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The contract admits it.
    Conforms,
    /// It doesn't.
    Diverges(Vec<Divergence>),
    /// It can't be told, with the reason.
    Inconclusive(String),
}

/// A verdict and what was learnt on the way.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that the answer rests on.
    pub rules: Vec<RuleId>,
    /// The answers to open questions that are settled by it.
    pub answers: Vec<Given>,
    /// After a divergence of what a read shows: the belief under which the read is wrong and the state right.
    pub rival: Option<Belief>,
}

/// The states that are still possible.
#[derive(Clone, Debug)]
pub struct Belief {
    candidates: Vec<Candidate>,
}

#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    state: State,
    /// Answers this state assumes and others don't.
    assumed: Vec<Given>,
}

/// More states than these are not carried.
const MOST_CANDIDATES: usize = 64;

impl Default for Belief {
    fn default() -> Self {
        Self { candidates: vec![Candidate { state: State::default(), assumed: Vec::new() }] }
    }
}

impl Belief {
    /// The state thought most likely.
    #[must_use]
    pub fn state(&self) -> &State {
        static EMPTY: std::sync::LazyLock<State> = std::sync::LazyLock::new(State::default);
        self.candidates.first().map_or(&EMPTY, |candidate| &candidate.state)
    }

    /// Whether the target was let do what the model can't follow: nothing can be judged any more.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.candidates.is_empty() || self.candidates.iter().any(|candidate| candidate.state.lost)
    }

    /// Judges an answer, and believes what follows from it.
    pub fn judge<N: Naming>(&mut self, transition: &Transition, observed: &Observed<'_, N>) -> Judgement {
        if let Some(reason) = throttled(observed.outcome) {
            return Judgement::bare(Verdict::Inconclusive(reason));
        }
        let mut ways = self.ways(transition, observed, false);
        if !ways.iter().any(|(_, way)| way.conforms()) {
            ways = self.ways(transition, observed, true);
        }
        let Some(best) = ways.iter().map(|(_, way)| way.distance()).min() else {
            return Judgement::bare(Verdict::Inconclusive("the model has no answer for this call".to_owned()));
        };
        let ways: Vec<_> = ways.into_iter().filter(|(_, way)| way.distance() == best).collect();
        if best > 0
            && let Some(judgement) = self.hub_is_otherwise(transition, &ways, observed)
        {
            return judgement;
        }
        let mut divergences = divergences(transition, &ways, observed);
        if let Some((index, _)) = ways.first() {
            evidence::weigh(&mut divergences, &self.candidates[*index].state, transition);
        }
        let rules = ways.first().map(|(_, way)| way.rules.clone()).unwrap_or_default();
        let of_state = ways.iter().any(|(_, way)| way.mismatches.iter().any(|mismatch| mismatch.of_state));
        let rival = of_state.then(|| self.follow(transition, &ways, false));
        let mut next = self.follow(transition, &ways, true);
        let mut answers = Vec::new();
        if divergences.is_empty() {
            answers = next.settled();
            divergences = firm::others(&answers, &mut next.candidates, observed.answers);
        }
        if next.candidates.len() > MOST_CANDIDATES {
            next.candidates.clear();
        }
        *self = next;
        let verdict = if divergences.is_empty() { Verdict::Conforms } else { Verdict::Diverges(divergences) };
        Judgement { verdict, rules, answers, rival }
    }

    /// Judges the answer as one to a caller whose hub is off instead of on, or on instead of off. Where it is right for
    /// that, the call that switched the hub is wrong, or this one, and another read can tell.
    fn hub_is_otherwise<N: Naming>(
        &mut self,
        transition: &Transition,
        ways: &[(usize, Continuation)],
        observed: &Observed<'_, N>,
    ) -> Option<Judgement> {
        let (index, best) = ways.first()?;
        let hub = self.candidates[*index].state.region(transition.region).hubs.get(&transition.caller)?.clone();
        let switches =
            matches!(transition.request.operation, Operation::EnableSecurityHub | Operation::DisableSecurityHub);
        if switches && !(hub.on && rules::is_automatic(hub.because.0)) {
            // These switch it themselves.
            return None;
        }
        let mut otherwise = Self { candidates: vec![self.candidates[*index].clone()] };
        otherwise.candidates[0].state.region_mut(transition.region).switch_hub(transition.caller);
        let fitting: Vec<_> = otherwise.ways(transition, observed, false);
        if fitting.is_empty() {
            return None;
        }
        let blamed = best.ignored.first().or(best.rules.first()).copied();
        let rules: Vec<RuleId> = [hub.because.0].into_iter().chain(blamed).collect();
        let grade = rules.iter().map(|rule| (observed.grade)(*rule)).min().unwrap_or(Grade::Observed);
        let mismatch = best.mismatches.first();
        let divergence = Divergence {
            operation: transition.request.operation,
            kind: match (hub.on, observed.outcome) {
                (true, Outcome::Success(_)) => DivergenceKind::MissingEffect,
                (true, _) => DivergenceKind::UnexpectedRefusal,
                (false, _) => DivergenceKind::MissingRefusal,
            },
            rules,
            ignored: best.ignored.clone(),
            place: Place::Whole,
            expected: mismatch
                .map(|mismatch| mismatch.expected.clone())
                .or(best.refusal.clone())
                .unwrap_or_default(),
            observed: observed.outcome.summary(),
            grade,
            of_state: true,
        };
        let rival = self.follow(transition, ways, true);
        *self = otherwise.follow(transition, &fitting, true);
        Some(Judgement {
            verdict: Verdict::Diverges(vec![divergence]),
            rules: Vec::new(),
            answers: Vec::new(),
            rival: Some(rival),
        })
    }

    fn ways<N: Naming>(
        &self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        counterfactual: bool,
    ) -> Vec<(usize, Continuation)> {
        let mut ways = Vec::new();
        for (index, candidate) in self.candidates.iter().enumerate() {
            let branches = step(&candidate.state, transition);
            let also = if counterfactual { &branches.counterfactual[..] } else { &[] };
            for branch in branches.admissible.iter().chain(also) {
                let refused = branches.admissible.first().filter(|_| !branch.ignored.is_empty());
                let refused = refused.map(|branch| compare::wanted(&branch.expect));
                ways.extend(compare::compare(branch, observed).into_iter().map(|mut way| {
                    way.refusal = way.refusal.or_else(|| refused.clone());
                    (index, way)
                }));
            }
        }
        if !counterfactual {
            ways.retain(|(_, way)| way.conforms());
        }
        ways
    }

    /// The belief after these ways; with `adopt`, values shown against the contract are believed too.
    fn follow(&self, transition: &Transition, ways: &[(usize, Continuation)], adopt: bool) -> Self {
        let mut candidates: Vec<Candidate> = Vec::new();
        for (index, way) in ways {
            let mut candidate = self.candidates[*index].clone();
            let region = transition.region;
            for (effect, rule) in &way.effects {
                candidate.state.apply(region, effect, *rule, &mut Observer);
            }
            let rule = way.rules.first().copied().unwrap_or(RuleId("-"));
            let adopted = way.adopted.iter().filter(|_| adopt);
            for learn in way.learned.iter().chain(adopted) {
                learn.apply(&mut candidate.state, region, rule);
            }
            // What diverges may resemble an answer without being one.
            for answer in way.answers.iter().filter(|_| way.conforms()) {
                let given = Given { answer: *answer, operation: transition.request.operation };
                if !candidate.assumed.contains(&given) {
                    candidate.assumed.push(given);
                }
            }
            match candidates.iter_mut().find(|known| known.state == candidate.state) {
                Some(known) => known.assumed.retain(|answer| candidate.assumed.contains(answer)),
                None => candidates.push(candidate),
            }
        }
        Self { candidates }
    }

    /// Answers that all candidates share are settled.
    fn settled(&mut self) -> Vec<Given> {
        let Some((first, others)) = self.candidates.split_first() else { return Vec::new() };
        let shared: Vec<Given> = first
            .assumed
            .iter()
            .copied()
            .filter(|answer| others.iter().all(|other| other.assumed.contains(answer)))
            .collect();
        for candidate in &mut self.candidates {
            candidate.assumed.retain(|answer| !shared.contains(answer));
        }
        shared
    }
}

impl Judgement {
    fn bare(verdict: Verdict) -> Self {
        Self { verdict, rules: Vec::new(), answers: Vec::new(), rival: None }
    }
}

/// A throttled call says nothing about the contract.
fn throttled(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Error(error)
            if matches!(error.kind, ErrorKind::Throttling | ErrorKind::TooManyRequests)
                || (error.kind == ErrorKind::LimitExceeded
                    && error.status == 429
                    && rate(error.message.as_deref())) =>
        {
            Some(format!("the target throttles: {}", outcome.summary()))
        }
        // A gateway in front of the target may say so without naming an error.
        Outcome::Undecodable { status: 429, .. } => Some("the target throttles: status 429".to_owned()),
        Outcome::Success(_) | Outcome::Error(_) | Outcome::Undecodable { .. } => None,
    }
}

fn rate(message: Option<&str>) -> bool {
    message.is_some_and(|message| {
        let message = message.to_ascii_lowercase();
        message.contains("rate exceeded") || message.contains("throttl") || message.contains("too many requests")
    })
}

fn divergences<N: Naming>(
    transition: &Transition,
    ways: &[(usize, Continuation)],
    observed: &Observed<'_, N>,
) -> Vec<Divergence> {
    let Some((_, way)) = ways.first() else { return Vec::new() };
    let operation = transition.request.operation;
    let weakest =
        |rules: &[RuleId]| rules.iter().map(|rule| (observed.grade)(*rule)).min().unwrap_or(Grade::Observed);
    let mut found: Vec<Divergence> = Vec::new();
    if !way.ignored.is_empty() {
        // The general rule that the particular one is an instance of.
        let generals = [rules::MEMBERSHIP_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB, rules::ONE_ROLE_AT_ONCE];
        let general = way.rules.iter().filter(|rule| generals.contains(rule));
        let mut ignored: Vec<RuleId> = way.ignored.iter().chain(general).copied().collect();
        ignored.dedup();
        found.push(Divergence {
            operation,
            kind: DivergenceKind::MissingRefusal,
            rules: ignored,
            ignored: way.ignored.clone(),
            place: Place::Whole,
            expected: way.refusal.clone().unwrap_or_else(|| "a refusal".to_owned()),
            observed: observed.outcome.summary(),
            grade: weakest(&way.ignored),
            of_state: false,
        });
    }
    for mismatch in &way.mismatches {
        let Mismatch { kind, rules, pointer, expected, observed: shown, cap, of_state } = mismatch.clone();
        // That an answer can be read is owed whatever the contract says of the call.
        let grade = if kind == DivergenceKind::Wire { Grade::Observed } else { weakest(&rules).min(cap) };
        found.push(Divergence {
            operation,
            kind,
            grade,
            rules,
            ignored: Vec::new(),
            place: pointer.into(),
            expected,
            observed: shown,
            of_state,
        });
    }
    let mut seen = Vec::new();
    found.retain(|divergence| {
        let fingerprint = divergence.fingerprint();
        let new = !seen.contains(&fingerprint);
        seen.push(fingerprint);
        new
    });
    found
}
