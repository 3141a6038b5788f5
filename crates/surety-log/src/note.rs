//! A signed note: a text, and lines with signatures under it (C2SP `signed-note`).

use std::fmt;
use std::str::FromStr;

use crate::key::{KeyError, KeyId, KeyName, SignError, SignatureError, Signer, VerifierKey};
use crate::text;

/// The most bytes of a note.
pub const NOTE_LEN_MAX: usize = 512 * 1024;

/// The most signatures on a note: enough for a log, its successor keys and dozens of witnesses.
pub const SIGNATURES_MAX: usize = 64;

/// How a signature line starts: an em dash and a space.
const LINE_START: &str = "\u{2014} ";

/// The bytes of a key id.
const KEY_ID_LEN: usize = 4;

/// A signature by whoever it says. Only [`Note::verify`] tells whether it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: KeyName,
    /// The id of the key.
    pub id: KeyId,
    /// What the key made.
    pub bytes: Vec<u8>,
}

impl Signature {
    /// Whether it claims to be by this key.
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }
}

/// The signature line, without its newline.
impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&self.id.0.to_be_bytes(), &self.bytes[..]].concat();
        write!(f, "{LINE_START}{} {}", self.name, text::encode_base64(&material))
    }
}

impl FromStr for Signature {
    type Err = NoteError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let error = || NoteError::SignatureLine(text::excerpt(line));
        let (name, material) =
            line.strip_prefix(LINE_START).and_then(|rest| rest.split_once(' ')).ok_or_else(error)?;
        let material = text::decode_base64(material).ok_or_else(error)?;
        let (id, bytes) = material.split_first_chunk::<KEY_ID_LEN>().ok_or_else(error)?;
        if bytes.is_empty() {
            return Err(error());
        }
        Ok(Self { name: name.parse()?, id: KeyId(u32::from_be_bytes(*id)), bytes: bytes.to_vec() })
    }
}

/// A signature that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// When it was made, in seconds since 1970, where the type of key says so.
    pub time: Option<u64>,
}

/// Why a note is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes than allowed.
    #[error("the note has {0} bytes, and {NOTE_LEN_MAX} are allowed")]
    TooLong(usize),
    /// More signatures than allowed.
    #[error("the note has more than {SIGNATURES_MAX} signatures")]
    TooManySignatures,
    /// Not UTF-8, or a control character.
    #[error("the note has a byte at {0} that is not text")]
    NotText(usize),
    /// The text is not a text, an empty line, and lines with signatures.
    #[error(
        "a signed note is a text, an empty line and at least one signature line, each ending in a newline"
    )]
    Form,
    /// A line after the text that is no signature.
    #[error("`{0}` is not a signature line: it is written \u{2014} <name> <base64>")]
    SignatureLine(String),
    /// The name in a signature line.
    #[error(transparent)]
    Name(#[from] KeyError),
    /// A known key is named, and its signature is not good.
    #[error("the signature of `{name}` does not count: {why}")]
    Signature {
        /// The name of the key.
        name: KeyName,
        /// Why.
        why: SignatureError,
    },
    /// No known key signed.
    #[error("none of the {0} signatures is by a key that is trusted here")]
    NoTrustedKey(usize),
}

/// A text with signatures. What it says may be believed only after [`Note::verify`].
///
/// ```
/// use surety_log::{Note, VerifierKey};
///
/// let note = Note::parse(
///     "This is an example message.\n\n\
///      — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
///     .as_bytes(),
/// )?;
/// let key: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse()?;
/// assert_eq!(note.verify([&key])?[0].key, &key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

