//! A register of the invented State XAA, to learn and test with: the same from the same seed.

use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use surety_core::{Date, StateCode};
use surety_material::{Amount, ChangeCode, Irradiation, MaterialKind, Purpose, StockMaterial};
use surety_standards::{
    Action, Assessment, Catalogue, Confidence, Digest, Evidence, Extent, Finding, FindingKind, FollowUp,
    FollowUpStatus, Gap, Maturity, Priority, Publication, Regime, WorkStatus,
};

use crate::{
    Area, Change, Commitment, Error, Listed, Measurement, Note, Register, Regulation, Result, Review, Salt,
    Secret, Site, Step,
};

/// The seed of the sample as it is shown: no year by itself alarms, and all of them together do.
pub const SAMPLE_SEED: u64 = 10;

/// How often XA01 receives, ships and discards in a year.
const MONTHS: f64 = 12.0;
const YEARS: std::ops::RangeInclusive<i16> = 2021..=2025;
/// What XA01 loses every year without booking it, in milligrams: about one and a half times what its measurements can
/// tell in one year, so that no year by itself shows it.
const LOSS_MG: i64 = 36_000;
/// Relative standard deviations, random and systematic, of a year's receipts, shipments and discards in XA01, and of its
/// inventory. Most of what is uncertain is new every year: only then does a loss that repeats stand out in the sum.
const ERRORS: [(&str, f64, f64); 4] =
    [("RD", 0.0014, 0.0002), ("SD", 0.0014, 0.0002), ("LD", 0.02, 0.02), ("inventory", 0.0005, 0.0005)];

/// Makes the register. The salt must be random, and of this file alone.
pub fn sample(path: &Path, secret: &Secret, salt: Salt, catalogue: &Catalogue, seed: u64) -> Result<()> {
    let xaa: StateCode = "XAA".parse().map_err(|error| Error::Refused(format!("{error}")))?;
    let begin = note(date(2020, 12, 1), "accountancy office of XAA", "the register begins")?;
    let id = format!("sample {seed}");
    Register::create_filled(path, secret, salt, xaa, &id, &begin, |register| {
        let mut sample = Sample { register, random: Random::new(seed), true_mg: 10_000_000 };
        sample.places()?;
        sample.opening()?;
        for year in YEARS {
            sample.year(year)?;
            if year == 2024 {
                sample.blending()?;
                sample.assessments(catalogue, year)?;
                sample.review(catalogue)?;
            }
            if year == 2021 {
                sample.assessments(catalogue, year)?;
                sample.promises()?;
            }
        }
        Ok(())
    })
    .map(drop)
}

struct Sample<'r> {
    register: &'r mut Register,
    random: Random,
    /// What is truly in process in XA01.
    true_mg: i64,
}

