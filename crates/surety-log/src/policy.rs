//! Which logs are believed, and which witnesses must have seen a checkpoint first (C2SP `tlog-policy`).

use std::collections::HashMap;

use crate::key::{KeyError, SignatureType, VerifierKey};
use crate::note::{NoteError, SIGNATURES_MAX, Verified};
use crate::signed::{CheckpointError, SignedCheckpoint};
use crate::text;

/// The most bytes of a policy.
pub const POLICY_LEN_MAX: usize = 1024 * 1024;

/// The most logs, the most witnesses and the most groups: a note cannot have more signatures.
const DEFINITIONS_MAX: usize = SIGNATURES_MAX;

/// The name for no quorum, and of no witness.
const NONE: &[u8] = b"none";

/// A witness of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyWitness {
    /// What the policy calls it.
    pub name: String,
    /// Its key.
    pub key: VerifierKey,
    /// Where it answers, if the policy says so.
    pub url: Option<String>,
}

/// A log of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyLog {
    /// Its key; the name of the key is the origin of the log.
    pub key: VerifierKey,
    /// Where it answers, if the policy says so.
    pub url: Option<String>,
}

/// Who must have cosigned.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Nobody,
    Witness(usize),
    AtLeast(usize, Vec<Rule>),
}

impl Rule {
    fn holds(&self, cosigned: &[bool]) -> bool {
        match self {
            Self::Nobody => true,
            Self::Witness(index) => cosigned.get(*index).copied().unwrap_or(false),
            Self::AtLeast(needed, members) => {
                members.iter().filter(|member| member.holds(cosigned)).count() >= *needed
            }
        }
    }
}

/// The rule by which a checkpoint counts: signed by one of the logs, and cosigned by a quorum of witnesses.
///
/// Groups in groups say, for instance, that one witness of each of three regions must have signed, so that
/// no bloc can vouch alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    quorum: Rule,
}

/// A cosignature that counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The witness, as the policy calls it.
    pub witness: String,
    /// When it saw the checkpoint, in seconds since 1970; zero when it does not say.
    pub time: u64,
}

/// Why a checkpoint does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The log did not sign it, or it is damaged.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Too few witnesses.
    #[error(
        "too few witnesses saw this checkpoint: {} of those that the policy names did, and that is no quorum",
        .cosigned.len()
    )]
    NoQuorum {
        /// The witnesses that did.
        cosigned: Vec<Cosigned>,
    },
}

impl Policy {
    /// Reads a policy.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParsePolicyError> {
        let mut draft = Draft::default();
        if bytes.len() > POLICY_LEN_MAX {
            return Err(ParsePolicyError { line: 0, why: PolicyProblem::TooLong(bytes.len()) });
        }
        let mut last = 1;
        for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
            draft.read(line).map_err(|why| ParsePolicyError { line: number, why })?;
            last = number;
        }
        let quorum = draft.quorum.ok_or(ParsePolicyError { line: last, why: PolicyProblem::NoQuorumLine })?;
        Ok(Self { logs: draft.logs, witnesses: draft.witnesses, quorum })
    }

    /// A policy that believes one log, and asks for no witness: a split view would go unseen.
    pub fn log_only(key: VerifierKey) -> Self {
        Self { logs: vec![PolicyLog { key, url: None }], witnesses: Vec::new(), quorum: Rule::Nobody }
    }

    /// The logs it believes.
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses it knows.
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether it asks for any witness.
    pub fn asks_witnesses(&self) -> bool {
        self.quorum != Rule::Nobody
    }

    /// Checks a checkpoint: signed by one of the logs, and by a quorum of the witnesses. Gives the
    /// cosignatures of all known witnesses.
    pub fn check(&self, signed: &SignedCheckpoint) -> Result<Vec<Cosigned>, PolicyError> {
        signed.verify(self.logs.iter().map(|log| &log.key))?;
        let by_witness: Vec<Vec<Cosigned>> =
            self.witnesses.iter().map(|witness| witness.cosigned(signed)).collect::<Result<_, _>>()?;
        let has_cosigned: Vec<bool> = by_witness.iter().map(|cosigned| !cosigned.is_empty()).collect();
        let cosigned = by_witness.into_iter().flatten().collect();
        if self.quorum.holds(&has_cosigned) { Ok(cosigned) } else { Err(PolicyError::NoQuorum { cosigned }) }
    }
}

