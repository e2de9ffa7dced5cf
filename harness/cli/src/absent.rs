//! Names of phases that users may look for and this version doesn't have: each is refused by its name, with what to do
//! instead.

/// Something that a user may look for, and that is not there.
pub(crate) struct Absent {
    /// Its name, as typed.
    pub(crate) name: &'static str,
    /// A sentence that says so, and why.
    pub(crate) message: &'static str,
    /// The nearest that there is.
    pub(crate) instead: &'static str,
}

/// Phases of a run.
pub(crate) const PHASES: &[Absent] = &[
    Absent {
        name: "replay",
        message: "this version has no phase replay",
        instead: "saved scenarios have a command of their own: `passmuster replay FILE`",
    },
    Absent {
        name: "concurrent",
        message: "this version has no phase concurrent: the calls of one scenario never overlap",
        instead: "the nearest is the phase random",
    },
];

/// The absent thing of this name, where it is listed.
pub(crate) fn find(list: &'static [Absent], name: &str) -> Option<&'static Absent> {
    list.iter().find(|absent| absent.name == name)
}
