//! The one step loop of runs, replays and checks: judges the calls of a conversation one after the other, and says
//! what each answer shows, what of it is held, and whether anything after it can be judged.

use super::opinion::{self, Question};
use super::setup;
use super::{Belief, Given, Observed, Strictness, Verdict, compare};
use crate::catalogue;
use crate::domain::{
    Account, Circumstances, Divergence, DivergenceKind, Naming, Operation, Outcome, Region, RuleId, Transition,
};
use crate::model::{Answers, Observer, State, rules};

/// The conversation with one target, as far as it went.
#[derive(Clone, Debug)]
pub struct Session<'a, N> {
    naming: N,
    strictness: Strictness,
    answers: &'a Answers,
    circumstances: Circumstances,
    belief: Belief,
    /// The rules on what the last acceptance by its old name did, until a read shows that it did.
    by_old_name: Vec<RuleId>,
}

/// An answer, as it was observed.
#[derive(Clone, Copy, Debug)]
pub struct Observation<'o> {
    /// The answer; the pages of a paged read as one.
    pub outcome: &'o Outcome,
    /// The number of entries of each page.
    pub pages: &'o [usize],
    /// Members that the source does not show: that one of them is missing says nothing.
    pub unknown: &'o [String],
    /// Whether a list may go on after what is shown: that an entry is missing says nothing.
    pub partial: bool,
}

/// The judgement on one call, in the terms of a conversation.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that the answer rests on, and that nothing in it breaks.
    pub rests: Vec<RuleId>,
    /// Those of them that it shows to hold: it would have been another one without them.
    pub held: Vec<RuleId>,
    /// The answers to open questions that are settled by it.
    pub answers: Vec<Given>,
    /// The read that could tell whether the state is wrong or the read that showed it.
    pub question: Option<Question>,
    /// Whether the call may have done something that is not known.
    pub is_effect_unknown: bool,
}

impl<'a, N: Naming> Session<'a, N> {
    /// A conversation that has not begun. The answers are those that the open questions are held to have.
    pub fn new(naming: N, strictness: Strictness, answers: &'a Answers) -> Self {
        let (circumstances, belief) = (Circumstances::default(), Belief::default());
        Self { naming, strictness, answers, circumstances, belief, by_old_name: Vec::new() }
    }

    /// In these circumstances.
    #[must_use]
    pub fn with(mut self, circumstances: Circumstances) -> Self {
        self.circumstances = circumstances;
        self
    }

    /// Takes the hubs of these accounts to be on from the start, in each of so many Regions.
    pub fn give_hubs(&mut self, accounts: impl Iterator<Item = Account> + Clone, regions: u8) {
        for region in (0..regions).map(Region) {
            self.belief.give_hubs(accounts.clone(), region);
        }
    }

    /// Takes an account that there was before to have come into an organization. Says whether it could.
    pub(crate) fn join(&mut self, management: Account, account: Account) -> bool {
        let state = self.belief.state();
        let can = state.organizations.contains_key(&management) && state.organization_of(account).is_none();
        if can {
            self.belief.join(management, account);
        }
        can
    }

    /// The names of accounts and Regions.
    pub const fn naming(&self) -> &N {
        &self.naming
    }

    /// The names, to be learnt as answers show them.
    pub const fn naming_mut(&mut self) -> &mut N {
        &mut self.naming
    }

    /// The states that are still possible.
    pub const fn belief(&self) -> &Belief {
        &self.belief
    }

    /// The state thought most likely.
    pub fn state(&self) -> &State {
        self.belief.state()
    }

    /// Whether the model could not follow any further: nothing can be judged any more.
    pub fn is_lost(&self) -> bool {
        self.belief.is_lost()
    }

    /// Judges an answer, and believes what follows from it.
    pub fn observe(&mut self, transition: &Transition, observation: &Observation<'_>) -> Noted {
        let Self { naming, strictness, answers, circumstances, belief, .. } = self;
        let observed = observed(transition.region, naming, *strictness, answers, circumstances, observation);
        let judgement = belief.judge(transition, &observed);
        let mutating = transition.request.operation.is_mutating();
        let bare = |verdict, is_effect_unknown| Noted {
            verdict,
            rests: Vec::new(),
            held: Vec::new(),
            answers: Vec::new(),
            question: None,
            is_effect_unknown,
        };
        let divergences = match judgement.verdict {
            Verdict::Conforms => Vec::new(),
            Verdict::Diverges(divergences) => divergences,
            late @ Verdict::Late(..) => return bare(late, false),
            Verdict::Inconclusive(reason) => {
                // What was refused changed nothing; what can't be read may have.
                let refused = matches!(observation.outcome, Outcome::Error(_));
                return bare(Verdict::Inconclusive(reason), mutating && !refused);
            }
        };
        let (mut rests, mut held) = (judgement.rules, judgement.shown);
        for kept in [&mut rests, &mut held] {
            kept.retain(|rule| !divergences.iter().any(|found| breaks(found, *rule)));
        }
        if divergences.is_empty() {
            self.note_old_name(transition, observation.outcome, &rests, &mut held);
        }
        let failed = !divergences.is_empty() && compare::is_failure(observation.outcome);
        let broken = failed || divergences.iter().any(|found| found.kind == DivergenceKind::Wire);
        let question = judgement.rival.and_then(|rival| opinion::ask(transition, rival, &divergences));
        let verdict = if divergences.is_empty() { Verdict::Conforms } else { Verdict::Diverges(divergences) };
        Noted { verdict, rests, held, answers: judgement.answers, question, is_effect_unknown: broken && mutating }
    }

