//! The context of a lane: what malformed requests are tried with, and for how long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::accounts::AccountPlan;
use super::super::interrupt::Interrupt;
use super::super::settings::RunSettings;
use super::health::HealthGate;
use super::stage::Fixture;

/// So long a target may take over any request.
pub(super) const LIMIT: Duration = Duration::from_secs(6);
/// So long it may take before it is told that nothing more comes.
pub(super) const PATIENT: Duration = Duration::from_secs(5);
/// The same where the end of a request can't be made out, so that it may well wait for more.
pub(super) const IMPATIENT: Duration = Duration::from_secs(1);
/// The time over one request, as others see it.
pub(super) const TIMES: (Duration, Duration) = (PATIENT, LIMIT);
/// Connections that the same request goes over at once.
pub(super) const CONNECTIONS: usize = 8;
/// The most requests of a burst.
pub(super) const BURST: u64 = 200;
/// The most tokens of pages that are escaped otherwise.
pub(super) const TOKENS: usize = 2;
/// The ways to escape each of them.
pub(super) const WRITINGS: usize = 6;
/// Requests on one connection.
pub(super) const KEPT: usize = 100;

/// The target, the settings and the limits that the lanes of a campaign share.
#[derive(Clone)]
pub(super) struct LaneContext {
    pub(super) fixture: Fixture,
    pub(super) settings: Arc<RunSettings>,
    pub(super) accounts: AccountPlan,
    pub(super) deadline: Instant,
    pub(super) interrupt: Interrupt,
    /// Whether the target verifies signatures.
    pub(super) verifies: bool,
    pub(super) health: HealthGate,
}
