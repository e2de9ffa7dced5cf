//! Answers that are late: what a call did may show a while afterwards, where the evidence names such a lag. Late is
//! not wrong, within the bounds of the evidence; nor is it right.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::{
    Account, Circumstances, ErrorKind, Family, Input, Naming, Operation, Outcome, Region, RuleId, ServiceError,
    Transition,
};
use crate::model::{Effect, State};

use super::finding::Continuation;
use super::learn::Learn;
use super::{Belief, Judgement, Observed, Verdict, divergences};

/// Something that was done a moment ago, and that not every answer need show yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lag {
    /// A hub was switched on: membership calls may still be refused as if it were off.
    Hub(Account),
    /// A member was created, or has accepted: its administrator's list may not have it yet, and a run may be shown it
    /// as invited for a while.
    Entry(Account, Account),
    /// An invitation was sent, by the second account: the first one's list may not have it yet.
    Invitation(Account, Account),
    /// An administrator was designated: it may not be shown yet, and the next Region has to wait.
    Designation(Account),
    /// A designation ended: the account may still be held to be delegated administrator.
    Undesignated(Account),
    /// An organization, or Security Hub's access to it, changed: designating may fail yet.
    Organization(Account),
}

impl Lag {
    /// The rule that names it.
    pub(super) const fn rule(self) -> RuleId {
        RuleId(match self {
            Self::Hub(_) => "SH-ENABLE-009",
            Self::Entry(..) => "SH-CREATE-034",
            Self::Invitation(..) => "SH-LINV-011",
            Self::Designation(_) => "SH-ORG-001",
            Self::Undesignated(_) => "SH-DISABLE-010",
            Self::Organization(_) => "SH-ORG-008",
        })
    }
}

/// The lags that are still possible.
#[derive(Clone, Debug, Default)]
pub(super) struct Lags {
    open: BTreeMap<(Region, Lag), Since>,
    /// Calls so far.
    calls: u64,
    /// The number of the answer that is judged, and the view that it gives.
    answer: u64,
    view: Option<View>,
}

/// A call whose answer may be behind, and whether it asks for everything. Each view may be behind others.
type View = (Operation, Region, bool);

/// The age of a lag.
#[derive(Clone, Debug, Default)]
struct Since {
    /// Answers that were late by it, in each view, and the last of them.
    late: BTreeMap<Option<View>, (u32, u64)>,
    /// The number of the call that it began with.
    call: u64,
}

impl Lags {
    /// Takes note that the answer to this call is judged from now on.
    pub(super) fn look(&mut self, transition: &Transition) {
        self.answer += 1;
        let request = &transition.request;
        let everything =
            matches!(&request.input, Input::Page(page) if page.only_associated.as_deref() == Some("false"));
        self.view = Some((request.operation, transition.region, everything));
    }

    /// Takes the answer to be late by this lag; false where it has lasted longer than the bound in this view.
    pub(super) fn wait(&mut self, lag: (Region, Lag), patience: u32) -> bool {
        let Some(since) = self.open.get_mut(&lag) else { return false };
        let (late, last) = since.late.entry(self.view).or_default();
        // However many states one answer is late in, it is one answer.
        if *last != self.answer {
            if *late >= patience {
                return false;
            }
            (*late, *last) = (*late + 1, self.answer);
        }
        true
    }

    /// Whether a way shows something newer of the kind: what came before it is not late any more.
    pub(super) fn is_overtaken(&self, region: Region, lag: Lag, way: &Continuation) -> bool {
        let Some(since) = self.open.get(&(region, lag)) else { return true };
        way.learned.iter().chain(&way.adopted).filter_map(lag_of).any(|shown| {
            let is_alike = std::mem::discriminant(&shown) == std::mem::discriminant(&lag);
            is_alike && self.open.get(&(region, shown)).is_some_and(|other| other.call > since.call)
        })
    }

    pub(super) fn is_any_open(&self, region: Region) -> bool {
        self.open.keys().any(|(place, _)| *place == region)
    }

