//! The whole story with XAA: commit, be reviewed, reduce, commit again, prove, and be believed by whoever holds
//! only what was published.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot run should stop")]

mod xaa;

use rand_core::Rng as _;
use surety_core::Level;
use surety_proof::verify::{FileError, ONLY_INSPECTION, Shown, verify};
use surety_proof::{
    Assignment, Challenge, Claim, Committed, Compared, DecreaseClaim, Disclosure, EliminationClaim, Exposure,
    FewerSitesClaim, Holder, Made, Package, Padding, ParityClaim, ProvenClaim, Review, Sampled, Scope,
    Secret, detection_probability,
};
use xaa::{HEU_CIVIL, HEU_MILITARY, KG, rng, xaa_year_1, xaa_year_2};

/// A reviewer: has a key to read what it is shown, and trusts nobody.
struct Reviewer {
    public: String,
    secret: String,
}

impl Reviewer {
    fn new() -> Self {
        use age::secrecy::ExposeSecret as _;
        let identity = age::x25519::Identity::generate();
        let secret = identity.to_string().expose_secret().to_owned();
        Self { public: identity.to_public().to_string(), secret }
    }

    /// Chooses leaves when the root is public, has them opened, and compares them with what is there.
    fn review(&self, committed: &Committed, date: &str) -> Review {
        let package = Package::read(committed.package()).unwrap();
        let assignment = Assignment::read(&committed.assignment(), &package).unwrap();
        let scope = Scope::class(HEU_MILITARY);
        let mut nonce = [0; 32];
        rng().fill_bytes(&mut nonce);
        let checkpoint = format!("log.example/surety\n{date}\n");
        let challenge = Challenge::new(committed.anchor().root, checkpoint.as_bytes(), nonce).unwrap();

        // The State opens what was chosen, for this reader alone.
        let chosen = challenge.choose(&package.header().layout, scope, 6).unwrap();
        let sealed = Disclosure::new(committed, &chosen).unwrap().seal(&self.public).unwrap();
        let disclosure = Disclosure::unseal(&sealed, &self.secret).unwrap();
        let sample =
            Sampled::of_disclosure(challenge, scope, 6, &package, &disclosure, Some(&assignment)).unwrap();
        assert!(sample.detection_probability(2) > 0.9);
        let review = Review {
            anchor: committed.anchor(),
            date: date.parse().unwrap(),
            method: "items counted and measured".to_owned(),
            samples: vec![sample],
            assignment_checked: true,
        };
        // What is signed is the file.
        Review::read(&review.encode().unwrap()).unwrap()
    }
}

