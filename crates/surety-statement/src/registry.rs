//! Who may say what in a log, at each of its entries: a pure fold over the entries in order.
//!
//! Entry 0 is the root of trust: n officers, m of whom decide together. What they decide, and when, is in the log as
//! well: a decision counts from the entry at which m of them stand behind it, by signing it or by endorsing it. The
//! last one that counts applies. After a revocation nothing new counts; what was logged before stays.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use surety_core::Date;

use crate::admission::{
    Admission, AdmittedKey, Entitlement, KEYS_MAX, KeyRotation, LogPolicy, Revocation, RootKeys,
};
use crate::certificate::is_for_key;
use crate::content::{Content, Kind};
use crate::digest::Digest;
use crate::entitlement::may_say;
use crate::issuer::Issuer;
use crate::issuer_id::IssuerId;
use crate::key::{IssuerKey, KeyThumbprint, SignatureMismatch};
use crate::payload::{Payload, Place, Reference};
use crate::refusal::Refusal;
use crate::signed::{SignedStatement, Subject};
use crate::{Statement, time};

/// The most decisions that one officer may have open; the oldest gives way.
pub const OPEN_DECISIONS_MAX: usize = 16;

/// What a log's entries say about who may speak in it.
///
/// It keeps no payload: for each issuer its keys with the entries in which they count, its last number, and 16 bytes of
/// the digest of each payload and label. A clone is cheap until one of the two goes on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Registry {
    size: u64,
    rules: Arc<Rules>,
    sequences: HashMap<IssuerId, Arc<Sequence>>,
    open: Vec<Open>,
}

/// Who may say what as things stand: all that [`Rules::check`] needs. [`Registry::rules`] shares it with any number of
/// threads, and a statement that was checked by rules which have changed since is looked at again when it is accepted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    root: Option<Root>,
    issuers: BTreeMap<IssuerId, Record>,
    policy: Option<(u64, LogPolicy)>,
    /// How many decisions have counted.
    decisions: u64,
}

/// The root of trust in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// The digest of entry 0, byte for byte: what a reader pins.
    pub digest: Digest,
    /// The officers in force.
    pub keys: RootKeys,
    /// The first entry that they can sign.
    pub since: u64,
    /// The officers that were in force before, the oldest first.
    pub former: Vec<FormerRoot>,
}

/// Officers that another root has replaced. What they decided stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerRoot {
    /// The officers.
    pub keys: RootKeys,
    /// The first entry that they could sign.
    pub since: u64,
    /// The last: the one that replaced them.
    pub until: u64,
}

/// An admitted issuer.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Who it is, as statements in the world say it.
    pub issuer: Issuer,
    /// What it may say, where that is less than what its kind may.
    pub may_say: Entitlement,
    /// Its keys, with the entries in which each counts.
    pub keys: Vec<KeyRange>,
    /// The entry that admitted it, or changed that last.
    pub since: u64,
}

/// A key, and the entries in which it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The key.
    pub key: IssuerKey,
    /// Its last day, if it expires.
    pub not_after: Option<Date>,
    /// The first entry in which it counts.
    pub from: u64,
    /// What ended it.
    pub ended: Option<Ended>,
}

/// The end of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The entry that ended it: the last in which it could count.
    pub entry: u64,
    /// Whether it was revoked, and can never come back.
    pub revoked: bool,
    /// Why, in the words of the statement.
    pub why: String,
}

/// How far an issuer has come.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sequence {
    number: u64,
    payload: Option<Digest>,
    /// Of each payload, in order of number, 16 bytes of its digest: what refers to it must mean this one.
    payloads: Vec<[u8; 16]>,
    /// Of each label, 16 bytes of its digest.
    labels: HashSet<[u8; 16]>,
}

/// A decision that too few officers stand behind as yet.
#[derive(Debug, Clone, PartialEq)]
struct Open {
    reference: Reference,
    content: Arc<Content>,
    officers: BTreeSet<IssuerId>,
}

