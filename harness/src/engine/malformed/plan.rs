//! Which malformed requests are sent, in which order: what finds most comes first.

use passmuster_contract::domain::{Operation, Profile};
use passmuster_malformed::{Base, Class, Malformed, Part};

use super::super::settings::Selection;

/// The parts of a request in the order in which they are spoilt.
const ORDER: [Part; 8] = [
    Part::Text,
    Part::Members,
    Part::Query,
    Part::Route,
    Part::Headers,
    Part::Framing,
    Part::Signature,
    Part::Sequence,
];

/// The classes that are wanted, in the order in which they are sent.
pub(super) fn classes(selection: &Selection) -> Vec<&'static Class> {
    let mut classes: Vec<_> = passmuster_malformed::classes().filter(|class| selection.has_class(class)).collect();
    classes.sort_by_key(|class| ORDER.iter().position(|part| *part == class.part));
    classes
}

/// The operations that are wanted.
pub(super) fn operations(selection: &Selection, supported: impl Fn(Operation) -> bool) -> Vec<Operation> {
    let wanted = |operation: &Operation| supported(*operation) && selection.has_operation(*operation);
    Operation::ALL.iter().copied().filter(wanted).collect()
}

/// Every request of a class on a base.
pub(super) fn requests(class: &Class, base: &Base, profile: Profile) -> Vec<Malformed> {
    let mut requests = class.variants(base);
    for malformed in &mut requests {
        malformed.allowed = malformed.allowed.under(profile);
    }
    requests
}

/// The variants of a class on a base, by when they are sent: one at first, then those that tell most about the
/// operation, and the others where there is time without end.
pub(super) fn turns(class: &Class, base: &Base) -> [Vec<String>; 3] {
    let mut chosen: Vec<String> = class.requests(base).into_iter().map(|malformed| malformed.variant).collect();
    let mut others: Vec<String> = class.variants(base).into_iter().map(|malformed| malformed.variant).collect();
    others.retain(|variant| !chosen.contains(variant));
    let first = if chosen.is_empty() {
        others.splice(..others.len().min(1), []).collect()
    } else {
        vec![chosen.remove(0)]
    };
    [first, chosen, others]
}
