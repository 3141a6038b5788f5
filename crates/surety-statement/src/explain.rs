//! What a statement with its proof shows, in words: who says what about whom, when it was logged, who saw that, and
//! what remains assumed.

use std::fmt::Write as _;

use surety_core::Level;
use surety_log::{Cosigned, Proof, ProofFileError};

use crate::certificate::{CertificateError, is_for_key, verify_chain};
use crate::content::Content;
use crate::digest::Digest;
use crate::entitlement::may_say;
use crate::issuer::Issuer;
use crate::issuer_id::IssuerId;
use crate::key::IssuerKey;
use crate::payload::{Payload, PayloadError};
use crate::receipt::{self, Inclusion, ReceiptError};
use crate::refusal::Refusal;
use crate::signed::{FormatError, SignedStatement, Subject};
use crate::time;
use crate::trust::{Known, Role, Trust};

/// What has been shown, and what has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The id of who says it.
    pub id: IssuerId,
    /// Who that is; none for an officer of the root.
    pub issuer: Option<Issuer>,
    /// What it says.
    pub payload: Payload,
    /// How well it is assured by who says it and by what backs it.
    pub level: Level,
    /// That it was logged, when the proof shows it.
    pub logged: Option<LoggedAt>,
    /// Where a receipt says that it is.
    pub receipt: Option<Inclusion>,
    /// Who a certificate says that the key belongs to, and whether an anchor vouches for it.
    pub certified: Option<String>,
    /// What nobody has shown.
    pub assumed: Vec<String>,
}

/// That a statement was logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedAt {
    /// The log.
    pub origin: String,
    /// The entry.
    pub index: u64,
    /// How many entries the log had in the checkpoint of the proof.
    pub size: u64,
    /// The time by which it was logged, in seconds since 1970: the latest that a witness gives; none where none does.
    pub by: Option<u64>,
    /// The witnesses that saw the checkpoint, and when.
    pub witnesses: Vec<Cosigned>,
}

/// Why a statement shows nothing.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// The bytes are no statement.
    #[error("this is not a signed statement: {0}")]
    Format(#[from] FormatError),
    /// Its payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// What the rules say of its issuer, its key or its signature.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The trust file does not know the issuer.
    #[error(
        "the trust file does not know `{0}`: nothing says who that is. Ask for a newer one, or check that the \
         statement is from this log"
    )]
    Stranger(IssuerId),
    /// The proof.
    #[error("the proof does not show that this statement was logged: {0}")]
    Proof(#[from] ProofFileError),
    /// The receipt.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// Receipt and proof do not agree.
    #[error("the receipt puts the statement at entry {receipt}, and the proof at entry {proof}")]
    Disagree {
        /// Of the receipt.
        receipt: u64,
        /// Of the proof.
        proof: u64,
    },
    /// It was logged where its key did not count.
    #[error(
        "it is entry {entry}, and the key of `{issuer}` counts {range} only: it should not be in the log ({why})"
    )]
    Range {
        /// The issuer.
        issuer: IssuerId,
        /// The entry.
        entry: u64,
        /// In which entries the key counts.
        range: String,
        /// What ended the key.
        why: String,
    },
    /// It is entry 0 and not the one that the reader trusts.
    #[error("it is entry 0 of the log, and not the root of trust that the trust file names")]
    OtherRoot,
    /// A certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

/// Verifies a statement with what comes with it, and tells what is shown. Nothing is read but these bytes.
///
/// Without a proof, nothing shows that anybody else has seen the statement. A receipt alone does not stop a split
/// view.
pub fn explain(
    statement: &[u8],
    proof: Option<&[u8]>,
    receipt: Option<&[u8]>,
    trust: &Trust,
) -> Result<Explanation, ExplainError> {
    let signed = SignedStatement::parse(statement)?;
    if signed.envelope().is_some() {
        return Err(Refusal::Envelope.into());
    }
    let logged = proof.map(|proof| logged_at(statement, proof, trust)).transpose()?;
    let receipt = receipt.map(|receipt| verify_receipt(statement, receipt, trust)).transpose()?;
    if let (Some(logged), Some(receipt)) = (&logged, &receipt)
        && logged.index != receipt.index
    {
        return Err(ExplainError::Disagree { receipt: receipt.index, proof: logged.index });
    }
    // The place that a receipt says is signed by nobody: another one may lead to the same root.
    let entry = logged.as_ref().map(|logged| logged.index);
    if entry == Some(0) && Digest::of(statement) != trust.root() {
        return Err(ExplainError::OtherRoot);
    }
    let by = logged.as_ref().and_then(|logged| logged.by);
    let known = key_in(&signed, entry, trust)?;
    signed.verify(known.key).map_err(|_| Refusal::Signature(signed.issuer().clone()))?;
    let payload = signed.payload()?;
    check_may_say(&signed, &payload, &known)?;
    let mut assumed = assumptions(&signed, &payload, entry, trust);
    assumed.extend(check_expiry(&known, by));
    if let Some(until) = known.until {
        assumed.push(format!(
            "That it was good then: its key counts no more since entry {until} ({}). What it signed before stays.",
            known.why
        ));
    }
    let certified = certified(&signed, known.key, by, trust, &mut assumed)?;
    if logged.is_none() {
        assumed.push(not_logged(receipt.is_some()));
    } else if by.is_none() {
        assumed.push(
            "That the log shows everybody the same: no witness is asked, and none gives a time.".to_owned(),
        );
    }
    if let Role::Officer { threshold: threshold @ 2.. } = known.role
        && entry != Some(0)
    {
        assumed.push(format!(
            "That it is in force: {threshold} officers of the root must stand behind a decision, and this is the word \
             of one. The log shows the others."
        ));
    }
    let issuer = match known.role {
        Role::Issuer(issuer, _) => Some(issuer),
        Role::Officer { .. } => None,
    };
    let level = issuer.as_ref().map_or(Level::None, |issuer| payload.level(issuer));
    Ok(Explanation {
        id: signed.issuer().clone(),
        issuer,
        payload,
        level,
        logged,
        receipt,
        certified,
        assumed,
    })
}

