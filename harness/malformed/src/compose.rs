//! Random malformed requests: one fault or several at once, out of the catalogue.
//! Its only randomness is the dice that the caller gives.

use super::answers::Allowed;
use super::catalogue::{Class, ClassId, Malformed, Operator, Part};
use super::catalogue::{class, classes};
use super::dice::Dice;
use super::message::{Base, Message};
use passmuster_contract::domain::{Grade, Operation};

/// The share of requests with some faults that get one more, in a hundred.
const ANOTHER: u32 = 60;
/// The share with one fault alone, in a hundred, whatever else is drawn: only those have sharp expectations.
const SINGLE: u32 = 40;
/// The share that gets some bytes of the body changed at random, in a hundred.
const HAVOC: u32 = 2;
const MOST_FAULTS: usize = 4;
/// Draws of a class that fits, before a request gets no further fault.
const MOST_DRAWS: usize = 40;
/// A body that is longer is too much for a fuzzer that sends thousands.
pub(crate) const LONGEST: usize = 100_000;

/// The parts in the order in which they are spoilt, each with its weight: a fault of text would end any further one of
/// members, and framing takes the body as it is.
const PARTS: [(Part, u32); 7] = [
    (Part::Members, 30),
    (Part::Text, 30),
    (Part::Query, 15),
    (Part::Headers, 8),
    (Part::Route, 8),
    (Part::Framing, 7),
    (Part::Signature, 2),
];

/// A fault that takes part in a composition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingredient {
    /// Its class.
    pub class: ClassId,
    /// Its variant.
    pub variant: String,
}

/// A random malformed request.
#[derive(Clone, Debug)]
pub struct Composition {
    /// The operation of the base.
    pub operation: Operation,
    /// The request. Its variant names the ingredients, as in `M145 k=17 + M092 text/plain`.
    pub malformed: Malformed,
    /// Its parts, in the order of the edits.
    pub ingredients: Vec<Ingredient>,
    /// The rows that say what may be answered, the first one to blame.
    pub rows: Vec<&'static str>,
    /// The weakest grade among those of its classes.
    pub grade: Grade,
    /// Whether what may be answered is known; else the answer is held against the invariants alone.
    pub is_judged: bool,
}

/// The source of compositions.
#[derive(Clone, Copy, Debug)]
pub struct Composer<'b> {
    /// The well-formed requests that are spoilt.
    pub bases: &'b [Base],
    /// Whether signatures are spoilt, too: only a target that verifies them can tell.
    pub signatures: bool,
}

impl Composer<'_> {
    /// A composition by these dice: the same choices make the same one. None where there is no base.
    pub fn draw(&self, dice: &mut impl Dice) -> Option<Composition> {
        let base = pick(self.bases, dice)?;
        let mut parts = self.parts(dice);
        parts.sort_unstable();
        let mut composition: Option<Composition> = None;
        for (_, part) in parts {
            let message = composition.as_ref().map_or(&base.message, |made| &made.malformed.message);
            let Some((class, malformed)) = draw_fault(base, message, part, dice) else { continue };
            composition = Some(match composition {
                None => Composition::single(base.operation, class, malformed),
                Some(made) => made.with(class, malformed),
            });
        }
        // Where nothing of those parts fits: any operation has a path.
        let mut composition = composition.or_else(|| {
            let (class, malformed) = draw_fault(base, &base.message, Part::Route, dice)?;
            Some(Composition::single(base.operation, class, malformed))
        })?;
        if percent(HAVOC, dice) {
            composition.shake(dice);
        }
        Some(composition)
    }

    /// The parts that are to be spoilt, with their places in the order.
    fn parts(&self, dice: &mut impl Dice) -> Vec<(usize, Part)> {
        let mut count = 1;
        if !percent(SINGLE, dice) {
            while count < MOST_FAULTS && percent(ANOTHER, dice) {
                count += 1;
            }
        }
        let parts = PARTS.into_iter().enumerate();
        let mut left: Vec<_> =
            parts.filter(|(_, (part, _))| self.signatures || *part != Part::Signature).collect();
        let mut drawn = Vec::with_capacity(count);
        for _ in 0..count {
            let total: u32 = left.iter().map(|(_, (_, weight))| weight).sum();
            let mut point = u32::try_from(dice.below(total as usize)).unwrap_or_default();
            let hit = left.iter().position(|(_, (_, weight))| {
                let is_hit = point < *weight;
                point = point.saturating_sub(*weight);
                is_hit
            });
            let Some(hit) = hit else { break };
            let (place, (part, _)) = left.remove(hit);
            drawn.push((place, part));
        }
        drawn
    }
}

