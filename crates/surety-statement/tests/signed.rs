//! The encoding of signed statements: what reads back, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{about, commitment, id, key, key_of, payload};
use coset::cbor::value::Value;
use coset::{CborSerializable, CoseSign1, HeaderBuilder, TaggedCborSerializable};
use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use proptest::prelude::*;
use sha2::{Digest as _, Sha512};
use surety_statement::{
    Algorithm, Body, Content, Digest, Draft, EVIDENCE_MAX, Envelope, Exhibit, FormatError, IssuerKey,
    Payload, PayloadError, Place, Reference, STATEMENT_LEN_MAX, SecretKey, SignError, SignStatementError,
    SignedStatement, StatementSigner, Subject,
};

fn signed(algorithm: Algorithm) -> SignedStatement {
    let draft = Draft { issuer: id("xaa"), payload: payload(about("XAA"), commitment("reduce")) };
    SignedStatement::sign(&draft, &key_of(algorithm, "xaa")).unwrap()
}

fn signed_document() -> SignedStatement {
    let envelope = Envelope {
        content_type: "application/pdf".to_owned(),
        location: Some("https://xaa.example/law.pdf".to_owned()),
    };
    let document = Digest::of(b"a law");
    SignedStatement::sign_document(&id("xaa"), about("XAA"), document, &envelope, &key("xaa")).unwrap()
}

fn counts(bytes: &[u8], algorithm: Algorithm) -> bool {
    SignedStatement::parse(bytes)
        .is_ok_and(|read| read.verify(key_of(algorithm, "xaa").key()).is_ok() && read.payload().is_ok())
}

#[test]
fn what_is_signed_reads_back_with_every_algorithm() {
    for algorithm in Algorithm::ALL.iter().copied() {
        let statement = signed(algorithm);
        let read = SignedStatement::parse(statement.bytes()).unwrap();
        assert_eq!(read, statement);
        assert_eq!((read.issuer().as_str(), read.subject()), ("xaa", about("XAA")));
        assert_eq!(read.algorithm(), algorithm);
        assert_eq!(read.payload().unwrap(), payload(about("XAA"), commitment("reduce")));
        read.verify(key_of(algorithm, "xaa").key()).unwrap();
        assert!(read.verify(key_of(algorithm, "xab").key()).is_err());
        assert!(read.verify(key_of(Algorithm::Ed25519, "other").key()).is_err());
    }
}

/// One bit anywhere: refused, whatever it was.
#[test]
fn no_bit_can_be_changed() {
    for (algorithm, step) in [(Algorithm::Ed25519, 1), (Algorithm::Es256, 1), (Algorithm::MlDsa44, 97)] {
        let bytes = signed(algorithm).bytes().to_vec();
        for bit in (0..bytes.len() * 8).step_by(step) {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!counts(&changed, algorithm), "{algorithm}, bit {bit}");
        }
    }
}

#[test]
fn nothing_can_be_cut_off_or_added() {
    let bytes = signed(Algorithm::Ed25519).bytes().to_vec();
    for len in 0..bytes.len() {
        assert!(SignedStatement::parse(&bytes[..len]).is_err(), "{len}");
    }
    assert!(SignedStatement::parse(&[&bytes[..], &[0]].concat()).is_err());
    assert!(SignedStatement::parse(&vec![0; STATEMENT_LEN_MAX + 1]).is_err());
}

fn cose(statement: &SignedStatement) -> CoseSign1 {
    CoseSign1::from_tagged_slice(statement.bytes()).unwrap()
}

#[test]
fn another_encoding_of_the_same_is_refused() {
    let statement = signed(Algorithm::Ed25519);
    let bytes = statement.bytes();
    // Untagged.
    assert!(SignedStatement::parse(&bytes[1..]).is_err());
    // The tag in two bytes instead of one.
    assert!(SignedStatement::parse(&[&[0xd8, 18], &bytes[1..]].concat()).is_err());
    // The array of indefinite length.
    assert_eq!(bytes[1], 0x84);
    let indefinite = [&[bytes[0], 0x9f], &bytes[2..], &[0xff]].concat();
    assert_eq!(SignedStatement::parse(&indefinite), Err(FormatError::Encoding));
    // The length of the protected header in three bytes instead of two.
    assert_eq!(bytes[2], 0x58);
    let longer = [&bytes[..2], &[0x59, 0, bytes[3]], &bytes[4..]].concat();
    assert_eq!(SignedStatement::parse(&longer), Err(FormatError::Encoding));
}