impl Sample<'_> {
    fn places(&mut self) -> Result<()> {
        let note = note(date(2020, 12, 1), "accountancy office of XAA", "sites and areas as licensed")?;
        let sites = [
            ("S1", Regime::Civil, "makes fuel"),
            ("S2", Regime::Civil, "research"),
            ("S3", Regime::Military, "storage"),
            ("S4", Regime::Military, "naval fuel"),
        ];
        let sites = sites.map(|(id, regime, about)| Site {
            id: id.to_owned(),
            regime,
            note: format!("invented: {about}"),
        });
        self.register.put_all(&note, &sites)?;
        let areas = [("XA01", "S1"), ("XA02", "S1"), ("XA03", "S2"), ("XA11", "S3"), ("XA12", "S4")];
        let areas = areas.map(|(code, site)| Area {
            code: code.to_owned(),
            site: site.to_owned(),
            facility: format!("XA-{site}"),
            note: String::new(),
        });
        self.register.put_all(&note, &areas)?;
        let measurements = ERRORS.map(|(location, random_sd, systematic_sd)| Measurement {
            area: "XA01".to_owned(),
            material: MaterialKind::Plutonium.to_string(),
            location: location.to_owned(),
            random_sd,
            systematic_sd,
        });
        self.register.put_all(&note, &measurements).map(drop)
    }

    /// What is there before the first year.
    fn opening(&mut self) -> Result<()> {
        let day = date(2020, 12, 15);
        let mut changes = Vec::new();
        let mut add = |area: &str, batch: String, material, mass: (i64, i64), form: &str, purpose, hot| {
            let amount = Amount { element_mg: mass.0 * 1_000, isotope_mg: mass.1 * 1_000, pieces: 1 };
            let irradiation =
                if hot { Irradiation::Above1GrayPerHourAt1m } else { Irradiation::Unirradiated };
            changes.push(Change {
                form: Some(form.to_owned()),
                irradiation: Some(irradiation),
                purpose: Some(purpose),
                ..plain(day, area, &batch, material, ChangeCode::ReceiptStart, amount)
            });
        };
        let (pu, heu) = (MaterialKind::Plutonium, MaterialKind::EnrichedUranium);
        add("XA01", "PROCESS".to_owned(), pu, (10_000, 0), "WLDF", Purpose::Civilian, false);
        for can in 1..=80 {
            add("XA02", format!("C{can:02}"), pu, (1_000, 10), "CPCF", Purpose::Civilian, false);
        }
        for element in 1..=20 {
            add("XA03", format!("E{element:02}"), heu, (300, 270), "EBDF", Purpose::Civilian, false);
        }
        for element in 1..=12 {
            add("XA03", format!("R{element:02}"), heu, (250, 190), "EBDI", Purpose::Civilian, true);
        }
        for can in 1..=16 {
            let purpose = if can <= 4 { Purpose::ExcessDeclared } else { Purpose::Military };
            add("XA11", format!("H{can:02}"), heu, (25_000, 22_500), "MPCF", purpose, false);
        }
        for can in 1..=15 {
            let purpose = if can <= 5 { Purpose::ExcessDeclared } else { Purpose::Military };
            add("XA11", format!("P{can:02}"), pu, (4_000, 2), "MPCF", purpose, false);
        }
        add(
            "XA11",
            "NU".to_owned(),
            MaterialKind::NaturalUranium,
            (2_000_000, 0),
            "QSDF",
            Purpose::ExcessDeclared,
            false,
        );
        for core in 1..=8 {
            add("XA12", format!("N{core:02}"), heu, (25_000, 23_250), "EBDF", Purpose::Naval, false);
        }
        let note = note(day, "accountancy office of XAA", "what the State holds when the register begins")?;
        self.register.book(&note, None, changes.into_iter().map(Ok))?;
        self.inventories(date(2020, 12, 31))
    }

    /// A year of receipts, shipments and discards in XA01, and the inventories at its end.
    fn year(&mut self, year: i16) -> Result<()> {
        let pu = MaterialKind::Plutonium;
        for month in 1..=12i8 {
            let mut changes = Vec::new();
            let day = date(year, month, 10);
            let can = i64::from(year - YEARS.start()) * 12 + i64::from(month);
            let received = self.random.measured(1_000_000, 0, MONTHS);
            let mut sent =
                plain(day, "XA02", &format!("C{can:02}"), pu, ChangeCode::ShipmentDomestic, grams(1_000, 10));
            sent.other = Some("XA01".to_owned());
            // The receiver books what the shipper says, and the difference as DI where it measured otherwise.
            let mut came = plain(
                day,
                "XA01",
                "PROCESS",
                pu,
                ChangeCode::ReceiptDomestic,
                Amount { element_mg: received, isotope_mg: 0, pieces: 0 },
            );
            came.other = Some("XA02".to_owned());
            self.true_mg += 1_000_000;
            let discarded = 5_000;
            let lost = plain(
                date(year, month, 20),
                "XA01",
                "PROCESS",
                pu,
                ChangeCode::MeasuredDiscard,
                mass(self.random.measured(discarded, 2, MONTHS)),
            );
            let product = 990_000;
            let mut out = plain(
                date(year, month, 25),
                "XA01",
                "PROCESS",
                pu,
                ChangeCode::ShipmentDomestic,
                mass(self.random.measured(product, 1, MONTHS)),
            );
            out.other = Some("XA02".to_owned());
            let mut stored = plain(
                date(year, month, 25),
                "XA02",
                &format!("M{can:02}"),
                pu,
                ChangeCode::ReceiptDomestic,
                Amount { pieces: 1, ..out.amount },
            );
            (stored.other, stored.form) = (Some("XA01".to_owned()), Some("PHCF".to_owned()));
            self.true_mg -= discarded + product + LOSS_MG / 12;
            changes.extend([sent, came, lost, out, stored]);
            let note = note(
                date(year, month, 28),
                "accountancy office of XAA",
                &format!("report for {year}-{month:02}"),
            )?;
            self.register.book(&note, None, changes.into_iter().map(Ok))?;
        }
        self.inventories(date(year, 12, 31))
    }

    /// In stores, items are counted. What is in process is measured.
    fn inventories(&mut self, day: Date) -> Result<()> {
        for area in ["XA01", "XA02", "XA03", "XA11", "XA12"] {
            let holdings = self.register.holdings(Some(day))?;
            let mut listed = Vec::new();
            for held in holdings.into_iter().filter(|held| held.area == area) {
                let amount = if area == "XA01" {
                    Amount { element_mg: self.random.measured(self.true_mg, 3, 1.0), ..held.amount }
                } else {
                    held.amount
                };
                listed.push(Ok(Listed { line: 0, batch: held.batch, material: held.material, amount }));
            }
            let note = note(day, "inventory team of XAA", &format!("physical inventory of {area}"))?;
            self.register.take_inventory(&note, None, area, day, listed)?;
        }
        Ok(())
    }

    /// Four cans of excess HEU become fuel for power reactors.
    fn blending(&mut self) -> Result<()> {
        let (day, heu) = (date(2024, 12, 31), MaterialKind::EnrichedUranium);
        let mut changes = Vec::new();
        for can in 1..=4 {
            let (leu, fresh) = (format!("L{can:02}"), Some("QSDF".to_owned()));
            let blended = grams(25_000, 22_500);
            changes.push(plain(
                day,
                "XA11",
                &format!("H{can:02}"),
                heu,
                ChangeCode::RebatchMinus,
                Amount { pieces: 1, ..blended },
            ));
            changes.push(Change {
                form: fresh,
                purpose: Some(Purpose::ExcessDeclared),
                ..plain(day, "XA11", &leu, heu, ChangeCode::RebatchPlus, blended)
            });
            let natural = plain(
                day,
                "XA11",
                "NU",
                MaterialKind::NaturalUranium,
                ChangeCode::NaturalToEnriched,
                grams(475_000, 0),
            );
            changes.push(natural);
            changes.push(plain(
                day,
                "XA11",
                &leu,
                heu,
                ChangeCode::NaturalToEnriched,
                Amount { pieces: 1, ..grams(475_000, 3_377) },
            ));
        }
        let note = note(day, "accountancy office of XAA", "excess HEU blended down")?;
        self.register.book(&note, None, changes.into_iter().map(Ok)).map(drop)
    }

    /// Both regimes, requirement by requirement: gaps in 2021, fewer in 2024.
    fn assessments(&mut self, catalogue: &Catalogue, year: i16) -> Result<()> {
        let day = date(year, 12, 31);
        let mut assessments = Vec::new();
        for (number, requirement) in catalogue.requirements.iter().enumerate() {
            for regime in [Regime::Civil, Regime::Military] {
                let better = u8::from(year > 2021);
                let maturity = match (regime, number % 20) {
                    (Regime::Civil, 7) | (Regime::Military, 0 | 9) => 2 + better,
                    (Regime::Civil, place) => 3 + u8::from(place % 5 == 0),
                    // Nobody has looked yet.
                    (Regime::Military, 3) if year < 2024 => continue,
                    (Regime::Military, 13) => continue,
                    (Regime::Military, 17) => 1 + better,
                    (Regime::Military, place) => 3 + u8::from(place % 4 == 0 || place % 5 == 0),
                };
                assessments.push(assessment(&requirement.id, regime, day, maturity, number)?);
            }
        }
        let note = note(day, "nuclear security authority of XAA", &format!("self-assessment of {year}"))?;
        self.register.assess(&note, catalogue, &assessments).map(drop)
    }

    fn promises(&mut self) -> Result<()> {
        let day = date(2021, 12, 31);
        let note = note(day, "ministry of XAA", "what the State promised and published")?;
        let commitment = |id: &str, text: &str, due, material, steps, publication| Commitment {
            id: id.to_owned(),
            date: day,
            text: text.to_owned(),
            due: Some(due),
            material,
            steps,
            publication,
        };
        self.register.put_all(
            &note,
            &[
                commitment(
                    "K1",
                    "Blend down 100 kg of excess HEU",
                    date(2026, 12, 31),
                    Some(StockMaterial::Heu),
                    vec![Step {
                        date: date(2024, 12, 31),
                        text: "100 kg blended down".to_owned(),
                        percent: Some(100),
                    }],
                    Publication::Public,
                ),
                commitment(
                    "K2",
                    "Convert the research reactor",
                    date(2028, 12, 31),
                    Some(StockMaterial::Heu),
                    Vec::new(),
                    Publication::Partners,
                ),
            ],
        )?;
        let regulation = |id: &str, title: &str, published: &str, publication| Regulation {
            id: id.to_owned(),
            date: date(2019, 1, 1),
            title: title.to_owned(),
            regulation_type: "decree".to_owned(),
            text_published: published.to_owned(),
            publication,
        };
        self.register.put_all(
            &note,
            &[
                regulation("D1", "Decree on nuclear security", "yes", Publication::Public),
                regulation("D2", "Order on military nuclear material", "no", Publication::National),
            ],
        )?;
        Ok(())
    }

    fn review(&mut self, catalogue: &Catalogue) -> Result<()> {
        let day = date(2024, 12, 31);
        let note =
            note(day, "nuclear security authority of XAA", "the peer review and what follows from it")?;
        let review = Review {
            id: "V1".to_owned(),
            date: date(2024, 6, 14),
            kind: "mission".to_owned(),
            scope: "national regime and one facility".to_owned(),
            findings_published: "no".to_owned(),
            publication: Publication::Public,
        };
        self.register.put(&note, &review)?;
        let Some(asked) = catalogue.requirements.get(17).map(|requirement| requirement.id.clone()) else {
            return Ok(());
        };
        let finding = |id: &str, kind, text: &str, follow_up, publication| Finding {
            id: id.to_owned(),
            review: "peer review 2024".to_owned(),
            date: date(2024, 6, 14),
            kind,
            regime: Regime::Civil,
            requirements: vec![asked.clone()],
            text: text.to_owned(),
            follow_up,
            publication,
        };
        let begun = FollowUp {
            date: date(2024, 12, 1),
            status: FollowUpStatus::InProgress,
            note: "a draft is there".to_owned(),
        };
        for finding in [
            finding(
                "F1",
                FindingKind::Recommendation,
                "Bring the decree in step with the guidance",
                vec![begun],
                Publication::Partners,
            ),
            finding(
                "F2",
                FindingKind::Suggestion,
                "Exercise with neighbours",
                Vec::new(),
                Publication::National,
            ),
            finding(
                "F3",
                FindingKind::GoodPractice,
                "Lessons from exercises are shared",
                Vec::new(),
                Publication::Public,
            ),
        ] {
            self.register.find(&note, catalogue, &finding)?;
        }
        let action = |id: &str, need: &str, priority, due, closes, done| Action {
            id: id.to_owned(),
            need: need.to_owned(),
            priority,
            owner: "nuclear security authority".to_owned(),
            due,
            help_wanted: String::new(),
            closes,
            done,
            publication: Publication::National,
        };
        let closes_finding = |id: &str| Gap::Finding { id: id.to_owned() };
        for action in [
            action("A1", "Revise the decree", Priority::High, date(2025, 6, 30), closes_finding("F1"), None),
            action(
                "A2",
                "Plan an exercise with a neighbour",
                Priority::Medium,
                date(2026, 12, 31),
                closes_finding("F2"),
                None,
            ),
            action(
                "A3",
                "Raise the military rule to the civil one",
                Priority::High,
                date(2026, 6, 30),
                Gap::Requirement { id: asked.clone(), regime: Regime::Military },
                None,
            ),
        ] {
            self.register.plan(&note, catalogue, &action)?;
        }
        Ok(())
    }
}

