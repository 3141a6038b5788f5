//! Submitting statements to a log behind a web address.

use std::io::Read as _;
use std::thread;
use std::time::{Duration, Instant};

use surety_log::tree::{leaf_hash, verify_inclusion};
use surety_log::{PROOF_LEN_MAX, Proof, ProofFileError};
use ureq::Agent;

use crate::client::{Failure, WebAddress, agent};
use crate::server::{ENTRIES_PATH, STATEMENT_MEDIA_TYPE};

/// How long one request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_mins(1);

/// How long it is tried again when the log is busy, or its witnesses are awaited.
const PATIENCE: Duration = Duration::from_secs(90);

/// The longest pause between two requests.
const PAUSE_MAX: Duration = Duration::from_secs(20);

/// A log that takes statements at a web address.
#[derive(Debug, Clone)]
pub struct Submitter {
    agent: Agent,
    address: WebAddress,
    patience: Duration,
    tell: fn(&str),
}

/// What a log answered to a statement.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The proof. It is one of this statement; whether to believe its checkpoint, a policy tells.
    pub proof: Proof,
    /// The COSE receipt.
    pub receipt: Vec<u8>,
    /// Whether the statement was logged before.
    pub again: bool,
}

/// Why a statement was not logged, as far as one can tell.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The log refuses it.
    #[error("the log refuses it ({code}): {detail}")]
    Refused {
        /// The word for it.
        code: String,
        /// Why, and what to do.
        detail: String,
    },
    /// It could not be reached, or answered nonsense.
    #[error("{0}. Submit it again: it cannot be logged twice")]
    Failed(String),
    /// What it sent is no proof of this statement.
    #[error("what the log sent does not prove that it has this statement: {0}")]
    Proof(#[from] ProofFileError),
}

impl SubmitError {
    fn why(&self) -> String {
        match self {
            Self::Refused { detail: why, .. } | Self::Failed(why) => why.clone(),
            Self::Proof(error) => error.to_string(),
        }
    }
}

impl Submitter {
    /// A log at an address. Nothing is asked yet.
    pub fn new(address: WebAddress) -> Self {
        Self { agent: agent(REQUEST_TIME_MAX), address, patience: PATIENCE, tell: |_| () }
    }

    /// The same, which asks again for so long when the log is busy or its witnesses are awaited.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same, which tells why it asks again, once for each thing that it waits for.
    #[must_use]
    pub fn telling(self, tell: fn(&str)) -> Self {
        Self { tell, ..self }
    }

    /// Submits a statement, and waits until it is logged.
    pub fn submit(&self, statement: &[u8]) -> Result<Submitted, SubmitError> {
        let until = Instant::now() + self.patience;
        let path = &ENTRIES_PATH[1..];
        let submitted = self.patiently(until, || {
            let request = self.agent.post(self.address.join(path));
            request
                .content_type(STATEMENT_MEDIA_TYPE)
                .header("Accept", "text/plain, application/problem+json")
                .send(statement)
        })?;
        let (again, place) = (submitted.status == 200, submitted.location.clone());
        let place = place.filter(|place| place.starts_with(ENTRIES_PATH) && !place.contains(['?', '#', '.']));
        let place = place.ok_or_else(|| SubmitError::Failed("the log did not say where it is".to_owned()))?;
        let proof = if submitted.status == 303 {
            self.get(&format!("{}/proof", &place[1..]), until)?
        } else {
            submitted.body
        };
        let proof = Proof::parse(&proof)?;
        let checkpoint = proof.checkpoint().checkpoint();
        let (leaf, size) = (leaf_hash(statement), checkpoint.size());
        verify_inclusion(leaf, proof.index(), size, checkpoint.root(), proof.hashes())
            .map_err(ProofFileError::from)?;
        let receipt = self.get(&format!("{}/receipt", &place[1..]), until)?;
        Ok(Submitted { proof, receipt, again })
    }

    fn get(&self, path: &str, until: Instant) -> Result<Vec<u8>, SubmitError> {
        let got = self.patiently(until, || self.agent.get(self.address.join(path)).call())?;
        Ok(got.body)
    }

    /// Asks until there is an answer, for as long as it may help.
    fn patiently(
        &self,
        until: Instant,
        ask: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Got, SubmitError> {
        let mut told = false;
        loop {
            let (pause, error) = match ask() {
                Ok(mut response) => {
                    let header = |name: &str| response.headers().get(name)?.to_str().ok().map(str::to_owned);
                    let (location, pause) = (header("location"), header("retry-after"));
                    let status = response.status().as_u16();
                    let mut body = Vec::new();
                    let read =
                        response.body_mut().as_reader().take(PROOF_LEN_MAX as u64).read_to_end(&mut body);
                    match (status, read) {
                        (200 | 201 | 303, Ok(_)) => return Ok(Got { status, location, body }),
                        (302 | 429 | 503, _) => (pause, refusal(status, &body)),
                        (_, Ok(_)) => return Err(refusal(status, &body)),
                        (_, Err(error)) => (pause, SubmitError::Failed(error.to_string())),
                    }
                }
                Err(error) => {
                    let failure = Failure::of(&error);
                    let error = SubmitError::Failed(failure.why);
                    if !failure.again {
                        return Err(error);
                    }
                    (None, error)
                }
            };
            let pause = pause
                .and_then(|seconds| seconds.parse().ok())
                .map_or(Duration::from_secs(1), Duration::from_secs)
                .min(PAUSE_MAX);
            if Instant::now() + pause > until {
                return Err(error);
            }
            if !told {
                (self.tell)(&error.why());
                told = true;
            }
            thread::sleep(pause);
        }
    }
}

struct Got {
    status: u16,
    location: Option<String>,
    body: Vec<u8>,
}

fn refusal(status: u16, body: &[u8]) -> SubmitError {
    let problem: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let word = |name: &str| {
        let text = problem.get(name)?.as_str()?;
        Some(text.chars().filter(|c| !c.is_control()).take(500).collect::<String>())
    };
    match (word("code"), word("detail")) {
        (Some(code), Some(detail)) => SubmitError::Refused { code, detail },
        _ if status == 302 => SubmitError::Failed("its witnesses have not answered yet".to_owned()),
        _ => SubmitError::Failed(format!("the server answered with status {status}")),
    }
}
