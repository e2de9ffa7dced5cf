//! The shrinker: parts of a request that can be left out, and whether what is left is still wrong in the same way.
//! It sends nothing: the caller tries what is left.

use std::ops::Range;

use super::catalogue::{Class, Part};
use super::complaint::Aspect;
use super::message::Message;
use super::reader::expect::expect;
use super::reader::json::{self, LosslessJson};
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
            Self::Header(index) if index < message.headers.len() => drop(message.headers.remove(index)),
            Self::Pair(index) if index < message.query.len() => drop(message.query.remove(index)),
            Self::Body(from, to) if to <= message.body.len() => drop(message.body.drain(from..to)),
            Self::Header(_) | Self::Pair(_) | Self::Body(..) => {}
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
    cuts.extend(run_cuts(&message.body));
    let mut size = length;
    while size > 0 && cuts.len() < 64 {
        cuts.extend((0..length).step_by(size).take(8).map(|from| Cut::Body(from, length.min(from + size))));
        size /= 2;
    }
    cuts
}

/// The lengths that a run of equal bytes is cut down to.
const SHORT_RUNS: [usize; 5] = [256, 1_024, 4_096, 16_384, 65_536];

/// The longest run of one byte, cut down to a length at which much is long already.
fn run_cuts(body: &[u8]) -> Vec<Cut> {
    let mut from = 0;
    let runs = body.chunk_by(|one, other| one == other).map(|run| {
        from += run.len();
        from - run.len()..from
    });
    let Some(longest) = runs.max_by_key(ExactSizeIterator::len) else { return Vec::new() };
    let shorter = SHORT_RUNS.into_iter().filter(|length| *length < longest.len());
    shorter.map(|length| Cut::Body(longest.start + length, longest.end)).collect()
}

/// What is wrong with a request, by which a smaller one is known to be wrong in the same way: the rows that it breaks,
/// and the bytes that its class has put there.
#[derive(Clone, Debug)]
pub struct Subject {
    rows: Vec<&'static str>,
    /// What is in the place of something else; a run of one byte counts once.
    put: Vec<u8>,
    /// Whether it is all there is that something was left out.
    is_gap: bool,
    body: Vec<u8>,
}

impl Subject {
    /// What makes a request malformed that was made out of a well-formed one.
    #[must_use]
    pub fn of(sound: &Message, spoilt: &Message) -> Self {
        let (before, after) = (&sound.body, &spoilt.body);
        let same =
            |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(one, other)| one == other).count();
        let head = same(&mut before.iter().zip(after));
        let most = before.len().min(after.len()) - head;
        let tail = same(&mut before.iter().rev().zip(after.iter().rev()).take(most));
        let put = after.get(head..after.len() - tail).unwrap_or_default();
        Self {
            rows: rows(spoilt),
            put: without_runs(put),
            is_gap: put.is_empty() && before != after,
            body: after.clone(),
        }
    }

    /// Whether it is what is wrong with a smaller request.
    #[must_use]
    pub fn is_in(&self, smaller: &Message) -> bool {
        if self.is_gap && smaller.body != self.body {
            return false;
        }
        let body = without_runs(&smaller.body);
        let is_there = self.put.is_empty() || body.windows(self.put.len()).any(|part| part == self.put);
        is_there && rows(smaller) == self.rows
    }
}

/// The bytes, each run of one byte of those that are long no longer than the least that is tried.
fn without_runs(bytes: &[u8]) -> Vec<u8> {
    let runs = bytes.chunk_by(|one, other| one == other);
    runs.flat_map(|run| run.iter().take(SHORT_RUNS[0]).copied()).collect()
}

/// The rows that a request breaks, as far as its bytes tell.
fn rows(message: &Message) -> Vec<&'static str> {
    let Some(request) = message.as_request() else { return Vec::new() };
    let mut rows: Vec<&'static str> = expect(&request).faults.iter().map(|fault| fault.row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The members and entries of the body, commas included, by which a request that costs nothing may be made smaller.
pub(crate) fn value_cuts(message: &Message) -> Vec<Cut> {
    let Ok(root) = json::read(&message.body) else { return Vec::new() };
    let members = root.members().into_iter().map(|member| member.span.clone());
    let items = root.all().into_iter().filter_map(|node| match &node.value {
        LosslessJson::Array(items) => Some(items.iter().map(|item| item.span.clone())),
        _ => None,
    });
    let is_comma = |at: usize| message.body.get(at) == Some(&b',');
    let whole = |span: Range<usize>| match (is_comma(span.end), span.start > 0 && is_comma(span.start - 1)) {
        (true, _) => Cut::Body(span.start, span.end + 1),
        (false, true) => Cut::Body(span.start - 1, span.end),
        (false, false) => Cut::Body(span.start, span.end),
    };
    members.chain(items.flatten()).map(whole).collect()
}

