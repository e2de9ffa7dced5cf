//! The aftermath of a malformed request: what a refused one has changed, and whether well-formed reads still have an
//! answer that can be read.

use std::sync::Arc;

use super::lane::{Control, OperationLane, Recipe, changed, is_accepted, state_complaint};
use super::stage::{NO_ANSWER, OperationStage, StageViews, UNREADABLE};
use crate::targets::TransportError;
use passmuster_malformed::{Aspect, Complaint, InvariantId};

impl OperationLane {
    /// Sends one request that was refused again, on a stage of its own, and looks whether it changes anything.
    pub(super) async fn look_behind(
        &mut self,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
        reference: &Control,
    ) -> Result<(), TransportError> {
        let recipe = &recipes[index];
        let stage = self.open_stage().await?;
        let Some(malformed) = recipe.make(&stage.base) else { return Ok(()) };
        let before = self.views(&stage, true).await?;
        let exchange = self.send(&stage, recipe.class(), &malformed.message).await?;
        self.note_busy(recipes, index);
        let refused = !is_accepted(&exchange);
        let after = self.views(&stage, true).await?;
        if self.note_aftermath(&after, &before, recipes, index) {
            return Ok(());
        }
        if let Some((read, before, after)) = changed(&before, &after, &reference.effect).filter(|_| refused) {
            self.note(recipes, index, state_complaint(&read, &before, &after));
        }
        Ok(())
    }

    /// Reads what an accepted request may have left behind, and notes it where that can't be read.
    pub(super) async fn look_after(
        &mut self,
        stage: &OperationStage,
        usual: &StageViews,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
    ) -> Result<StageViews, TransportError> {
        let after = self.views(stage, false).await?;
        self.note_aftermath(&after, usual, recipes, index);
        Ok(after)
    }

    /// Notes where a read fails that usually does not; whether it does.
    pub(super) fn note_aftermath(
        &mut self,
        after: &StageViews,
        usual: &StageViews,
        recipes: &[Arc<dyn Recipe>],
        index: usize,
    ) -> bool {
        let complaint = aftermath(after, usual, recipes[index].class().blamed());
        let is_wrong = complaint.is_some();
        if let Some(complaint) = complaint {
            self.note(recipes, index, complaint);
        }
        is_wrong
    }
}

/// Complains of the first read that fails, of those that usually don't.
fn aftermath(after: &StageViews, usual: &StageViews, fault: &'static str) -> Option<Complaint> {
    let usually = |read: &String| usual.get(read).is_some_and(|shown| !fails(shown) && !is_unreadable(shown));
    let complain = |row: &'static str, such: fn(&str) -> bool| {
        let (read, shown) = after.iter().find(|(read, shown)| such(shown) && usually(read))?;
        let expected = "well-formed reads are answered as before";
        Some(Complaint::by_row(row, Aspect::Aftermath, expected, &format!("{read} is answered {shown}")))
    };
    // Whether what can't be read is wrong depends on what was sent: half a surrogate pair comes back as it went in.
    complain(InvariantId::I03.name(), fails).or_else(|| complain(fault, is_unreadable))
}

fn fails(shown: &str) -> bool {
    shown == NO_ANSWER || shown.starts_with('5') && !shown.starts_with("501") && !shown.starts_with("503")
}

fn is_unreadable(shown: &str) -> bool {
    shown.ends_with(UNREADABLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use passmuster_contract::domain::Severity;

    fn views(shown: &str) -> StageViews {
        [("ListMembers of administrator ".to_owned(), shown.to_owned())].into()
    }

    #[test]
    fn a_read_that_fails_is_firm_and_one_that_can_not_be_read_as_firm_as_its_row() {
        let complaint = |shown, row| aftermath(&views(shown), &views("{}"), row);
        for shown in ["500 InternalException", "500, unreadable", NO_ANSWER] {
            assert_eq!(complaint(shown, "D64").unwrap().severity(), Severity::Divergence, "{shown}");
        }
        assert_eq!(complaint("200, unreadable", "D64").unwrap().severity(), Severity::Note);
        assert_eq!(complaint("200, unreadable", "D60").unwrap().severity(), Severity::Divergence);
    }

    #[test]
    fn what_is_refused_throttled_or_failed_before_is_no_aftermath() {
        for (shown, before) in
            [("400 BadRequestException", "{}"), ("503, unreadable", "{}"), ("500 X", "500 X"), ("{}", "{}")]
        {
            let found = aftermath(&views(shown), &views(before), "D64").filter(|found| found.row == "I03");
            assert_eq!(found, None, "{shown}");
        }
    }
}