/// A statement that is good in itself: signed by a key that is admitted, of a known shape, and something that its
/// issuer may say. Whether it is its turn, [`Registry::accept`] tells.
#[derive(Debug, Clone)]
pub struct Checked {
    issuer: IssuerId,
    key: KeyThumbprint,
    not_after: Option<Date>,
    payload: Payload,
    digest: Digest,
    /// Of a root statement, the digest of the whole entry.
    entry: Option<Digest>,
    decisions: u64,
}

/// A statement that counts, at its place in the log.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// The entry.
    pub index: u64,
    /// The id of its issuer.
    pub id: IssuerId,
    /// Who the issuer is; none for an officer of the root.
    pub issuer: Option<Issuer>,
    /// What it says.
    pub payload: Payload,
    /// What identifies its payload in references.
    pub digest: Digest,
    /// The matter of trust that is decided with it.
    pub decided: Option<Arc<Content>>,
}

impl Accepted {
    /// The statement for the world, if it is a fact.
    pub fn statement(&self) -> Option<Statement> {
        self.payload.statement(self.issuer.as_ref()?)
    }

    /// How others refer to it.
    pub fn reference(&self) -> Reference {
        Reference { issuer: self.id.clone(), number: self.payload.number, sha256: self.digest }
    }
}

impl Checked {
    /// Who says it.
    pub fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The key that signed it.
    pub fn key(&self) -> KeyThumbprint {
        self.key
    }

    /// What it says.
    pub fn payload(&self) -> &Payload {
        &self.payload
    }

    /// What identifies its payload.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Checks that the key had not expired at a time, in seconds since 1970. The time must be the log's, or a
    /// witness's: never what the issuer says.
    pub fn check_time(&self, time: u64) -> Result<(), Refusal> {
        match self.not_after {
            Some(not_after) if time::day(time) > not_after => {
                Err(Refusal::KeyExpired { issuer: self.issuer.clone(), key: self.key, not_after })
            }
            _ => Ok(()),
        }
    }
}

impl Rules {
    /// The root of trust; none before entry 0.
    pub fn root(&self) -> Option<&Root> {
        self.root.as_ref()
    }

    /// The admitted issuers, in order of id.
    pub fn issuers(&self) -> impl Iterator<Item = (&IssuerId, &Record)> {
        self.issuers.iter()
    }

    /// An admitted issuer.
    pub fn issuer(&self, id: &IssuerId) -> Option<&Record> {
        self.issuers.get(id)
    }

    /// The policy in force, and the entry from which it is.
    pub fn policy(&self) -> Option<(u64, &LogPolicy)> {
        self.policy.as_ref().map(|(entry, policy)| (*entry, policy))
    }

    /// Checks all of a statement but whether it is its turn: encoding, key, signature, shape, and whether its issuer
    /// may say it. This is the expensive part, and any number of threads can do it at once.
    pub fn check(&self, bytes: &[u8]) -> Result<Checked, Refusal> {
        self.check_signed(&SignedStatement::parse(bytes)?)
    }

    /// The same for a statement that was read already.
    pub fn check_signed(&self, signed: &SignedStatement) -> Result<Checked, Refusal> {
        self.check_with(signed, SignedStatement::verify)
    }

    /// The same without a look at the signature: for an entry of a log whose signatures this machine has verified
    /// before, up to a root that has the entry.
    pub fn check_but_signature(&self, bytes: &[u8]) -> Result<Checked, Refusal> {
        self.check_with(&SignedStatement::parse(bytes)?, |_, _| Ok(()))
    }

    fn check_with(
        &self,
        signed: &SignedStatement,
        verify: impl Fn(&SignedStatement, &IssuerKey) -> Result<(), SignatureMismatch>,
    ) -> Result<Checked, Refusal> {
        if signed.envelope().is_some() {
            return Err(Refusal::Envelope);
        }
        let issuer = signed.issuer();
        let Some(_) = &self.root else { return self.check_founding(signed) };
        let (key, not_after) = self.key(issuer, signed.key())?;
        verify(signed, key).map_err(|_| Refusal::Signature(issuer.clone()))?;
        check_certificate(signed, key)?;
        let payload = signed.payload()?;
        self.check_may_say(issuer, &payload)?;
        Ok(self.checked(signed, payload, not_after))
    }

