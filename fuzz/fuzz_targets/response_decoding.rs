//! Any answer to any operation is read or called unreadable.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(response_decoding_never_panics);