/// Every part that may be left out, down to single bytes of the body: header lines, pairs, halves, quarters.
pub(crate) fn fine_cuts(message: &Message) -> impl Iterator<Item = Cut> + use<> {
    let length = message.body.len();
    let sizes = std::iter::successors(Some(length), |size| (*size > 1).then_some(size / 2));
    let headers = (0..message.headers.len()).map(Cut::Header);
    let pairs = (0..message.query.len()).map(Cut::Pair);
    let body = sizes
        .filter(|size| *size > 0)
        .flat_map(move |size| (0..length).step_by(size).map(move |from| Cut::Body(from, length.min(from + size))));
    headers.chain(pairs).chain(body)
}

/// Whether a smaller request can still be wrong in the way that is complained of. What a server should have refused has
/// to be something that ours refuses.
#[must_use]
pub fn is_still_wrong(aspect: Aspect, message: &Message, operation: Operation) -> bool {
    match aspect {
        Aspect::Accepted => is_refused_by_us(message, operation),
        // What it is taken for depends on every byte; what it changes, and where it ends, too.
        Aspect::Misread | Aspect::State | Aspect::Aftermath | Aspect::Desync | Aspect::WrongAnswer => false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Base;

    #[test]
    fn fine_cuts_get_shorter_and_cover_every_byte() {
        let mut message = Base::sample(Operation::CreateMembers).message;
        message.headers.clear();
        message.body = b"12345".to_vec();
        let all: Vec<Cut> = fine_cuts(&message).collect();
        assert_eq!(all.first(), Some(&Cut::Body(0, 5)));
        let last: Vec<Cut> = all[all.len() - 5..].to_vec();
        assert_eq!(last, (0..5).map(|at| Cut::Body(at, at + 1)).collect::<Vec<_>>());
    }

    fn with_body(body: &[u8]) -> Message {
        Message { body: body.to_vec(), ..Base::sample(Operation::CreateMembers).message }
    }

    #[test]
    fn a_long_run_is_cut_down_to_what_is_long_already() {
        let long = with_body(&[b"{\"a\":\"", "1".repeat(65_535).as_bytes(), b"\"}"].concat());
        let shorter: Vec<usize> = run_cuts(&long.body)
            .into_iter()
            .map(|cut| {
                let mut smaller = long.clone();
                cut.apply(&mut smaller);
                smaller.body.len() - b"{\"a\":\"\"}".len()
            })
            .collect();
        assert_eq!(shorter, [256, 1_024, 4_096, 16_384]);
        assert!(run_cuts(b"{}").is_empty() && run_cuts(b"").is_empty());
    }

    #[test]
    fn a_smaller_request_keeps_what_is_wrong_with_it() {
        let sound = Base::sample(Operation::CreateMembers).message;
        let spoilt = with_body(&[b"{\"x\":NaN,", &sound.body[1..]].concat());
        let subject = Subject::of(&sound, &spoilt);
        assert!(subject.is_in(&spoilt));
        assert!(subject.is_in(&with_body(br#"{"x":NaN,"Ac"#)), "the value is there, and it is no JSON");
        assert!(!subject.is_in(&with_body(b"")), "an empty body is wrong in another way");
        assert!(!subject.is_in(&with_body(br#"{"AccountDetails":[}"#)), "another fault of the same kind");
    }

    #[test]
    fn where_something_is_missing_the_rest_stays() {
        let sound = Base::sample(Operation::CreateMembers).message;
        let cut_off = with_body(&sound.body[..20]);
        let subject = Subject::of(&sound, &cut_off);
        assert!(subject.is_in(&cut_off) && !subject.is_in(&with_body(b"{")));
    }

    #[test]
    fn a_run_counts_however_long_it_is() {
        let sound = Base::sample(Operation::CreateMembers).message;
        let of = |digits: usize| {
            with_body(format!(r#"{{"AccountDetails":[{{"AccountId":"{}"}}]}}"#, "1".repeat(digits)).as_bytes())
        };
        let subject = Subject::of(&sound, &of(65_535));
        assert!(subject.is_in(&of(256)) && !subject.is_in(&of(200)));
    }

    #[test]
    fn a_value_goes_with_its_comma() {
        let mut message = Base::sample(Operation::CreateMembers).message;
        message.body = br#"{"a":[1,2],"b":3}"#.to_vec();
        let without = |cut: Cut| {
            let mut smaller = message.clone();
            cut.apply(&mut smaller);
            String::from_utf8(smaller.body).unwrap()
        };
        let all: Vec<String> = value_cuts(&message).into_iter().map(without).collect();
        let wanted = [r#"{"b":3}"#, r#"{"a":[1,2]}"#, r#"{"a":[2],"b":3}"#, r#"{"a":[1],"b":3}"#];
        assert_eq!(all, wanted);
    }
}