    /// What was checked by rules that may have changed since, as it is by these: whether its key still counts, and whether
    /// its issuer may still say it. A key may have another last day now.
    pub fn renew(&self, checked: Checked) -> Result<Checked, Refusal> {
        if checked.decisions == self.decisions {
            return Ok(checked);
        }
        let (_, not_after) = self.key(&checked.issuer, checked.key)?;
        self.check_may_say(&checked.issuer, &checked.payload)?;
        Ok(Checked { not_after, decisions: self.decisions, ..checked })
    }

    /// The root of trust is signed by one of the officers that it names. Whether it is the right one, its reader
    /// knows: the digest of entry 0 is what a trust file pins.
    fn check_founding(&self, signed: &SignedStatement) -> Result<Checked, Refusal> {
        let payload = signed.payload().map_err(|_| Refusal::NoRoot)?;
        let Content::Root(root) = &payload.content else { return Err(Refusal::NoRoot) };
        let key = root.key(signed.issuer()).ok_or(Refusal::NoRoot)?;
        signed.verify(key).map_err(|_| Refusal::Signature(signed.issuer().clone()))?;
        check_certificate(signed, key)?;
        Ok(self.checked(signed, payload, None))
    }

    fn checked(&self, signed: &SignedStatement, payload: Payload, not_after: Option<Date>) -> Checked {
        Checked {
            issuer: signed.issuer().clone(),
            key: signed.key(),
            not_after,
            digest: signed.payload_digest(),
            entry: (payload.kind() == Kind::Root).then(|| Digest::of(signed.bytes())),
            payload,
            decisions: self.decisions,
        }
    }

    /// The key of an issuer that counts now.
    fn key(&self, issuer: &IssuerId, key: KeyThumbprint) -> Result<(&IssuerKey, Option<Date>), Refusal> {
        let unknown = || Refusal::UnknownKey { issuer: issuer.clone(), key };
        if let Some(officer) = self.officer(issuer) {
            return if officer.thumbprint() == key { Ok((officer, None)) } else { Err(unknown()) };
        }
        let record = self.issuers.get(issuer).ok_or_else(|| Refusal::UnknownIssuer(issuer.clone()))?;
        let range = record.range(key).ok_or_else(unknown)?;
        match &range.ended {
            None => Ok((&range.key, range.not_after)),
            Some(Ended { entry, why, .. }) => {
                Err(Refusal::KeyEnded { issuer: issuer.clone(), key, entry: *entry, why: why.clone() })
            }
        }
    }

    /// The key of an officer of the root.
    fn officer(&self, issuer: &IssuerId) -> Option<&IssuerKey> {
        self.root.as_ref()?.keys.key(issuer)
    }

    fn check_may_say(&self, id: &IssuerId, payload: &Payload) -> Result<(), Refusal> {
        let refused =
            |why: &str| Refusal::MayNotSay { issuer: id.clone(), kind: payload.kind(), why: why.to_owned() };
        let about_policy = payload.subject == Subject::Policy;
        if self.officer(id).is_some() {
            return if about_policy {
                Ok(())
            } else {
                Err(refused("an officer of the root decides who may speak, and says nothing of the world"))
            };
        }
        let record = self.issuers.get(id).ok_or_else(|| Refusal::UnknownIssuer(id.clone()))?;
        match &payload.content {
            Content::Revocation(revocation) if revocation.issuer == *id => Ok(()),
            _ if about_policy => Err(refused("only officers of the root decide who may speak")),
            _ => may_say(&record.issuer, &record.may_say, payload).map_err(|why| refused(&why)),
        }
    }
}

impl Registry {
    /// The registry of an empty log: it accepts a root of trust and nothing else.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries it has seen.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Goes on to an entry without accepting those before it: they do not count.
    pub fn skip_to(&mut self, index: u64) {
        self.size = self.size.max(index);
    }