#[test]
fn a_header_that_nobody_signed_is_refused() {
    let mut other = cose(&signed(Algorithm::Ed25519));
    other.unprotected = HeaderBuilder::new().value(394, Value::Array(Vec::new())).build();
    let bytes = other.to_tagged_vec().unwrap();
    assert_eq!(SignedStatement::parse(&bytes), Err(FormatError::Unprotected));
}

#[test]
fn a_statement_without_its_payload_is_refused() {
    let mut other = cose(&signed(Algorithm::Ed25519));
    other.payload = None;
    let refused = SignedStatement::parse(&other.to_tagged_vec().unwrap()).unwrap_err();
    assert!(refused.to_string().contains("the payload is detached: attach it"), "{refused}");
}

/// The same labels and values, one of them in two bytes instead of one, and signed like that.
#[test]
fn a_signed_header_that_is_longer_than_need_be_is_refused() {
    let mut other = cose(&signed(Algorithm::Ed25519));
    let short = other.protected.header.clone().to_vec().unwrap();
    assert_eq!(short[1], 1, "the label of the algorithm comes first");
    other.protected.original_data = Some([&short[..1], &[0x18, 1], &short[2..]].concat());
    other.signature = key("xaa").sign_bytes(&other.tbs_data(&[])).unwrap();
    let bytes = other.to_tagged_vec().unwrap();
    assert_eq!(SignedStatement::parse(&bytes), Err(FormatError::Encoding));
}

/// A good signature by a key, in a statement that names another.
#[test]
fn a_statement_counts_by_the_key_that_it_names_only() {
    let mut other = cose(&signed(Algorithm::Ed25519));
    let mut header = other.protected.header.clone();
    header.key_id = key("xab").key().thumbprint().0.to_vec();
    other.protected = coset::ProtectedHeader { original_data: None, header };
    other.signature = key("xaa").sign_bytes(&other.tbs_data(&[])).unwrap();
    let read = SignedStatement::parse(&other.clone().to_tagged_vec().unwrap()).unwrap();
    assert!(key("xaa").key().verify(&other.tbs_data(&[]), &other.signature).is_ok());
    assert!(read.verify(key("xaa").key()).is_err());
    assert!(read.verify(key("xab").key()).is_err());
}

/// A device that signs with another key than it says.
struct Mistaken {
    says: SecretKey,
    signs: SecretKey,
}

impl StatementSigner for Mistaken {
    fn key(&self) -> &IssuerKey {
        self.says.key()
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signs.sign_bytes(message)
    }
}

#[test]
fn a_device_that_signs_with_another_key_is_noticed_at_once() {
    let draft = Draft { issuer: id("xaa"), payload: payload(about("XAA"), commitment("reduce")) };
    let device = Mistaken { says: key("xaa"), signs: key("xab") };
    let refused = SignedStatement::sign(&draft, &device).unwrap_err();
    assert!(matches!(refused, SignStatementError::Key(_)), "{refused}");
}

