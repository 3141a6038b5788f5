//! The file with which a reviewer asks for a sample: anybody works out the same leaves from it.

use std::path::Path;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use surety_proof::{Challenge, Layout, Root, Scope};
use surety_register::{hex, unhex};

use crate::assurance::scope;
use crate::files;

const LEN_MAX: usize = 1 << 16;

/// What decides which leaves are opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    /// The root.
    root: String,
    /// Of which classes.
    of: String,
    /// How many leaves.
    pub(crate) leaves: u64,
    /// Something public that was fixed after the root was, hexadecimal.
    beacon: String,
    /// What the reviewer chose, hexadecimal.
    nonce: String,
}

impl Asked {
    pub(crate) fn new(root: Root, of: Scope, leaves: u64, beacon: &[u8], nonce: [u8; 32]) -> Self {
        Self { root: root.to_string(), of: of.to_string(), leaves, beacon: hex(beacon), nonce: hex(&nonce) }
    }

    pub(crate) fn read(path: &Path) -> anyhow::Result<Self> {
        let bytes = files::read(path, LEN_MAX)?;
        serde_json::from_slice(&bytes).with_context(|| {
            format!("{} is no challenge: `surety review challenge` makes one", path.display())
        })
    }

    /// Whether a file is a challenge.
    pub(crate) fn is_one(bytes: &[u8]) -> bool {
        bytes.len() <= LEN_MAX && serde_json::from_slice::<Self>(bytes).is_ok()
    }

    pub(crate) fn scope(&self) -> anyhow::Result<Scope> {
        scope(&self.of).map_err(anyhow::Error::msg)
    }

    pub(crate) fn challenge(&self) -> anyhow::Result<Challenge> {
        let beacon = unhex(&self.beacon).context("the beacon of the challenge is not hexadecimal")?;
        let nonce = unhex(&self.nonce).and_then(|nonce| nonce.try_into().ok());
        let nonce = nonce.context("the nonce of the challenge has not 64 hexadecimal digits")?;
        Challenge::new(self.root.parse()?, &beacon, nonce).context("a beacon has 1 to 4,096 bytes")
    }

    /// The leaves that it asks for.
    pub(crate) fn choose(&self, layout: &Layout) -> anyhow::Result<Vec<u64>> {
        let chosen = self.challenge()?.choose(layout, self.scope()?, self.leaves);
        chosen.with_context(|| format!("there are not {} leaves of {} to choose from", self.leaves, self.of))
    }
}