impl Note {
    /// A text that nobody signed yet. It ends in a newline and has no other control characters.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        if text.ends_with('\n') { Ok(Self { text, signatures: Vec::new() }) } else { Err(NoteError::Form) }
    }

    /// Reads a note with at least one signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > NOTE_LEN_MAX {
            return Err(NoteError::TooLong(bytes.len()));
        }
        let all = std::str::from_utf8(bytes).map_err(|error| NoteError::NotText(error.valid_up_to()))?;
        check_text(all)?;
        // The text may have empty lines; the last one parts it from the signatures.
        let (text, lines) = all.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let signatures = parse_signatures(lines)?;
        if signatures.is_empty() {
            return Err(NoteError::Form);
        }
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The text, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, whether they count or not.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Checks the signatures of all keys that are trusted, and gives those. Signatures of other keys are
    /// passed over: they may be of a successor key or of somebody else's witness.
    ///
    /// # Errors
    /// When a trusted key is named and its signature is not good, and when no trusted key signed.
    pub fn verify<'k>(
        &self,
        trusted: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified = Vec::new();
        for key in trusted {
            for signature in self.signatures.iter().filter(|signature| signature.is_by(key)) {
                let time = key
                    .verify(&self.text, &signature.bytes)
                    .map_err(|why| NoteError::Signature { name: key.name().clone(), why })?;
                verified.push(Verified { key, time });
            }
        }
        if verified.is_empty() { Err(NoteError::NoTrustedKey(self.signatures.len())) } else { Ok(verified) }
    }

    /// Adds a signature, made at a time.
    pub fn sign(&mut self, signer: &dyn Signer, time: u64) -> Result<(), SignError> {
        let bytes = signer.sign(&self.text, time)?;
        let key = signer.verifier();
        self.push(Signature { name: key.name().clone(), id: key.id(), bytes })
            .map_err(|error| SignError(error.to_string()))
    }

    /// Adds a signature that somebody else made. One that is there already is not added again.
    ///
    /// # Errors
    /// When the note has as many signatures as it can have.
    pub fn push(&mut self, signature: Signature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() == SIGNATURES_MAX {
            return Err(NoteError::TooManySignatures);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Adds a signature by a key in the place of those that it made before.
    ///
    /// # Errors
    /// When the note has as many signatures as it can have.
    pub fn replace(&mut self, key: &VerifierKey, signature: Signature) -> Result<(), NoteError> {
        self.signatures.retain(|before| !before.is_by(key));
        self.push(signature)
    }
}

/// Reads signature lines, each with its newline: what a witness answers.
pub fn parse_signatures(lines: &str) -> Result<Vec<Signature>, NoteError> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
    if lines.split('\n').nth(SIGNATURES_MAX).is_some() {
        return Err(NoteError::TooManySignatures);
    }
    lines.split('\n').map(str::parse).collect()
}