    /// Who may say what, to be shared with other threads.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules)
    }

    /// The root of trust; none before entry 0.
    pub fn root(&self) -> Option<&Root> {
        self.rules.root()
    }

    /// The admitted issuers, in order of id.
    pub fn issuers(&self) -> impl Iterator<Item = (&IssuerId, &Record)> {
        self.rules.issuers()
    }

    /// An admitted issuer.
    pub fn issuer(&self, id: &IssuerId) -> Option<&Record> {
        self.rules.issuer(id)
    }

    /// The policy in force, and the entry from which it is.
    pub fn policy(&self) -> Option<(u64, &LogPolicy)> {
        self.rules.policy()
    }

    /// Checks all of a statement but whether it is its turn: [`Rules::check`].
    pub fn check(&self, bytes: &[u8]) -> Result<Checked, Refusal> {
        self.rules.check(bytes)
    }

    /// How many statements of an issuer have counted.
    pub fn count(&self, issuer: &IssuerId) -> u64 {
        self.sequences.get(issuer).map_or(0, |sequence| sequence.number)
    }

    /// The place of the next statement of an issuer.
    pub fn next_place(&self, issuer: &IssuerId) -> Place {
        match self.sequences.get(issuer).map(|sequence| (sequence.number, sequence.payload)) {
            Some((number, Some(payload))) => Place::after(number, payload),
            _ => Place::FIRST,
        }
    }

    /// The decisions that too few officers stand behind as yet, with those who do.
    pub fn open_decisions(&self) -> impl Iterator<Item = (&Reference, &Content, &BTreeSet<IssuerId>)> {
        self.open.iter().map(|open| (&open.reference, &*open.content, &open.officers))
    }

    /// Takes a checked statement in at its place in the log: its number and its `previous` must be next, its label
    /// new, its key not ended in the meantime. Cheap. When it is refused, nothing has changed.
    pub fn accept(&mut self, checked: Checked, index: u64) -> Result<Accepted, Refusal> {
        if index < self.size {
            return Err(Refusal::Policy(format!("entry {index} comes after entry {}", self.size)));
        }
        if self.rules.root.is_none() && index != 0 {
            return Err(Refusal::NoRoot);
        }
        let checked = self.rules.renew(checked)?;
        self.check_turn(&checked)?;
        self.check_references(&checked)?;
        let decided = self.decide(&checked, index)?;
        self.advance(&checked, index);
        let Checked { issuer: id, payload, digest, .. } = checked;
        let issuer = self.rules.issuer(&id).map(|record| record.issuer.clone());
        Ok(Accepted { index, id, issuer, payload, digest, decided })
    }

    fn check_turn(&self, checked: &Checked) -> Result<(), Refusal> {
        let payload = &checked.payload;
        let issuer = || checked.issuer.clone();
        let sequence = self.sequences.get(&checked.issuer);
        let place = self.next_place(&checked.issuer);
        if payload.number != place.number {
            let last = sequence
                .is_some_and(|last| last.number == payload.number && last.payload == Some(checked.digest));
            return Err(if last {
                Refusal::AlreadyLogged { issuer: issuer(), number: payload.number }
            } else {
                Refusal::Number { issuer: issuer(), expected: place.number, found: payload.number }
            });
        }
        if payload.previous != place.previous {
            let (number, expected) = (payload.number, place.previous);
            return Err(Refusal::Previous { issuer: issuer(), number, expected });
        }
        if let (Some(label), Some(sequence)) = (&payload.id, sequence)
            && payload.corrects.is_none()
            && sequence.labels.contains(&label_digest(label))
        {
            return Err(Refusal::Label { issuer: issuer(), label: label.clone() });
        }
        Ok(())
    }

    /// What it refers to must be in the log before it.
    fn check_references(&self, checked: &Checked) -> Result<(), Refusal> {
        let Payload { corrects, refers_to, .. } = &checked.payload;
        let own =
            corrects.iter().chain(refers_to.iter().filter(|_| checked.payload.kind() == Kind::Withdrawal));
        if let Some(other) = own.clone().find(|reference| reference.issuer != checked.issuer) {
            return Err(Refusal::Reference(format!(
                "`{}` can correct or withdraw its own statements only, not those of `{}`",
                checked.issuer, other.issuer
            )));
        }
        corrects.iter().chain(refers_to).try_for_each(|other| self.check_reference(other))
    }

    /// A statement is in the log when its number is, with this payload.
    fn check_reference(&self, other: &Reference) -> Result<(), Refusal> {
        let Reference { issuer, number, sha256 } = other;
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        match self.sequences.get(issuer).and_then(|sequence| sequence.payloads.get(place)) {
            Some(payload) if *payload == half(*sha256) => Ok(()),
            Some(_) => Err(Refusal::Reference(format!(
                "statement {number} of `{issuer}` has another payload than the one with this digest"
            ))),
            None => Err(Refusal::Reference(format!("`{issuer}` has made no statement {number} yet"))),
        }
    }

    fn advance(&mut self, checked: &Checked, index: u64) {
        let sequence = Arc::make_mut(self.sequences.entry(checked.issuer.clone()).or_default());
        sequence.number = checked.payload.number;
        sequence.payload = Some(checked.digest);
        sequence.payloads.push(half(checked.digest));
        if let Some(label) = &checked.payload.id {
            sequence.labels.insert(label_digest(label));
        }
        self.size = index.saturating_add(1);
    }
}