fn assessment(
    requirement: &str,
    regime: Regime,
    date: Date,
    maturity: u8,
    number: usize,
) -> Result<Assessment> {
    let publication = match number % 3 {
        0 => Publication::Public,
        1 => Publication::Partners,
        _ => Publication::National,
    };
    let extent = if maturity >= 3 { Extent::Yes } else { Extent::Partly };
    let evidence = Evidence {
        title: format!("Internal review of {requirement}"),
        date,
        owner: "nuclear security authority of XAA".to_owned(),
        sha256: digest(requirement, regime)?,
    };
    Ok(Assessment {
        requirement: requirement.to_owned(),
        regime,
        date,
        assessor: "nuclear security authority of XAA".to_owned(),
        in_law: Some(extent),
        enforced: Some(extent),
        maturity: Some(Maturity::try_from(maturity).map_err(|error| Error::Refused(error.to_string()))?),
        work: Some(if maturity >= 3 { WorkStatus::Done } else { WorkStatus::InProgress }),
        evidence: vec![evidence],
        confidence: Some(Confidence::Medium),
        publication,
        note: String::new(),
        not_applicable: None,
    })
}

/// The digest of an invented document.
fn digest(requirement: &str, regime: Regime) -> Result<Digest> {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{requirement} {regime}"));
    crate::hex(&digest)
        .parse()
        .map_err(|error: surety_standards::ParseDigestError| Error::Refused(error.to_string()))
}

