//! The judge. It knows the contract only through the model, and nothing of HTTP.

mod batch;
mod compare;
mod evidence;
mod finding;
mod findings;
mod firm;
mod invitations;
mod late;
mod learn;
mod members;
mod opinion;
mod organization;
mod owed;
mod possible;
mod session;
pub mod setup;
mod standards;
mod telling;
mod views;

use std::collections::BTreeSet;

use crate::domain::{
    Account, AccountRef, Cause, Circumstances, Divergence, DivergenceKind, Grade, MemberStatus, Naming, Operation,
    Outcome, Place, Region, RuleId, Transition,
};
use crate::model::{Answers, Effect, Observer, State, rules, step};

use finding::{Continuation, Mismatch};
use findings::Withheld;
use late::{Lag, Lags, reads_as_off};

pub use firm::Given;
pub use opinion::{Question, whole_list};
pub use session::{Noted, Observation, Session};

/// The word for an enabled member until AWS Organizations came, in November 2020 (T03).
const FORMER_ENABLED: &str = "Associated";

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
    /// The Region that was called.
    pub region: Region,
    /// The names this run gives the accounts.
    pub naming: &'a N,
    /// The differences that count.
    pub strictness: Strictness,
    /// The answers to open questions that are expected.
    pub answers: &'a Answers,
    /// The grade of a rule.
    pub grade: fn(RuleId) -> Grade,
    /// Members that the source does not show: that one of them is missing says nothing.
    pub unknown: &'a [String],
    /// Whether a list may go on after what is shown: that an entry is missing says nothing.
    pub partial: bool,
    /// What is known of the circumstances.
    pub circumstances: &'a Circumstances,
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

    /// The status that a word stands for.
    fn status(&self, word: &str) -> Option<MemberStatus> {
        if word == FORMER_ENABLED && self.has_former_names() {
            Some(MemberStatus::Enabled)
        } else {
            MemberStatus::meant_by(word)
        }
    }

    /// Whether the observation may be older than the launch with AWS Organizations, which China joined later.
    fn has_former_names(&self) -> bool {
        let launch = if self.naming.region(self.region).starts_with("cn-") { "2021-09-21" } else { "2020-11-24" };
        self.circumstances.may_be_before(launch)
    }

    /// Whether the source does not show what the answer is about.
    fn is_hidden(&self, name: &str) -> bool {
        self.unknown.iter().any(|unknown| unknown == name)
    }

    /// Whether the difference is only that a member is missing which the source doesn't show, or stands in one.
    fn is_unknown(&self, mismatch: &Mismatch) -> bool {
        mismatch.observed == "absent" && mismatch.pointer.split('/').any(|name| self.is_hidden(name))
    }
}

/// The judge's answer on one step.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The contract admits it.
    Conforms,
    /// It doesn't.
    Diverges(Vec<Divergence>),
    /// It isn't what the contract admits, and may be late by a lag that this rule names.
    Late(RuleId, Vec<Divergence>),
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
    /// Those of them that the answer itself shows to hold.
    pub shown: Vec<RuleId>,
    /// The answers to open questions that are settled by it.
    pub answers: Vec<Given>,
    /// After a divergence of what a read shows: the belief under which the read is wrong and the state right.
    pub rival: Option<Belief>,
}

/// The states that are still possible.
#[derive(Clone, Debug)]
pub struct Belief {
    candidates: Vec<Candidate>,
    /// Whether something was shown against the contract, and is believed since: then no state is impossible.
    adopts: bool,
    /// What was done a moment ago, and not every answer need show yet.
    lags: Lags,
    /// The findings whose import was refused, which no read may show.
    withheld: Withheld,
}

#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    state: State,
    /// Answers this state assumes and others don't.
    assumed: Vec<Given>,
}

/// What may be shown late in any of these states.
fn there(candidates: &[Candidate]) -> BTreeSet<(Region, Lag)> {
    candidates.iter().flat_map(|candidate| late::there(&candidate.state)).collect()
}

/// The same in all of them.
fn there_for_sure(candidates: &[Candidate]) -> BTreeSet<(Region, Lag)> {
    let mut each = candidates.iter().map(|candidate| late::there(&candidate.state).collect::<BTreeSet<_>>());
    let first = each.next().unwrap_or_default();
    each.fold(first, |sure, other| &sure & &other)
}

/// More states than these are not carried.
const MOST_CANDIDATES: usize = 256;