#[test]
fn a_state_proves_that_it_holds_less_and_protects_it_as_well() {
    let mut rng = rng();
    let reviewer = Reviewer::new();
    let scope = Scope::class(HEU_MILITARY);

    // Year 1: commit, publish, be reviewed.
    let year_1 = Committed::new(&xaa_year_1(), Padding::Equal, &Secret::random(&mut rng)).unwrap();
    let review_1 = reviewer.review(&year_1, "2027-03-01");

    // The State reduces, and raises what was lower. Year 2: the same again.
    let year_2 = Committed::new(&xaa_year_2(), Padding::Equal, &Secret::random(&mut rng)).unwrap();
    let review_2 = reviewer.review(&year_2, "2028-03-01");

    // It proves what it wants to be known of.
    let requirements = (0..5).map(|number| Compared { number, baseline: 2 }).collect();
    let claims = [
        Claim::Decrease(DecreaseClaim { scope, by_mg: 9 * KG }),
        Claim::Parity(ParityClaim { requirements, all: true }),
        Claim::Elimination(EliminationClaim { scope: Scope::class(HEU_CIVIL) }),
        Claim::FewerSites(FewerSitesClaim { scope, holder: Holder::Site, by: 2 }),
    ];
    let mut published = vec![
        year_1.package().to_vec(),
        year_2.package().to_vec(),
        year_1.ranges(HEU_MILITARY, &mut rng).unwrap(),
        year_2.ranges(HEU_MILITARY, &mut rng).unwrap(),
        year_2.ranges(HEU_CIVIL, &mut rng).unwrap(),
        review_1.encode().unwrap(),
        review_2.encode().unwrap(),
    ];
    for claim in &claims {
        published.push(year_2.prove(claim, claim.compares().then_some(&year_1), &mut rng).unwrap());
    }

    // Whoever holds only this verifies all of it.
    let files: Vec<&[u8]> = published.iter().map(Vec::as_slice).collect();
    let report = verify(&files);
    let shown: Vec<&Shown> = report.files().iter().map(|file| file.as_ref().unwrap()).collect();
    let said: Vec<String> = shown[7..].iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "XAA on 2026-12-31 and XAA on 2027-12-31: the total of military HEU fell by at least 9 kg",
            "XAA on 2027-12-31: for each of all 5 requirements, military maturity is at least civil maturity and at \
             least the baseline",
            "XAA on 2027-12-31: there is no civil HEU",
            "XAA on 2026-12-31 and XAA on 2027-12-31: the number of sites that hold any military HEU fell by at \
             least 2",
        ]
    );
    assert_eq!(
        shown[0].to_string(),
        format!("XAA on 2026-12-31: a register is committed to, root {}", year_1.anchor().root)
    );
    assert!(shown[7].assumed().contains(&ONLY_INSPECTION));

    // Its word alone is level 2; with both reviews, the claims are proven.
    let reviews = [review_1, review_2];
    for claim in &shown[7..] {
        assert_eq!(report.level(claim, &[]), Level::Declared, "{claim}");
        assert_eq!(report.level(claim, &reviews), Level::Proven, "{claim}");
    }
    assert_eq!(report.level(shown[7], &reviews[1..]), Level::Declared, "year 1 was not reviewed");
    assert_eq!(report.level(shown[8], &reviews[1..]), Level::Proven);
    let unchecked = reviews.clone().map(|review| Review { assignment_checked: false, ..review });
    assert_eq!(report.level(shown[7], &unchecked), Level::Proven);
    assert_eq!(report.level(shown[10], &unchecked), Level::Declared, "sites rest on the assignment");
    let mut found_false = reviews.clone();
    found_false[1].samples[0].found_false = 1;
    assert_eq!(report.level(shown[8], &found_false), Level::Declared);

    // The State keeps count of what it gave away: a decrease, and nothing of the totals.
    let made: Vec<Made> = published[7..]
        .iter()
        .map(|claim| Made::claim(&ProvenClaim::read(claim).unwrap(), year_2.header()))
        .collect();
    let exposure = Exposure::of(made);
    assert!(exposure.warnings().is_empty());
    let year_1_total = exposure.intervals()[&(year_1.anchor().date, year_1.anchor().root, scope)];
    assert_eq!(year_1_total.to_string(), "at least 9 kg");
}

#[test]
fn a_false_file_takes_nothing_else_with_it() {
    let (year_1, year_2) = (xaa::committed_year_1(), xaa::committed_year_2());
    let mut rng = rng();
    let claim = Claim::Decrease(DecreaseClaim { scope: Scope::class(HEU_MILITARY), by_mg: KG });
    let good = year_2.prove(&claim, Some(year_1), &mut rng).unwrap();
    let mut bad = good.clone();
    let last = bad.len() - 1;
    bad[last - 40] ^= 1;
    let ranges = [year_1, year_2].map(|committed| committed.ranges(HEU_MILITARY, &mut rng).unwrap());
    let files: [&[u8]; 7] =
        [&good, &bad, year_2.package(), &ranges[0], year_1.package(), b"no file", &ranges[1]];
    let report = verify(&files);
    let held: Vec<bool> = report.files().iter().map(Result::is_ok).collect();
    assert_eq!(held, [true, false, true, true, true, false, true]);
    assert_eq!(report.files()[5], Err(FileError::Unknown));

    // Without the older package neither the claim nor its range proofs say anything.
    let report = verify(&files[..4]);
    assert!(report.files()[0].as_ref().unwrap_err().to_string().contains("2026-12-31"));
    assert!(matches!(report.files()[3], Err(FileError::NoPackage(_))));
}

#[test]
fn a_package_and_a_secret_make_the_same_commitment_again() {
    let secret = Secret::from_bytes([7; 32]);
    let [first, second] = [0, 1].map(|_| Committed::new(&xaa_year_1(), Padding::Equal, &secret).unwrap());
    assert_eq!(first.package(), second.package());
    assert!((detection_probability(8, 1, 8) - 1.0).abs() < f64::EPSILON);
}
