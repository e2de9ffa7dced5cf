//! Any file in the place of a reviewed snapshot is read or refused.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(snapshots_are_read_or_refused);