/// Headers that are signed, and yet not what a statement has.
#[test]
fn protected_headers_are_read_strictly() {
    let statement = cose(&signed(Algorithm::Ed25519));
    let whole = statement.protected.header.clone();
    let refused = |header: coset::Header| {
        let mut other = statement.clone();
        other.protected = coset::ProtectedHeader { original_data: None, header };
        SignedStatement::parse(&other.to_tagged_vec().unwrap()).unwrap_err()
    };
    // Another library writes no label twice.
    let twice = whole.clone().to_vec().unwrap();
    let again = [&[twice[0] + 1][..], &twice[1..], &twice[1..3]].concat();
    assert_eq!(again[1..3], [1, 0x27], "alg comes first");
    let mut other = statement.clone();
    other.protected.original_data = Some(again);
    let refused_twice = SignedStatement::parse(&other.to_tagged_vec().unwrap()).unwrap_err();
    assert_eq!(refused_twice, FormatError::Header("a label stands there twice"));
    let mut header = whole.clone();
    header.rest.push((coset::Label::Int(99), Value::Null));
    assert!(matches!(refused(header), FormatError::Label(label) if label == "99"));
    let mut header = whole.clone();
    header.crit = vec![coset::RegisteredLabelWithPrivate::Text("x".to_owned())];
    assert!(matches!(refused(header), FormatError::Header(_)));
    let mut header = whole.clone();
    header.content_type = Some(coset::ContentType::Text("application/json".to_owned()));
    assert!(matches!(refused(header), FormatError::Header(_)));
    let mut header = whole.clone();
    header.key_id = vec![1; 31];
    assert!(matches!(refused(header), FormatError::Header(_)));
    let mut header = whole.clone();
    header.alg = Some(coset::Algorithm::Assigned(coset::iana::Algorithm::ES512));
    assert!(matches!(refused(header), FormatError::Header(_)));
    let mut header = whole.clone();
    header.iv = vec![1];
    assert!(matches!(refused(header), FormatError::Header(_)));
    for claims in [
        vec![(1.into(), Value::Text("xaa".to_owned()))],
        vec![(2.into(), Value::Text("XAA".to_owned())), (1.into(), Value::Text("xaa".to_owned()))],
        vec![(1.into(), Value::Text("x aa".to_owned())), (2.into(), Value::Text("XAA".to_owned()))],
        vec![(1.into(), Value::Text("xaa".to_owned())), (2.into(), Value::Text("xaa".to_owned()))],
        vec![(1.into(), Value::Text("xaa".to_owned())), (2.into(), Value::Text("Policy".to_owned()))],
    ] {
        let mut header = whole.clone();
        header.rest = vec![(coset::Label::Int(15), Value::Map(claims.clone()))];
        refused(header);
    }
    // The labels in another order: the signer's to choose, and no one else's.
    let mut other = statement.clone();
    let map = Value::from_slice(&whole.clone().to_vec().unwrap()).unwrap();
    let Value::Map(mut pairs) = map else { unreachable!() };
    pairs.reverse();
    other.protected.original_data = Some(Value::Map(pairs.clone()).to_vec().unwrap());
    assert!(!counts(&other.clone().to_tagged_vec().unwrap(), Algorithm::Ed25519));
    other.signature = key("xaa").sign_bytes(&other.tbs_data(&[])).unwrap();
    assert!(counts(&other.clone().to_tagged_vec().unwrap(), Algorithm::Ed25519));
    // A label twice.
    pairs.push(pairs[0].clone());
    other.protected.original_data = Some(Value::Map(pairs).to_vec().unwrap());
    assert!(SignedStatement::parse(&other.to_tagged_vec().unwrap()).is_err());
}

#[test]
fn ed25519_under_its_new_number_counts_too() {
    let secret = key("xaa");
    let mut other = cose(&signed(Algorithm::Ed25519));
    let mut header = other.protected.header.clone();
    header.alg = Some(coset::Algorithm::Assigned(coset::iana::Algorithm::Ed25519));
    other.protected = coset::ProtectedHeader { original_data: None, header };
    other.signature = secret.sign_bytes(&other.tbs_data(&[])).unwrap();
    assert!(counts(&other.to_tagged_vec().unwrap(), Algorithm::Ed25519));
}

/// The order of the group, lowest byte first.
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// A signature that lenient verifiers let pass: by a point of small order, R and A the identity.
#[test]
fn ed25519_counts_by_the_strict_rules_only() {
    let identity = [&[1][..], &[0; 31]].concat();
    assert!(IssuerKey::new(Algorithm::Ed25519, &identity).is_err());
    let statement = signed(Algorithm::Ed25519);
    let mut other = cose(&statement);
    // S + L: the same signature for whoever does not reduce.
    let mut carry = 0;
    for (byte, add) in other.signature[32..].iter_mut().zip(L) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert!(!counts(&other.to_tagged_vec().unwrap(), Algorithm::Ed25519));
}

/// The equation holds exactly, and `R` is of small order: lenient verifiers take it, strict ones do not.
#[test]
fn a_signature_with_a_part_of_small_order_does_not_count() {
    let secret = Scalar::from(7_u64);
    let public = (ED25519_BASEPOINT_POINT * secret).compress().to_bytes();
    let by = IssuerKey::new(Algorithm::Ed25519, &public).unwrap();
    let signed_with = |r: [u8; 32], nonce: Scalar| {
        let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(b"message").finalize();
        let k = Scalar::from_bytes_mod_order_wide(&hash.into());
        [r, (nonce + k * secret).to_bytes()].concat()
    };
    let nonce = Scalar::from(9_u64);
    let good = signed_with((ED25519_BASEPOINT_POINT * nonce).compress().to_bytes(), nonce);
    assert!(by.verify(b"message", &good).is_ok());
    let identity = EIGHT_TORSION[0].compress().to_bytes();
    assert!(by.verify(b"message", &signed_with(identity, Scalar::ZERO)).is_err());
}

