//! The lifecycle of a member as a state diagram, each change as the run found it.

use maud::{Markup, html};

use super::words::rule_link;
use crate::record::{RuleStatus, RunRecord};

/// A state of a member: its name, and the middle of its box.
const STATES: [(&str, i32, i32); 6] = [
    ("not listed", 70, 200),
    ("Created", 240, 200),
    ("Invited", 430, 200),
    ("Enabled", 680, 200),
    ("Resigned", 555, 70),
    ("Removed", 555, 330),
];

/// A change from one state to another.
struct Arrow {
    from: &'static str,
    to: &'static str,
    call: &'static str,
    /// The rule that it rests on.
    rule: &'static str,
    /// The line, and where its number stands.
    path: &'static str,
    number: (i32, i32),
}

const CHANGES: [Arrow; 13] = [
    change("not listed", "Created", "CreateMembers", "SH-CREATE-001", "M120 192H190", (155, 192)),
    change("Created", "Invited", "InviteMembers", "SH-INVITE-001", "M290 200H380", (335, 200)),
    change("Invited", "Enabled", "AcceptAdministratorInvitation", "SH-ACCEPT-001", "M480 200H630", (555, 200)),
    change("Invited", "Resigned", "DeclineInvitations", "SH-DECLINE-001", "M448 180L520 90", (484, 135)),
    change(
        "Enabled",
        "Resigned",
        "DisassociateFromAdministratorAccount",
        "SH-LEAVE-001",
        "M670 180L590 90",
        (638, 144),
    ),
    change(
        "Resigned",
        "Enabled",
        "AcceptAdministratorInvitation",
        "SH-ACCEPT-010",
        "M605 70Q700 80 700 180",
        (682, 105),
    ),
    change("Enabled", "Removed", "DisassociateMembers", "SH-DISASSOC-001", "M670 220L590 310", (630, 265)),
    change("Removed", "Invited", "InviteMembers", "SH-INVITE-008", "M520 310L448 220", (484, 265)),
    change("Created", "not listed", "DeleteMembers", "SH-DELETE-001", "M190 209H120", (155, 209)),
    change(
        "Invited",
        "not listed",
        "DeleteMembers",
        "SH-DELETE-002",
        "M415 180C360 110 160 110 85 180",
        (250, 128),
    ),
    change("Resigned", "not listed", "DeleteMembers", "SH-DELETE-003", "M505 66C340 40 100 60 68 180", (240, 70)),
    change(
        "Removed",
        "not listed",
        "DeleteMembers",
        "SH-DELETE-003",
        "M505 334C330 350 100 330 68 220",
        (240, 325),
    ),
    change(
        "not listed",
        "Enabled",
        "CreateMembers by the organization's administrator",
        "SH-CREATE-022",
        "M50 220C40 500 710 500 700 220",
        (370, 430),
    ),
];

const fn change(
    from: &'static str,
    to: &'static str,
    call: &'static str,
    rule: &'static str,
    path: &'static str,
    number: (i32, i32),
) -> Arrow {
    Arrow { from, to, call, rule, path, number }
}

/// The diagram, and the same as a table.
pub(super) fn lifecycle(record: &RunRecord) -> Markup {
    let fared = |rule: &str| record.rules.iter().find(|known| known.id == rule).map(|known| known.status);
    let changes: Vec<(usize, &Arrow, Option<RuleStatus>)> =
        CHANGES.iter().enumerate().map(|(index, change)| (index + 1, change, fared(change.rule))).collect();
    html! {
        section #lifecycle {
            h2 { "Lifecycle of a member" }
            p.legend {
                @for (class, words) in [
                    ("held", "held"),
                    ("violated", "violated"),
                    ("in-the-way", "something was in the way"),
                    ("never", "never tried"),
                ] {
                    span class={ "key " (class) } { (words) } " "
                }
            }
            div.scroll tabindex="0" role="region" aria-label="state diagram" {
                svg.states viewBox="0 40 760 420" role="img" aria-label="The table below says the same." {
                    @for (number, change, status) in &changes {
                        g class=(class(*status)) {
                            path d=(change.path) {}
                            (head(change.path))
                            circle cx=(change.number.0) cy=(change.number.1) r="9" {}
                            text x=(change.number.0) y=(change.number.1 + 4) { (number) }
                        }
                    }
                    @for (name, x, y) in STATES {
                        rect x=(x - 50) y=(y - 20) width="100" height="40" rx="8" {}
                        text.state x=(x) y=(y + 5) { (name) }
                    }
                }
            }
            div.scroll tabindex="0" role="region" aria-label="changes of state" {
                table {
                    thead { tr { th { "" } th { "from" } th { "to" } th { "by" } th { "rule" } th { "in this run" } } }
                    tbody {
                        @for (number, change, status) in &changes {
                            tr {
                                td { (number) } td { (change.from) } td { (change.to) } td { (change.call) }
                                td { (rule_link(change.rule)) }
                                td { span class={ "key " (class(*status)) } { (status.map_or("not in this run", RuleStatus::name)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The head of an arrow: at the end of its path, in the direction of its last part.
fn head(path: &str) -> Markup {
    let numbers: Vec<f64> =
        path.split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect();
    // A horizontal line has one number for its end.
    let (before, end) = match numbers[..] {
        [x, y, to] => ((x, y), (to, y)),
        [.., bx, by, x, y] => ((bx, by), (x, y)),
        _ => return html! {},
    };
    let (dx, dy) = (end.0 - before.0, end.1 - before.1);
    let length = dx.hypot(dy).max(1.0);
    let (dx, dy) = (dx / length * 9.0, dy / length * 9.0);
    let (x, y) = end;
    let (left, right) = ((x - dx - dy / 2.0, y - dy + dx / 2.0), (x - dx + dy / 2.0, y - dy - dx / 2.0));
    let points = format!("{x:.1},{y:.1} {:.1},{:.1} {:.1},{:.1}", left.0, left.1, right.0, right.1);
    html! { polygon points=(points) {} }
}

const fn class(status: Option<RuleStatus>) -> &'static str {
    match status {
        Some(RuleStatus::Held) => "held",
        Some(RuleStatus::Violated) => "violated",
        Some(RuleStatus::Blocked | RuleStatus::Unsupported) => "in-the-way",
        Some(RuleStatus::NotExercised | RuleStatus::NotCheckable | RuleStatus::Open | RuleStatus::Excused)
        | None => "never",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use passmuster_contract::catalogue;

    #[test]
    fn every_change_of_the_diagram_rests_on_a_rule_of_the_catalogue() {
        for change in &CHANGES {
            assert!(catalogue::rule(change.rule).is_some(), "{}", change.rule);
            for state in [change.from, change.to] {
                assert!(STATES.iter().any(|(name, ..)| *name == state), "{state}");
            }
        }
    }
}