fn check_text(text: &str) -> Result<(), NoteError> {
    match text.bytes().position(|byte| byte < b' ' && byte != b'\n') {
        Some(at) => Err(NoteError::NotText(at)),
        None => Ok(()),
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{SEED_LEN, SignatureType, SignerKey};
    use proptest::prelude::*;

    const GO_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn key(name: &str, seed: u8) -> SignerKey {
        SignerKey::from_seed(name.parse().unwrap(), SignatureType::Ed25519, &[seed; SEED_LEN]).unwrap()
    }

    fn signed(text: &str, keys: &[&SignerKey]) -> Note {
        let mut note = Note::new(text.to_owned()).unwrap();
        for key in keys {
            note.sign(*key, 0).unwrap();
        }
        note
    }

    #[test]
    fn the_example_of_go_is_made_and_verified_to_the_byte() {
        let key = SignerKey::from_secret_text(GO_SECRET).unwrap();
        let (text, _) = GO_NOTE.rsplit_once("\n\n").unwrap();
        assert_eq!(signed(&format!("{text}\n"), &[&key]).to_string(), GO_NOTE);
        let parsed = Note::parse(GO_NOTE.as_bytes()).unwrap();
        assert_eq!(parsed.verify([key.verifier()]).unwrap().len(), 1);
        assert_eq!(parsed.to_string(), GO_NOTE);
    }

    #[test]
    fn the_text_may_have_empty_lines() {
        let key = key("k", 1);
        let note = signed("one\n\n\ntwo\n\n", &[&key]);
        let parsed = Note::parse(note.to_string().as_bytes()).unwrap();
        assert_eq!(parsed.text(), "one\n\n\ntwo\n\n");
        assert!(parsed.verify([key.verifier()]).is_ok());
    }

    #[test]
    fn unknown_keys_are_passed_over_and_a_bad_signature_of_a_known_one_is_not() {
        let (known, unknown) = (key("known", 1), key("unknown", 2));
        let mut note = signed("text\n", &[&unknown, &known]);
        assert_eq!(
            note.verify([known.verifier()]).unwrap(),
            [Verified { key: known.verifier(), time: None }]
        );
        assert_eq!(signed("text\n", &[&unknown]).verify([known.verifier()]), Err(NoteError::NoTrustedKey(1)));

        let same_name = key("known", 3);
        assert_eq!(
            signed("text\n", &[&same_name]).verify([known.verifier()]),
            Err(NoteError::NoTrustedKey(1))
        );

        note.text = "other\n".to_owned();
        let error = note.verify([known.verifier()]).unwrap_err();
        assert!(matches!(&error, NoteError::Signature { name, .. } if name.as_str() == "known"), "{error}");
    }

    #[test]
    fn a_good_signature_does_not_excuse_a_bad_one_by_the_same_key() {
        let known = key("known", 1);
        let mut note = signed("text\n", &[&known]);
        let mut bad = note.signatures()[0].clone();
        bad.bytes[0] ^= 1;
        note.push(bad).unwrap();
        assert!(note.verify([known.verifier()]).is_err());
    }

    #[test]
    fn what_is_not_a_note_is_refused() {
        let line = "— k AAAAAAA=\n";
        assert!(Note::parse(format!("text\n\n{line}").as_bytes()).is_ok());
        for bad in [
            String::new(),
            "text\n".to_owned(),
            "text\n\n".to_owned(),
            format!("text\n{line}"),
            format!("text\n\n{}", line.trim_end()),
            format!("text\n\n{line}\n"),
            format!("text\n\n{line}more\n"),
            format!("text\r\n\n{line}"),
            format!("te\0xt\n\n{line}"),
            "text\n\n- k AAAAAAA=\n".to_owned(),
            "text\n\n—k AAAAAAA=\n".to_owned(),
            "text\n\n—  AAAAAAA=\n".to_owned(),
            "text\n\n— k  AAAAAAA=\n".to_owned(),
            "text\n\n— k AAAAAAA= \n".to_owned(),
            "text\n\n— k AAAAAA==\n".to_owned(),
            "text\n\n— k AAAAAAB=\n".to_owned(),
            "text\n\n— k+ AAAAAAA=\n".to_owned(),
            "text\n\n— k\u{2003}x AAAAAAA=\n".to_owned(),
        ] {
            assert!(Note::parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert_eq!(Note::parse(b"te\xffxt\n\n"), Err(NoteError::NotText(2)));
    }

    #[test]
    fn a_note_has_limits_and_sixteen_post_quantum_signatures_are_within_them() {
        let line = |size: usize| format!("— k {}\n", text::encode_base64(&vec![1; size]));
        let with = |count: usize, size: usize| format!("text\n\n{}", line(size).repeat(count));
        assert!(Note::parse(with(16, 5000).as_bytes()).is_ok());
        assert!(Note::parse(with(SIGNATURES_MAX, 100).as_bytes()).is_ok());
        assert_eq!(Note::parse(with(SIGNATURES_MAX + 1, 100).as_bytes()), Err(NoteError::TooManySignatures));
        assert!(matches!(Note::parse(&vec![b'a'; NOTE_LEN_MAX + 1]), Err(NoteError::TooLong(_))));
        let mut full = Note::parse(
            (0..SIGNATURES_MAX)
                .fold("text\n\n".to_owned(), |all, number| {
                    let number = u8::try_from(number).unwrap();
                    all + &format!("— k {}\n", text::encode_base64(&[number; 40]))
                })
                .as_bytes(),
        )
        .unwrap();
        let one_more = Signature { name: "k".parse().unwrap(), id: KeyId(u32::MAX), bytes: vec![255; 36] };
        assert_eq!(full.push(one_more), Err(NoteError::TooManySignatures));
    }

    proptest! {
        #[test]
        fn what_parses_is_canonical(text in "[a \n]{0,8}\n\n(— k AAAAA[A-C]A=\n?){0,3}") {
            if let Ok(note) = Note::parse(text.as_bytes()) {
                prop_assert_eq!(note.to_string(), text);
            }
        }

        #[test]
        fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Note::parse(&bytes);
        }
    }
}