impl Default for Belief {
    fn default() -> Self {
        Self {
            candidates: vec![Candidate { state: State::default(), assumed: Vec::new() }],
            lags: Lags::default(),
            withheld: Withheld::default(),
            adopts: false,
        }
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
        let cause = Cause::of(observed.outcome).filter(|cause| !observed.circumstances.excluded.contains(cause));
        let unjudged = |cause: Cause| {
            let reason = format!("{}: {}", cause.in_words(), observed.outcome.summary());
            Judgement::bare(Verdict::Inconclusive(reason))
        };
        if let Some(throttling) = cause.filter(|cause| *cause == Cause::Throttling) {
            return unjudged(throttling);
        }
        self.lags.look(transition);
        let mut ways = self.conforming(transition, observed);
        self.forget_hidden(transition, observed, &mut ways);
        if !self.fits_all(&ways)
            && matches!(observed.outcome, Outcome::Error(_))
            && cause.is_none()
            && let Some(judgement) = self.late(transition, observed)
        {
            // Which of the states it is, an answer that may be late doesn't tell.
            return judgement;
        }
        if let Some(rule) = self.may_be_late_for_others(transition, observed, &ways) {
            return Judgement::bare(Verdict::Late(rule, Vec::new()));
        }
        if ways.is_empty() {
            if let Some(cause) = cause {
                return unjudged(cause);
            }
            if let Some(judgement) = self.late(transition, observed) {
                return judgement;
            }
            ways = self.ways(transition, observed, true);
        }
        let Some(best) = ways.iter().map(|(_, way)| way.distance()).min() else {
            return Judgement::bare(Verdict::Inconclusive("the model has no answer for this call".to_owned()));
        };
        let ways: Vec<_> = ways.into_iter().filter(|(_, way)| way.distance() == best).collect();
        if best > 0
            && !ways.first().is_some_and(|(_, way)| way.is_of_words())
            && let Some(judgement) = self.hub_is_otherwise(transition, &ways, observed)
        {
            return judgement;
        }
        let mut divergences = divergences(transition, &ways, observed);
        if let Some((index, _)) = ways.first() {
            evidence::weigh(&mut divergences, &self.candidates[*index].state, transition);
        }
        let rules = ways.first().map(|(_, way)| way.rules.clone()).unwrap_or_default();
        let shown = ways.first().map(|(index, _)| {
            let all: Vec<&Continuation> = ways.iter().map(|(_, way)| way).collect();
            telling::shown(&self.candidates[*index].state, &all, transition, observed)
        });
        let shown = shown.unwrap_or_default();
        let of_state = ways.iter().any(|(_, way)| way.mismatches.iter().any(|mismatch| mismatch.of_state));
        let rival = of_state.then(|| self.follow(transition, &ways, false));
        let mut next = self.follow(transition, &ways, true);
        next.take_note(transition, observed, &ways, self);
        let answers = next.look_further(transition, observed, &mut divergences);
        next.limit();
        *self = next;
        let verdict = if divergences.is_empty() { Verdict::Conforms } else { Verdict::Diverges(divergences) };
        Judgement { verdict, rules, shown, answers, rival }
    }

