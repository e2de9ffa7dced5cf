//! Servers that treat whoever calls them badly, the program as its users run it, and folders of a test's own.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod folder;
mod program;
pub(crate) mod raw;
mod server;
mod turncoat;
pub(crate) mod wire;

pub(crate) use folder::Folder;
pub(crate) use program::{Ended, Program, RANDOM, command, passmuster};
pub(crate) use server::{BUFFERED, Server, endless, pour, read_request};
pub(crate) use turncoat::{Hostility, Turncoat, When, read_whole, write};
