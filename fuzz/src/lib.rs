//! Properties that hold for the harness whatever bytes it meets, by name, and the targets that hold them.
//!
//! A property takes any bytes and panics when it does not hold. Bytes are read leniently, as text wherever that is
//! possible, so that seeds can be written by hand and hardly any mutation is wasted.

mod agreement;
mod decoding;
mod differential;
mod message;
mod model;
mod plan;
mod scenario_text;
mod serving;
mod snapshot;
mod trace;

use std::io;

pub use agreement::{disagreement, model_and_server_agree};
pub use decoding::{
    error_decoding_never_panics_and_is_stable, request_decoding_never_panics, response_decoding_never_panics,
};
pub use differential::two_readers_agree;
pub use model::the_model_keeps_its_invariants;
pub use scenario_text::scenarios_survive_the_round_trip;
pub use serving::the_server_answers_any_bytes;
pub use snapshot::snapshots_are_read_or_refused;
pub use trace::traces_survive_the_round_trip;

#[cfg(fuzzing)]
#[doc(hidden)]
pub use libfuzzer_sys;

/// Panics when it does not hold for these bytes.
pub type Property = fn(&[u8]);

/// Every target with its property: the name of a file in `fuzz_targets/` and of a folder in `corpus/`.
pub const TARGETS: &[(&str, Property)] = &[
    ("agreement", model_and_server_agree),
    ("error_decoding", error_decoding_never_panics_and_is_stable),
    ("model_walk", the_model_keeps_its_invariants),
    ("request_differential", two_readers_agree),
    ("request_decoding", request_decoding_never_panics),
    ("response_decoding", response_decoding_never_panics),
    ("scenario_text", scenarios_survive_the_round_trip),
    ("serving", the_server_answers_any_bytes),
    ("snapshot_reading", snapshots_are_read_or_refused),
    ("trace_reading", traces_survive_the_round_trip),
];

/// The entry point of a target: libFuzzer's under `cargo fuzz`, else one that replays the files it is given.
#[cfg(fuzzing)]
#[macro_export]
macro_rules! target {
    ($property:ident) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| $crate::$property(bytes));
    };
}

/// The entry point of a target: libFuzzer's under `cargo fuzz`, else one that replays the files it is given.
#[cfg(not(fuzzing))]
#[macro_export]
macro_rules! target {
    ($property:ident) => {
        fn main() -> ::std::io::Result<()> {
            $crate::replay($crate::$property)
        }
    };
}

/// Holds a property against the files named on the command line, without a fuzzer.
///
/// # Errors
///
/// When a file can't be read.
pub fn replay(property: Property) -> io::Result<()> {
    std::env::args_os().skip(1).try_for_each(|path| std::fs::read(path).map(|bytes| property(&bytes)))
}
