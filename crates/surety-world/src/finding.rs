//! Findings: the verdict on one charter action for one State, and what it rests on.

use std::collections::BTreeSet;

use surety_core::{Level, Verdict};
use surety_statement::{Stance, Statement};

use crate::charter::ActionId;

/// A statement that a finding refers to, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cited {
    /// The index in [`Facts::statements`](crate::Facts::statements).
    pub statement: u32,
    /// What it is to the verdict.
    pub stance: Stance,
}

/// The verdict on one charter action for one State on one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The action.
    pub action: ActionId,
    /// The verdict.
    pub verdict: Verdict,
    /// The assurance level of the best statement that supports it.
    pub level: Level,
    /// One sentence: what the State should do, and where.
    pub next_step: String,
    /// What a reader should know about the verdict; empty when nothing.
    pub note: String,
    /// The statements that support it, contradict it, or were read beside.
    pub statements: Vec<Cited>,
}

impl Finding {
    pub(crate) fn new(action: ActionId, verdict: Verdict) -> Self {
        Self {
            action,
            verdict,
            level: Level::None,
            next_step: String::new(),
            note: String::new(),
            statements: Vec::new(),
        }
    }

    /// Whether statements contradict the verdict.
    pub fn is_contested(&self) -> bool {
        self.statements.iter().any(|cited| cited.stance == Stance::Contradicts)
    }

    /// The statements of one stance.
    pub fn cited(&self, stance: Stance) -> impl Iterator<Item = u32> {
        self.statements.iter().filter(move |cited| cited.stance == stance).map(|cited| cited.statement)
    }

    pub(crate) fn cite(
        mut self,
        statements: &[Statement],
        cited: impl IntoIterator<Item = u32>,
        stance: Stance,
    ) -> Self {
        let mut known: BTreeSet<u32> = self.statements.iter().map(|cited| cited.statement).collect();
        for statement in cited {
            if !known.insert(statement) {
                continue;
            }
            if stance == Stance::Supports {
                self.level = self.level.max(statements[statement as usize].level);
            }
            self.statements.push(Cited { statement, stance });
        }
        self
    }

    pub(crate) fn step(mut self, next_step: impl Into<String>) -> Self {
        self.next_step = next_step.into();
        self
    }

    pub(crate) fn note(mut self, note: impl AsRef<str>) -> Self {
        if !self.note.is_empty() {
            self.note.push_str("; ");
        }
        self.note.push_str(note.as_ref());
        self
    }
}
