//! A second reader finds the same in every request as the decoder of the server.
#![cfg_attr(fuzzing, no_main)]
passmuster_fuzz::target!(two_readers_agree);
