//! Values at and beyond the edge of what a member may hold, by name.

/// Texts in the place of an account id, none of which is one.
pub(super) const NO_IDS: [(&str, &str); 6] = [
    ("empty", ""),
    ("blank", " "),
    ("digits-11", "12345678901"),
    ("digits-13", "1234567890123"),
    ("letters", "abcdefghijkl"),
    ("spaces", "1234 5678 9012"),
];

/// An id that nothing in a scenario has.
pub(super) const NO_ID: &str = "12345678901";

/// Texts outside the list of values that holds `known`: unknown, in the other case, with nothing in it.
pub(super) fn outside(known: &str) -> [(&'static str, String); 4] {
    [
        ("unknown", "OTHER".to_owned()),
        ("other-case", swapped(known)),
        ("blank", " ".to_owned()),
        ("empty", String::new()),
    ]
}

fn swapped(text: &str) -> String {
    let swap = |letter: char| {
        if letter.is_ascii_uppercase() { letter.to_ascii_lowercase() } else { letter.to_ascii_uppercase() }
    };
    text.chars().map(swap).collect()
}

/// Page sizes on both sides of the edges of `1..=most`.
pub(super) fn sizes(most: i64) -> [i64; 4] {
    [0, 1, most, most + 1]
}
