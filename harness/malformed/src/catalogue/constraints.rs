//! Requests that can be read and still break a constraint, or are at the edge of one.

use serde_json::{Value, json};

use super::class::{Class, Malformed, Part};
use super::edit::{body_members, later_id, object, of_one_account, query_members, with_member};
use crate::answers::Set;
use crate::message::{Base, Message};
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};
use passmuster_contract::domain::{Document, Operation};

const MEMBERS: Part = Part::Members;

pub(super) const CLASSES: &[Class] = &[
    Class::spoils(260, MEMBERS, "a list without entries, where one is the least", &["D100"], empty_list),
    Class::spoils(261, MEMBERS, "a list with one entry too many", &["D100"], too_long_list),
    Class::spoils(262, MEMBERS, "a list as long as may be", &["D100"], longest_list),
    Class::spoils(263, MEMBERS, "an id that doesn't have twelve digits", &["D103"], odd_ids),
    Class::spoils(264, MEMBERS, "an id in the digits of other scripts", &["D103"], foreign_digits),
    Class::spoils(265, MEMBERS, "an empty or blank id", &["D103", "D102"], blank_ids),
    Class::spoils(266, MEMBERS, "the caller's own id", &["D103"], own_id),
    Class::spoils(267, MEMBERS, "an account twice", &["D113"], account_twice),
    Class::spoils(268, MEMBERS, "a wrong entry among right ones", &["D102", "I12"], mixed),
    Class::spoils(269, MEMBERS, "an email that is none", &["D102"], odd_emails),
    Class::spoils(270, MEMBERS, "a list of ids without entries", &["D100"], no_ids),
    Class::spoils(271, MEMBERS, "a blank id where the model wants more", &["D102"], blank_in_list),
    Class::spoils(272, MEMBERS, "an account that is no member is invited or deleted", &["D112"], unknown_account),
    Class::spoils(273, MEMBERS, "an account that is no member is asked for", &["D112"], unknown_account_read),
    Class::spoils(274, MEMBERS, "a required string is blank", &["D102"], blank_strings),
    Class::spoils(275, MEMBERS, "an invitation that nobody sent", &["D112"], wrong_invitation),
    Class::spoils(276, MEMBERS, "a word that is not in the list", &["D104"], unknown_words),
    Class::spoils(
        277,
        MEMBERS,
        "a word of the organization's configuration in another case",
        &["D104"],
        standards_words,
    ),
    Class::spoils(278, MEMBERS, "a key of a tag that may not be", &["D105"], tag_keys),
    Class::spoils(279, MEMBERS, "too many tags, too few, or too long", &["D105"], tag_bounds),
    Class::spoils(
        280,
        MEMBERS,
        "tags of four-byte characters, at the limit and beyond",
        &["D105"],
        tags_by_code_points,
    ),
    Class::spoils(281, MEMBERS, "a text that makes a pattern slow", &["D106", "I20"], slow_patterns),
    Class::spoils(
        282,
        MEMBERS,
        "an id of sixty-five thousand characters, or a million",
        &["D103", "I20"],
        long_ids,
    ),
];

/// The first required list in a body, with its bounds and an entry.
fn bounded(base: &Base, message: &Message) -> Option<(Document, &'static str, usize, Value)> {
    let members = object(base, message)?;
    let found =
        body_members(base.operation).filter(|member| member.required).find_map(|member| match member.kind {
            ShapeKind::List { bounds: Some((_, most)), .. } => {
                Some((member.name, most, members.get(member.name)?.get(0)?.clone()))
            }
            _ => None,
        });
    found.map(|(name, most, entry)| (members, name, most, entry))
}

fn empty_list(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, name, ..)) = bounded(base, message) else { return Vec::new() };
    let request = with_member(message, &members, name, json!([]));
    vec![Malformed::new("0 entries", request, &[Set::Constraint]).tolerating(&[Set::NothingDone])]
}

/// As many entries like this one; where they are accounts, each another.
fn many(base: &Base, entry: &Value, count: usize) -> Vec<Value> {
    let numbered = |number: usize| {
        let mut entry = entry.clone();
        if let Some(id) = entry.get_mut("AccountId") {
            *id = later_id(&base.strangers[1], number as u64 + 1).into();
        }
        entry
    };
    (0..count).map(numbered).collect()
}

fn too_long_list(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, name, most, entry)) = bounded(base, message) else { return Vec::new() };
    let request = with_member(message, &members, name, many(base, &entry, most + 1));
    let sets = [Set::Constraint, of_one_account(base.operation)];
    vec![Malformed::new(format!("{} entries", most + 1), request, &sets)]
}