    /// Holds the rule on the old name of an acceptance where a read shows what one by that name did.
    fn note_old_name(
        &mut self,
        transition: &Transition,
        outcome: &Outcome,
        rests: &[RuleId],
        held: &mut Vec<RuleId>,
    ) {
        let operation = transition.request.operation;
        let accepts = [Operation::AcceptInvitation, Operation::AcceptAdministratorInvitation];
        if accepts.contains(&operation) && matches!(outcome, Outcome::Success(_)) {
            self.by_old_name.clear();
            if operation == Operation::AcceptInvitation {
                self.by_old_name.extend(rests.iter().filter(|rule| **rule != rules::ACCEPT_OLD_NAME));
            }
        } else if self.by_old_name.iter().any(|rule| held.contains(rule)) {
            self.by_old_name.clear();
            held.push(rules::ACCEPT_OLD_NAME);
        }
    }

    /// Takes the answer to a question into the belief. Where it agrees with the state expected, the first read is to
    /// blame rather than the call before it. Says whether the answer conforms.
    pub fn settle(
        &mut self,
        question: Question,
        observation: &Observation<'_>,
        divergences: &mut [Divergence],
    ) -> bool {
        // Whose answer it is isn't asked here.
        let anybodys = Answers::default();
        let adopted = std::mem::take(&mut self.belief);
        let (region, circumstances) = (question.call.region, &self.circumstances);
        let observed = observed(region, &self.naming, self.strictness, &anybodys, circumstances, observation);
        let (belief, conforms) = opinion::settle(question, adopted, &observed, divergences);
        self.belief = belief;
        conforms
    }

    /// Believes both explanations of what diverged, where nobody asks: what comes later tells.
    pub fn leave_open(&mut self, question: Question) {
        self.belief.admit(question.into_rival());
    }

    /// Believes what a call did that sets a scenario up, without judging it. Says whether the model has a place for
    /// it; where it hasn't, nothing after it can be judged.
    pub fn believe(&mut self, transition: &Transition, outcome: &Outcome) -> bool {
        if setup::is_refused(self.belief.state(), transition) {
            return false;
        }
        let observation = Observation { outcome, pages: &[], unknown: &[], partial: false };
        let Self { naming, strictness, answers, circumstances, belief, .. } = self;
        let observed = observed(transition.region, naming, *strictness, answers, circumstances, &observation);
        belief.judge(transition, &observed).verdict == Verdict::Conforms
    }
}

impl Belief {
    /// Takes the hubs of these accounts to be on.
    fn give_hubs(&mut self, accounts: impl Iterator<Item = Account> + Clone, region: Region) {
        for candidate in &mut self.candidates {
            let region = candidate.state.region_mut(region);
            accounts.clone().for_each(|account| region.give_hub(account));
        }
    }

    /// Takes an account that there was before to have come into an organization.
    fn join(&mut self, management: Account, account: Account) {
        self.candidates.iter_mut().for_each(|candidate| candidate.state.enter(management, account, &mut Observer));
    }
}

fn observed<'o, N>(
    region: Region,
    naming: &'o N,
    strictness: Strictness,
    answers: &'o Answers,
    circumstances: &'o Circumstances,
    observation: &Observation<'o>,
) -> Observed<'o, N> {
    let Observation { outcome, pages, unknown, partial } = *observation;
    Observed {
        outcome,
        pages,
        region,
        naming,
        strictness,
        answers,
        grade: catalogue::grade,
        unknown,
        partial,
        circumstances,
    }
}

/// Whether a divergence says that the rule does not hold. What diverges does not say that the rest of the answer is
/// wrong, nor that another admissible answer breaks the rule.
fn breaks(found: &Divergence, rule: RuleId) -> bool {
    found.kind != DivergenceKind::OtherAnswer && found.rules.contains(&rule)
}
