//! The reference server: it answers whatever it is sent, and a refused call changes nothing.

use passmuster::domain::{ErrorKind, Operation, Outcome};
use passmuster::server::{Answers, Reference};
use passmuster::targets::Caller;
use passmuster::wire::{HttpRequest, HttpResponse, decode_error, decode_request, decode_response, encode_request};

use crate::message;

/// The separator of two requests, on a line of its own.
const BETWEEN: &[u8] = b"\n---\n";
/// Further requests are left out: what they would find, fewer find too.
const MOST_REQUESTS: usize = 16;

/// A list of requests by any callers: each is answered as an HTTP server should, and what is refused changes nothing
/// that the caller could read.
pub fn the_server_answers_any_bytes(bytes: &[u8]) {
    let mut server = Reference::new(0, Answers::default(), &[]);
    let mut rest = Some(bytes);
    for _ in 0..MOST_REQUESTS {
        let Some(bytes) = rest else { break };
        let end = bytes.windows(BETWEEN.len()).position(|window| window == BETWEEN);
        let (one, others) = end.map_or((bytes, None), |at| (&bytes[..at], Some(&bytes[at + BETWEEN.len()..])));
        rest = others;
        let (caller, request) = message::signed_request(one);
        if request.header("authorization").is_some() {
            let response = server.handle(&request);
            assert_well_formed(&request, &response);
        } else {
            send(&mut server, &caller, &request);
        }
    }
}

fn send(server: &mut Reference, caller: &Caller, request: &HttpRequest) {
    let before = views(server, caller);
    let response = server.handle_as(caller, request);
    assert_well_formed(request, &response);
    if !(200..300).contains(&response.status) {
        assert_eq!(views(server, caller), before, "{request:?} was refused with {response:?}");
    }
}

fn assert_well_formed(request: &HttpRequest, response: &HttpResponse) {
    assert!(response.header("x-amzn-requestid").is_some(), "{response:?}");
    let outcome = match decode_request(request) {
        Ok((operation, _)) => decode_response(operation, response),
        Err(_) => decode_error(response),
    };
    match outcome {
        Outcome::Success(_) => assert_eq!(response.status, 200),
        Outcome::Error(error) if error.kind == ErrorKind::NotImplemented => {}
        Outcome::Error(error) => assert!((400..500).contains(&error.status), "{error:?}"),
        Outcome::Undecodable { reason, .. } => panic!("the answer {response:?} can't be read: {reason}"),
    }
}

/// The state as the caller can read it.
fn views(server: &mut Reference, caller: &Caller) -> [Vec<u8>; 4] {
    let reads = [
        (Operation::DescribeHub, ""),
        (Operation::ListMembers, "OnlyAssociated=false"),
        (Operation::ListInvitations, ""),
        (Operation::GetAdministratorAccount, ""),
    ];
    reads.map(|(operation, query)| {
        let request = HttpRequest { query: query.to_owned(), ..encode_request(operation, &Default::default()) };
        server.handle_as(caller, &request).body
    })
}
