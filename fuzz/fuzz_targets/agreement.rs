//! The judge finds nothing wrong with the reference server.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(model_and_server_agree);
