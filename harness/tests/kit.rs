//! The kit for other people's parsers finds every fault of a naive one, and nothing in the reference decoder.

use passmuster::domain::{Document, Operation, Profile, Severity};
use passmuster::malformed::kit::{
    Aspect, KitSettings, RefusalKind, check, look, malformed, reference, run, seeds, sound,
};
use passmuster::malformed::{ClassId, class};
use passmuster::server::{Answers, Reference};
use passmuster::targets::Caller;
use passmuster::wire::{HttpRequest, HttpResponse, encode_request};

#[allow(dead_code, reason = "the main function of an example is not for a test")]
#[path = "../examples/naive_parser.rs"]
mod naive_parser;

/// As many as the naive parser is shown.
const INPUTS: usize = 6_000;

fn settings(profile: Profile) -> KitSettings {
    KitSettings { max_inputs: INPUTS, profile, suspicions: true, ..KitSettings::default() }
}

fn answer(status: u16, code: &str, body: &str) -> HttpResponse {
    let headers = vec![("x-amzn-errortype".into(), code.to_owned())];
    HttpResponse { status, headers, body: body.as_bytes().to_vec() }
}

#[test]
fn every_fault_of_a_naive_parser_is_found() {
    let findings = naive_parser::findings();
    let missed = naive_parser::missed(&findings);
    assert!(missed.is_empty(), "missed: {missed:?}");
}

#[test]
fn a_finding_shows_the_smallest_request_and_can_be_shown_again() {
    let lenient = |request: &HttpRequest| match reference(request) {
        Err(RefusalKind::Parse) if request.path == "/members/get" => Ok((Operation::GetMembers, Document::new())),
        other => other,
    };
    let findings = run(lenient, &settings(Profile::Smithy));
    let broken = findings.iter().find(|finding| finding.fault == "a body that is not JSON").unwrap();
    assert_eq!(broken.cause().0, "wire D60 accepted");
    let rests_on_it = |id: &ClassId| class(*id).unwrap().rows.contains(&"D60");
    assert!(broken.classes.iter().any(rests_on_it), "{broken}");
    assert!(broken.request.body.len() <= 2, "{broken}");
    let again = check(lenient, &broken.input(), Profile::Smithy).unwrap_err();
    assert_eq!((again.complaint.aspect, &again.fault), (Aspect::Accepted, &broken.fault));
}

#[test]
fn nothing_is_found_in_the_decoder_of_the_reference_server() {
    for profile in Profile::ALL {
        let findings = run(reference, &settings(profile));
        let texts: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(texts.is_empty(), "{profile}: {}", texts.join("\n"));
    }
}

#[test]
fn the_reference_server_refuses_whatever_cannot_be_read() {
    let caller = Caller::new("111111111111", "us-east-1");
    let enable = encode_request(Operation::EnableSecurityHub, &Document::new());
    let serve = |request: &HttpRequest| {
        let mut server = Reference::new(0, Answers::default(), &[]);
        assert_eq!(server.handle_as(&caller, &enable).status, 200);
        server.handle_as(&caller, request)
    };
    let findings = run(serve, &settings(Profile::Union));
    // Constraints are another matter: which of them are checked, and when, depends on the answers to open questions.
    let is_constraint =
        |row: &str| ["D80", "D83", "D100", "D101", "D102", "D103", "D104", "D105", "D112", "D114"].contains(&row);
    let firm = findings
        .iter()
        .filter(|finding| finding.severity() == Severity::Divergence && !is_constraint(finding.row));
    let texts: Vec<String> = firm.map(ToString::to_string).collect();
    assert!(texts.is_empty(), "{}", texts.join("\n"));
}

#[test]
fn a_server_that_takes_everything_or_fails_is_found() {
    let found = |response: HttpResponse| {
        let findings =
            run(|_: &HttpRequest| response.clone(), &KitSettings { max_inputs: 500, ..KitSettings::default() });
        findings.iter().map(|finding| finding.complaint.aspect).collect::<std::collections::BTreeSet<_>>()
    };
    assert!(found(answer(200, "", "{}")).contains(&Aspect::Accepted));
    assert_eq!(found(answer(500, "", "oops")), [Aspect::Crash].into());
    assert!(found(answer(400, "SerializationException", "{}")).contains(&Aspect::WrongAnswer));
    assert!(found(answer(400, "", "no code")).contains(&Aspect::Form));
    assert_eq!(found(answer(401, "InvalidAccessException", "{}")), [].into());
    assert_eq!(found(answer(501, "", "")), [].into());
}

#[test]
fn a_reader_may_choose_where_servers_differ() {
    let read = |id: &str| -> Document {
        let text = format!(r#"{{"AccountIds":{id}}}"#);
        serde_json::from_str(&text).unwrap()
    };
    let twice =
        b"POST /members/get\ncontent-type: application/json\n\n{\"AccountIds\":[\"1\"],\"AccountIds\":[\"2\"]}";
    let by = |members: Document| move |_: &HttpRequest| Ok((Operation::GetMembers, members.clone()));
    for soft in [read("[\"1\"]"), read("[\"2\"]")] {
        assert_eq!(check(by(soft), twice, Profile::Smithy), Ok(()));
    }
    assert_eq!(check(|_: &HttpRequest| Err(RefusalKind::Parse), twice, Profile::Smithy), Ok(()));
    let merged = look(by(read("[\"1\",\"2\"]")), twice, Profile::Union).unwrap();
    assert_eq!(merged.complaint.aspect, Aspect::Misread);
}

#[test]
fn every_sound_seed_is_accepted_and_names_are_not_repeated() {
    for seed in sound() {
        assert!(reference(&seed.request).is_ok(), "{}", seed.name);
    }
    let names: std::collections::BTreeSet<String> = seeds().into_iter().map(|seed| seed.name).collect();
    assert_eq!(names.len(), seeds().len());
    let called = |operation: &Operation| {
        sound().iter().any(|seed| reference(&seed.request).is_ok_and(|(found, _)| found == *operation))
    };
    assert!(Operation::ALL.iter().all(called));
}

#[test]
fn every_class_that_a_parser_of_whole_requests_can_see_is_among_the_requests() {
    use passmuster::malformed::{Operator, Part, classes};
    let shown: std::collections::BTreeSet<u16> =
        malformed().iter().flat_map(|seed| seed.classes.iter().map(|id| id.0)).collect();
    let is_inside = |part: Part| matches!(part, Part::Text | Part::Members | Part::Query);
    let missing: Vec<String> = classes()
        .filter(|class| is_inside(class.part) && matches!(class.operator, Operator::Spoils(_)))
        .filter(|class| !shown.contains(&class.id.0))
        .map(|class| class.id.to_string())
        .collect();
    // Those are too large to be shown by the thousand.
    assert_eq!(missing, ["M185", "M187", "M188", "M189", "M190", "M254", "M282"], "{}", shown.len());
}
