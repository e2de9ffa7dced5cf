//! Any request is read or refused, and what is read survives being written.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(request_decoding_never_panics);
