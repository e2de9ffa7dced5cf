//! The reference server answers whatever it is sent.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(the_server_answers_any_bytes);
