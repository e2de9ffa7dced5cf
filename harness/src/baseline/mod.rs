//! Reviewed divergences of a target: what is listed passes, what is not fails.

mod ending;

pub use ending::{Ending, exit_code};