/// Where `y` is below 19, `y` plus the prime of the field encodes the same point in 255 bits.
#[test]
fn an_issuers_key_has_one_encoding() {
    let mut found = 0;
    for y in 0..19_u8 {
        for sign in [0x7f, 0xff] {
            let mut encoding = [0xff; 32];
            (encoding[0], encoding[31]) = (0xed + y, sign);
            let point = CompressedEdwardsY(encoding).decompress();
            found += usize::from(point.is_some_and(|point| !point.is_small_order()));
            assert!(IssuerKey::new(Algorithm::Ed25519, &encoding).is_err(), "{encoding:02x?}");
        }
    }
    assert!(found >= 10, "{found} points that are not of small order have a second encoding");
}

#[test]
fn a_large_document_is_signed_by_its_digest() {
    let document = Digest::of(b"a large document");
    for location in [None, Some("https://xaa.example/report.pdf".to_owned())] {
        let envelope = Envelope { content_type: "application/pdf".to_owned(), location };
        let signed =
            SignedStatement::sign_document(&id("xaa"), about("XAA"), document, &envelope, &key("xaa"))
                .unwrap();
        let read = SignedStatement::parse(signed.bytes()).unwrap();
        assert_eq!(read.envelope(), Some(&envelope));
        assert_eq!(read.payload_bytes(), document.0);
        assert!(read.payload().is_err());
        read.verify(key("xaa").key()).unwrap();
    }
}

fn parse(json: &str) -> Result<Payload, PayloadError> {
    Payload::parse(json.as_bytes(), about("XAA"))
}