/// The certificate that a statement carries first, if it carries any, must be for the key that signed it.
fn check_certificate(signed: &SignedStatement, key: &IssuerKey) -> Result<(), Refusal> {
    match signed.certificates().first() {
        Some(certificate) => Ok(is_for_key(certificate, key)?),
        None => Ok(()),
    }
}

fn label_digest(label: &str) -> [u8; 16] {
    half(Digest::of(label.as_bytes()))
}

/// Half of a digest: as many bits as a collision resists, at half the memory.
fn half(Digest(digest): Digest) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

/// Decisions of the officers of the root.
impl Registry {
    /// What this statement decides, if it does; it is in force when this returns.
    fn decide(&mut self, checked: &Checked, index: u64) -> Result<Option<Arc<Content>>, Refusal> {
        let payload = &checked.payload;
        let (content, officers) = match (&payload.content, &payload.refers_to) {
            (Content::Revocation(revocation), _) if revocation.issuer == checked.issuer => (None, usize::MAX),
            (content, _) if content.kind().is_trust() => (None, 1),
            (Content::Fact(_), Some(reference)) if payload.subject == Subject::Policy => {
                let open = self.endorsed(checked, reference)?;
                (Some(Arc::clone(&open.content)), open.officers.len() + 1)
            }
            _ => return Ok(None),
        };
        let endorses = content.is_some();
        let content = content.unwrap_or_else(|| Arc::new(payload.content.clone()));
        self.rules.check_decision(&content)?;
        // The first root decides for itself.
        let needed = self.rules.root.as_ref().map_or(1, |root| root.keys.threshold);
        if officers >= usize::try_from(needed).unwrap_or(usize::MAX) {
            self.apply(&content, checked, index);
            return Ok(Some(content));
        }
        match payload.refers_to.as_ref().filter(|_| endorses) {
            Some(reference) => self.endorse(reference, &checked.issuer),
            None => self.propose(content, checked),
        }
        Ok(None)
    }

    /// The open decision that an officer endorses.
    fn endorsed(&self, checked: &Checked, reference: &Reference) -> Result<&Open, Refusal> {
        let open = self.open.iter().find(|open| open.reference == *reference);
        let open = open.ok_or_else(|| {
            Refusal::Reference("no decision with this issuer, number and digest is open".to_owned())
        })?;
        if open.officers.contains(&checked.issuer) {
            return Err(Refusal::Policy(format!("`{}` stands behind it already", checked.issuer)));
        }
        Ok(open)
    }

    fn endorse(&mut self, reference: &Reference, officer: &IssuerId) {
        for open in self.open.iter_mut().filter(|open| open.reference == *reference) {
            open.officers.insert(officer.clone());
        }
    }

