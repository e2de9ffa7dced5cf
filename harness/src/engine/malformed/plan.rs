//! The plan of a campaign: the malformed requests that are sent, in an order in which what finds most comes first.

use std::collections::BTreeMap;

use passmuster_contract::domain::Operation;
use passmuster_malformed::{Base, Class, ClassId, HOMES, Part};

use super::super::settings::RunSelection;

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
pub(super) fn classes(selection: &RunSelection) -> Vec<&'static Class> {
    let mut classes: Vec<_> = passmuster_malformed::classes().filter(|class| selection.has_class(class)).collect();
    classes.sort_by_key(|class| ORDER.iter().position(|part| *part == class.part));
    classes
}

/// The operations that are wanted.
pub(super) fn operations(selection: &RunSelection, supported: impl Fn(Operation) -> bool) -> Vec<Operation> {
    let wanted = |operation: &Operation| supported(*operation) && selection.has_operation(*operation);
    Operation::ALL.iter().copied().filter(wanted).collect()
}

/// The turns in which the variants of a class are sent.
pub(super) const TURNS: usize = 5;

/// So many variants of a class are sent on its first operation before it is sent on others: those of parts that change
/// nothing cost little.
const fn most_at_first(part: Part) -> usize {
    match part {
        Part::Query | Part::Route | Part::Headers => 6,
        _ => 2,
    }
}

/// A variant of a class by its number, with its name.
pub(super) type Numbered = (usize, String);

/// The number of the operation on which each class is sent before it is sent on any other: one of those that every
/// class is sent on, by turns, or else the first that it fits.
pub(super) fn first_places(classes: &[&'static Class], bases: &[(u64, Base)]) -> BTreeMap<ClassId, u64> {
    let place = |class: &&'static Class| {
        let rank = |base: &Base| {
            let home = HOMES.iter().position(|home| *home == base.operation);
            home.map_or(HOMES.len(), |home| (home + usize::from(class.id.0)) % HOMES.len())
        };
        let mut bases: Vec<&(u64, Base)> = bases.iter().collect();
        bases.sort_by_key(|(number, base)| (rank(base), *number));
        let fitting = bases.into_iter().find(|(_, base)| !class.variants(base).is_empty());
        fitting.map(|(number, _)| (class.id, *number))
    };
    classes.iter().filter_map(place).collect()
}

/// The variants of a class on a base, by when they are sent: one at first, before all else where this is the first
/// place of the class, where a few more follow; then those that tell most about the operation, and the others where there
/// is time without end.
pub(super) fn turns(class: &Class, base: &Base, is_first: bool) -> [Vec<Numbered>; TURNS] {
    let variants: Vec<Numbered> =
        class.variants(base).into_iter().map(|malformed| malformed.variant).enumerate().collect();
    let chosen = class.chosen(base.operation, variants.len());
    let (mut chosen, mut others): (Vec<_>, Vec<_>) =
        variants.into_iter().partition(|(number, _)| chosen.contains(number));
    let first = if chosen.is_empty() {
        others.splice(..others.len().min(1), []).collect()
    } else {
        vec![chosen.remove(0)]
    };
    if !is_first {
        return [Vec::new(), Vec::new(), first, chosen, others];
    }
    let more: Vec<Numbered> = chosen.drain(..chosen.len().min(most_at_first(class.part) - 1)).collect();
    [first, more, Vec::new(), chosen, others]
}

#[cfg(test)]
mod tests {
    use super::super::stage::base;
    use super::*;
    use crate::generate::CastNaming;

    #[test]
    fn a_variant_has_the_same_number_whichever_accounts_a_base_names() {
        let of = |operation, slot| {
            base(operation, &CastNaming::new(500_000_000_000, slot, ["us-east-1".into()].into()), None)
        };
        for operation in Operation::ALL.iter().copied() {
            let (one, other) = (of(operation, 3), of(operation, 17));
            for class in passmuster_malformed::classes() {
                let names = |base| class.variants(base).into_iter().map(|made| made.variant).collect::<Vec<_>>();
                assert_eq!(names(&one), names(&other), "{} {operation}", class.id);
            }
        }
    }
}