fn logged_at(statement: &[u8], proof: &[u8], trust: &Trust) -> Result<LoggedAt, ExplainError> {
    let logged = Proof::parse(proof)?.verify(statement, trust.policy())?;
    Ok(LoggedAt {
        origin: logged.checkpoint.origin().to_string(),
        index: logged.index,
        size: logged.checkpoint.size(),
        by: logged.cosigned.iter().map(|cosigned| cosigned.time).max().filter(|time| *time > 0),
        witnesses: logged.cosigned,
    })
}

/// One of the logs of the policy must have signed it.
fn verify_receipt(statement: &[u8], bytes: &[u8], trust: &Trust) -> Result<Inclusion, ExplainError> {
    let mut refused = ReceiptError::Key("the trust file names no log".to_owned());
    for log in trust.policy().logs() {
        match receipt::verify(bytes, statement, &log.key) {
            Ok(inclusion) => return Ok(inclusion),
            Err(error) => refused = error,
        }
    }
    Err(refused.into())
}

/// The key that the statement names, as it counts at its entry; as it counts now, where no entry is shown.
fn key_in<'a>(
    signed: &SignedStatement,
    entry: Option<u64>,
    trust: &'a Trust,
) -> Result<Known<'a>, ExplainError> {
    let (issuer, key) = (signed.issuer(), signed.key());
    let ranges = trust.known(issuer, key).ok_or_else(|| ExplainError::Stranger(issuer.clone()))?;
    let counts = |range: &Known<'_>| match entry {
        Some(entry) => range.from <= entry && range.until.is_none_or(|until| entry <= until),
        None => range.until.is_none(),
    };
    if let Some(range) = ranges.iter().find(|range| counts(range)) {
        return Ok(range.clone());
    }
    let last = ranges.last().ok_or_else(|| Refusal::UnknownKey { issuer: issuer.clone(), key })?;
    // A forgery is called one, whatever became of the key.
    signed.verify(last.key).map_err(|_| Refusal::Signature(issuer.clone()))?;
    match (entry, last.until) {
        (Some(entry), until) => {
            let range = match until {
                Some(until) => format!("in entries {} to {until}", last.from),
                None => format!("from entry {} on", last.from),
            };
            let why = if until.is_some() { last.why } else { "the key was not admitted yet" };
            Err(ExplainError::Range { issuer: issuer.clone(), entry, range, why: why.to_owned() })
        }
        (None, until) => {
            let (entry, why) = (until.unwrap_or_default(), last.why.to_owned());
            Err(Refusal::KeyEnded { issuer: issuer.clone(), key, entry, why }.into())
        }
    }
}

fn check_may_say(signed: &SignedStatement, payload: &Payload, known: &Known<'_>) -> Result<(), Refusal> {
    let refused =
        |why: String| Refusal::MayNotSay { issuer: signed.issuer().clone(), kind: payload.kind(), why };
    match &known.role {
        Role::Issuer(issuer, entitlement) if payload.subject != Subject::Policy => {
            may_say(issuer, entitlement, payload).map_err(refused)
        }
        Role::Issuer(..) if revokes_itself(signed, payload) => Ok(()),
        Role::Officer { .. } if payload.subject == Subject::Policy => Ok(()),
        Role::Issuer(..) => Err(refused("only officers of the root decide who may speak".to_owned())),
        Role::Officer { .. } => Err(refused("an officer of the root says nothing of the world".to_owned())),
    }
}

/// An issuer that is admitted may end its own keys, and nobody else's.
fn revokes_itself(signed: &SignedStatement, payload: &Payload) -> bool {
    matches!(&payload.content, Content::Revocation(revocation) if revocation.issuer == *signed.issuer())
}