    fn propose(&mut self, content: Arc<Content>, checked: &Checked) {
        let by_same = |open: &Open| open.reference.issuer == checked.issuer;
        if self.open.iter().filter(|open| by_same(open)).count() >= OPEN_DECISIONS_MAX
            && let Some(oldest) = self.open.iter().position(by_same)
        {
            self.open.remove(oldest);
        }
        let Checked { issuer, payload, digest, .. } = checked;
        let reference = Reference { issuer: issuer.clone(), number: payload.number, sha256: *digest };
        self.open.push(Open { reference, content, officers: BTreeSet::from([issuer.clone()]) });
    }

    /// Puts a decision in force from the next entry on.
    fn apply(&mut self, content: &Content, checked: &Checked, index: u64) {
        if let Content::Root(_) = content {
            // What others began is theirs: new officers begin anew.
            self.open.clear();
        }
        if let Some(reference) = &checked.payload.refers_to {
            self.open.retain(|open| open.reference != *reference);
        }
        Arc::make_mut(&mut self.rules).apply(content, checked, index);
    }
}

impl Root {
    fn replaced_by(self, keys: RootKeys, index: u64) -> Self {
        let Self { digest, keys: replaced, since, mut former } = self;
        former.push(FormerRoot { keys: replaced, since, until: index });
        Self { digest, keys, since: index.saturating_add(1), former }
    }
}

/// What decisions ask, and what they change.
impl Rules {
    /// Whether a decision can be: it must make sense as things stand.
    fn check_decision(&self, content: &Content) -> Result<(), Refusal> {
        let refused = |why: String| Err(Refusal::Policy(why));
        match content {
            Content::Root(root) => {
                let admitted = root.officers.iter().find(|officer| {
                    let key = officer.key.thumbprint();
                    let has_key = |record: &Record| record.range(key).is_some();
                    self.issuers.contains_key(&officer.issuer) || self.issuers.values().any(has_key)
                });
                match admitted {
                    Some(officer) => refused(format!(
                        "`{}`, or its key, is an admitted issuer: officers of the root are apart from issuers",
                        officer.issuer
                    )),
                    None => Ok(()),
                }
            }
            Content::Issuer(admission) if self.officer(&admission.issuer).is_some() => {
                refused(format!("`{}` is an officer of the root", admission.issuer))
            }
            Content::Issuer(admission) => self.check_new_keys(&admission.issuer, &admission.keys),
            Content::KeyRotation(rotation) => {
                self.check_known(&rotation.issuer, &rotation.retire)?;
                self.check_new_keys(&rotation.issuer, &rotation.add)
            }
            Content::Revocation(revocation) => self.check_known(&revocation.issuer, &revocation.keys),
            Content::Policy(_) => Ok(()),
            _ => refused(format!("a {} is no matter of trust", content.kind())),
        }
    }

    fn check_known(&self, issuer: &IssuerId, keys: &[KeyThumbprint]) -> Result<(), Refusal> {
        let record = self.issuers.get(issuer).ok_or_else(|| Refusal::UnknownIssuer(issuer.clone()))?;
        match keys.iter().find(|key| record.range(**key).is_none()) {
            Some(key) => Err(Refusal::UnknownKey { issuer: issuer.clone(), key: *key }),
            None => Ok(()),
        }
    }

    /// A key belongs to one issuer, and a revoked one to nobody.
    fn check_new_keys(&self, issuer: &IssuerId, keys: &[AdmittedKey]) -> Result<(), Refusal> {
        for AdmittedKey { key, .. } in keys {
            let short = key.thumbprint().short();
            if self.owner(key).is_some_and(|owner| owner != issuer) {
                return Err(Refusal::Policy(format!("the key {short} belongs to another issuer")));
            }
            let own = self.issuers.get(issuer).and_then(|record| record.range(key.thumbprint()));
            if own.and_then(|range| range.ended.as_ref()).is_some_and(|ended| ended.revoked) {
                return Err(Refusal::Policy(format!("the key {short} was revoked and cannot come back")));
            }
        }
        let known = self.issuers.get(issuer).map_or(0, |record| record.keys.len());
        if known + keys.len() > 2 * KEYS_MAX {
            return Err(Refusal::Policy(format!(
                "`{issuer}` has had too many keys: admit it under another id"
            )));
        }
        Ok(())
    }