    pub(super) fn is_open(&self, region: Region, lag: Lag) -> bool {
        self.open.contains_key(&(region, lag))
    }

    /// The lag by which a call may be refused that should not be.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no lag is named of any other call")]
    pub(super) fn refusing(
        &self,
        transition: &Transition,
        error: &ServiceError,
        state: &State,
    ) -> Option<(Region, Lag)> {
        let Transition { caller, region, ref request } = *transition;
        let here = |lag| self.is_open(region, lag).then_some((region, lag));
        match (request.operation, &error.kind) {
            (Operation::DisableSecurityHub, ErrorKind::InvalidInput) => here(Lag::Undesignated(caller)),
            (Operation::EnableOrganizationAdminAccount, kind) => {
                let management = state.organization_of(caller)?.0;
                let named = request.named_accounts();
                let elsewhere = |(place, lag): &&(Region, Lag)| {
                    *place != region && named.iter().any(|named| *lag == Lag::Designation(*named))
                };
                match kind {
                    // Designations in several Regions at once get in each other's way (SH-ORG-004).
                    ErrorKind::ResourceConflict => self.open.keys().find(elsewhere).copied(),
                    ErrorKind::InvalidInput => self.organized(management),
                    // Another change may be in flight still (SH-ORG-007).
                    ErrorKind::LimitExceeded if is_in_progress(error) => self.organized(management),
                    _ => None,
                }
            }
            (operation, _) if is_membership(operation) && reads_as_off(error) => here(Lag::Hub(caller)),
            _ => None,
        }
    }

    fn organized(&self, management: Account) -> Option<(Region, Lag)> {
        let changed = (Region::default(), Lag::Organization(management));
        self.open.contains_key(&changed).then_some(changed)
    }

    /// Opens the lags of what a call did, in the state that it found.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no lag is named of any other effect")]
    pub(super) fn done(&mut self, region: Region, effect: &Effect, before: &State) {
        let (place, lag) = match *effect {
            Effect::Invite(administrator, member) => (region, Lag::Invitation(member, administrator)),
            Effect::Accept(administrator, member) => (region, Lag::Entry(administrator, member)),
            Effect::Designate { administrator, .. } => (region, Lag::Designation(administrator)),
            Effect::Undesignate(management) => {
                let held = before.region(region).designations.get(&management);
                let Some(administrator) = held.and_then(|held| held.administrator) else { return };
                self.open.remove(&(region, Lag::Designation(administrator)));
                self.begin(Region::default(), Lag::Organization(management));
                (region, Lag::Undesignated(administrator))
            }
            Effect::Found(management) | Effect::Join { management, .. } | Effect::Trust(management, _) => {
                (Region::default(), Lag::Organization(management))
            }
            Effect::DisableHub(account) => {
                self.open.remove(&(region, Lag::Hub(account)));
                return;
            }
            Effect::Delete(administrator, member) => {
                self.open.remove(&(region, Lag::Entry(administrator, member)));
                return;
            }
            _ => return,
        };
        self.begin(place, lag);
    }

    fn begin(&mut self, place: Region, lag: Lag) {
        self.open.insert((place, lag), Since { call: self.calls, ..Since::default() });
    }

    /// Opens the lags of what may be there after a call and need not have been before: hubs, its caller's or such as come
    /// on with a designation, and entries, asked for or by a new account of an organization. What may have been there
    /// `before`, and was not `for_sure`, goes on being late.
    pub(super) fn began(
        &mut self,
        before: &BTreeSet<(Region, Lag)>,
        for_sure: &BTreeSet<(Region, Lag)>,
        after: &BTreeSet<(Region, Lag)>,
    ) {
        for (region, lag) in after.difference(for_sure) {
            if !before.contains(&(*region, *lag)) || !self.is_open(*region, *lag) {
                self.begin(*region, *lag);
            }
        }
    }