fn longest_list(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some((members, name, most, entry)) = bounded(base, message) else { return Vec::new() };
    // Standards can't be made up, and a hundred findings at once are another matter.
    if entry.get("AccountId").is_none() {
        return Vec::new();
    }
    let request = with_member(message, &members, name, many(base, &entry, most));
    vec![Malformed::new(format!("{most} entries"), request, &[Set::AsRepaired]).as_it_stands()]
}

/// A list of accounts in a body: of ids, or of structures that have one.
pub(super) struct Accounts {
    members: Document,
    list: &'static str,
    entry: Option<Document>,
}

impl Accounts {
    /// Where the operation can leave single ones unprocessed.
    pub(super) fn of(base: &Base, message: &Message) -> Option<Self> {
        let members = object(base, message)?;
        if of_one_account(base.operation) != Set::Partly {
            return None;
        }
        let list = body_members(base.operation).find(|member| member.name.starts_with("Account"))?;
        let entry = match list.kind {
            ShapeKind::List { item: ShapeKind::Structure(_), .. } => {
                Some(members.get(list.name)?.get(0)?.as_object()?.clone())
            }
            _ => None,
        };
        Some(Self { members, list: list.name, entry })
    }

    fn entry(&self, id: &str) -> Value {
        self.entry.clone().map_or_else(
            || id.into(),
            |mut entry| {
                entry.insert("AccountId".to_owned(), id.into());
                Value::Object(entry)
            },
        )
    }

    pub(super) fn with(&self, message: &Message, entries: Vec<Value>) -> Message {
        with_member(message, &self.members, self.list, entries)
    }

    /// Whether the accounts are created: of those, the model says no more than that their ids are strings.
    pub(super) fn are_created(&self) -> bool {
        self.entry.is_some()
    }

    /// One request for each of these ids. What is no account can't be a member either.
    pub(super) fn ids(&self, message: &Message, ids: Vec<(&str, String)>) -> Vec<Malformed> {
        let make = |(label, id): (&str, String)| {
            let request = self.with(message, vec![self.entry(&id)]);
            let malformed = if self.are_created() {
                Malformed::new(label, request, &[Set::Partly]).tolerating(&[Set::AsRepaired]).as_it_stands()
            } else {
                Malformed::new(label, request, &[Set::Partly, Set::NotFound])
            };
            malformed.offending([id])
        };
        ids.into_iter().map(make).collect()
    }
}

fn odd_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message) else { return Vec::new() };
    let id = &base.strangers[0];
    let eleven = id.get(..11).unwrap_or(id);
    let ids = vec![
        ("1 digit", id.get(..1).unwrap_or("1").to_owned()),
        ("11 digits", eleven.to_owned()),
        ("13 digits", format!("{id}1")),
        ("a letter", format!("{eleven}a")),
        ("a blank before it", format!(" {id}")),
        ("a line end behind it", format!("{id}\n")),
        ("NUL and a digit behind it", format!("{id}\01")),
        (
            "parted by hyphens",
            format!("{}-{}-{}", &id[..4], id.get(4..8).unwrap_or("0"), id.get(8..).unwrap_or("0")),
        ),
    ];
    accounts.ids(message, ids)
}

fn foreign_digits(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message) else { return Vec::new() };
    let shifted = |zero: u32| -> String {
        base.strangers[0].chars().filter_map(|digit| char::from_u32(zero + digit.to_digit(10)?)).collect()
    };
    accounts.ids(message, vec![("Arabic", shifted(0x660)), ("full width", shifted(0xff10))])
}

fn blank_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    accounts.ids(message, vec![("empty", String::new()), ("blank", "   ".to_owned())])
}

fn blank_in_list(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(|accounts| !accounts.are_created()) else {
        return Vec::new();
    };
    accounts.ids(message, vec![("blank", " ".to_owned()), ("empty", String::new())])
}

fn own_id(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    accounts.ids(message, vec![("the caller", base.caller.clone())])
}

fn account_twice(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    let id = &base.strangers[0];
    let request = accounts.with(message, vec![accounts.entry(id), accounts.entry(id)]);
    let sets = [Set::AsRepaired, Set::Partly];
    let malformed = Malformed::new("two entries", request, &sets).offending([id.clone()]);
    vec![malformed.as_if(accounts.with(message, vec![accounts.entry(id)])).as_it_stands()]
}

