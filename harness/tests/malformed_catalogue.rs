//! The catalogue of malformed requests: every class is there, and does what it says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use passmuster::domain::Operation;
use passmuster::malformed::{Base, Class, ClassId, HOMES, Malformed, Message, Operator, Part, Set, classes};

fn bases() -> impl Iterator<Item = Base> {
    Operation::ALL.iter().map(|operation| Base::sample(*operation))
}

/// Every variant of every class on every operation.
fn all() -> impl Iterator<Item = (Base, &'static Class, Malformed)> {
    bases().flat_map(|base| {
        classes().flat_map(move |class| {
            let base = base.clone();
            class.variants(&base).into_iter().map(move |malformed| (base.clone(), class, malformed))
        })
    })
}

fn name(base: &Base, class: &Class, malformed: &Malformed) -> String {
    let body = String::from_utf8_lossy(&malformed.message.body).chars().take(300).collect::<String>();
    format!("{} {} {:?}: {body}", class.id, base.operation, malformed.variant)
}

#[test]
fn the_catalogue_has_every_class_once_and_in_order() {
    let ids: Vec<u16> = classes().map(|class| class.id.0).collect();
    assert_eq!(ids, (1..=309).collect::<Vec<u16>>());
    assert_eq!(ClassId(7).to_string(), "M007");
    for class in classes() {
        assert!(!class.title.is_empty() && class.title.chars().count() <= 72, "{}", class.id);
        assert!(!class.rows.is_empty(), "{}", class.id);
    }
}

#[test]
fn every_class_is_done_on_some_operation_or_says_why_not() {
    for class in classes() {
        let done = bases().any(|base| !class.variants(&base).is_empty());
        match class.operator {
            Operator::Spoils(_) => assert!(done, "{} fits no operation", class.id),
            Operator::Sequence(_) => assert!(!done, "{}", class.id),
            Operator::Excused(reason) => assert!(reason.split(' ').count() > 5, "{}: {reason}", class.id),
        }
    }
}

#[test]
fn the_catalogue_is_this() {
    let mut text = String::new();
    let mut sent = 0;
    for class in classes() {
        let _ = writeln!(
            text,
            "{} {:?} {} [{}] {}",
            class.id,
            class.part,
            class.title,
            class.rows.join(" "),
            class.grade().name()
        );
        match class.operator {
            Operator::Sequence(procedure) => drop(writeln!(text, "    sequence {procedure:?}")),
            Operator::Excused(reason) => drop(writeln!(text, "    excused: {reason}")),
            Operator::Spoils(_) => {
                let counts = bases().map(|base| (base.operation, class.requests(&base).len()));
                let counts: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
                sent += counts.iter().map(|(_, count)| count).sum::<usize>();
                let list: Vec<_> =
                    counts.iter().map(|(operation, count)| format!("{operation} {count}")).collect();
                let _ = writeln!(text, "    {}", list.join(", "));
            }
        }
    }
    let _ = writeln!(text, "{sent} requests in all");
    assert!((2_500..=4_500).contains(&sent), "{sent}");
    insta::with_settings!({ snapshot_path => "../../snapshots/coverage", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("malformations", text);
    });
}

#[test]
fn variants_are_few_and_distinct_and_the_same_each_time() {
    for base in bases() {
        for class in classes() {
            let (first, second) = (class.variants(&base), class.variants(&base));
            let text = |all: &[Malformed]| all.iter().map(|one| one.variant.clone()).collect::<Vec<_>>();
            assert_eq!(text(&first), text(&second), "{} {}", class.id, base.operation);
            assert!(first.len() <= 24, "{} {}: {}", class.id, base.operation, first.len());
            let distinct: BTreeSet<_> = text(&first).into_iter().collect();
            assert_eq!(distinct.len(), first.len(), "{} {}: {distinct:?}", class.id, base.operation);
            for (one, other) in first.iter().zip(&second) {
                assert!(
                    one.message.render("h", &[]) == other.message.render("h", &[]),
                    "{}",
                    name(&base, class, one)
                );
            }
            let bytes: BTreeSet<_> = first.iter().map(|one| format!("{:?}", one.message)).collect();
            assert_eq!(bytes.len(), first.len(), "{} {}: two variants are equal", class.id, base.operation);
        }
    }
}