impl PolicyWitness {
    fn cosigned(&self, signed: &SignedCheckpoint) -> Result<Vec<Cosigned>, CheckpointError> {
        match signed.note().verify([&self.key]) {
            Ok(verified) => {
                let time = |verified: &Verified| verified.time.unwrap_or(0);
                let cosigned = |verified| Cosigned { witness: self.name.clone(), time: time(verified) };
                Ok(verified.iter().map(cosigned).collect())
            }
            Err(NoteError::NoTrustedKey(_)) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A policy cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {why}")]
pub struct ParsePolicyError {
    /// The line, from 1 on.
    pub line: usize,
    /// What is wrong.
    pub why: PolicyProblem,
}

/// What is wrong with a line of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyProblem {
    /// More bytes than allowed.
    #[error("it has {0} bytes, and {POLICY_LEN_MAX} are allowed")]
    TooLong(usize),
    /// More logs, witnesses or groups than allowed.
    #[error("there are more than {DEFINITIONS_MAX} of them")]
    TooMany,
    /// The file was cut off.
    #[error("it does not end in a newline: the file may have been cut off")]
    NoNewline,
    /// A control character.
    #[error("it has the byte {0:#04x}, which is neither text nor a tab")]
    Control(u8),
    /// An unknown line.
    #[error("`{0}` is not a line of a policy: write log, witness, group or quorum")]
    Keyword(String),
    /// Too few or too many words.
    #[error("write `{0}`")]
    Words(&'static str),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A key that makes another kind of signature.
    #[error("`{0}` is not a key of a {1}")]
    KeyType(String, &'static str),
    /// The same key twice.
    #[error("the key of `{0}` stands on an earlier line already, perhaps under another name")]
    DuplicateKey(String),
    /// A name that is taken.
    #[error("the name `{0}` is taken")]
    NameTaken(String),
    /// A name that no earlier line defines.
    #[error("no witness or group called `{0}` is defined above")]
    UnknownName(String),
    /// A member of two groups.
    #[error("`{0}` is a member of a group already: it can count in one way only")]
    UsedTwice(String),
    /// A threshold that no set of members can reach, or that asks for none.
    #[error("`{0}` is not a threshold for {1} members: use any, all, or a number from 1 to {1}")]
    Threshold(String, usize),
    /// A second quorum.
    #[error("a policy has one quorum line, and this is the second")]
    SecondQuorum,
    /// No quorum.
    #[error("there is no quorum line: write `quorum none` if no witness is needed")]
    NoQuorumLine,
}

/// The policy as far as it was read.
#[derive(Default)]
struct Draft {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    names: HashMap<Vec<u8>, Named>,
    quorum: Option<Rule>,
}

struct Named {
    rule: Rule,
    in_group: bool,
}

impl Draft {
    fn read(&mut self, line: &[u8]) -> Result<(), PolicyProblem> {
        let line = line.strip_suffix(b"\n").ok_or(PolicyProblem::NoNewline)?;
        if let Some(byte) = line.iter().find(|byte| matches!(byte, 0..=8 | 10..=31 | 127)) {
            return Err(PolicyProblem::Control(*byte));
        }
        let words: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"log", ..] => Err(PolicyProblem::Words("log <vkey> [<url>]")),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"witness", ..] => Err(PolicyProblem::Words("witness <name> <vkey> [<url>]")),
            [b"group", name, threshold, ref members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"group", ..] => Err(PolicyProblem::Words("group <name> all|any|<k> <name>...")),
            [b"quorum", name] => self.quorum(name),
            [b"quorum", ..] => Err(PolicyProblem::Words("quorum <name>|none")),
            [other, ..] => Err(PolicyProblem::Keyword(shown(other))),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), PolicyProblem> {
        let key = parse_key(key)?;
        if key.signature_type() == SignatureType::Cosignature {
            return Err(PolicyProblem::KeyType(key.name().to_string(), "log"));
        }
        check_new(&key, &self.logs.iter().map(|log| &log.key).collect::<Vec<_>>())?;
        self.logs.push(PolicyLog { key, url: url.map(shown) });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), PolicyProblem> {
        let key = parse_key(key)?;
        if key.signature_type() == SignatureType::Ed25519 {
            return Err(PolicyProblem::KeyType(key.name().to_string(), "witness"));
        }
        check_new(&key, &self.witnesses.iter().map(|witness| &witness.key).collect::<Vec<_>>())?;
        self.define(name, Rule::Witness(self.witnesses.len()))?;
        self.witnesses.push(PolicyWitness { name: shown(name), key, url: url.map(shown) });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], members: &[&[u8]]) -> Result<(), PolicyProblem> {
        let mut rules = Vec::new();
        for member in members {
            let named =
                self.names.get_mut(*member).ok_or_else(|| PolicyProblem::UnknownName(shown(member)))?;
            if named.in_group {
                return Err(PolicyProblem::UsedTwice(shown(member)));
            }
            named.in_group = true;
            rules.push(named.rule.clone());
        }
        let needed = match threshold {
            b"any" => Some(1),
            b"all" => Some(rules.len()),
            number => parse_threshold(number).filter(|needed| (1..=rules.len()).contains(needed)),
        };
        let needed = needed.ok_or_else(|| PolicyProblem::Threshold(shown(threshold), rules.len()))?;
        self.define(name, Rule::AtLeast(needed, rules))
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyProblem> {
        if self.quorum.is_some() {
            return Err(PolicyProblem::SecondQuorum);
        }
        let rule =
            if name == NONE { Some(Rule::Nobody) } else { self.names.get(name).map(|n| n.rule.clone()) };
        self.quorum = Some(rule.ok_or_else(|| PolicyProblem::UnknownName(shown(name)))?);
        Ok(())
    }

    fn define(&mut self, name: &[u8], rule: Rule) -> Result<(), PolicyProblem> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyProblem::NameTaken(shown(name)));
        }
        if self.names.len() >= 2 * DEFINITIONS_MAX {
            return Err(PolicyProblem::TooMany);
        }
        self.names.insert(name.to_vec(), Named { rule, in_group: false });
        Ok(())
    }
}

