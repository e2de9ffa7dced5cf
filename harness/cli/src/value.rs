//! Values on the command line, parsed into what they mean. Messages fit after "invalid value …: ".

use std::path::PathBuf;
use std::time::Duration;

use super::absent::{self, PHASES};
use super::explain::protocol;
use super::signing::ACCOUNT;
use super::target::AccountsArg;
use super::target::EMBEDDED;
use passmuster::domain::shape::Method;
use passmuster::domain::{Account, Family, Grade, Operation, Profile, nearest, suggestion};
use passmuster::engine::{Filter, Phase, RunSettings, Shard};
use passmuster::oracle::Strictness;
use passmuster::record::MOST_SHARDS;
use passmuster::report::{self, Schema};
use passmuster::server::{AnyFault, Fault};
use passmuster::targets::keys::role_parts;
use passmuster::targets::{AccountSelection, OrganizationSetup, Reset, presets};

/// A report to write: its format, and where to; to standard output without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTo {
    /// The name of a format in [`report::FORMATS`].
    pub(crate) format: &'static str,
    /// The file to write.
    pub(crate) path: Option<PathBuf>,
}

/// Parses `500ms`, `60s`, `2m`, `1h`, and sums of them such as `1m30s`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let bad = || "not a duration; write a number and its unit, such as 500ms, 60s, 2m or 1h".to_owned();
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() || text.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let (number, unit) = rest.split_at(digits);
        let number: u64 = number.parse().map_err(|_| bad())?;
        let (milliseconds, width) = match unit.find(|c: char| c.is_ascii_digit()).unwrap_or(unit.len()) {
            2 if unit.starts_with("ms") => (1, 2),
            1 if unit.starts_with('s') => (1_000, 1),
            1 if unit.starts_with('m') => (60_000, 1),
            1 if unit.starts_with('h') => (3_600_000, 1),
            _ => return Err(bad()),
        };
        let part = number.checked_mul(milliseconds).map(Duration::from_millis).ok_or_else(bad)?;
        total = total.checked_add(part).ok_or_else(bad)?;
        rest = unit.get(width..).unwrap_or_default();
    }
    Ok(total)
}

/// Parses `access-key`, `single`, `single=ID`, `profiles=NAME,…` and `assume-role=ARN`.
pub(super) fn accounts(text: &str) -> Result<AccountsArg, String> {
    match text.split_once('=') {
        None if text == "access-key" => Ok(AccountsArg::Selected(AccountSelection::AccessKey)),
        None if text == "single" => Ok(AccountsArg::Selected(AccountSelection::Single("123456789012".to_owned()))),
        Some(("single", id)) => account_id(id).map(AccountSelection::Single).map(AccountsArg::Selected),
        Some(("profiles", names)) if names.split(',').all(|name| !name.trim().is_empty()) => {
            Ok(AccountsArg::Profiles(names.split(',').map(|name| name.trim().to_owned()).collect()))
        }
        Some(("assume-role" | "role", template)) => {
            let named = role_parts(template).map(|(_, account)| account);
            let is_one = |account: &str| account == ACCOUNT || Account::from_digits(account).is_some();
            let fix = "not the ARN of a role; write arn:aws:iam::{account}:role/NAME";
            named.filter(|account| is_one(account)).ok_or(fix)?;
            Ok(AccountsArg::Role(template.to_owned()))
        }
        _ => Err("not a way to select accounts; choose from access-key, single, single=ID, profiles=NAME,…, \
                  assume-role=ARN, or name a header with --account-header"
            .to_owned()),
    }
}

/// Parses an external id, as STS takes it.
pub(super) fn external_id(text: &str) -> Result<String, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte);
    ((2..=1_224).contains(&text.len()) && text.bytes().all(legal))
        .then(|| text.to_owned())
        .ok_or_else(|| "not an external id; write 2 to 1224 letters, digits or _+=,.@:/-".to_owned())
}

