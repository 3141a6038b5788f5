//! The worked example of `docs/statements.md` is what the code makes.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fmt::Write as _;

use surety_statement::{
    Algorithm, Body, Content, Draft, Payload, Place, SEED_LEN, SecretKey, SignedStatement, StatementSigner,
    Subject,
};

fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (at, byte) in bytes.iter().enumerate() {
        if at > 0 && at % 48 == 0 {
            text.push('\n');
        }
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

fn example() -> String {
    let key = SecretKey::from_seed(Algorithm::Ed25519, &[7; SEED_LEN]).unwrap();
    let content = Content::Fact(Body::Commitment {
        text: "Blend down 100 kg of HEU".to_owned(),
        due: "2030".parse().unwrap(),
        material: Some("HEU".parse().unwrap()),
    });
    let subject = Subject::State("XAA".parse().unwrap());
    let date = "2026-01-02".parse().unwrap();
    let payload = Payload { id: Some("C1".to_owned()), date, ..Payload::new(subject, content, Place::FIRST) };
    let draft = Draft { issuer: "xaa.example/authority".parse().unwrap(), payload };
    let signed = SignedStatement::sign(&draft, &key).unwrap();
    format!(
        "public key      {}\nthumbprint      {}\npayload         {}\npayload SHA-256 {}\nsigned statement, {} bytes:\n{}\n",
        key.key(),
        key.key().thumbprint(),
        String::from_utf8(signed.payload_bytes().to_vec()).unwrap(),
        signed.payload_digest(),
        signed.bytes().len(),
        hex(signed.bytes())
    )
}

#[test]
fn the_worked_example_is_true() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/statements.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.rsplit_once("```text\n").unwrap();
    let (shown, after) = rest.split_once("```").unwrap();
    let fresh = example();
    if shown != fresh {
        std::fs::write(path, format!("{before}```text\n{fresh}```{after}")).unwrap();
        panic!("the example was stale and is written anew: run the test again");
    }
}