/// That it was logged before its key expired, where the time of the witnesses does not show it. A proof gives only a
/// time by which a statement was logged: one that is made later shows less, and takes nothing away.
fn check_expiry(known: &Known<'_>, by: Option<u64>) -> Option<String> {
    let not_after = known.not_after?;
    match by {
        Some(by) if time::day(by) <= not_after => None,
        Some(by) => Some(format!(
            "That it was logged by {not_after}, the last day of its key, as the log must have seen to: the proof shows it by {} only.",
            time::utc(by)
        )),
        None => Some(format!(
            "That it was logged by {not_after}, the last day of its key: no witness says when it was."
        )),
    }
}

fn certified(
    signed: &SignedStatement,
    key: &IssuerKey,
    by: Option<u64>,
    trust: &Trust,
    assumed: &mut Vec<String>,
) -> Result<Option<String>, CertificateError> {
    let Some(own) = signed.certificates().first() else { return Ok(None) };
    is_for_key(own, key)?;
    match (signed.certificates(), by) {
        (_, _) if trust.anchors().is_empty() => {
            assumed.push("What its certificates say: the trust file names no anchor for them.".to_owned());
            Ok(None)
        }
        (_, None) => {
            assumed.push("What its certificates say: no witness gives a time to check them at.".to_owned());
            Ok(None)
        }
        (chain, Some(by)) => match verify_chain(chain, key, trust.anchors(), by) {
            Err(CertificateError::NoAnchor(_)) => {
                assumed.push(
                    "What its certificates say: no anchor of the trust file vouches for them.".to_owned(),
                );
                Ok(None)
            }
            other => other.map(Some),
        },
    }
}

/// What holds of every statement, in words.
fn assumptions(
    signed: &SignedStatement,
    payload: &Payload,
    entry: Option<u64>,
    trust: &Trust,
) -> Vec<String> {
    let mut assumed = vec![format!(
        "That what `{}` says is so: a signature shows who says it, not that it is true.",
        signed.issuer()
    )];
    if payload.date.date.first_day().is_some() {
        assumed.push(
            "The date of the fact: it is the issuer's claim, and earns no credit. Only the log's time is shown."
                .to_owned(),
        );
    }
    match entry {
        Some(entry) if entry < trust.size() => {}
        _ => assumed.push(format!(
            "That nothing changed who may speak since entry {}, where the trust file ends.",
            trust.size()
        )),
    }
    assumed.push(
        "That it has not been corrected or withdrawn since: what was logged later is not shown here."
            .to_owned(),
    );
    assumed
}

fn not_logged(receipt: bool) -> String {
    if receipt {
        "That the log shows everybody the same: a receipt alone does not stop a split view. Ask for the proof file."
    } else {
        "That anybody else has seen it: without a proof nothing shows that it was logged, or when."
    }
    .to_owned()
}

impl Explanation {
    /// The explanation for people: a paragraph for each question.
    pub fn paragraphs(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("Who", self.who()),
            ("About", self.payload.subject.to_string()),
            ("Says", format!("{} ({})", self.payload.content.summary(), self.payload.kind().title())),
            ("Date of the fact", self.payload.date.to_string()),
            ("Assurance", format!("{} ({})", self.level.number(), self.level)),
            ("Logged", self.when()),
        ];
        if let Some(logged) = &self.logged {
            all.push(("Witnesses", witnesses(&logged.witnesses)));
        }
        if let Some(name) = &self.certified {
            all.push(("Certified", format!("its key belongs to {name}, says an anchor of the trust file")));
        }
        all
    }

    fn who(&self) -> String {
        match &self.issuer {
            Some(Issuer { kind, name, state: Some(state) }) => {
                format!("{} ({name}, {kind} of {state})", self.id)
            }
            Some(Issuer { kind, name, state: None }) => format!("{} ({name}, {kind})", self.id),
            None => format!("{} (officer of the root)", self.id),
        }
    }

    fn when(&self) -> String {
        match (&self.logged, &self.receipt) {
            (Some(LoggedAt { origin, index, size, by, .. }), _) => {
                let mut text = format!("as entry {index} of {origin}");
                // Writing to a string cannot fail.
                let _ = match by {
                    Some(by) => write!(
                        text,
                        ", by {}; shown as of then, when the log had {size} entries",
                        time::utc(*by)
                    ),
                    None => write!(text, ", among its first {size} entries; nothing shows when"),
                };
                text
            }
            (None, Some(Inclusion { index, size, .. })) => {
                format!("as entry {index} among the first {size}, says the log alone")
            }
            (None, None) => "not shown".to_owned(),
        }
    }
}

fn witnesses(cosigned: &[Cosigned]) -> String {
    let seen = |cosigned: &Cosigned| match cosigned.time {
        0 => cosigned.witness.clone(),
        time => format!("{} ({})", cosigned.witness, time::utc(time)),
    };
    let all: Vec<String> = cosigned.iter().map(seen).collect();
    if all.is_empty() { "none, and none is asked".to_owned() } else { all.join(", ") }
}
