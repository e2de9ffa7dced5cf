//! An abstract state is the same wherever it is met: in every state that the search finds, and on every other path
//! there.

use std::collections::BTreeMap;

use super::super::play::{Side, next, play};
use super::facts::Facts;
use super::graph::{Graph, SituationTable, seen};
use super::situation::{Circumstance, Shape};
use super::stage::WalkStage;
use super::*;
use passmuster_contract::domain::{Input, InvitationRef};

/// Random paths on each stage.
const PATHS: usize = 600;

fn stages() -> Vec<WalkStage> {
    let operations = Operation::ALL.to_vec();
    WalkStage::all(&WalkSettings {
        cast: 3,
        callers: 3,
        depth: 7,
        regions: 2,
        operations,
        organization_given: false,
    })
}

/// Everything that is seen of each call in a state, beside what its abstract state says.
fn differences(stage: &WalkStage, state: &State, catalogue: &SituationTable, answers: &Answers) -> Vec<String> {
    let facts = Facts::of(state, &stage.cast, stage.regions);
    let mut found = Vec::new();
    for transition in &stage.calls {
        let shape = Shape::of(transition, &stage.cast).unwrap();
        let circumstance = Circumstance::of(&facts, stage.cast.len(), &shape).unwrap();
        // Deeper than the search went there are others.
        let Some(number) = catalogue.number(&circumstance) else { continue };
        let (here, known) = (seen(stage, state, transition, answers), &catalogue.situations[number as usize].seen);
        if here != *known {
            found.push(format!("{circumstance:?}\n  {known:?}\n  {here:?}"));
        }
    }
    found
}

#[test]
fn a_situation_is_judged_alike_in_every_state() {
    let answers = Answers::default();
    let mut catalogue = SituationTable::default();
    let graphs: Vec<Graph> =
        stages().into_iter().map(|stage| Graph::explore(stage, &answers, &mut catalogue)).collect();
    let mut found = BTreeMap::new();
    for graph in &graphs {
        let stage = &graph.stage;
        let start = play(&stage.seed, &answers, Side::Implementation);
        for (number, _) in graph.nodes.iter().enumerate() {
            let path = graph.tree.path(u32::try_from(number).unwrap());
            let state = path.iter().fold(start.clone(), |state, call| {
                next(&state, &stage.calls[usize::from(*call)], &answers, Side::Implementation)
            });
            for difference in differences(stage, &state, &catalogue, &answers) {
                found.entry(difference).or_insert(path.clone());
            }
        }
    }
    assert_eq!(found, BTreeMap::new());
}

/// States that differ in nothing that counts are one to the search: what is judged in one is judged in the other.
#[test]
fn a_situation_is_judged_alike_on_every_way_to_it() {
    let answers = Answers::default();
    let mut catalogue = SituationTable::default();
    let graphs: Vec<Graph> =
        stages().into_iter().map(|stage| Graph::explore(stage, &answers, &mut catalogue)).collect();
    let mut found = BTreeMap::new();
    let mut random = 1_u64;
    for graph in &graphs {
        let stage = &graph.stage;
        let start = play(&stage.seed, &answers, Side::Implementation);
        for _ in 0..PATHS {
            let (mut state, mut path) = (start.clone(), Vec::new());
            while path.len() < 25 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let call = &stage.calls[(random >> 33) as usize % stage.calls.len()];
                let seen = seen(stage, &state, call, &answers);
                if !seen.certain || !seen.moves {
                    continue;
                }
                path.push(call.request.operation);
                state = next(&state, call, &answers, Side::Implementation);
                for difference in differences(stage, &state, &catalogue, &answers) {
                    found.entry(difference).or_insert(path.clone());
                }
            }
        }
    }
    assert_eq!(found, BTreeMap::new());
}

/// The id of an invitation is only known to who has listed it: an acceptance without that is a refusal, and all that
/// comes after it is in another state.
#[test]
fn tours_list_invitations_before_they_accept_one_and_end_in_their_bounds() {
    let operations = Operation::ALL.to_vec();
    let settings =
        WalkSettings { cast: 3, callers: 3, depth: 7, regions: 2, operations, organization_given: false };
    let tours = tour::tours(&settings, &Answers::default());
    assert_eq!(tours, tour::tours(&settings, &Answers::default()));
    let mut accepted = 0;
    for tour in &tours {
        for (place, call) in tour.transitions.iter().enumerate() {
            let named = call.request.named_accounts();
            let mut before = tour.transitions[..place].iter();
            let has_had_id =
                before.any(|before| before.request.named_accounts().iter().any(|one| named.contains(one)));
            assert!(call.request.operation != Operation::CreateAccount || !has_had_id, "{tour:?}");
        }
        assert!((1..=41).contains(&tour.transitions.len()), "{}", tour.transitions.len());
        for pair in tour.transitions.windows(2) {
            let [before, call] = pair else { unreachable!("a window of two") };
            if let Input::Accept { invitation: Some(InvitationRef::Latest(_)), .. } = call.request.input {
                assert_eq!(before.request.operation, Operation::ListInvitations);
                assert_eq!((before.caller, before.region), (call.caller, call.region));
                accepted += 1;
            }
        }
    }
    let calls: usize = tours.iter().map(|tour| tour.transitions.len()).sum();
    assert!(accepted > 10 && (200..2_600).contains(&calls), "{accepted} of {calls}");
}

#[test]
fn who_is_in_a_given_organization_never_changes() {
    let operations = Operation::ALL.to_vec();
    let settings =
        WalkSettings { cast: 3, callers: 3, depth: 2, regions: 2, operations, organization_given: true };
    let stages = WalkStage::all(&settings);
    assert!(stages.iter().any(|stage| stage.seed.iter().any(|call| call.request.operation.is_setup())));
    for stage in stages {
        assert!(!stage.calls.iter().any(|call| call.request.operation.is_setup()), "{stage:?}");
    }
    let tours = tour::tours(&settings, &Answers::default());
    let is_setup = |call: &Transition| call.request.operation.is_setup();
    let begins: Vec<usize> =
        tours.iter().map(|tour| tour.transitions.iter().take_while(|call| is_setup(call)).count()).collect();
    assert!(begins.iter().filter(|begin| **begin == 4).count() > 5, "{begins:?}");
    for (tour, begin) in tours.iter().zip(begins) {
        assert!(!tour.transitions[begin..].iter().any(is_setup), "{tour:?}");
    }
}
