//! Servers whose answers are behind for a while, as the evidence says of the service: nothing is blamed on them, what never
//! comes is, and so is a fault beside a lag. Other servers that are right in their own way: a member that may not look.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use passmuster::domain::{Severity, Transition};
use passmuster::engine::{ConfirmedFinding, ExecutedStep, Interrupt, Phase, Run, RunSettings, Supply};
use passmuster::server::{Answers, Embedded, Fault};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// So many answers are behind: fewer than a run waits for.
const BOUNDED: u32 = 2;

/// What the server is in its own way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// Lists of members lack a new one for so many reads, which GetMembers shows at once (SH-CREATE-034).
    Lists(u32),
    /// Lists of invitations lack a new one for so many reads (SH-LINV-011).
    Invitations(u32),
    /// Lists of delegated administrators lack a new one for so many reads (SH-ORG-001).
    Designations(u32),
    /// Membership calls are refused so many times after a hub came on, by whatever (SH-ENABLE-009).
    Hubs(u32),
    /// GetMembers of an account that is somebody's member shows nothing (SH-LIST-012).
    MembersSeeNothing,
    /// GetMembers of an account that is somebody's member is refused (SH-LIST-012).
    MembersAreRefused,
}

/// A lag of so many answers.
type Lag = fn(u32) -> Manner;

/// The lags, with the rules that name them.
const LAGS: [(Lag, &str); 4] = [
    (Manner::Lists, "SH-CREATE-034"),
    (Manner::Invitations, "SH-LINV-011"),
    (Manner::Designations, "SH-ORG-001"),
    (Manner::Hubs, "SH-ENABLE-009"),
];

/// The answers so far in which something new was hidden: by caller, Region, and the thing.
type Hidden = BTreeMap<(String, String, String), u32>;

struct Server {
    reference: Embedded,
    manners: Vec<Manner>,
    hidden: Mutex<Hidden>,
}

impl Server {
    /// Leaves out what is new in a list, for a while each, which passes for all that is on the `whole` list.
    fn hide(&self, caller: &Caller, response: &mut HttpResponse, whole: &[u8], [list, id]: [&str; 2], bound: u32) {
        let key = |entry: &Value| {
            (caller.account.to_string(), caller.region.to_string(), entry[id].as_str().unwrap().to_owned())
        };
        let mut hidden = self.hidden.lock().unwrap();
        let whole: Value = serde_json::from_slice(whole).unwrap();
        for entry in whole[list].as_array().unwrap() {
            *hidden.entry(key(entry)).or_default() += 1;
        }
        let mut body: Value = serde_json::from_slice(&response.body).unwrap();
        body[list]
            .as_array_mut()
            .unwrap()
            .retain(|entry| hidden.get(&key(entry)).is_none_or(|times| *times > bound));
        response.body = body.to_string().into_bytes();
    }

    /// The whole list of members, of those too that a filter leaves out.
    async fn everybody(&self, caller: &Caller) -> Vec<u8> {
        let everybody = HttpRequest { query: "OnlyAssociated=false".into(), ..request("GET", "/members") };
        self.reference.call(caller, everybody).await.unwrap().body
    }

    /// Whether a hub came on so short a while ago that membership calls are refused yet.
    async fn is_coming_on(&self, caller: &Caller, bound: u32) -> bool {
        let described = self.reference.call(caller, request("GET", "/accounts")).await.unwrap();
        let mut hidden = self.hidden.lock().unwrap();
        let key = (caller.account.to_string(), caller.region.to_string(), String::new());
        if described.status != 200 {
            // One that is denied everything, being closed, has its hub still.
            if described.status != 403 {
                hidden.remove(&key);
            }
            return false;
        }
        let times = hidden.entry(key).or_default();
        *times += 1;
        *times <= bound
    }

    async fn is_member(&self, caller: &Caller) -> bool {
        let answer = self.reference.call(caller, request("GET", "/administrator")).await.unwrap();
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        body["Administrator"]["AccountId"].is_string()
    }
}

fn request(method: &str, path: &'static str) -> HttpRequest {
    use passmuster::domain::shape::Method;
    let method = if method == "GET" { Method::Get } else { Method::Post };
    HttpRequest { method, path: path.into(), query: String::new(), headers: Vec::new(), body: Vec::new() }
}

fn refused(status: u16, code: &str, text: &str) -> HttpResponse {
    let headers =
        vec![("content-type".into(), "application/json".to_owned()), ("x-amzn-errortype".into(), code.to_owned())];
    let body = json!({ "Message": text, "Code": code }).to_string().into_bytes();
    HttpResponse { status, headers, body }
}

