//! A recorded conversation that can be read can be judged, written and read again.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(traces_survive_the_round_trip);