/// Measurements with their errors: what is systematic is drawn once for each of [`ERRORS`].
struct Random {
    generator: ChaCha8Rng,
    systematic: [f64; ERRORS.len()],
}

impl Random {
    fn new(seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let systematic = ERRORS.map(|(_, _, sd)| {
            let draw: f64 = StandardNormal.sample(&mut generator);
            sd * draw
        });
        Self { generator, systematic }
    }

    /// One of so many measurements of a year, which together have the deviation of [`ERRORS`].
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a few kilograms in milligrams"
    )]
    fn measured(&mut self, true_mg: i64, of: usize, draws: f64) -> i64 {
        let draw: f64 = StandardNormal.sample(&mut self.generator);
        let random = ERRORS[of].1 * draws.sqrt() * draw;
        (true_mg as f64 * (1.0 + random + self.systematic[of])).round() as i64
    }
}

fn plain(
    day: Date,
    area: &str,
    batch: &str,
    material: MaterialKind,
    code: ChangeCode,
    amount: Amount,
) -> Change {
    Change {
        line: 0,
        day,
        area: area.to_owned(),
        batch: batch.to_owned(),
        material,
        code,
        amount,
        other: None,
        form: None,
        irradiation: None,
        purpose: None,
        corrects: None,
    }
}

fn grams(element_g: i64, isotope_g: i64) -> Amount {
    Amount { element_mg: element_g * 1_000, isotope_mg: isotope_g * 1_000, pieces: 0 }
}

fn mass(element_mg: i64) -> Amount {
    Amount { element_mg, isotope_mg: 0, pieces: 0 }
}

fn date(year: i16, month: i8, day: i8) -> Date {
    Date::new(year, month, day).unwrap_or(Date::MIN)
}

fn note(day: Date, who: &str, why: &str) -> Result<Note> {
    let at = day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).map_or(Timestamp::MIN, |at| at.timestamp());
    Note::new(who, why, at)
}