fn mixed(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    let [first, second] = &base.strangers;
    let last = later_id(second, 1);
    let wrong = json!({ "AccountId": second, "Email": " " });
    let request = accounts.with(message, vec![accounts.entry(first), wrong, accounts.entry(&last)]);
    vec![Malformed::new("a blank address", request, &[Set::Partly]).offending([second.clone()])]
}

fn odd_emails(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    let id = &base.strangers[0];
    let with = |email: &str| accounts.with(message, vec![json!({ "AccountId": id, "Email": email })]);
    let long = format!("{}@example.com", "a".repeat(255));
    let odd = [("no at sign", "a"), ("too long", &long), ("a line end", "a@example.com\r\nBcc: b@example.com")];
    let as_it_stands = |(label, email): (&str, &str)| {
        Malformed::new(label, with(email), &[Set::Partly, Set::AsRepaired]).offending([id.clone()]).as_it_stands()
    };
    let mut requests: Vec<_> = odd.into_iter().map(as_it_stands).collect();
    for (label, email) in [("blank", " "), ("empty", "")] {
        requests.push(Malformed::new(label, with(email), &[Set::Partly]).offending([id.clone()]));
    }
    requests
}

fn no_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let unbounded = |member: &&MemberShape| {
        member.required && matches!(member.kind, ShapeKind::List { bounds: None, item: ShapeKind::NonEmpty })
    };
    let lists = body_members(base.operation).filter(unbounded);
    let make = |list: &MemberShape| {
        let request = with_member(message, &members, list.name, json!([]));
        Malformed::new("0 entries", request, &[Set::Constraint, Set::NothingDone])
    };
    lists.map(make).collect()
}

fn stranger(base: &Base, message: &Message, operations: &[Operation], sets: &[Set]) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(|_| operations.contains(&base.operation)) else {
        return Vec::new();
    };
    let id = &base.strangers[0];
    let request = accounts.with(message, vec![accounts.entry(id)]);
    vec![Malformed::new("a stranger", request, sets).offending([id.clone()])]
}

fn unknown_account(base: &Base, message: &Message) -> Vec<Malformed> {
    let mut requests = stranger(base, message, &[Operation::InviteMembers], &[Set::Partly, Set::NotFound]);
    // No source says what becomes of the deletion of what isn't there.
    let sets = [Set::Partly, Set::NotFound, Set::NothingDone];
    requests.extend(stranger(base, message, &[Operation::DeleteMembers], &sets));
    requests
}

fn unknown_account_read(base: &Base, message: &Message) -> Vec<Malformed> {
    stranger(base, message, &[Operation::GetMembers], &[Set::Partly, Set::NotFound])
}

/// The required strings at the top of a body.
pub(super) fn required_strings(base: &Base) -> impl Iterator<Item = &'static MemberShape> {
    body_members(base.operation).filter(|member| member.required && matches!(member.kind, ShapeKind::NonEmpty))
}

/// One request for each value of each required string.
fn strings(base: &Base, message: &Message, values: &[(&str, &str)]) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let make = |member: &MemberShape| -> Vec<Malformed> {
        let of = |(label, value): &(&str, &str)| {
            let request = with_member(message, &members, member.name, *value);
            Malformed::new(format!("{} {label}", member.name), request, &[Set::Constraint])
        };
        values.iter().map(of).collect()
    };
    required_strings(base).flat_map(make).collect()
}

fn blank_strings(base: &Base, message: &Message) -> Vec<Malformed> {
    strings(base, message, &[("blank", " "), ("empty", "")])
}

fn wrong_invitation(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(members) = object(base, message).filter(|members| members.contains_key("InvitationId")) else {
        return Vec::new();
    };
    let request = with_member(message, &members, "InvitationId", "0123456789abcdef0123456789abcdef");
    vec![Malformed::new("32 digits", request, &[Set::NotFound, Set::Denied])]
}

/// One request for each value of each word: in the body, or in the query string.
pub(super) fn words(
    base: &Base,
    message: &Message,
    is_such: impl Fn(&MemberShape) -> bool,
    values: &[&str],
) -> Vec<Malformed> {
    let mut requests = Vec::new();
    let is_word = |member: &&MemberShape| matches!(member.kind, ShapeKind::Enum(_)) && is_such(member);
    for member in body_members(base.operation).filter(is_word) {
        let Some(members) = object(base, message) else { return Vec::new() };
        requests.extend(values.iter().map(|value| {
            let request = with_member(message, &members, member.name, *value);
            Malformed::new(format!("{} {value:?}", member.name), request, &[Set::Constraint])
        }));
    }
    for member in query_members(base.operation).filter(is_word) {
        requests.extend(values.iter().map(|value| {
            let mut request = message.clone();
            request.query.retain(|pair| !pair.starts_with(member.name.as_bytes()));
            request.query.push(format!("{}={value}", member.name).into_bytes());
            Malformed::new(format!("{} {value:?}", member.name), request, &[Set::Constraint])
        }));
    }
    requests
}