    /// Whether a list that lacks something tells nothing yet, as it may be there and be shown late.
    #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else is learned from what a list lacks")]
    pub(super) fn hides(&mut self, region: Region, learn: &Learn, patience: u32) -> bool {
        let lag = match *learn {
            Learn::NoEntry { administrator, member } => Lag::Entry(administrator, member),
            Learn::NoInvitation { invitee, inviter } => Lag::Invitation(invitee, inviter),
            _ => return false,
        };
        self.wait((region, lag), patience)
    }

    /// Closes the lags that an answer shows to be over: what was shown once stays.
    pub(super) fn shown(
        &mut self,
        transition: &Transition,
        outcome: &Outcome,
        ways: &[(usize, Continuation)],
        circumstances: &Circumstances,
    ) {
        let Transition { caller, region, ref request } = *transition;
        self.calls += 1;
        if !matches!(outcome, Outcome::Success(_)) {
            return;
        }
        if is_membership(request.operation) {
            self.open.remove(&(region, Lag::Hub(caller)));
        }
        if request.operation == Operation::DisableSecurityHub {
            self.open.remove(&(region, Lag::Undesignated(caller)));
        }
        if request.operation == Operation::EnableOrganizationAdminAccount {
            // Elsewhere it may not have arrived yet.
            if let Some(since) = self.open.get_mut(&(Region::default(), Lag::Organization(caller))) {
                since.late.insert(self.view, (u32::MAX, 0));
            }
        }
        for lag in ways.iter().flat_map(|(_, way)| way.learned.iter().chain(&way.adopted)).filter_map(lag_of) {
            // A list may be behind other reads.
            let is_of_list = matches!(lag, Lag::Entry(..)) && circumstances.asks_again();
            if !is_of_list || request.operation == Operation::ListMembers {
                self.open.remove(&(region, lag));
            }
        }
    }

    /// Closes the lag of a designation where a list shows one.
    pub(super) fn designations_listed(&mut self, region: Region, administrator: Account, outcome: &Outcome) {
        let Outcome::Success(document) = outcome else { return };
        if document.get("AdminAccounts").and_then(Value::as_array).is_some_and(|all| !all.is_empty()) {
            self.open.remove(&(region, Lag::Designation(administrator)));
        }
    }
}

impl Belief {
    /// Judges the answer as one that is late. What it doesn't show yet is the case all the same.
    pub(super) fn late<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
    ) -> Option<Judgement> {
        let patience = observed.circumstances.patience;
        if let Outcome::Error(error) = observed.outcome {
            let ways = self.admissible(transition, observed);
            let lag = self.lags.refusing(transition, error, self.state())?;
            let waits = self.lags.wait(lag, patience);
            let found = divergences(transition, &ways, observed);
            return waits.then(|| Judgement::bare(Verdict::Late(lag.1.rule(), found)));
        }
        let region = transition.region;
        let mut late = self.late_in(transition, observed, |_| true);
        // What one state waits for in vain may be there and late in another.
        late.retain(|(lags, _)| lags.iter().all(|lag| self.lags.wait((region, *lag), patience)));
        let rule = late.iter().min_by_key(|(lags, _)| lags.len()).and_then(|(lags, _)| lags.first())?.rule();
        let mut ways: Vec<_> = late.into_iter().map(|(_, way)| way).collect();
        let found = divergences(transition, &ways, observed);
        self.forget_hidden(transition, observed, &mut ways);
        let mut next = self.follow(transition, &ways, false);
        next.lags.shown(transition, observed.outcome, &ways, observed.circumstances);
        *self = next;
        Some(Judgement::bare(Verdict::Late(rule, found)))
    }

    /// The rule by which an answer may be late in the states that it does not fit: it tells nothing yet of those that
    /// it fits.
    pub(super) fn may_be_late_for_others<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        fitting: &[(usize, Continuation)],
    ) -> Option<RuleId> {
        let asks_again = observed.circumstances.asks_again();
        if !asks_again || fitting.is_empty() || self.fits_all(fitting) {
            return None;
        }
        let (region, patience) = (transition.region, observed.circumstances.patience);
        let mut late = self.late_in(transition, observed, |index| fitting.iter().all(|(of, _)| *of != index));
        late.retain(|(lags, _)| lags.iter().all(|lag| self.lags.wait((region, *lag), patience)));
        late.iter().find_map(|(lags, _)| lags.first()).map(|lag| lag.rule())
    }

    /// The ways in which an answer may be late, in each of these states those that lack least, with the lags.
    fn late_in<N: Naming>(
        &self,
        transition: &Transition,
        observed: &Observed<'_, N>,
        is_asked: impl Fn(usize) -> bool,
    ) -> Vec<(Vec<Lag>, (usize, Continuation))> {
        let region = transition.region;
        if !self.lags.is_any_open(region) {
            return Vec::new();
        }
        let mut ways = self.ways(transition, observed, false);
        ways.retain(|(index, way)| way.ignored.is_empty() && !way.conforms() && is_asked(*index));
        let late = ways.into_iter().filter_map(|(index, way)| {
            let may_be_late = |lag: &Lag| !self.lags.is_overtaken(region, *lag, &way);
            let lags = way.mismatches.iter().map(|mismatch| mismatch.lag.filter(may_be_late)).collect();
            Option::<Vec<Lag>>::map(lags, |lags| (lags, (index, way)))
        });
        let late: Vec<_> = late.collect();
        let mut least: BTreeMap<usize, usize> = BTreeMap::new();
        for (lags, (index, _)) in &late {
            let least = least.entry(*index).or_insert(lags.len());
            *least = lags.len().min(*least);
        }
        late.into_iter().filter(|(lags, (index, _))| least[index] == lags.len()).collect()
    }
}