    /// Whose key it is, or was.
    fn owner(&self, key: &IssuerKey) -> Option<&IssuerId> {
        let officers = self.root.iter().flat_map(|root| &root.keys.officers);
        let officer = officers.filter(|officer| officer.key == *key).map(|officer| &officer.issuer);
        let issuers = self.issuers.iter().filter(|(_, record)| record.range(key.thumbprint()).is_some());
        officer.chain(issuers.map(|(id, _)| id)).next()
    }

    /// Puts a decision in force from the next entry on.
    fn apply(&mut self, content: &Content, checked: &Checked, index: u64) {
        self.decisions += 1;
        match content {
            Content::Root(keys) => {
                let founding = checked.entry.unwrap_or(checked.digest);
                self.root = Some(match self.root.take() {
                    None => Root { digest: founding, keys: keys.clone(), since: index, former: Vec::new() },
                    Some(root) => root.replaced_by(keys.clone(), index),
                });
            }
            Content::Issuer(admission) => self.admit(admission, index),
            Content::KeyRotation(KeyRotation { issuer, add, retire }) => {
                if let Some(record) = self.issuers.get_mut(issuer) {
                    record.end(|key| retire.contains(&key), index, false, "retired");
                    record.add(add, index);
                }
            }
            Content::Revocation(Revocation { issuer, keys, reason }) => {
                if let Some(record) = self.issuers.get_mut(issuer) {
                    let why = format!("revoked: {reason}");
                    record.end(|key| keys.is_empty() || keys.contains(&key), index, true, &why);
                }
            }
            Content::Policy(policy) => self.policy = Some((index, policy.clone())),
            Content::Fact(_)
            | Content::ListCoverage(_)
            | Content::OfficialCount(_)
            | Content::Compilation(_) => {}
        }
    }

    fn admit(&mut self, admission: &Admission, index: u64) {
        let Admission { issuer: id, kind, name, state, keys, may_say } = admission;
        let issuer = Issuer { kind: *kind, name: name.clone(), state: *state };
        let before = self.issuers.get(id).map(|record| record.keys.clone()).unwrap_or_default();
        let mut record = Record { issuer, may_say: may_say.clone(), keys: before, since: index };
        let stays = |key: KeyThumbprint| keys.iter().any(|kept| kept.key.thumbprint() == key);
        record.end(|key| !stays(key), index, false, "left out of a later admission");
        record.add(keys, index);
        self.issuers.insert(id.clone(), record);
    }
}

impl Record {
    /// The range of a key in which it counts, or the last in which it did.
    pub fn range(&self, key: KeyThumbprint) -> Option<&KeyRange> {
        self.keys.iter().rev().find(|range| range.key.thumbprint() == key)
    }

    /// The keys that count now.
    pub fn active_keys(&self) -> impl Iterator<Item = &KeyRange> {
        self.keys.iter().filter(|range| range.ended.is_none())
    }

    fn end(&mut self, which: impl Fn(KeyThumbprint) -> bool, entry: u64, revoked: bool, why: &str) {
        for range in self.keys.iter_mut().filter(|range| which(range.key.thumbprint())) {
            match &mut range.ended {
                Some(ended) => ended.revoked |= revoked,
                None => range.ended = Some(Ended { entry, revoked, why: why.to_owned() }),
            }
        }
    }

    fn add(&mut self, keys: &[AdmittedKey], entry: u64) {
        for AdmittedKey { key, not_after } in keys {
            let active = self.keys.iter_mut().find(|range| range.key == *key && range.ended.is_none());
            match active {
                Some(range) => range.not_after = *not_after,
                None => self.keys.push(KeyRange {
                    key: key.clone(),
                    not_after: *not_after,
                    from: entry.saturating_add(1),
                    ended: None,
                }),
            }
        }
    }
}