#[test]
fn payloads_are_read_strictly() {
    let good = String::from_utf8(payload(about("XAA"), commitment("reduce")).to_bytes().unwrap()).unwrap();
    assert!(
        good.starts_with(r#"{"kind":"commitment","id":null,"about":"XAA","date":{"date":"2026-01-02","#),
        "{good}"
    );
    parse(&good).unwrap();
    // What may be left out.
    let short = r#"{"kind":"sites","about":"XAA","date":{"date":"2026","known_by":null},"number":1,"previous":null,"says":{"min":1,"max":2}}"#;
    parse(short).unwrap();
    let hash = "00".repeat(32);
    for (from, to, said) in [
        ("\"number\":1", "\"number\":0", "begin at 1"),
        ("\"number\":1", "\"number\":2", "number 1 has no previous"),
        ("\"number\":1", "\"number\":-1", "invalid value"),
        ("\"number\":1", "\"number\":1.0", "invalid type"),
        ("\"number\":1", "\"number\":1,\"number\":1", "duplicate field"),
        ("\"number\":1", "\"number\":1,\"level\":5", "unknown field `level`"),
        ("\"previous\":null", &format!("\"previous\":\"{hash}\""), "number 1 has no previous"),
        ("\"about\":\"XAA\"", "\"about\":\"xaa\"", "write `XAA`"),
        ("\"about\":\"XAA\"", "\"about\":\"XAB\"", "its header about XAA"),
        ("\"about\":\"XAA\"", "\"about\":null", "its header about XAA"),
        ("commitment", "pledge", "is not a kind of statement"),
        ("commitment", "regulation", "says a regulation, and it is none"),
        ("2026-01-02", "2026-1-2", "is not a date"),
        ("\"text\"", "\"texts\"", "unknown field"),
        ("\"text\":\"reduce\"", "\"text\":\"reduce\",\"text\":\"reduce\"", "duplicate field"),
        ("\"text\":\"reduce\"", "\"text\":3", "invalid type"),
        ("\"id\":null", "\"id\":\"\"", "a label has"),
        ("\"id\":null", "\"id\":\"a\\nb\"", "a label has"),
    ] {
        assert!(good.contains(from), "{from}");
        let changed = good.replacen(from, to, 1);
        let error = parse(&changed).unwrap_err().to_string();
        assert!(error.contains(said), "{changed}\n{error}");
    }
    assert!(parse(&format!("{good}x")).is_err());
    assert!(Payload::parse(good.as_bytes(), Subject::World).is_err());
    assert!(Payload::parse(b"\xff", Subject::World).is_err());
}

/// What the shape alone does not tell.
#[test]
fn payloads_follow_their_rules() {
    let fact = || payload(about("XAA"), commitment("reduce"));
    let withdrawal = || Content::Fact(Body::Withdrawal { reason: "an error".to_owned() });
    let root = || Content::Root(common::root(1, &common::OFFICERS));
    let reference = || Some(Reference { issuer: id("xaa"), number: 1, sha256: Digest::of(b"first") });
    let exhibit = Exhibit {
        id: None,
        title: "a document".to_owned(),
        address: "https://xaa.example/document".to_owned(),
        sha256: None,
        read: None,
        kind: surety_core::SourceKind::State,
        trust: "official".to_owned(),
    };
    let evidence = |count| vec![exhibit.clone(); count];
    for good in [
        Payload { evidence: evidence(EVIDENCE_MAX), ..fact() },
        Payload { corrects: reference(), ..fact() },
        Payload { refers_to: reference(), ..payload(about("XAA"), withdrawal()) },
        payload(Subject::Policy, root()),
    ] {
        let bytes = good.to_bytes().unwrap();
        assert_eq!(Payload::parse(&bytes, good.subject).unwrap(), good);
    }
    for (bad, said) in [
        (Payload { evidence: evidence(EVIDENCE_MAX + 1), ..fact() }, "more than 64"),
        (Payload { refers_to: reference(), ..fact() }, "nothing else does"),
        (payload(about("XAA"), withdrawal()), "refer to a statement"),
        (payload(Subject::Policy, commitment("reduce")), "nothing else is"),
        (payload(about("XAA"), root()), "about `policy`"),
        (Payload { corrects: reference(), ..payload(Subject::Policy, root()) }, "is not corrected"),
    ] {
        let error = bad.to_bytes().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

proptest! {
    #[test]
    fn any_statement_signs_reads_back_and_verifies(
        seed in any::<[u8; 32]>(),
        text in "\\PC{0,40}",
        note in any::<String>(),
        number in 1u64..u64::MAX,
    ) {
        let digest = Digest(seed);
        let place = Place { number, previous: (number > 1).then_some(digest) };
        let said = Payload { note, ..Payload::new(about("XAA"), commitment(&text), place) };
        let draft = Draft { issuer: id("xaa"), payload: said.clone() };
        let secret = SecretKey::from_seed(Algorithm::Ed25519, &seed).unwrap();
        let signed = SignedStatement::sign(&draft, &secret).unwrap();
        let read = SignedStatement::parse(signed.bytes()).unwrap();
        prop_assert!(read.verify(secret.key()).is_ok());
        prop_assert_eq!(read.payload().unwrap(), said);
    }

    #[test]
    fn no_bytes_make_the_parsers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = SignedStatement::parse(&bytes);
        let _ = Payload::parse(&bytes, Subject::World);
    }

    /// Nothing is a statement here and something else, or nothing, to a library in wide use.
    #[test]
    fn what_is_read_is_read_alike_by_another_library(
        document in any::<bool>(),
        at in any::<proptest::sample::Index>(),
        cut in 0..3_usize,
        with in proptest::collection::vec(any::<u8>(), 0..4),
    ) {
        let statement = if document { signed_document() } else { signed(Algorithm::Ed25519) };
        let mut bytes = statement.bytes().to_vec();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, with);
        if let Ok(read) = SignedStatement::parse(&bytes) {
            let other = CoseSign1::from_tagged_slice(&bytes).unwrap();
            prop_assert_eq!(other.payload.as_deref(), Some(read.payload_bytes()));
            prop_assert!(other.unprotected.is_empty());
            prop_assert_eq!(&other.protected.header.key_id, &read.key().0);
            let key = key("xaa");
            let verified = key.key().verify(&other.tbs_data(&[]), &other.signature);
            prop_assert_eq!(verified.is_ok() && read.key() == key.key().thumbprint(), read.verify(key.key()).is_ok());
            let header = other.protected.header.clone().to_vec().unwrap();
            prop_assert_eq!(Some(header.len()), other.protected.original_data.as_ref().map(Vec::len));
            prop_assert_eq!(other.to_tagged_vec().unwrap(), bytes);
        }
    }

    #[test]
    fn no_change_of_a_few_bytes_counts(at in any::<proptest::sample::Index>(), with in proptest::collection::vec(any::<u8>(), 1..9)) {
        let statement = signed(Algorithm::Ed25519);
        let mut bytes = statement.bytes().to_vec();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + with.len());
        bytes.splice(at..end, with);
        prop_assert!(bytes == statement.bytes() || !counts(&bytes, Algorithm::Ed25519));
    }
}
