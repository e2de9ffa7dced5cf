//! Servers and runs that several tests share, most of them servers that treat their callers badly.
#![allow(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

pub(crate) mod cast;
pub(crate) mod malformed;
pub(crate) mod raw;
mod server;
mod turncoat;

pub(crate) use server::{BUFFERED, Server, endless, read_request};
pub(crate) use turncoat::{Hostility, Meddling, Turncoat, When, read_whole, write};