impl SystemUnderTest for Server {
    /// A read moves on what is late here, no clock does.
    fn may_lag(&self) -> bool {
        false
    }

    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let (path, is_read) = (request.path.to_string(), request.method.name() == "GET");
        let looks = path == "/members/get" && self.is_member(caller).await;
        for manner in &self.manners {
            if let Manner::Hubs(bound) = *manner
                && ["/members", "/invitations", "/administrator", "/master"].iter().any(|of| path.starts_with(of))
                && self.is_coming_on(caller, bound).await
            {
                let text = "Account is not subscribed to AWS Security Hub";
                return Ok(refused(401, "InvalidAccessException", text));
            }
            if looks && *manner == Manner::MembersAreRefused {
                return Ok(refused(403, "AccessDeniedException", "A member account can't view accounts"));
            }
        }
        let is_of_pages = ["MaxResults", "NextToken"].iter().any(|one| request.query.contains(one));
        let mut response = self.reference.call(caller, request).await?;
        if response.status != 200 {
            return Ok(response);
        }
        for manner in &self.manners {
            match *manner {
                Manner::MembersSeeNothing if looks => {
                    response.body = json!({ "Members": [], "UnprocessedAccounts": [] }).to_string().into_bytes();
                }
                Manner::Lists(bound) if is_read && path == "/members" => {
                    // A filter hides for reasons of its own, and what it hides comes on all the same.
                    let whole = if is_of_pages { response.body.clone() } else { self.everybody(caller).await };
                    self.hide(caller, &mut response, &whole, ["Members", "AccountId"], bound);
                }
                Manner::Invitations(bound) if is_read && path == "/invitations" => {
                    let whole = response.body.clone();
                    self.hide(caller, &mut response, &whole, ["Invitations", "InvitationId"], bound);
                }
                Manner::Designations(bound) if is_read && path == "/organization/admin" => {
                    let whole = response.body.clone();
                    self.hide(caller, &mut response, &whole, ["AdminAccounts", "AccountId"], bound);
                }
                _ => {}
            }
        }
        Ok(response)
    }
}

struct Servers(Vec<Manner>, Vec<Fault>);

impl Supply for Servers {
    type Sut = Server;

    fn open(&self) -> Server {
        let reference = Embedded::new(1, Answers::default(), &self.1);
        Server { reference, manners: self.0.clone(), hidden: Mutex::default() }
    }
}

async fn run(manners: &[Manner], faults: &[&str], max_calls: u64) -> Run {
    let faults = faults.iter().map(|name| Fault::from_name(name).unwrap()).collect();
    let settings = RunSettings {
        phases: vec![Phase::Probe, Phase::Boundary, Phase::Laws, Phase::Walk, Phase::Random],
        max_calls,
        shrink_attempts: 8,
        ..RunSettings::default()
    };
    Run::start(Arc::new(Servers(manners.to_vec(), faults)), settings, &Interrupt::default(), |_| {}).await.unwrap()
}

/// The rules that findings blame, with those whose answers were late.
fn told(run: &Run) -> (Vec<String>, Vec<String>) {
    let blamed = weighty(run).flat_map(|finding| &finding.divergence.rules).map(ToString::to_string);
    let late = run.tally.late.keys().map(|(_, rule)| rule.to_string());
    (blamed.collect(), late.collect())
}

/// The findings that weigh.
fn weighty(run: &Run) -> impl Iterator<Item = &ConfirmedFinding> {
    run.findings.iter().filter(|finding| finding.divergence.severity() > Severity::Note)
}

/// Their texts, for who reads that there are some.
fn shown(run: &Run) -> String {
    let step = |step: &ExecutedStep| {
        let Transition { caller, region, request } = &step.transition;
        format!("    {caller:?} {region:?} {} {:?} -> {:?}\n", request.operation, request.input, step.answer)
    };
    let steps = |steps: &[ExecutedStep]| steps.iter().map(step).collect::<String>();
    weighty(run).map(|one| format!("{:?}\n{}", one.divergence, steps(&one.steps))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_late_within_the_bounds_is_told_as_late_and_blamed_for_nothing() {
    let cases = LAGS.map(|(lag, rule)| (vec![lag(BOUNDED)], vec![rule]));
    let all = LAGS.iter().map(|(lag, rule)| (lag(BOUNDED), *rule)).unzip();
    for (manner, rules) in cases.into_iter().chain([all]) {
        let run = run(&manner, &[], 4_000).await;
        let (blamed, late) = told(&run);
        assert_eq!((blamed.len(), run.unconfirmed.len()), (0, 0), "{manner:?}: {}", shown(&run));
        for rule in rules {
            assert!(late.iter().any(|late| late == rule), "{manner:?}: {late:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_comes_is_a_divergence() {
    for (lag, _) in LAGS {
        let run = run(&[lag(u32::MAX)], &[], 1_500).await;
        assert!(weighty(&run).next().is_some(), "{:?}", lag(u32::MAX));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_beside_a_lag_is_found() {
    for fault in ["create-again", "invite-not-delivered"] {
        let run = run(&[Manner::Lists(BOUNDED)], &[fault], 3_000).await;
        let violated = Fault::from_name(fault).unwrap().rule().to_string();
        let (blamed, _) = told(&run);
        assert!(blamed.contains(&violated), "{fault}: {blamed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_may_be_shown_no_members_or_be_refused() {
    for manner in [Manner::MembersSeeNothing, Manner::MembersAreRefused] {
        let run = run(&[manner], &[], 4_000).await;
        assert_eq!(told(&run).0, Vec::<String>::new(), "{manner:?}: {}", shown(&run));
    }
}
