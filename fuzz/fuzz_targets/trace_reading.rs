//! What can be read as a saved scenario can be written and read again.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(traces_survive_the_round_trip);
