//! Recipes of single requests: those of the catalogue, and random compositions.

use super::dice::NumberedDice;
use super::lane::Recipe;
use passmuster_contract::domain::Profile;
use passmuster_malformed::{Base, Class, Composer, Composition, Malformed};

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

    fn make(&self, base: &Base) -> Option<Malformed> {
        let drawn = Self::draw(base, self.number, self.seed, self.signatures)?;
        let mut malformed = drawn.malformed;
        malformed.allowed = malformed.allowed.under(self.profile);
        malformed.is_open |= !drawn.is_judged;
        Some(malformed)
    }
}