/// The parts that a reader takes from the bytes of body and query string alone.
const READ: [Part; 3] = [Part::Text, Part::Members, Part::Query];

/// Classes that must be refused, and that no look at the bytes can tell from right ones.
const KNOWN_BY_STATE: &[(u16, &str)] = &[
    (259, "the ARN of another hub is well-formed, and the model holds an ARN against no pattern"),
    (275, "an invitation that nobody sent looks like any other"),
];

fn must_be_refused(malformed: &Malformed) -> bool {
    !malformed.allowed.may_succeed()
}

#[test]
fn what_must_be_refused_is_refused_by_the_strict_reader() {
    let (mut refused, mut accepted): (u32, Vec<String>) = (0, Vec::new());
    for (base, class, malformed) in all() {
        if !READ.contains(&class.part) || !must_be_refused(&malformed) {
            continue;
        }
        if KNOWN_BY_STATE.iter().any(|(id, _)| ClassId(*id) == class.id) {
            continue;
        }
        refused += 1;
        if malformed.message.read().is_ok() {
            accepted.push(name(&base, class, &malformed));
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
    assert!(refused > 1000, "{refused}");
}

#[test]
fn what_must_be_taken_for_another_request_is_read_as_that() {
    let (mut read, mut otherwise): (u32, Vec<String>) = (0, Vec::new());
    for (base, class, malformed) in all() {
        let sets: Vec<Set> = malformed.allowed.sets().collect();
        if !READ.contains(&class.part) || sets != [Set::AsRepaired] {
            continue;
        }
        read += 1;
        let own = malformed.message.read();
        let others: Vec<&Message> = match malformed.repaired.as_slice() {
            [] => vec![&base.message],
            several => several.iter().collect(),
        };
        let others: Vec<_> = others.into_iter().map(Message::read).collect();
        if own.is_err() || !others.contains(&own) {
            otherwise.push(format!("{}: {own:?} and {others:?}", name(&base, class, &malformed)));
        }
    }
    assert!(otherwise.is_empty(), "{otherwise:#?}");
    assert!(read > 150, "{read}");
}

/// The bytes of a request, as far as a class can spoil them.
fn bytes(malformed: &Malformed) -> String {
    format!("{:?}", malformed.message)
}

#[test]
fn a_campaign_sends_all_that_depends_on_the_operation_and_of_the_rest_a_part_that_comes_round() {
    for class in classes().filter(|class| matches!(class.operator, Operator::Spoils(_))) {
        let mut rare: Vec<Operation> = Vec::new();
        for base in bases() {
            let variants: Vec<String> = class.variants(&base).iter().map(bytes).collect();
            let sent: Vec<String> = class.requests(&base).iter().map(bytes).collect();
            assert!(sent.iter().all(|one| variants.contains(one)), "{} {}", class.id, base.operation);
            let depends = matches!(class.part, Part::Members | Part::Query);
            let is_home = [Operation::CreateMembers, Operation::ListMembers].contains(&base.operation);
            if depends || is_home {
                assert_eq!(sent, variants, "{} {}", class.id, base.operation);
            } else if !variants.is_empty() {
                let is_early = matches!(class.part, Part::Framing | Part::Signature);
                assert!(sent.len() <= 1 && (is_early || sent.len() == 1), "{} {}", class.id, base.operation);
                rare.extend((!sent.is_empty()).then_some(base.operation));
            }
        }
        // A third of the other operations, or all of them: no class is left to the homes alone.
        let fitting = bases().filter(|base| !HOMES.contains(&base.operation) && !class.variants(base).is_empty());
        let fitting = fitting.count();
        if !matches!(class.part, Part::Members | Part::Query) && fitting >= 5 {
            assert!(3 * rare.len() + 3 >= fitting, "{}: {rare:?} of {fitting}", class.id);
        }
    }
}

#[test]
fn a_sample_is_well_formed() {
    for base in bases() {
        let read = base.message.read();
        assert!(matches!(&read, Ok((operation, _)) if *operation == base.operation), "{read:?}");
    }
}