impl Composition {
    /// The composition of these faults; none where one of them does not fit.
    #[must_use]
    pub fn of(base: &Base, ingredients: &[Ingredient]) -> Option<Self> {
        let mut composition: Option<Self> = None;
        for ingredient in ingredients {
            let message = composition.as_ref().map_or(&base.message, |made| &made.malformed.message);
            let class = class(ingredient.class)?;
            let Operator::Spoils(operator) = class.operator else { return None };
            let malformed = operator(base, message).into_iter().find(|made| made.variant == ingredient.variant)?;
            composition = Some(match composition {
                None => Self::single(base.operation, class, malformed),
                Some(made) => made.with(class, malformed),
            });
        }
        composition
    }

    fn single(operation: Operation, class: &Class, mut malformed: Malformed) -> Self {
        let ingredient = Ingredient { class: class.id, variant: malformed.variant };
        malformed.variant = format!("{} {}", class.id, ingredient.variant);
        Self {
            operation,
            malformed,
            ingredients: vec![ingredient],
            rows: class.rows.to_vec(),
            grade: class.grade(),
            is_judged: true,
        }
    }

    /// With a fault more, made of the request as it was.
    fn with(mut self, class: &Class, malformed: Malformed) -> Self {
        let soft = (self.malformed.allowed.may_succeed(), malformed.allowed.may_succeed());
        let allowed = self.malformed.allowed.and(&malformed.allowed);
        // What it is to be taken for was made of a request that is malformed itself, or has become another since.
        let is_body = matches!(class.part, Part::Members | Part::Text | Part::Query);
        let is_known = malformed.repaired.is_empty()
            && (self.malformed.repaired.is_empty() || !is_body)
            && self.malformed.offending.is_empty()
            && malformed.offending.is_empty();
        self.is_judged &= match soft {
            (true, true) => is_known,
            _ => is_still_refused(class, &malformed),
        };
        self.malformed.variant = format!("{} + {} {}", self.malformed.variant, class.id, malformed.variant);
        self.malformed.message = malformed.message;
        self.malformed.offending.extend(malformed.offending);
        self.malformed.allowed = allowed;
        self.ingredients.push(Ingredient { class: class.id, variant: malformed.variant });
        self.rows.extend(class.rows.iter().filter(|row| !self.rows.contains(row)).copied().collect::<Vec<_>>());
        self.grade = self.grade.min(class.grade());
        self
    }

    /// Changes some bytes of the body. The result is not known before.
    fn shake(&mut self, dice: &mut impl Dice) {
        let body = &mut self.malformed.message.body;
        if body.is_empty() {
            return;
        }
        for _ in 0..=dice.below(4) {
            let place = dice.below(body.len());
            body[place] = dice.byte();
        }
        self.malformed.variant.push_str(" + havoc");
        self.malformed.allowed = Allowed::default();
        self.is_judged = false;
    }
}

/// Whether a request with several faults must still be refused: two faults may have undone each other.
fn is_still_refused(last: &Class, malformed: &Malformed) -> bool {
    // What comes before the body is read, and is spoilt last, stays spoilt.
    let is_outside = matches!(last.part, Part::Framing | Part::Route | Part::Signature);
    if malformed.allowed.may_succeed() {
        // A server that takes it for another request may never see the other fault.
        return malformed.repaired.is_empty() && malformed.message.read().is_err();
    }
    is_outside || malformed.message.read().is_err()
}

/// A variant of a class of this part that fits.
fn draw_fault(
    base: &Base,
    message: &Message,
    part: Part,
    dice: &mut impl Dice,
) -> Option<(&'static Class, Malformed)> {
    let of_part: Vec<&'static Class> =
        classes().filter(|class| class.part == part && is_small(class.id)).collect();
    for _ in 0..MOST_DRAWS {
        let class = *pick(&of_part, dice)?;
        let Operator::Spoils(operator) = class.operator else { continue };
        let mut variants = operator(base, message);
        variants.retain(|malformed| malformed.message.body.len() <= LONGEST);
        if !variants.is_empty() {
            let chosen = dice.below(variants.len());
            return Some((class, variants.swap_remove(chosen)));
        }
    }
    None
}

/// Classes of large requests, which take longer to make than thousands of others to send, and of those that take the
/// time of the target's own limit.
const LARGE: [u16; 9] = [44, 49, 185, 187, 188, 189, 190, 254, 282];

pub(crate) fn is_small(id: ClassId) -> bool {
    !LARGE.contains(&id.0)
}

fn pick<'t, T>(from: &'t [T], dice: &mut impl Dice) -> Option<&'t T> {
    (!from.is_empty()).then(|| &from[dice.below(from.len())])
}

