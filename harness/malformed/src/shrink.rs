//! The shrinker: parts of a request that can be left out, and whether what is left is still wrong in the same way.

use super::catalogue::{Class, Part};
use super::complaint::Aspect;
use super::message::Message;
use passmuster_contract::domain::Operation;
use passmuster_contract::wire::{self, HttpRequest};

/// A part that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// A header line.
    Header(usize),
    /// A pair of the query string.
    Pair(usize),
    /// Bytes of the body, from and to.
    Body(usize, usize),
}

impl Cut {
    /// Leaves the part out of a message that has it.
    pub fn apply(self, message: &mut Message) {
        match self {
            Cut::Header(index) if index < message.headers.len() => drop(message.headers.remove(index)),
            Cut::Pair(index) if index < message.query.len() => drop(message.query.remove(index)),
            Cut::Body(from, to) if to <= message.body.len() => drop(message.body.drain(from..to)),
            Cut::Header(_) | Cut::Pair(_) | Cut::Body(..) => {}
        }
    }
}

/// The parts that may be left out of a message next, the larger ones first. What its class spoils stays.
#[must_use]
pub fn cuts(message: &Message, class: &Class) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = (0..message.query.len()).map(Cut::Pair).collect();
    if class.part != Part::Headers {
        cuts.extend((0..message.headers.len()).map(Cut::Header));
    }
    let length = message.body.len();
    let mut size = length;
    while size > 0 && cuts.len() < 64 {
        cuts.extend((0..length).step_by(size).take(8).map(|from| Cut::Body(from, length.min(from + size))));
        size /= 2;
    }
    cuts
}

/// Whether a smaller request can still be wrong in the way that is complained of. What a server should have refused has
/// to be something that ours refuses.
#[must_use]
pub fn is_still_wrong(aspect: Aspect, message: &Message, operation: Operation) -> bool {
    match aspect {
        Aspect::Accepted => is_refused_by_us(message, operation),
        // What it is taken for depends on every byte; what it changes, and where it ends, too.
        Aspect::Misread | Aspect::State | Aspect::Desync | Aspect::WrongAnswer => false,
        _ => true,
    }
}

/// Whether our own decoder refuses the request.
fn is_refused_by_us(message: &Message, operation: Operation) -> bool {
    let shape = operation.shape();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
    let same_route = message.method == shape.method.name().as_bytes() && message.path == shape.path.as_bytes();
    let (true, Some(query)) = (same_route, text(&message.query.join(&b'&'))) else { return false };
    let request = HttpRequest {
        method: shape.method,
        path: shape.path.into(),
        query,
        headers: Vec::new(),
        body: message.body.clone(),
    };
    match wire::decode_request(&request) {
        Err(_) => true,
        Ok((operation, members)) => !wire::violations(operation, &members).is_empty(),
    }
}
