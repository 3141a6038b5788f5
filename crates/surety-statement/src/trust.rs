//! What a reader believes, as a file: which log and witnesses, which root, and whose keys count in which entries.
//!
//! With it, a statement and its proof can be verified offline. It is a snapshot: what the log decided after it, the
//! reader does not know, and [`explain`](crate::explain) says so.

use serde::{Deserialize, Serialize};
use surety_core::{Date, StateCode};
use surety_log::{ParsePolicyError, Policy};

use crate::admission::Entitlement;
use crate::certificate::{Anchor, CertificateError};
use crate::digest::Digest;
use crate::issuer::{Issuer, IssuerKind};
use crate::issuer_id::IssuerId;
use crate::key::IssuerKey;
use crate::registry::{Ended, KeyRange, Record, Registry};
use crate::wire;

/// The most bytes of a trust file.
pub const TRUST_LEN_MAX: usize = 16 * 1024 * 1024;

/// What a reader believes.
#[derive(Debug, Clone, PartialEq)]
pub struct Trust {
    policy: Policy,
    file: File,
    anchors: Vec<Anchor>,
}

/// The file as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policy: String,
    root: Digest,
    size: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    anchors: Vec<String>,
    #[serde(default, rename = "officer", skip_serializing_if = "Vec::is_empty")]
    officers: Vec<TrustedOfficer>,
    #[serde(default, rename = "issuer", skip_serializing_if = "Vec::is_empty")]
    issuers: Vec<TrustedIssuer>,
}

/// An officer of the root, and the entries that it could sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedOfficer {
    /// What it is called in what it signs.
    pub id: IssuerId,
    /// Its key.
    pub key: IssuerKey,
    /// The first entry that it could sign.
    pub from: u64,
    /// The last, where other officers replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// How many officers must stand behind a decision.
    pub threshold: u32,
}

/// An issuer, and its keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedIssuer {
    /// What it is called in what it signs.
    pub id: IssuerId,
    /// What it is.
    pub kind: IssuerKind,
    /// The name it goes by.
    pub name: String,
    /// Of a State's authority, the State.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<StateCode>,
    /// What it may say, where that is less than what its kind may.
    #[serde(default, skip_serializing_if = "Entitlement::is_whole")]
    pub may_say: Entitlement,
    /// Its keys.
    #[serde(default, rename = "key", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<TrustedKey>,
}

/// A key, and the entries in which it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedKey {
    /// The key.
    pub key: IssuerKey,
    /// The first entry in which it counts.
    pub from: u64,
    /// The last, if it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<u64>,
    /// What ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Its last day, if it expires.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::optional_day")]
    pub not_after: Option<Date>,
}