fn percent(chance: u32, dice: &mut impl Dice) -> bool {
    dice.below(100) < chance as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::SplitMix;

    const MANY: u64 = 3000;

    fn bases() -> Vec<Base> {
        Operation::ALL.iter().map(|operation| Base::sample(*operation)).collect()
    }

    fn drawn() -> Vec<Composition> {
        let bases = bases();
        let composer = Composer { bases: &bases, signatures: true };
        let mut dice = SplitMix::new(7);
        (0..MANY).map(|_| composer.draw(&mut dice).unwrap()).collect()
    }

    #[test]
    fn a_composition_is_made_again_out_of_its_faults() {
        let bases = bases();
        for drawn in drawn().into_iter().filter(|drawn| !drawn.malformed.variant.ends_with("havoc")).take(300) {
            let base = bases.iter().find(|base| base.operation == drawn.operation).unwrap();
            let made = Composition::of(base, &drawn.ingredients).unwrap();
            assert_eq!(made.malformed.variant, drawn.malformed.variant);
            assert_eq!(made.malformed.message.render("h", &[]), drawn.malformed.message.render("h", &[]));
        }
    }

    #[test]
    fn the_same_choices_make_the_same_bytes() {
        let bases = bases();
        let of = |seed| Composer { bases: &bases, signatures: true }.draw(&mut SplitMix::new(seed)).unwrap();
        for seed in (0..MANY).step_by(37) {
            let [first, second] = [of(seed), of(seed)];
            assert_eq!(first.ingredients, second.ingredients);
            assert_eq!(first.malformed.message.render("h", &[]), second.malformed.message.render("h", &[]));
        }
        assert_ne!(of(1).malformed.variant, of(2).malformed.variant);
    }

    fn variants(id: u16, base: &Base, message: &Message) -> (&'static Class, Vec<Malformed>) {
        let class = classes().find(|class| class.id == ClassId(id)).unwrap();
        let Operator::Spoils(operator) = class.operator else { panic!("{id} is no operator") };
        (class, operator(base, message))
    }

    #[test]
    fn what_a_later_fault_takes_away_is_not_expected() {
        let base = Base::sample(Operation::CreateMembers);
        let (many, listed) = variants(262, &base, &base.message);
        for first in listed.into_iter().filter(|malformed| malformed.allowed.may_succeed()) {
            let (twice, spoilt) = variants(179, &base, &first.message);
            for second in spoilt {
                let one = Composition::single(base.operation, many, first.clone());
                let both = one.with(twice, second);
                assert!(!both.is_judged, "{}", both.malformed.variant);
            }
        }
        // Chunks were made of the body before.
        let (_, chunked) = variants(32, &base, &base.message);
        assert!(!variants(121, &base, &base.message).1.is_empty());
        assert!(variants(121, &base, &chunked[0].message).1.is_empty());
    }

    #[test]
    fn signatures_are_left_alone_where_nobody_verifies_them() {
        let bases = bases();
        let composer = Composer { bases: &bases, signatures: false };
        let mut dice = SplitMix::new(7);
        for number in 0..MANY {
            let ingredients = composer.draw(&mut dice).unwrap().ingredients;
            assert!(ingredients.iter().all(|ingredient| !(111..=141).contains(&ingredient.class.0)), "{number}");
        }
    }

    #[test]
    fn at_least_half_have_one_fault_and_of_each_part_there_is_one_at_most() {
        let all = drawn();
        assert_eq!(all.len() as u64, MANY);
        let single = all.iter().filter(|composition| composition.ingredients.len() == 1).count();
        assert!(2 * single >= all.len() && single < all.len(), "{single}");
        for composition in &all {
            let part =
                |ingredient: &Ingredient| classes().find(|class| class.id == ingredient.class).unwrap().part;
            let mut parts: Vec<Part> = composition.ingredients.iter().map(part).collect();
            parts.sort_unstable();
            parts.dedup();
            assert_eq!(parts.len(), composition.ingredients.len(), "{}", composition.malformed.variant);
            assert!(composition.ingredients.len() <= MOST_FAULTS);
            assert!(composition.malformed.message.body.len() <= LONGEST);
        }
    }

    #[test]
    fn what_must_be_refused_for_its_body_or_query_string_is_refused_by_the_strict_reader() {
        let inside = |composition: &&Composition| {
            let is_inside = |ingredient: &Ingredient| {
                let class = classes().find(|class| class.id == ingredient.class).unwrap();
                matches!(class.part, Part::Members | Part::Text | Part::Query)
            };
            composition.ingredients.len() > 1 && composition.ingredients.iter().all(is_inside)
        };
        let mut refused = 0;
        for composition in drawn().iter().filter(inside) {
            if composition.is_judged && !composition.malformed.allowed.may_succeed() {
                refused += 1;
                assert!(composition.malformed.message.read().is_err(), "{}", composition.malformed.variant);
            }
        }
        assert!(refused > 50, "{refused}");
    }

    #[test]
    fn every_small_class_is_drawn_sooner_or_later() {
        let bases = bases();
        let mut left: Vec<u16> = classes()
            .filter(|class| is_small(class.id) && matches!(class.operator, Operator::Spoils(_)))
            .map(|class| class.id.0)
            .collect();
        let composer = Composer { bases: &bases, signatures: true };
        let mut dice = SplitMix::new(3);
        for _ in 0..100_000 {
            for ingredient in composer.draw(&mut dice).unwrap().ingredients {
                left.retain(|id| *id != ingredient.class.0);
            }
            if left.is_empty() {
                return;
            }
        }
        panic!("{left:?}");
    }
}
