//! No admissible answer leads the model into a state that contradicts itself.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(the_model_keeps_its_invariants);