/// Parses `api`, `none`, and the ids of an organization's accounts, the one that manages it first.
pub(super) fn organization(text: &str) -> Result<OrganizationSetup, String> {
    match text {
        "api" => return Ok(OrganizationSetup::Api),
        "none" => return Ok(OrganizationSetup::None),
        _ => {}
    }
    let bad = |id: &str| {
        format!(
            "{id:?} is no account id; write api, none, or twelve digits for each account: MANAGEMENT,ACCOUNT,…"
        )
    };
    let mut accounts = Vec::new();
    for id in text.split(',') {
        let account = Account::from_digits(id).ok_or_else(|| bad(id))?;
        if accounts.contains(&account) {
            return Err(format!(
                "{id} is given twice; name each account once, the one that manages the others first"
            ));
        }
        accounts.push(account);
    }
    let management = accounts.remove(0);
    if accounts.is_empty() {
        return Err(
            "an account that manages no other; name at least one more behind it: MANAGEMENT,ACCOUNT,…".into()
        );
    }
    Ok(OrganizationSetup::Static { management, accounts })
}

/// Parses twelve digits.
pub(super) fn account_id(text: &str) -> Result<String, String> {
    Account::from_digits(text)
        .map(|_| text.to_owned())
        .ok_or_else(|| "not an account id; write its twelve digits without dashes".to_owned())
}

/// Parses a header's name; names are compared in lower case.
pub(super) fn header(text: &str) -> Result<String, String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if text.is_empty() || !text.bytes().all(legal) {
        return Err("not the name of a header; write something like x-account-id".to_owned());
    }
    Ok(text.to_ascii_lowercase())
}

/// Parses `POST /path`.
pub(super) fn reset(text: &str) -> Result<Reset, String> {
    let bad = || "not a request; write a method and a path, such as 'POST /reset'".to_owned();
    let (method, path) = text.split_once(' ').ok_or_else(bad)?;
    let methods = [Method::Get, Method::Post, Method::Patch, Method::Delete];
    let method = methods.into_iter().find(|known| known.name().eq_ignore_ascii_case(method)).ok_or_else(bad)?;
    let path = path.trim();
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic());
    (path.starts_with('/') && plain).then(|| Reset { method, path: path.to_owned() }).ok_or_else(bad)
}

/// Parses `FORMAT` and `FORMAT=PATH`.
pub(super) fn report_to(text: &str) -> Result<ReportTo, String> {
    let (name, path) = match text.split_once('=') {
        Some((_, "")) => return Err("no path behind the =; name a file, or leave out the =".to_owned()),
        Some((name, path)) => (name, Some(PathBuf::from(path))),
        None => (text, None),
    };
    let names: Vec<&str> = report::FORMATS.iter().map(|format| format.name).collect();
    match report::format(name) {
        Some(format) => Ok(ReportTo { format: format.name, path }),
        None => Err(format!("no report format is called {name:?}; {}", suggestion(name, &names))),
    }
}

/// Parses the name of a schema.
pub(super) fn schema(text: &str) -> Result<Schema, String> {
    let names: Vec<&str> = report::SCHEMAS.iter().map(|schema| schema.name).collect();
    let known = report::SCHEMAS.iter().find(|schema| schema.name == text);
    known.copied().ok_or_else(|| format!("no schema is called {text:?}; {}", suggestion(text, &names)))
}

/// Parses `2/3`: the second of three shards.
pub(super) fn shard(text: &str) -> Result<Shard, String> {
    let bad = || "no shard; write which one and out of how many, such as 2/3".to_owned();
    let (index, of) = text.split_once('/').ok_or_else(bad)?;
    let index: u64 = index.parse().map_err(|_| bad())?;
    let of: u64 = of.parse().map_err(|_| bad())?;
    if !(1..=MOST_SHARDS).contains(&of) {
        return Err(format!("a run is not split into {of} shards; take 1 to {MOST_SHARDS}"));
    }
    if !(1..=of).contains(&index) {
        return Err(format!("there is no such shard; number them from 1/{of} to {of}/{of}"));
    }
    Ok(Shard { index, of })
}

/// Parses the name of an operation or family, a rule's id or its beginning, or what malformed requests go by: a class,
/// a row of the decision table, an invariant.
pub(super) fn filter(text: &str) -> Result<Filter, String> {
    if let Some(operation) = Operation::ALL.iter().find(|known| known.name().eq_ignore_ascii_case(text)) {
        return Ok(Filter::Operation(*operation));
    }
    let families = families();
    if let Some(family) = families.iter().find(|known| known.name().eq_ignore_ascii_case(text)) {
        return Ok(Filter::Family(*family));
    }
    if protocol::is_meant(text) {
        return protocol::sent_for(text).map(Filter::Rule);
    }
    let upper = text.to_ascii_uppercase();
    if upper.starts_with("SH-") {
        return Ok(Filter::Rule(upper));
    }
    let names = Operation::ALL.iter().map(|operation| operation.name());
    let fix = match nearest(text, names.chain(families.iter().map(|family| family.name()))) {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => {
            let families: Vec<&str> = families.iter().map(|family| family.name()).collect();
            format!("name an operation, a rule such as SH-CREATE-005, or one of {}", families.join(", "))
        }
    };
    Err(format!("no operation, family or rule; {fix}"))
}

