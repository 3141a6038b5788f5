//! Keys on a token of `SoftHSM`: they sign what others verify, and never leave it.
//!
//! Needs Debian's `softhsm2`. Where it is missing the test says so, and fails when `CI` is set.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use surety_log::{Checkpoint, Hash, SignatureType, SignedCheckpoint, Signer as _};
use surety_statement::{Algorithm, StatementSigner as _};
use surety_token::{LogTokenKey, TokenAddress, TokenError, TokenKey};
use zeroize::Zeroizing;

const MODULES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
/// Where `SoftHSM` finds its configuration. A developer may have one of their own.
const CONFIGURATION: &str = "SOFTHSM2_CONF";
/// Set for the process that a test makes of itself: the configuration that it works with.
const IN_CHILD: &str = "SURETY_TEST_SOFTHSM2_CONF";
const PIN: &str = "correct horse";
const ED25519: &[u8] = b"\x13\x0cedwards25519";
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

fn module() -> Option<PathBuf> {
    MODULES.iter().map(PathBuf::from).find(|path| path.exists())
}

/// Whether there is a token to test with. Where there is none, it is said, and continuous integration fails.
#[expect(clippy::print_stdout, reason = "a test that cannot be made says so")]
fn has_softhsm() -> bool {
    let made = Command::new("softhsm2-util").arg("--version").output();
    let has = made.is_ok() && module().is_some();
    if !has {
        let missing = "SoftHSM is missing: install the package softhsm2 to test keys on a token";
        assert!(env::var("CI").is_err(), "{missing}");
        println!("NOT TESTED: {missing}");
    }
    has
}

/// The configuration of `SoftHSM` is read from the environment, so the test runs itself with one of its own.
#[test]
fn keys_on_a_token_sign_what_others_verify() {
    if !has_softhsm() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    fs::write(&configuration, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display()))
        .unwrap();
    for token in ["observer", "other"] {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", token, "--so-pin", "security officer", "--pin", PIN])
            .env(CONFIGURATION, &configuration)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    fs::write(folder.path().join("pin"), format!("{PIN}\nsecond line\n")).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "in_child", "--nocapture", "--test-threads=1"])
        .env(CONFIGURATION, &configuration)
        .env(IN_CHILD, &configuration)
        .env("SURETY_TEST_PIN", PIN)
        .output()
        .unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("all checked"), "{said}");
}

/// Not a test of its own: what is done with the configuration in place.
#[test]
fn in_child() {
    let Ok(configuration) = env::var(IN_CHILD) else { return };
    let folder = Path::new(&configuration).parent().unwrap().to_owned();
    make_keys();
    statements_are_signed(&folder);
    checkpoints_are_signed();
    what_is_wrong_is_named(&folder);
    println!("all checked");
}

fn address(query: &str) -> TokenAddress {
    let (path, query) = query.split_once('?').unwrap_or((query, ""));
    let module = module().unwrap();
    format!("pkcs11:{path}?module-path={}&{query}", module.display()).parse().unwrap()
}

fn open(query: &str) -> Result<TokenKey, TokenError> {
    TokenKey::open(&address(query), |token| {
        assert!(token == "observer" || token == "other");
        Ok(Zeroizing::new(PIN.to_owned()))
    })
}

fn make_keys() {
    let context = Pkcs11::new(module().unwrap()).unwrap();
    context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let slots = context.get_slots_with_initialized_token().unwrap();
    let slot =
        slots.into_iter().find(|slot| context.get_token_info(*slot).unwrap().label() == "observer").unwrap();
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::new(PIN.into()))).unwrap();
    for (mechanism, parameters, label, id) in [
        (Mechanism::EccEdwardsKeyPairGen, ED25519, "log", 1),
        (Mechanism::EccKeyPairGen, P256, "state", 2),
        (Mechanism::EccEdwardsKeyPairGen, ED25519, "twice", 3),
        (Mechanism::EccEdwardsKeyPairGen, ED25519, "twice", 4),
    ] {
        let both = [Attribute::Token(true), Attribute::Label(label.into()), Attribute::Id(vec![id])];
        let public =
            [&both[..], &[Attribute::EcParams(parameters.to_vec()), Attribute::Verify(true)]].concat();
        let private = [
            &both[..],
            &[
                Attribute::Private(true),
                Attribute::Sensitive(true),
                Attribute::Extractable(false),
                Attribute::Sign(true),
            ],
        ]
        .concat();
        session.generate_key_pair(&mechanism, &public, &private).unwrap();
    }
    let modulus =
        [Attribute::Token(true), Attribute::ModulusBits(2048.into()), Attribute::Label("rsa".into())];
    let private = [Attribute::Token(true), Attribute::Label("rsa".into()), Attribute::Sign(true)];
    session.generate_key_pair(&Mechanism::RsaPkcsKeyPairGen, &modulus, &private).unwrap();
    session.logout().unwrap();
}