/// The hubs and entries of a state, each as what may be shown late.
pub(super) fn there(state: &State) -> impl Iterator<Item = (Region, Lag)> {
    state.regions().flat_map(|region| {
        let hubs = state.region(region).hubs.iter().filter(|(_, hub)| hub.on);
        let entries = state.region(region).members.iter().filter(|(_, entry)| entry.status.is_some());
        let hubs = hubs.map(move |(account, _)| (region, Lag::Hub(*account)));
        hubs.chain(entries.map(move |(pair, _)| (region, Lag::Entry(pair.0, pair.1))))
    })
}

/// The lag that is over by what a read has shown.
fn lag_of(learn: &Learn) -> Option<Lag> {
    match *learn {
        Learn::Entry { administrator, member, .. } => Some(Lag::Entry(administrator, member)),
        Learn::Invitation { invitee, inviter, .. } => Some(Lag::Invitation(invitee, inviter)),
        Learn::Hub { .. }
        | Learn::Standards { .. }
        | Learn::NoEntry { .. }
        | Learn::NoInvitation { .. }
        | Learn::Seen { .. }
        | Learn::SeenMember(_)
        | Learn::Administrator { .. } => None,
    }
}

/// The calls whose backend is not that of the hub (SH-XX-001).
pub(super) const fn is_membership(operation: Operation) -> bool {
    matches!(operation.family(), Family::Members | Family::Invitations | Family::Administrator)
}

/// Whether an error says that another change to the organization is under way.
fn is_in_progress(error: &ServiceError) -> bool {
    error.message.as_deref().is_none_or(|text| text.to_ascii_lowercase().contains("in progress"))
}

/// Whether an error may be the one that membership calls give while the hub is off (SH-XX-001).
#[expect(clippy::wildcard_enum_match_arm, reason = "no other error says that")]
pub(super) fn reads_as_off(error: &ServiceError) -> bool {
    match error.kind {
        ErrorKind::InvalidAccess => true,
        ErrorKind::BadRequest | ErrorKind::AccessDenied | ErrorKind::InvalidInput => {
            let words = ["no such resource", "not subscribed", "not enabled", "isn't enabled"];
            error.message.as_deref().is_none_or(|text| {
                let text = text.to_ascii_lowercase();
                text.trim().is_empty() || words.iter().any(|word| text.contains(word))
            })
        }
        _ => false,
    }
}
