//! The program as its users run it, and folders of a test's own.
#![allow(dead_code, unused_imports, reason = "two programs share it, and one of them needs all")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod folder;
#[path = "../../../tests/support/menace.rs"]
pub(crate) mod menace;
mod program;
#[path = "../../../tests/support/server.rs"]
mod server;
#[path = "../../../tests/support/turncoat.rs"]
mod turncoat;

pub(crate) use folder::Folder;
pub(crate) use program::{Ended, Program, RANDOM, command, passmuster};
pub(crate) use turncoat::{Hostility, Meddling, Turncoat, When};