fn statements_are_signed(folder: &Path) {
    for (object, algorithm) in [("object=log", Algorithm::Ed25519), ("object=state", Algorithm::Es256)] {
        for pin in [
            String::new(),
            "?pin-source=env:SURETY_TEST_PIN".to_owned(),
            format!("?pin-source=file:{}", folder.join("pin").display()),
        ] {
            let key = open(&format!("token=observer;{object}{pin}")).unwrap();
            assert_eq!(key.public().algorithm(), algorithm);
            let signature = key.sign_bytes(b"a statement").unwrap();
            // Verified by the library for keys in memory, which knows nothing of tokens.
            assert!(key.public().verify(b"a statement", &signature).is_ok());
            assert!(key.public().verify(b"another", &signature).is_err());
        }
    }
    assert_eq!(
        open("token=observer;id=%02").unwrap().public(),
        open("token=observer;object=state").unwrap().public()
    );
    assert_eq!(open("token=observer;object=twice;id=%03").unwrap().public().algorithm(), Algorithm::Ed25519);
}

fn checkpoints_are_signed() {
    let checkpoint = || Checkpoint::new("log.example".parse().unwrap(), 7, Hash([7; 32])).unwrap();
    for (name, kind) in [("log.example", SignatureType::Ed25519), ("w.example", SignatureType::Cosignature)] {
        let key = open("token=observer;object=log").unwrap();
        let signer = LogTokenKey::new(key, name.parse().unwrap(), kind).unwrap();
        let cosigned = SignedCheckpoint::sign(checkpoint(), &[&signer], 1_000).unwrap();
        assert_eq!(
            cosigned.note().verify([signer.verifier()]).unwrap()[0].time,
            kind.has_time().then_some(1_000)
        );
    }
    let es256 = || open("token=observer;object=state").unwrap();
    let refused =
        LogTokenKey::new(es256(), "log.example".parse().unwrap(), SignatureType::Ed25519).unwrap_err();
    assert!(refused.to_string().contains("Ed25519"), "{refused}");
    let ed25519 = open("token=observer;object=log").unwrap();
    assert!(LogTokenKey::new(ed25519, "log.example".parse().unwrap(), SignatureType::MlDsa44).is_err());
}

fn what_is_wrong_is_named(folder: &Path) {
    for (query, says) in [
        ("object=log", "2 tokens fit"),
        ("token=nobody;object=log", "no token is called `nobody`; there are: `"),
        ("token=observer;object=nothing", "0 keys on the token fit"),
        ("token=observer;object=twice", "2 keys on the token fit"),
        ("token=other;object=log", "0 keys on the token fit"),
        ("token=observer;object=rsa", "CKK_RSA"),
        (
            "token=observer;object=log?pin-source=env:SURETY_NO_SUCH_PIN",
            "the environment variable SURETY_NO_SUCH_PIN",
        ),
        ("token=observer;object=log?pin-source=file:/no/such/pin", "/no/such/pin"),
    ] {
        let error = open(query).unwrap_err().to_string();
        assert!(error.contains(says), "{query}: {error}");
    }
    let configuration = folder.join("softhsm2.conf");
    let not_a_module: TokenAddress =
        format!("pkcs11:object=log?module-path={}", configuration.display()).parse().unwrap();
    let error = TokenKey::open(&not_a_module, |_| unreachable!()).unwrap_err();
    assert!(error.to_string().contains("cannot load the PKCS#11 module"), "{error}");
}

/// A wrong PIN must be tried in a process that has not logged in yet.
#[test]
fn a_wrong_pin_is_refused() {
    if !has_softhsm() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tokens")).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    fs::write(&configuration, format!("directories.tokendir = {}\n", folder.path().join("tokens").display()))
        .unwrap();
    let made = Command::new("softhsm2-util")
        .args(["--init-token", "--free", "--label", "observer", "--so-pin", "security officer", "--pin", PIN])
        .env(CONFIGURATION, &configuration)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "a token can be made");
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "wrong_pin_in_child", "--nocapture", "--test-threads=1"])
        .env(CONFIGURATION, &configuration)
        .env("SURETY_TEST_WRONG_PIN", "guess")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success() && said.contains("the token does not take this PIN"), "{said}");
}

/// Not a test of its own.
#[test]
fn wrong_pin_in_child() {
    if env::var("SURETY_TEST_WRONG_PIN").is_err() {
        return;
    }
    let error = open("token=observer;object=log?pin-source=env:SURETY_TEST_WRONG_PIN").unwrap_err();
    println!("{error}");
}
