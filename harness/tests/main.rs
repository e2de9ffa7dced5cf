//! Promises of the library, seen from outside: one program, since each test program links everything once more.
//!
//! `cargo test -p passmuster --test all walk::` runs one file.

mod answers;
mod architecture;
mod baseline;
mod boundary;
mod breadth;
mod cast;
mod cast_kills;
mod causes;
mod changed_values;
mod contract_catalogue;
mod coverage;
mod examples;
mod files;
mod held;
mod hostile_target;
mod kit;
mod late;
mod laws;
mod ledger;
mod malformed_breadth;
mod malformed_catalogue;
mod malformed_faults;
mod malformed_hostile;
mod malformed_lane;
mod malformed_sequences;
mod malformed_shards;
mod menaces;
mod organization_setup;
mod partial_target;
mod report_ci;
mod report_history;
mod report_html;
mod report_json;
mod report_schema;
mod report_terminal;
mod sample;
mod schema;
mod self_test;
mod server_answers;
mod server_crowd;
mod server_faults;
mod server_input;
mod server_signatures;
mod server_wire;
mod sessions;
mod sign;
mod support;
mod traces;
mod transport_connections;
mod transport_hostile;
mod transport_tls;
mod uncertain;
mod unreadable_answers;
mod walk;
mod wire_properties;
mod wire_vectors;

/// The ordinary suite takes samples of what `sweeps` goes through as a whole.
const SWEEPS: bool = false;
