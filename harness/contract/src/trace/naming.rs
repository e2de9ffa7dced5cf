//! The names of a trace: account ids stand for themselves, Regions are numbered as they appear.

use crate::domain::{Account, InvitationRef, Naming, PlainNaming, Region};

/// The Regions of one conversation.
#[derive(Clone, Debug, Default)]
pub struct TraceNaming {
    regions: Vec<String>,
}

impl TraceNaming {
    /// Numbers a Region, unless it has a number already.
    pub(super) fn add(&mut self, region: &str) -> Result<(), String> {
        if self.regions.iter().any(|known| known == region) {
            return Ok(());
        }
        if self.regions.len() > usize::from(u8::MAX) {
            return Err(format!("more than {} Regions", self.regions.len()));
        }
        self.regions.push(region.to_owned());
        Ok(())
    }

    pub(super) fn number(&self, region: &str) -> Region {
        self.region_from(region).unwrap_or_default()
    }
}

impl Naming for TraceNaming {
    fn account(&self, account: Account) -> String {
        account.to_string()
    }

    fn account_from(&self, text: &str) -> Option<Account> {
        Account::from_digits(text)
    }

    fn invitation(&self, caller: Account, invitation: &InvitationRef) -> String {
        PlainNaming.invitation(caller, invitation)
    }

    fn region(&self, region: Region) -> String {
        self.regions.get(usize::from(region.0)).cloned().unwrap_or_default()
    }

    fn region_from(&self, text: &str) -> Option<Region> {
        let index = self.regions.iter().position(|known| known == text)?;
        u8::try_from(index).ok().map(Region)
    }
}
