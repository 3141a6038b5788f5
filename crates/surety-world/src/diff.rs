//! What changed between two worlds.

use surety_core::{StateCode, Verdict};

use crate::base::World;
use crate::charter::ActionId;
use crate::finding::Finding;

/// A verdict that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'w> {
    /// The State.
    pub state: StateCode,
    /// The action.
    pub action: ActionId,
    /// The finding before; none when the State was not asked then.
    pub before: Option<&'w Finding>,
    /// The finding after; none when the State is not asked any more.
    pub after: Option<&'w Finding>,
}

/// What a change of verdict means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// More is done, or shown.
    Rose,
    /// Less is, or what was shown has grown old.
    Fell,
    /// Neither: what is asked changed, or silence became a no.
    Other,
}

impl Direction {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rose => "rose",
            Self::Fell => "fell",
            Self::Other => "other",
        }
    }
}

impl Change<'_> {
    /// Whether it rose or fell.
    pub fn direction(&self) -> Direction {
        let height = |verdict: Option<Verdict>| match verdict? {
            Verdict::Met => Some(2),
            Verdict::PartlyMet => Some(1),
            Verdict::NotMet | Verdict::NoPublicEvidence => Some(0),
            Verdict::NotApplicable => None,
        };
        match height(self.verdict_before()).zip(height(self.verdict_after())) {
            Some((before, after)) if after > before => Direction::Rose,
            Some((before, after)) if after < before => Direction::Fell,
            _ => Direction::Other,
        }
    }

    /// The verdict before.
    pub fn verdict_before(&self) -> Option<Verdict> {
        self.before.map(|finding| finding.verdict)
    }

    /// The verdict after.
    pub fn verdict_after(&self) -> Option<Verdict> {
        self.after.map(|finding| finding.verdict)
    }
}

/// The verdicts that differ between two worlds, in order of State and action. A State that is asked in one of them
/// only differs in every action.
pub fn diff<'w>(before: &'w World, after: &'w World) -> Vec<Change<'w>> {
    let mut states: Vec<StateCode> =
        before.states.iter().chain(&after.states).map(|state| state.state).collect();
    states.sort_unstable();
    states.dedup();
    let mut changes = Vec::new();
    for state in states {
        let (old, new) = (before.state(state), after.state(state));
        for action in ActionId::ALL {
            let of = |findings: Option<&'w crate::StateFindings>| {
                findings.map(|found| &found.findings[*action as usize])
            };
            let change = Change { state, action: *action, before: of(old), after: of(new) };
            if change.verdict_before() != change.verdict_after() {
                changes.push(change);
            }
        }
    }
    changes
}
