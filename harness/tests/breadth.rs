//! The breadth of a wide test: all of it in the program `sweeps`, an even sample in the ordinary suite.
//!
//! A program that has this module says by `crate::SWEEPS` which of both it is. A test keeps its name and its checks
//! in both; only the number of seeds, faults or sheets of answers that it goes through differs.

/// All of these in the sweeps; elsewhere so many of them, the first among them, evenly spread.
pub(crate) fn sample<T>(all: impl IntoIterator<Item = T>, few: usize) -> Vec<T> {
    let all: Vec<T> = all.into_iter().collect();
    if crate::SWEEPS || all.len() <= few {
        return all;
    }
    let (count, mut next) = (all.len(), 0);
    let taken = all.into_iter().enumerate().filter(|(index, _)| {
        let is_next = next < few && *index == next * count / few;
        next += usize::from(is_next);
        is_next
    });
    taken.map(|(_, item)| item).collect()
}
