//! The first entries of a log: who decides, who may speak, which witnesses count, and what the observer says.

use surety_statement::{
    Admission, AdmittedKey, Body, Content, Draft, Entitlement, Issuer, IssuerId, Limits, LogPolicy, Payload,
    PayloadError, Place, Reference, RootKeys, RootOfficer, SignStatementError, SignedStatement,
    StatementSigner, Subject,
};

use crate::Dataset;

/// An issuer that signs: its id and its key.
#[derive(Clone, Copy)]
pub struct Signatory<'k> {
    /// What it is called.
    pub id: &'k IssuerId,
    /// Its key.
    pub key: &'k dyn StatementSigner,
}

/// What a log begins with.
pub struct Founding<'k> {
    /// The officers of the root.
    pub officers: Vec<Signatory<'k>>,
    /// How many of them decide together.
    pub threshold: u32,
    /// The operator's observer, who says what the dataset says.
    pub observer: Signatory<'k>,
    /// Which witnesses must have seen a checkpoint: the text of a C2SP `tlog-policy`.
    pub policy: String,
}

/// Why a log cannot begin so.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// A payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// A signature.
    #[error(transparent)]
    Sign(#[from] SignStatementError),
    /// Too few officers.
    #[error(
        "{threshold} officers are to decide together, and there are {officers}: name between 1 and {officers}"
    )]
    Threshold {
        /// How many should decide.
        threshold: u32,
        /// How many there are.
        officers: usize,
    },
}

impl Founding<'_> {
    /// The entries: the root of trust, the policy and the admission of the observer with the endorsements that they
    /// need, then everything that the dataset says.
    pub fn entries(&self, dataset: Option<&Dataset>) -> Result<Vec<Vec<u8>>, FoundError> {
        let deciding = usize::try_from(self.threshold).unwrap_or(usize::MAX);
        if !(1..=self.officers.len()).contains(&deciding) {
            return Err(FoundError::Threshold { threshold: self.threshold, officers: self.officers.len() });
        }
        let mut signing: Vec<Sequence<'_>> =
            self.officers.iter().map(|officer| Sequence::new(*officer)).collect();
        let mut entries = vec![signing[0].sign(Subject::Policy, Content::Root(self.root()), None)?.0];
        for decision in [Content::Policy(self.log_policy()), Content::Issuer(self.admission())] {
            let (entry, reference) = signing[0].sign(Subject::Policy, decision, None)?;
            entries.push(entry);
            for officer in &mut signing[1..deciding] {
                let capacity = "officer of the root".to_owned();
                let endorsement = Content::Fact(Body::Endorsement { capacity });
                entries.push(officer.sign(Subject::Policy, endorsement, Some(reference.clone()))?.0);
            }
        }
        if let Some(dataset) = dataset {
            entries.extend(sign_all(&dataset.payloads(Place::FIRST)?, self.observer)?);
        }
        Ok(entries)
    }

    fn root(&self) -> RootKeys {
        let officer = |signatory: &Signatory<'_>| RootOfficer {
            issuer: signatory.id.clone(),
            key: signatory.key.key().clone(),
        };
        RootKeys { threshold: self.threshold, officers: self.officers.iter().map(officer).collect() }
    }

    fn log_policy(&self) -> LogPolicy {
        LogPolicy { witnesses: self.policy.clone(), limits: Limits::default() }
    }

    fn admission(&self) -> Admission {
        let Issuer { kind, name, state } = Issuer::built_in_observer();
        let key = AdmittedKey { key: self.observer.key.key().clone(), not_after: None };
        let may_say = Entitlement::by_name(kind);
        Admission { issuer: self.observer.id.clone(), kind, name, state, keys: vec![key], may_say }
    }
}

/// Signs payloads that are in sequence already.
///
/// # Errors
/// When the key, or the device that keeps it, does not sign.
pub fn sign_all(payloads: &[Payload], by: Signatory<'_>) -> Result<Vec<Vec<u8>>, SignStatementError> {
    let sign = |payload: &Payload| {
        let draft = Draft { issuer: by.id.clone(), payload: payload.clone() };
        Ok(SignedStatement::sign(&draft, by.key)?.bytes().to_vec())
    };
    payloads.iter().map(sign).collect()
}

/// What one issuer signs, one after the other.
struct Sequence<'k> {
    by: Signatory<'k>,
    place: Place,
}

impl<'k> Sequence<'k> {
    fn new(by: Signatory<'k>) -> Self {
        Self { by, place: Place::FIRST }
    }

    fn sign(
        &mut self,
        subject: Subject,
        content: Content,
        refers_to: Option<Reference>,
    ) -> Result<(Vec<u8>, Reference), SignStatementError> {
        let payload = Payload { refers_to, ..Payload::new(subject, content, self.place) };
        let number = payload.number;
        let issuer = self.by.id.clone();
        let signed = SignedStatement::sign(&Draft { issuer: issuer.clone(), payload }, self.by.key)?;
        let sha256 = signed.payload_digest();
        self.place = Place::after(number, sha256);
        Ok((signed.bytes().to_vec(), Reference { issuer, number, sha256 }))
    }
}