    /// Settles open questions, and looks for what no single rule forbids, where nothing else diverges.
    fn look_further<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        found: &mut Vec<Divergence>,
    ) -> Vec<Given> {
        if !found.is_empty() {
            return Vec::new();
        }
        let answers = self.settled();
        firm::rest_on_reads(&answers, &mut self.candidates, transition.region);
        *found = firm::others(&answers, &mut self.candidates, observed.answers);
        if found.is_empty() && !self.adopts {
            found.extend(self.exclude_impossible(transition, observed));
        }
        if found.is_empty() {
            found.extend(self.withheld.look(transition, observed, &self.candidates));
        }
        answers
    }

    /// Unlearns what a list has only not shown yet, where a run asks again.
    fn forget_hidden<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        ways: &mut [(usize, Continuation)],
    ) {
        if observed.circumstances.asks_again() {
            let (lags, patience) = (&mut self.lags, observed.circumstances.patience);
            for (_, way) in ways {
                way.learned.retain(|learn| !lags.hides(transition.region, learn, patience));
            }
        }
    }

    /// Whether every state that is still possible has one of these ways.
    fn fits_all(&self, ways: &[(usize, Continuation)]) -> bool {
        (0..self.candidates.len()).all(|index| ways.iter().any(|(of, _)| *of == index))
    }

    /// Takes note of what the call did that may show later, and of what is shown by now.
    fn take_note<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        ways: &[(usize, Continuation)],
        before: &Self,
    ) {
        let Observed { outcome, circumstances, .. } = *observed;
        self.lags.shown(transition, outcome, ways, circumstances);
        for (index, way) in ways.iter().filter(|(_, way)| way.conforms()) {
            // In a conversation that somebody has written down, what was on a list stays there.
            let done = |effect: &Effect| circumstances.asks_again() || !matches!(effect, Effect::Accept(..));
            for (effect, _) in way.effects.iter().filter(|(effect, _)| done(effect)) {
                self.lags.done(transition.region, effect, &before.candidates[*index].state);
            }
        }
        if ways.iter().any(|(_, way)| way.conforms() && !way.effects.is_empty()) {
            self.lags.began(
                &there(&before.candidates),
                &there_for_sure(&before.candidates),
                &there(&self.candidates),
            );
        }
        let state = self.state();
        let managed = state.organization_of(transition.caller).map(|(management, _)| management);
        let held = managed.and_then(|managed| state.region(transition.region).designations.get(&managed));
        if let Some(administrator) = held.and_then(|held| held.administrator)
            && transition.request.operation == Operation::ListOrganizationAdminAccounts
        {
            self.lags.designations_listed(transition.region, administrator, outcome);
        }
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
        if let Outcome::Error(error) = observed.outcome
            && late::is_membership(transition.request.operation)
            && !reads_as_off(error)
        {
            return None;
        }
        let hub = self.candidates[*index].state.region(transition.region).hubs.get(&transition.caller)?.clone();
        let switches =
            matches!(transition.request.operation, Operation::EnableSecurityHub | Operation::DisableSecurityHub);
        if switches && !(hub.on && rules::is_automatic(hub.because.0)) {
            // These switch it themselves.
            return None;
        }
        let candidates = vec![self.candidates[*index].clone()];
        let mut otherwise = Self { candidates, adopts: true, ..self.clone() };
        otherwise.candidates[0].state.region_mut(transition.region).switch_hub(transition.caller);
        let fitting: Vec<_> = otherwise.conforming(transition, observed);
        if fitting.is_empty() {
            return None;
        }
        let blamed = best.ignored.first().or(best.rules.first()).copied();
        let rules: Vec<RuleId> = [hub.because.0].into_iter().chain(blamed).collect();
        let of_hub = (observed.grade)(hub.because.2);
        let of_call = best.forbidden(observed.grade).or(blamed.map(observed.grade)).unwrap_or(Grade::Observed);
        let grade = of_hub.min(of_call);
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
            shown: Vec::new(),
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
                ways.extend(compare::compare(branch, transition, observed).into_iter().map(|mut way| {
                    way.refusal = way.refusal.or_else(|| refused.clone());
                    (index, way)
                }));
            }
        }
        for (_, way) in &mut ways {
            way.mismatches.retain(|mismatch| !observed.is_unknown(mismatch));
        }
        ways
    }

    /// The ways that the contract admits.
    fn conforming<N: Naming>(
        &self,
        transition: &Transition,
        observed: &Observed<'_, N>,
    ) -> Vec<(usize, Continuation)> {
        let mut ways = self.ways(transition, observed, false);
        ways.retain(|(_, way)| way.conforms());
        ways
    }

    /// The nearest ways by branches that the contract admits, of which none fits.
    fn admissible<N: Naming>(
        &self,
        transition: &Transition,
        observed: &Observed<'_, N>,
    ) -> Vec<(usize, Continuation)> {
        let mut ways = self.ways(transition, observed, false);
        ways.retain(|(_, way)| way.ignored.is_empty());
        let least = ways.iter().map(|(_, way)| way.distance()).min();
        ways.retain(|(_, way)| Some(way.distance()) == least);
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
        let adopts = self.adopts || ways.iter().any(|(_, way)| !way.conforms());
        Self { candidates, adopts, lags: self.lags.clone(), withheld: self.withheld.clone() }
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
        Self { verdict, rules: Vec::new(), shown: Vec::new(), answers: Vec::new(), rival: None }
    }
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
        let mut ignored: Vec<RuleId> = way.ignored.iter().copied().chain(way.general()).collect();
        ignored.dedup();
        found.push(Divergence {
            operation,
            kind: DivergenceKind::MissingRefusal,
            rules: ignored,
            ignored: way.ignored.clone(),
            place: Place::Whole,
            expected: way.refusal.clone().unwrap_or_else(|| "a refusal".to_owned()),
            observed: observed.outcome.summary(),
            grade: way.forbidden(observed.grade).unwrap_or(Grade::Observed),
            of_state: false,
        });
    }
    for mismatch in &way.mismatches {
        let Mismatch { kind, rules, graded, pointer, expected, observed: shown, cap, of_state, .. } =
            mismatch.clone();
        // That there is an answer, and one that can be read, is owed whatever the contract says of the call.
        let is_owed = kind == DivergenceKind::Wire || compare::is_failure(observed.outcome);
        let grade = if is_owed { Grade::Observed } else { weakest(&graded).min(cap) };
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
