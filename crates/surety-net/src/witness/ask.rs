//! A log that asks witnesses to cosign its checkpoint.

use std::fmt;
use std::io::Read as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use surety_log::witness::AddCheckpoint;
use surety_log::{
    Cosigned, Hash, NoteError, Policy, PolicyError, ReadError, Reader, SignedCheckpoint, Store, VerifierKey,
};
use ureq::Agent;

use crate::client::{AddressError, Failure, WebAddress, agent, with_retries};

/// The most bytes of an answer: two signature lines of the largest type for each key, with room for other keys.
const ANSWER_LEN_MAX: u64 = 256 * 1024;

/// A log waits for its slowest witness no longer than this, times the attempts.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);

/// How often a witness may say that it has cosigned another size before it counts as failed.
const SIZES_TOLD_MAX: u32 = 3;

/// The most bytes of a refusal that are shown.
const SHOWN_MAX: usize = 200;

/// The witnesses of a policy that have an address, to be asked for cosignatures.
///
/// It remembers which size each last cosigned, so that the first request is usually the only one. Nothing is lost
/// when it forgets: a witness tells the size.
pub struct Witnesses {
    policy: Policy,
    agent: Agent,
    parties: Vec<Party>,
}

/// Who answers at one address: a witness may sign with several keys.
struct Party {
    address: WebAddress,
    keys: Vec<VerifierKey>,
    cosigned_size: AtomicU64,
}

/// A checkpoint after the witnesses were asked.
#[derive(Debug)]
pub struct Asked {
    /// The checkpoint with all the cosignatures it got.
    pub checkpoint: SignedCheckpoint,
    /// Those that the policy counts, if they are a quorum. Without it the checkpoint does not count.
    pub quorum: Result<Vec<Cosigned>, PolicyError>,
    /// The witnesses that did not cosign, and why.
    pub failures: Vec<(WebAddress, AskError)>,
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It could not be reached, or refused.
    #[error("{0}")]
    Failed(String),
    /// It has seen more of the log than there is.
    #[error(
        "it has cosigned {cosigned} entries, and the checkpoint has {size}: an old copy of the log was restored, or another one goes on elsewhere. Do not go on before you know which"
    )]
    Ahead {
        /// What it has cosigned.
        cosigned: u64,
        /// What it was asked to cosign.
        size: u64,
    },
    /// It has seen another history.
    #[error(
        "it has cosigned another history of this log at {size} entries: the log was forked. Do not go on; keep this log and the answer of the witness as evidence"
    )]
    Forked {
        /// Up to where they should agree.
        size: u64,
    },
    /// It changes its mind.
    #[error("it names another size each time")]
    Restless,
    /// What it sent is no good cosignature.
    #[error("its answer does not count: {0}")]
    Answer(#[from] NoteError),
    /// It signed with none of its keys.
    #[error("none of the signatures it sent is by a key that the policy names")]
    NoSignature,
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] ReadError),
}

impl Witnesses {
    /// The witnesses of a policy. Those without an address are not asked: somebody else must bring their
    /// cosignatures.
    pub fn new(policy: Policy) -> Result<Self, AddressError> {
        let mut parties: Vec<Party> = Vec::new();
        for witness in policy.witnesses() {
            let Some(url) = &witness.url else { continue };
            let address: WebAddress = url.parse()?;
            match parties.iter_mut().find(|party| party.address == address) {
                Some(party) => party.keys.push(witness.key.clone()),
                None => parties.push(Party {
                    address,
                    keys: vec![witness.key.clone()],
                    cosigned_size: AtomicU64::new(0),
                }),
            }
        }
        Ok(Self { policy, agent: agent(REQUEST_TIME_MAX), parties })
    }

    /// How many there are to ask.
    pub fn count(&self) -> usize {
        self.parties.len()
    }

    /// The policy that says which quorum counts.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Asks all of them at once to cosign a checkpoint that is published in `store`. Returns when each has answered
    /// or failed.
    pub fn cosign(&self, store: &dyn Store, signed: &SignedCheckpoint) -> Asked {
        let answers: Vec<_> = thread::scope(|scope| {
            let asked: Vec<_> = self
                .parties
                .iter()
                .map(|party| scope.spawn(|| party.ask(&self.agent, &Reader::new(store), signed)))
                .collect();
            asked.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let (mut checkpoint, mut failures) = (signed.clone(), Vec::new());
        for (party, answer) in self.parties.iter().zip(answers) {
            let answer =
                answer.unwrap_or_else(|_| Err(AskError::Failed("the one who asked it panicked".to_owned())));
            let taken = answer.and_then(|lines| Ok(checkpoint.add_cosignatures(&lines, &party.key_refs())?));
            if let Err(error) = taken {
                failures.push((party.address.clone(), error));
            }
        }
        Asked { quorum: self.policy.check(&checkpoint), checkpoint, failures }
    }
}

impl fmt::Debug for Witnesses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.parties.iter().map(|party| &party.address)).finish()
    }
}