fn parse_key(text: &[u8]) -> Result<VerifierKey, PolicyProblem> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::Form(shown(text)))?;
    Ok(text.parse()?)
}

/// The number of keys, and that each is there once, whatever it is called.
fn check_new(key: &VerifierKey, known: &[&VerifierKey]) -> Result<(), PolicyProblem> {
    if known.len() == DEFINITIONS_MAX {
        return Err(PolicyProblem::TooMany);
    }
    if known.iter().any(|other| other.public_bytes() == key.public_bytes()) {
        return Err(PolicyProblem::DuplicateKey(key.name().to_string()));
    }
    Ok(())
}

fn parse_threshold(word: &[u8]) -> Option<usize> {
    let number = text::parse_decimal(std::str::from_utf8(word).ok()?, u64::from(u32::MAX))?;
    usize::try_from(number).ok()
}

/// Names are bytes; people read them as text.
fn shown(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::key::{SEED_LEN, Signer, SignerKey};
    use crate::tree::Hash;
    use proptest::prelude::*;

    pub(crate) fn log_key() -> SignerKey {
        SignerKey::from_seed("log.example".parse().unwrap(), SignatureType::Ed25519, &[100; SEED_LEN])
            .unwrap()
    }

    pub(crate) fn witness_key(number: u8) -> SignerKey {
        let kind = if number.is_multiple_of(2) { SignatureType::Cosignature } else { SignatureType::MlDsa44 };
        SignerKey::from_seed(format!("w{number}.example").parse().unwrap(), kind, &[number; SEED_LEN])
            .unwrap()
    }

    pub(crate) fn cosigned_by(witnesses: &[u8]) -> SignedCheckpoint {
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 1, Hash([1; 32])).unwrap();
        let keys: Vec<SignerKey> = witnesses.iter().map(|number| witness_key(*number)).collect();
        let log = log_key();
        let signers: Vec<&dyn Signer> =
            [&log as &dyn Signer].into_iter().chain(keys.iter().map(|key| key as &dyn Signer)).collect();
        SignedCheckpoint::sign(checkpoint, &signers, 7_000).unwrap()
    }

    /// A policy whose `{w1}` and `{log}` stand for keys.
    fn filled(text: &str) -> String {
        let log = text.replace("{log}", &log_key().verifier().to_string());
        (1..=6).fold(log, |text, number| {
            text.replace(&format!("{{w{number}}}"), &witness_key(number).verifier().to_string())
        })
    }

    fn policy(text: &str) -> Result<Policy, ParsePolicyError> {
        Policy::parse(filled(text).as_bytes())
    }

    const REGIONS: &str = "# one of each region\nlog {log} https://log.example/\n\n\
        witness A1 {w1}\nwitness\tA2  {w2} https://w2.example\n  witness B1 {w3}\n witness B2 {w4} \nwitness C {w5}\n\
        group A any A1 A2\ngroup B 1 B1 B2\n  # comment\ngroup regions all A B C\nquorum regions\n";

    #[test]
    fn no_region_can_vouch_alone() {
        let policy = policy(REGIONS).unwrap();
        for good in [&[1u8, 3, 5][..], &[2, 4, 5], &[1, 2, 3, 4, 5], &[5, 4, 1, 6]] {
            assert!(policy.check(&cosigned_by(good)).is_ok(), "{good:?}");
        }
        for bad in [&[][..], &[1, 2], &[1, 3], &[1, 2, 3, 4], &[5], &[6], &[1, 1, 1]] {
            let error = policy.check(&cosigned_by(bad)).unwrap_err();
            assert!(matches!(error, PolicyError::NoQuorum { .. }), "{bad:?}: {error}");
        }
        let cosigned = policy.check(&cosigned_by(&[2, 4, 5])).unwrap();
        assert_eq!(cosigned[0], Cosigned { witness: "A2".to_owned(), time: 7_000 });
        assert_eq!(policy.witnesses()[1].url.as_deref(), Some("https://w2.example"));
    }

    #[test]
    fn witnesses_do_not_stand_in_for_the_log() {
        let policy = policy(REGIONS).unwrap();
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 1, Hash([1; 32])).unwrap();
        let keys: Vec<SignerKey> = [1, 3, 5].map(witness_key).into();
        let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
        let signed = SignedCheckpoint::sign(checkpoint, &signers, 0).unwrap();
        assert!(matches!(policy.check(&signed), Err(PolicyError::Checkpoint(_))));
    }

    #[test]
    fn a_bad_signature_of_a_witness_is_no_silence() {
        let policy = policy("log {log}\nwitness w1 {w1}\nwitness w2 {w2}\nquorum w1\n").unwrap();
        let good = cosigned_by(&[1, 2]);
        assert!(policy.check(&good).is_ok());
        let line = good.to_string().lines().last().unwrap().to_owned();
        let (start, end) = line.split_at(line.len() - 20);
        let damaged = format!("{start}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
        let bad = SignedCheckpoint::parse(good.to_string().replace(&line, &damaged).as_bytes()).unwrap();
        assert!(matches!(policy.check(&bad), Err(PolicyError::Checkpoint(_))));
    }

    #[test]
    fn a_policy_that_cannot_be_used_says_which_line() {
        for (line, bad) in [
            (2, "quorum none\nquorum none\n"),
            (1, "quorum nobody\n"),
            (1, "quorum\n"),
            (1, "quorum none none\n"),
            (1, "Quorum none\n"),
            (1, "log {w2}\n"),
            (1, "log {log} url more\n"),
            (2, "log {log}\nlog {log}\n"),
            (1, "log nonsense\n"),
            (1, "witness w {log}\n"),
            (1, "witness w\n"),
            (1, "witness none {w1}\n"),
            (2, "witness w {w1}\nwitness w {w2}\n"),
            (2, "witness w {w1}\nwitness v {w1}\n"),
            (2, "witness w {w1}\ngroup w any w\n"),
            (2, "witness w {w1}\ngroup g any\n"),
            (2, "witness w {w1}\ngroup g 0 w\n"),
            (2, "witness w {w1}\ngroup g 2 w\n"),
            (2, "witness w {w1}\ngroup g 01 w\n"),
            (2, "witness w {w1}\ngroup g most w\n"),
            (2, "witness w {w1}\ngroup g any w w\n"),
            (2, "witness w {w1}\ngroup g any none\n"),
            (2, "witness w {w1}\ngroup g any later\nwitness later {w2}\n"),
            (3, "witness w {w1}\ngroup g any w\ngroup h any w\n"),
            (1, "quorum none\r\n"),
            (1, "# bell \x07\nquorum none\n"),
        ] {
            // With a quorum line after it, nothing but that line is wrong.
            let error = policy(&format!("{bad}quorum none\n")).unwrap_err();
            assert_eq!(error.line, line, "{bad:?}: {error}");
        }
        for bad in ["", "log {log}\n"] {
            assert_eq!(policy(bad).unwrap_err().why, PolicyProblem::NoQuorumLine, "{bad:?}");
        }
        assert_eq!(policy("quorum none").unwrap_err().why, PolicyProblem::NoNewline);
        assert!(policy("quorum none\n").is_ok());
        assert!(policy("witness \u{212a} {w1}\nwitness K {w2}\nquorum K\n").is_ok(), "names are bytes");
    }

    #[test]
    fn a_policy_holds_what_the_specification_recommends_and_not_without_end() {
        let witness = |number: u8| {
            let name = format!("w{number}").parse().unwrap();
            let key = SignerKey::from_seed(name, SignatureType::Cosignature, &[number; SEED_LEN]).unwrap();
            format!("witness w{number} {}\ngroup g{number} any w{number}\n", key.verifier())
        };
        let with = |count: u8| format!("{}quorum none\n", (0..count).map(witness).collect::<String>());
        assert!(Policy::parse(with(32).as_bytes()).is_ok());
        assert_eq!(Policy::parse(with(65).as_bytes()).unwrap_err().why, PolicyProblem::TooMany);
        let too_long = Policy::parse(&vec![b'\n'; POLICY_LEN_MAX + 1]).unwrap_err();
        assert_eq!(too_long.why, PolicyProblem::TooLong(POLICY_LEN_MAX + 1));
        let named = |name: &str| {
            let key = SignerKey::from_seed(name.parse().unwrap(), SignatureType::Cosignature, &[1; SEED_LEN]);
            format!("witness {name} {}\n", key.unwrap().verifier())
        };
        let twice = Policy::parse(format!("{}{}quorum none\n", named("a"), named("b")).as_bytes());
        assert_eq!(twice.unwrap_err().line, 2, "one key does not count as two witnesses");
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Policy::parse(&bytes);
        }
    }
}
