//! Any error answer is read, and read the same when written again.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(error_decoding_never_panics_and_is_stable);