/// What a witness says.
enum Answer {
    Lines(String),
    /// It has cosigned this size, and wants to go on from there.
    Size(u64),
}

impl Party {
    /// Gives the signature lines; checked.
    fn ask(&self, agent: &Agent, reader: &Reader<'_>, signed: &SignedCheckpoint) -> Result<String, AskError> {
        let size = signed.checkpoint().size();
        let mut old_size = self.cosigned_size.load(Ordering::Relaxed).min(size);
        for _ in 0..SIZES_TOLD_MAX {
            let request = AddCheckpoint {
                old_size,
                proof: proof(reader, old_size, signed)?,
                checkpoint: signed.clone(),
            };
            match self.post(agent, &request.to_body())? {
                Answer::Lines(lines) => {
                    let taken = signed.clone().add_cosignatures(&lines, &self.key_refs())?;
                    if taken == 0 {
                        return Err(AskError::NoSignature);
                    }
                    self.cosigned_size.store(size, Ordering::Relaxed);
                    return Ok(lines);
                }
                Answer::Size(cosigned) if cosigned > size => return Err(AskError::Ahead { cosigned, size }),
                Answer::Size(cosigned) if cosigned == old_size => {
                    return Err(AskError::Forked { size: cosigned });
                }
                Answer::Size(cosigned) => old_size = cosigned,
            }
        }
        Err(AskError::Restless)
    }

    fn post(&self, agent: &Agent, body: &str) -> Result<Answer, AskError> {
        let url = self.address.join("add-checkpoint");
        with_retries(|| post_once(agent, &url, body)).map_err(|failure| AskError::Failed(failure.why))
    }

    fn key_refs(&self) -> Vec<&VerifierKey> {
        self.keys.iter().collect()
    }
}

fn post_once(agent: &Agent, url: &str, body: &str) -> Result<Answer, Failure> {
    let sent = agent.post(url).content_type("text/plain; charset=utf-8").send(body);
    let mut response = sent.map_err(|error| Failure::of(&error))?;
    let mut text = String::new();
    let read = response.body_mut().as_reader().take(ANSWER_LEN_MAX).read_to_string(&mut text);
    let status = response.status().as_u16();
    match (status, read) {
        (200, Ok(_)) => Ok(Answer::Lines(text)),
        (200, Err(error)) => Err(Failure { again: true, why: error.to_string() }),
        (409, Ok(_)) => size(&text).map(Answer::Size).ok_or_else(|| refused(status, &text)),
        // What was proven did not lead from what it has cosigned to the checkpoint.
        (422, _) => Err(Failure {
            again: false,
            why: format!(
                "it finds that the log did not only grow since it cosigned ({}). If the log was restored from an old copy, stop it",
                excerpt(&text)
            ),
        }),
        (400 | 403 | 404, _) => Err(refused(status, &text)),
        _ => Err(Failure::status(status, response.headers().get("location").and_then(|to| to.to_str().ok()))),
    }
}

/// The size in the answer to a conflict.
fn size(text: &str) -> Option<u64> {
    let number = text.strip_suffix('\n')?;
    let plain =
        number.bytes().all(|byte| byte.is_ascii_digit()) && (number == "0" || !number.starts_with('0'));
    number.parse().ok().filter(|_| plain)
}

fn refused(status: u16, text: &str) -> Failure {
    Failure { again: false, why: format!("it refuses with status {status}: {}", excerpt(text)) }
}

/// A line of what a stranger sent, for people: short, and without control characters.
fn excerpt(text: &str) -> String {
    text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(SHOWN_MAX).collect()
}

fn proof(reader: &Reader<'_>, old_size: u64, signed: &SignedCheckpoint) -> Result<Vec<Hash>, ReadError> {
    if old_size == 0 || old_size == signed.checkpoint().size() {
        return Ok(Vec::new());
    }
    reader.prove_consistency(old_size, signed)
}