fn unknown_words(base: &Base, message: &Message) -> Vec<Malformed> {
    let own = |member: &MemberShape| member.name != "AutoEnableStandards";
    words(base, message, own, &["X", "security_control", "SECURITYHUB"])
}

fn standards_words(base: &Base, message: &Message) -> Vec<Malformed> {
    words(base, message, |member| member.name == "AutoEnableStandards", &["none", "default", "ALL", ""])
}

/// Requests with these tags, where the operation takes some.
fn tags(base: &Base, message: &Message, variants: Vec<(&str, Value)>) -> Vec<Malformed> {
    let Some(members) = object(base, message) else { return Vec::new() };
    let Some(member) = body_members(base.operation).find(|member| matches!(member.kind, ShapeKind::Tags)) else {
        return Vec::new();
    };
    let make = |(label, tags): (&str, Value)| {
        Malformed::new(label, with_member(message, &members, member.name, tags), &[Set::Constraint])
    };
    variants.into_iter().map(make).collect()
}

fn tag_keys(base: &Base, message: &Message) -> Vec<Malformed> {
    let variants = vec![
        ("empty", json!({ "": "b" })),
        ("129 characters", json!({ "k".repeat(129): "b" })),
        ("of AWS", json!({ "aws:x": "b" })),
    ];
    tags(base, message, variants)
}

fn tag_bounds(base: &Base, message: &Message) -> Vec<Malformed> {
    let crowd: Document = (0..51).map(|number| (format!("k{number}"), "b".into())).collect();
    let variants = vec![
        ("a value of 257 characters", json!({ "a": "b".repeat(257) })),
        ("51 tags", Value::Object(crowd)),
        ("no tags", json!({})),
    ];
    tags(base, message, variants)
}

fn tags_by_code_points(base: &Base, message: &Message) -> Vec<Malformed> {
    let letter = "\u{1f600}";
    let hard = vec![
        ("a key of 129", json!({ letter.repeat(129): "b" })),
        ("a value of 257", json!({ "a": letter.repeat(257) })),
    ];
    let mut requests = tags(base, message, hard);
    let at_the_limit = tags(base, message, vec![("a value of 256", json!({ "a": letter.repeat(256) }))]);
    // Whether a tag may hold such characters at all is the service's own business.
    let soft = |malformed: Malformed| {
        Malformed::new(malformed.variant, malformed.message, &[Set::AsRepaired, Set::Constraint, Set::Handled])
            .as_it_stands()
    };
    requests.extend(at_the_limit.into_iter().map(soft));
    requests
}

fn slow_patterns(base: &Base, message: &Message) -> Vec<Malformed> {
    let blanks = " ".repeat(50_000);
    let mut requests = strings(base, message, &[("50,000 blanks", &blanks)]);
    let bait = format!("{}!", "a".repeat(50_000));
    requests.extend(tags(base, message, vec![("a key of 50,001 characters", json!({ bait: "b" }))]));
    if let Some(accounts) = Accounts::of(base, message) {
        let id = &base.strangers[0];
        let of = |label: &str, entry: Value, sets: &[Set], id: &str| {
            Malformed::new(label, accounts.with(message, vec![entry]), sets).offending([id.to_owned()])
        };
        requests.push(if accounts.are_created() {
            let entry = json!({ "AccountId": id, "Email": blanks });
            of("an address of 50,000 blanks", entry, &[Set::Partly], id)
        } else {
            of("an id of 50,000 blanks", json!(blanks), &[Set::Partly, Set::NotFound], &blanks)
        });
    }
    requests
}

fn long_ids(base: &Base, message: &Message) -> Vec<Malformed> {
    let Some(accounts) = Accounts::of(base, message).filter(Accounts::are_created) else { return Vec::new() };
    let make = |length: usize| {
        let id = "1".repeat(length);
        let request = accounts.with(message, vec![accounts.entry(&id)]);
        let sets = [Set::Partly, Set::Constraint, Set::Parse, Set::Size];
        let malformed = Malformed::new(format!("{length} digits"), request, &sets);
        malformed.tolerating(&[Set::AsRepaired]).as_it_stands().offending([id])
    };
    [65_535, 65_536, 1 << 20].into_iter().map(make).collect()
}
