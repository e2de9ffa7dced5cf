//! A saved scenario that can be read can be written and read again.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(scenarios_survive_the_round_trip);