/// The families that operations belong to which are judged.
fn families() -> Vec<Family> {
    let mut families: Vec<Family> = Operation::ALL.iter().map(|operation| operation.family()).collect();
    families.sort_unstable();
    families.dedup();
    families
}

/// Parses the name of a phase.
pub(super) fn phase(text: &str) -> Result<Phase, String> {
    if let Some(absent) = absent::find(PHASES, text) {
        return Err(format!("{}; {}", absent.message, absent.instead));
    }
    // `wire` is the name that scripts of other people may still have for it.
    let name = if text == "wire" { Phase::Malformed.name() } else { text };
    let known = Phase::ALL.into_iter().find(|phase| phase.name() == name);
    known.ok_or_else(|| format!("no phase is called {text:?}; {}", suggestion(text, &Phase::ALL.map(Phase::name))))
}

/// The phases asked for, or those of a run where none is.
pub(super) fn phases_or_default(asked: &[Phase]) -> Vec<Phase> {
    if asked.is_empty() { RunSettings::default().phases } else { asked.to_vec() }
}

/// Parses the name of a fault.
pub(super) fn fault(text: &str) -> Result<Fault, String> {
    Fault::from_name(text).map_err(|error| match nearest(text, Fault::all().iter().map(|fault| fault.name())) {
        Some(nearest) => format!("no fault is called so; did you mean {nearest}?"),
        None => error.to_string(),
    })
}

/// Parses the name of a fault of either catalogue.
pub(super) fn any_fault(text: &str) -> Result<AnyFault, String> {
    AnyFault::from_name(text).map_err(|error| match nearest(text, AnyFault::all().map(AnyFault::name)) {
        Some(nearest) => format!("no fault is called so; did you mean {nearest}?"),
        None => error.to_string(),
    })
}

/// Parses the name of a strictness.
pub(super) fn strictness(text: &str) -> Result<Strictness, String> {
    let known = Strictness::ALL.into_iter().find(|strictness| strictness.name() == text);
    known.ok_or_else(|| format!("no strictness; {}", suggestion(text, &Strictness::ALL.map(Strictness::name))))
}

/// Parses the name of a grade.
pub(super) fn grade(text: &str) -> Result<Grade, String> {
    let names = GRADES.map(Grade::name);
    let known = GRADES.into_iter().find(|grade| grade.name().eq_ignore_ascii_case(text));
    known.ok_or_else(|| format!("no grade; {}", suggestion(text, &names)))
}

// What `--help` says of a value is made of the names that the library has, so that it names all of them and no other.

/// The help of `--phases`.
pub(super) fn help_on_phases() -> String {
    let default: Vec<&str> = RunSettings::default().phases.into_iter().map(Phase::name).collect();
    format!("The phases to do: {} [default: {}]", Phase::ALL.map(Phase::name).join(", "), default.join(", "))
}

/// The help of `--target`.
pub(super) fn help_on_targets() -> String {
    let names = presets::ALL.map(|(name, _)| name).join(", ");
    format!("A target that is known, or any name beside --endpoint: {names} [default: {EMBEDDED}]")
}

/// The help of `--profile`, by what the profile decides.
pub(super) fn help_on_profiles(decides: &str) -> String {
    let profiles = Profile::ALL.map(|profile| format!("{profile}, {}", profile.meaning())).join("; ");
    format!("What {decides}: {profiles} [default: {}]", Profile::default())
}

/// The help of `--report`.
pub(super) fn help_on_reports() -> String {
    let formats = report::FORMATS.iter().map(|format| format!("{}, {}", format.name, format.purpose));
    format!("Write a report, to standard output without a path: {}", formats.collect::<Vec<_>>().join("; "))
}

