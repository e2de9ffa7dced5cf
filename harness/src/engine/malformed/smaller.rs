//! A recipe made smaller: parts of its request are left out.

use std::sync::Arc;

use super::lane::Recipe;
use passmuster_malformed::{Base, Class, Cut, Malformed};

/// A recipe of which parts are left out. Account ids are all of one length, so that places in a body are the same on
/// every stage.
#[derive(Debug)]
pub(super) struct Smaller {
    pub(super) recipe: Arc<dyn Recipe>,
    pub(super) cuts: Vec<Cut>,
}

impl Recipe for Smaller {
    fn class(&self) -> &'static Class {
        self.recipe.class()
    }

    fn others(&self) -> &[&'static Class] {
        self.recipe.others()
    }

    fn title(&self) -> String {
        self.recipe.title()
    }

    fn make(&self, base: &Base) -> Option<Malformed> {
        Some(self.apply(self.recipe.make(base)?))
    }
}

impl Smaller {
    /// The request without the parts that are left out.
    pub(super) fn apply(&self, mut malformed: Malformed) -> Malformed {
        for cut in &self.cuts {
            cut.apply(&mut malformed.message);
        }
        malformed
    }
}
