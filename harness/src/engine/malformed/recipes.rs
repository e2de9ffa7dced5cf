//! Recipes of single requests: those of the catalogue, and random compositions.

use std::sync::Arc;

use super::dice::NumberedDice;
use super::lane::Recipe;
use passmuster_contract::domain::Profile;
use passmuster_malformed::{Base, Class, Composer, Composition, Ingredient, Malformed, class};

/// A request of the catalogue.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) class: &'static Class,
    /// The number of the variant.
    pub(super) variant: usize,
    pub(super) title: String,
    pub(super) profile: Profile,
}

impl Recipe for Listed {
    fn class(&self) -> &'static Class {
        self.class
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn make(&self, base: &Base) -> Option<Malformed> {
        let mut malformed = self.class.variant(base, self.variant)?;
        malformed.allowed = malformed.allowed.under(self.profile);
        Some(malformed)
    }
}

/// A random composition.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) class: &'static Class,
    pub(super) others: Vec<&'static Class>,
    pub(super) title: String,
    pub(super) ingredients: Vec<Ingredient>,
    pub(super) number: u64,
    pub(super) seed: u64,
    pub(super) signatures: bool,
    pub(super) profile: Profile,
}

impl Composed {
    pub(super) fn draw(base: &Base, number: u64, seed: u64, signatures: bool) -> Option<Composition> {
        let composer = Composer { bases: std::slice::from_ref(base), signatures };
        composer.draw(&mut NumberedDice::new(seed, number))
    }
}

impl Recipe for Composed {
    fn class(&self) -> &'static Class {
        self.class
    }

    fn title(&self) -> String {
        self.title.clone()
    }

    fn others(&self) -> &[&'static Class] {
        &self.others
    }

    fn is_composed(&self) -> bool {
        true
    }

    fn fewer(&self) -> Vec<Arc<dyn Recipe>> {
        fewer(&self.ingredients, self.profile)
    }

    fn make(&self, base: &Base) -> Option<Malformed> {
        let drawn = Self::draw(base, self.number, self.seed, self.signatures)?;
        let mut malformed = drawn.malformed;
        malformed.allowed = malformed.allowed.under(self.profile);
        malformed.is_open |= !drawn.is_judged;
        Some(malformed)
    }
}

/// Some of the faults of a composition.
#[derive(Debug)]
struct Chosen {
    class: &'static Class,
    others: Vec<&'static Class>,
    ingredients: Vec<Ingredient>,
    profile: Profile,
}

impl Chosen {
    fn of(ingredients: Vec<Ingredient>, profile: Profile) -> Option<Arc<dyn Recipe>> {
        let mut others: Vec<_> = ingredients.iter().filter_map(|one| class(one.class)).collect();
        let class = (!others.is_empty()).then(|| others.remove(0))?;
        Some(Arc::new(Self { class, others, ingredients, profile }))
    }
}

/// Each fault alone; and where there are more than two, all but one.
fn fewer(ingredients: &[Ingredient], profile: Profile) -> Vec<Arc<dyn Recipe>> {
    let alone = ingredients.iter().filter(|_| ingredients.len() > 1).map(|one| vec![one.clone()]);
    let without = |left_out: usize| {
        let others = ingredients.iter().enumerate().filter(|(index, _)| *index != left_out);
        others.map(|(_, one)| one.clone()).collect::<Vec<_>>()
    };
    let most = (0..ingredients.len()).filter(|_| ingredients.len() > 2).map(without);
    alone.chain(most).filter_map(|some| Chosen::of(some, profile)).collect()
}

impl Recipe for Chosen {
    fn class(&self) -> &'static Class {
        self.class
    }

    fn title(&self) -> String {
        let named = |one: &Ingredient| format!("{} {}", one.class, one.variant);
        self.ingredients.iter().map(named).collect::<Vec<_>>().join(" + ")
    }

    fn others(&self) -> &[&'static Class] {
        &self.others
    }

    fn is_composed(&self) -> bool {
        !self.others.is_empty()
    }

    fn fewer(&self) -> Vec<Arc<dyn Recipe>> {
        fewer(&self.ingredients, self.profile)
    }

    fn make(&self, base: &Base) -> Option<Malformed> {
        let made = Composition::of(base, &self.ingredients)?;
        let mut malformed = made.malformed;
        malformed.allowed = malformed.allowed.under(self.profile);
        malformed.is_open |= !made.is_judged;
        Some(malformed)
    }
}