/// Why a trust file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// It is too long.
    #[error("the trust file has more than {TRUST_LEN_MAX} bytes")]
    TooLong,
    /// It is not TOML, or not of this shape.
    #[error("the trust file: {0}")]
    Toml(#[from] toml::de::Error),
    /// It could not be written.
    #[error("the trust file cannot be written: {0}")]
    Write(#[from] toml::ser::Error),
    /// The policy in it.
    #[error("the trust file: {0}")]
    Policy(#[from] ParsePolicyError),
    /// An anchor in it.
    #[error("an anchor of the trust file: {0}")]
    Anchor(#[from] CertificateError),
    /// An issuer is there twice.
    #[error("the trust file names `{0}` twice: keep one")]
    Twice(IssuerId),
    /// There is no root of trust to write.
    #[error("the log has no root of trust yet")]
    NoRoot,
}

/// Whose key it is that a statement names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Known<'a> {
    pub(crate) key: &'a IssuerKey,
    pub(crate) from: u64,
    pub(crate) until: Option<u64>,
    pub(crate) why: &'a str,
    pub(crate) not_after: Option<Date>,
    pub(crate) role: Role<'a>,
}

/// What the owner of a key is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role<'a> {
    /// An officer of the root, so many of whom decide together.
    Officer {
        threshold: u32,
    },
    Issuer(Issuer, &'a Entitlement),
}

impl Trust {
    /// Reads a trust file.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        if text.len() > TRUST_LEN_MAX {
            return Err(TrustError::TooLong);
        }
        Self::of(toml::from_str(text)?)
    }

    /// The snapshot of a registry, with a C2SP `tlog-policy` for log and witnesses.
    pub fn of_registry(registry: &Registry, policy: &str) -> Result<Self, TrustError> {
        let root = registry.root().ok_or(TrustError::NoRoot)?;
        let former = root.former.iter().map(|former| (&former.keys, former.since, Some(former.until)));
        let roots = former.chain([(&root.keys, root.since, None)]);
        let officers = roots.flat_map(|(keys, from, until)| {
            keys.officers.iter().map(move |officer| TrustedOfficer {
                id: officer.issuer.clone(),
                key: officer.key.clone(),
                from,
                until,
                threshold: keys.threshold,
            })
        });
        Self::of(File {
            policy: policy.to_owned(),
            root: root.digest,
            size: registry.size(),
            anchors: Vec::new(),
            officers: officers.collect(),
            issuers: registry.issuers().map(|(id, record)| TrustedIssuer::of(id, record)).collect(),
        })
    }

    fn of(file: File) -> Result<Self, TrustError> {
        let policy = Policy::parse(file.policy.as_bytes())?;
        let mut ids: Vec<&IssuerId> = file.issuers.iter().map(|issuer| &issuer.id).collect();
        let in_force = file.officers.iter().filter(|officer| officer.until.is_none());
        ids.extend(in_force.map(|officer| &officer.id));
        ids.sort();
        if let Some(twice) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(TrustError::Twice(twice[0].clone()));
        }
        let anchors = file.anchors.iter().map(|pem| Anchor::from_pem(pem)).collect::<Result<_, _>>()?;
        Ok(Self { policy, file, anchors })
    }

    /// The file.
    pub fn to_toml(&self) -> Result<String, TrustError> {
        Ok(toml::to_string(&self.file)?)
    }

    /// Which log and witnesses are believed.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The text of that policy.
    pub fn policy_text(&self) -> &str {
        &self.file.policy
    }

    /// The digest of entry 0, byte for byte.
    pub fn root(&self) -> Digest {
        self.file.root
    }

    /// How many entries of the log had been seen when it was written.
    pub fn size(&self) -> u64 {
        self.file.size
    }

    /// Certificates that may vouch for keys.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// The officers of the root, in force and before.
    pub fn officers(&self) -> &[TrustedOfficer] {
        &self.file.officers
    }

    /// The issuers that it knows.
    pub fn issuers(&self) -> &[TrustedIssuer] {
        &self.file.issuers
    }

    /// Whether it knows this issuer, and the ranges of the key if it is its own; the last range is the newest.
    pub(crate) fn known(&self, id: &IssuerId, key: Digest) -> Option<Vec<Known<'_>>> {
        let officers: Vec<_> = self.file.officers.iter().filter(|officer| officer.id == *id).collect();
        let issuer = self.file.issuers.iter().find(|issuer| issuer.id == *id);
        if officers.is_empty() && issuer.is_none() {
            return None;
        }
        let as_officer = officers.into_iter().filter(|officer| officer.key.thumbprint() == key);
        let as_officer = as_officer.map(|officer| Known {
            key: &officer.key,
            from: officer.from,
            until: officer.until,
            why: "other officers followed",
            not_after: None,
            role: Role::Officer { threshold: officer.threshold },
        });
        let as_issuer = issuer.into_iter().flat_map(|issuer| {
            let who = Issuer { kind: issuer.kind, name: issuer.name.clone(), state: issuer.state };
            issuer.keys.iter().filter(|range| range.key.thumbprint() == key).map(move |range| Known {
                key: &range.key,
                from: range.from,
                until: range.until,
                why: range.ended.as_deref().unwrap_or("ended"),
                not_after: range.not_after,
                role: Role::Issuer(who.clone(), &issuer.may_say),
            })
        });
        Some(as_officer.chain(as_issuer).collect())
    }
}

impl TrustedIssuer {
    fn of(id: &IssuerId, record: &Record) -> Self {
        let Record { issuer, may_say, keys, .. } = record;
        Self {
            id: id.clone(),
            kind: issuer.kind,
            name: issuer.name.clone(),
            state: issuer.state,
            may_say: may_say.clone(),
            keys: keys.iter().map(TrustedKey::of).collect(),
        }
    }
}

impl TrustedKey {
    fn of(range: &KeyRange) -> Self {
        let KeyRange { key, not_after, from, ended } = range;
        let (until, why) = match ended {
            Some(Ended { entry, why, .. }) => (Some(*entry), Some(why.clone())),
            None => (None, None),
        };
        Self { key: key.clone(), from: *from, until, ended: why, not_after: *not_after }
    }
}

impl Entitlement {
    /// Whether it leaves an issuer all that its kind may say.
    pub fn is_whole(&self) -> bool {
        *self == Self::default()
    }
}
