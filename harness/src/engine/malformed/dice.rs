//! The dice of random compositions: each has a number, by which it can be had again whichever were drawn before it.

use proptest::test_runner::{RngAlgorithm, TestRng};
use rand::RngExt;

use passmuster_malformed::Dice;

/// The generator of one composition.
pub(super) struct NumberedDice(TestRng);

impl NumberedDice {
    /// The dice of the composition of this number.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&number.to_le_bytes());
        // Numbers follow each other: a weaker generator would begin alike with all of them.
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
    }
}

impl Dice for NumberedDice {
    fn below(&mut self, bound: usize) -> usize {
        self.0.random_range(0..bound.max(1))
    }

    fn byte(&mut self) -> u8 {
        self.0.random_range(0..=u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_same_dice_each_time_and_another_number_others() {
        let drawn = |seed, number| {
            let mut dice = NumberedDice::new(seed, number);
            (0..8).map(|_| dice.below(1_000_000)).collect::<Vec<_>>()
        };
        assert_eq!(drawn(7, 3), drawn(7, 3));
        assert_ne!(drawn(7, 3), drawn(7, 4));
        assert_ne!(drawn(7, 3), drawn(8, 3));
    }
}