/// The help of `schema`.
pub(super) fn help_on_schemas() -> String {
    let schemas = report::SCHEMAS.iter().map(|schema| format!("{}, {}", schema.name, schema.purpose));
    format!("Which schema: {}", schemas.collect::<Vec<_>>().join("; "))
}

/// The help of `--strictness`.
pub(super) fn help_on_strictness() -> String {
    let names = Strictness::ALL.map(Strictness::name).join(", ");
    format!("Which differences in errors count: {names} [default: {}]", Strictness::default().name())
}

/// The help of `--grade`.
pub(super) fn help_on_grades() -> String {
    format!("Only rules of this grade: {}", GRADES.map(Grade::name).join(", "))
}

const GRADES: [Grade; 4] = [Grade::Documented, Grade::Observed, Grade::Inferred, Grade::Unknown];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("60s"), Ok(Duration::from_secs(60)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(duration("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "",
            "60",
            "s",
            "-1s",
            "1.5s",
            "60 s",
            "1d",
            "1msx",
            "99999999999999999999s",
            "18446744073709551615h",
            "1½s",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_filter_names_an_operation_a_family_or_a_rule() {
        assert_eq!(filter("createmembers"), Ok(Filter::Operation(Operation::CreateMembers)));
        assert_eq!(filter("hub"), Ok(Filter::Family(Family::Hub)));
        assert_eq!(filter("sh-create"), Ok(Filter::Rule("SH-CREATE".to_owned())));
        assert_eq!(filter("m145"), Ok(Filter::Rule("M145".to_owned())));
        assert_eq!(filter("d39B"), Ok(Filter::Rule("D39b".to_owned())), "as the table spells it");
        assert_eq!(filter("I12"), Ok(Filter::Rule("I12".to_owned())));
        assert!(filter("CreateMember").is_err_and(|message| message.ends_with("did you mean CreateMembers?")));
    }

    #[test]
    fn a_filter_that_no_malformed_request_fits_is_refused() {
        for (text, says) in [
            ("M999", "no class of malformed requests; they go from M001 to M309"),
            ("D999", "no row of the decision table; they go from D01 to D114"),
            ("I99", "no invariant; they go from I01 to I25"),
            ("D39x", "did you mean D39"),
            ("I25", "no class of malformed requests rests on I25: any answer is held to it"),
        ] {
            assert!(filter(text).is_err_and(|message| message.contains(says)), "{text}: {:?}", filter(text));
        }
    }

    #[test]
    fn a_reset_is_a_method_and_a_path() {
        let expected = Reset { method: Method::Post, path: "/reset".to_owned() };
        assert_eq!(reset("post /reset"), Ok(expected));
        for text in ["/reset", "POST reset", "PUT /reset", "POST /a\r\nb"] {
            assert!(reset(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_organization_is_a_word_or_the_ids_of_its_accounts() {
        assert_eq!(organization("api"), Ok(OrganizationSetup::Api));
        assert_eq!(organization("none"), Ok(OrganizationSetup::None));
        let given = "111111111111,222222222222,333333333333";
        assert_eq!(organization(given).unwrap().to_string(), given);
        for (text, says) in [
            ("111111111111,22222222222", "\"22222222222\" is no account id; "),
            ("all", "\"all\" is no account id; "),
            ("", "\"\" is no account id; "),
            ("111111111111", "name at least one more"),
            ("111111111111,111111111111", "111111111111 is given twice; "),
        ] {
            assert!(organization(text).is_err_and(|message| message.contains(says)), "{text}");
        }
    }

    #[test]
    fn a_shard_is_one_of_as_many_as_there_are() {
        assert_eq!(shard("1/1"), Ok(Shard { index: 1, of: 1 }));
        assert_eq!(shard("3/1000"), Ok(Shard { index: 3, of: 1_000 }));
        for (text, says) in [
            ("2", "no shard; "),
            ("a/b", "no shard; "),
            ("-1/2", "no shard; "),
            ("0/2", "from 1/2 to 2/2"),
            ("3/2", "from 1/2 to 2/2"),
            ("1/0", "take 1 to 1000"),
            ("1/1001", "take 1 to 1000"),
        ] {
            assert!(shard(text).is_err_and(|message| message.contains(says)), "{text}");
        }
    }

    #[test]
    fn an_account_id_has_twelve_digits() {
        assert_eq!(account_id("012345678901").as_deref(), Ok("012345678901"));
        assert!(account_id("1234-5678-9012").is_err());
    }
}
