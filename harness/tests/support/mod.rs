//! Servers that treat whoever calls them badly, the program as its users run it, and folders of a test's own.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

mod folder;
mod program;
pub(crate) mod raw;
mod server;
mod turncoat;
pub(crate) mod wire;

pub(crate) use folder::Folder;
pub(crate) use program::{Ended, Program, RANDOM, command, passmuster};
pub(crate) use server::{BUFFERED, Server, endless, read_request};
pub(crate) use turncoat::{Hostility, Turncoat, When, read_whole, write};
