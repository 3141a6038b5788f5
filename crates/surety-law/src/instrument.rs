//! Instruments: treaties and pledges, and the rules by which treaties enter into force.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use surety_core::schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use surety_core::{Date, closest, read_text, words};

words! {
    /// What a State does with an instrument.
    pub enum ActionKind("treaty action") {
        /// Signs it. A signature alone does not bind.
        Signature = "signature",
        /// Deposits an instrument of ratification.
        Ratification = "ratification",
        /// Deposits an instrument of acceptance.
        Acceptance = "acceptance",
        /// Deposits an instrument of approval.
        Approval = "approval",
        /// Deposits an instrument of accession, without having signed.
        Accession = "accession",
        /// An organisation confirms its signature formally.
        Confirmation = "confirmation",
        /// Notifies that it succeeds a former party.
        Succession = "succession",
        /// Subscribes to a pledge.
        Subscription = "subscription",
        /// Leaves.
        Withdrawal = "withdrawal",
    }
}

impl ActionKind {
    /// Whether the action makes its State a party, or a subscriber.
    pub fn consents(self) -> bool {
        !matches!(self, Self::Signature | Self::Withdrawal)
    }
}

/// A treaty, or a pledge that States subscribe to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Instrument {
    /// Convention on the Physical Protection of Nuclear Material (1980).
    Cppnm,
    /// Amendment of 8 July 2005 to the CPPNM.
    CppnmAmendment,
    /// International Convention for the Suppression of Acts of Nuclear Terrorism (2005).
    Icsant,
    /// Treaty on the Non-Proliferation of Nuclear Weapons.
    Npt,
    /// Comprehensive Nuclear-Test-Ban Treaty.
    Ctbt,
    /// Pledge to follow IAEA nuclear security guidance.
    Infcirc869,
    /// Principles of the Nuclear Security Contact Group.
    Infcirc899,
    /// Pledge against the insider threat.
    Infcirc908,
    /// Pledge on transport security.
    Infcirc909,
    /// Pledge on high-activity sealed sources.
    Infcirc910,
    /// Pledge to end civil use of highly enriched uranium, with a reporting form.
    Infcirc912,
    /// 2012 summit statement on training and support centres.
    Nss2012Nssc,
    /// 2016 summit statement on training and support centres.
    Nss2016Nssc,
    /// 2016 summit statement on material in weapons programmes.
    Nss2016Larger,
}

/// Treaty or pledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstrumentKind {
    /// Binding in law, with a depositary.
    Treaty,
    /// A political commitment.
    Pledge,
}

/// How a treaty enters into force, and for whom when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRule {
    /// On the 30th day after the `n`th deposit of one of the kinds that count; for a later comer on the 30th
    /// day after its own.
    NthDeposit {
        /// How many deposits it takes.
        n: usize,
        /// Which kinds of deposit count.
        counting: &'static [ActionKind],
    },
    /// For those that had deposited, on the 30th day after two thirds of the States Parties to `convention` had;
    /// after that, on the day of each party's own deposit.
    TwoThirdsOfParties {
        /// The convention that is amended.
        convention: Instrument,
    },
    /// Surety lists the parties and computes no dates.
    NotComputed,
}

impl Instrument {
    /// The instruments, treaties first.
    pub const ALL: [Self; 14] = [
        Self::Cppnm,
        Self::CppnmAmendment,
        Self::Icsant,
        Self::Npt,
        Self::Ctbt,
        Self::Infcirc869,
        Self::Infcirc899,
        Self::Infcirc908,
        Self::Infcirc909,
        Self::Infcirc910,
        Self::Infcirc912,
        Self::Nss2012Nssc,
        Self::Nss2016Nssc,
        Self::Nss2016Larger,
    ];

    /// The three treaties on nuclear security.
    pub const SECURITY_TREATIES: [Self; 3] = [Self::Cppnm, Self::CppnmAmendment, Self::Icsant];

    /// The short name used everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cppnm => "CPPNM",
            Self::CppnmAmendment => "CPPNM-A",
            Self::Icsant => "ICSANT",
            Self::Npt => "NPT",
            Self::Ctbt => "CTBT",
            Self::Infcirc869 => "INFCIRC/869",
            Self::Infcirc899 => "INFCIRC/899",
            Self::Infcirc908 => "INFCIRC/908",
            Self::Infcirc909 => "INFCIRC/909",
            Self::Infcirc910 => "INFCIRC/910",
            Self::Infcirc912 => "INFCIRC/912",
            Self::Nss2012Nssc => "NSS2012-NSSC",
            Self::Nss2016Nssc => "NSS2016-NSSC",
            Self::Nss2016Larger => "NSS2016-LARGER",
        }
    }

    /// The full title; of a pledge, what it pledges.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cppnm => "Convention on the Physical Protection of Nuclear Material",
            Self::CppnmAmendment => {
                "Amendment of 2005 to the Convention on the Physical Protection of Nuclear Material"
            }
            Self::Icsant => "International Convention for the Suppression of Acts of Nuclear Terrorism",
            Self::Npt => "Treaty on the Non-Proliferation of Nuclear Weapons",
            Self::Ctbt => "Comprehensive Nuclear-Test-Ban Treaty",
            Self::Infcirc869 => "Pledge to follow IAEA nuclear security guidance and accept peer review",
            Self::Infcirc899 => "Principles of the Nuclear Security Contact Group",
            Self::Infcirc908 => "Pledge to build national measures against the insider threat",
            Self::Infcirc909 => "Pledge to improve the security of nuclear material in transport",
            Self::Infcirc910 => "Pledge on the security and end of life of high-activity sealed sources",
            Self::Infcirc912 => {
                "Pledge to reduce and end civil use of highly enriched uranium, and to report"
            }
            Self::Nss2012Nssc => "Statement on a network of training and support centres (2012 summit)",
            Self::Nss2016Nssc => "Statement on training and support centres (2016 summit)",
            Self::Nss2016Larger => {
                "Statement that nuclear security covers material in weapons programmes (2016 summit)"
            }
        }
    }

    /// Treaty or pledge.
    pub fn kind(self) -> InstrumentKind {
        match self {
            Self::Cppnm | Self::CppnmAmendment | Self::Icsant | Self::Npt | Self::Ctbt => {
                InstrumentKind::Treaty
            }
            _ => InstrumentKind::Pledge,
        }
    }

    /// Who keeps the deposits: CPPNM Art. 18 and 23; ICSANT Art. 24 and 28.
    pub fn depositary(self) -> Option<&'static str> {
        match self {
            Self::Cppnm | Self::CppnmAmendment => Some("Director General of the IAEA"),
            Self::Icsant => Some("Secretary-General of the United Nations"),
            _ => None,
        }
    }

    /// The first day on which a State could sign or join: CPPNM Art. 18(1), the Amendment's adoption, ICSANT
    /// Art. 24(1), the date of the circular. None where no source was read.
    pub fn opened(self) -> Option<Date> {
        match self {
            Self::Cppnm => Some(date(1980, 3, 3)),
            Self::CppnmAmendment => Some(date(2005, 7, 8)),
            Self::Icsant => Some(date(2005, 9, 14)),
            Self::Infcirc869 => Some(date(2014, 10, 9)),
            _ => None,
        }
    }

    /// The rule by which it enters into force: CPPNM Art. 19 and 20(2), ICSANT Art. 25.
    pub fn entry_rule(self) -> EntryRule {
        use ActionKind::{Acceptance, Accession, Approval, Ratification};
        match self {
            Self::Cppnm => EntryRule::NthDeposit { n: 21, counting: &[Ratification, Acceptance, Approval] },
            Self::Icsant => {
                EntryRule::NthDeposit { n: 22, counting: &[Ratification, Acceptance, Approval, Accession] }
            }
            Self::CppnmAmendment => EntryRule::TwoThirdsOfParties { convention: Self::Cppnm },
            _ => EntryRule::NotComputed,
        }
    }

    /// How long after its receipt a notice of withdrawal takes effect: CPPNM Art. 21 (180 days), ICSANT
    /// Art. 27 (one year). Elsewhere the date given is taken as it stands.
    pub(crate) fn withdrawal_takes_effect(self, received: Date) -> Date {
        let delay = match self {
            Self::Cppnm | Self::CppnmAmendment => jiff::Span::new().days(180),
            Self::Icsant => jiff::Span::new().years(1),
            _ => jiff::Span::new(),
        };
        received.checked_add(delay).unwrap_or(Date::MAX)
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Instrument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Reads the name exactly as it is written.
impl<'de> Deserialize<'de> for Instrument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer)
    }
}

impl JsonSchema for Instrument {
    fn schema_name() -> Cow<'static, str> {
        "Instrument".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::as_str) })
    }
}

/// No instrument has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no instrument is called `{asked}`: {}", hint(*.near))]
pub struct UnknownInstrument {
    /// What was asked for.
    pub asked: String,
    /// The nearest name.
    pub near: Option<Instrument>,
}

fn hint(near: Option<Instrument>) -> String {
    near.map_or_else(
        || format!("use one of {}", Instrument::ALL.map(Instrument::as_str).join(", ")),
        |instrument| format!("did you mean {instrument}?"),
    )
}

impl FromStr for Instrument {
    type Err = UnknownInstrument;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let asked = text.trim();
        Self::ALL.into_iter().find(|instrument| instrument.as_str().eq_ignore_ascii_case(asked)).ok_or_else(
            || {
                let near = closest(asked, Self::ALL.iter().map(|instrument| instrument.as_str()))
                    .and_then(|name| Self::ALL.into_iter().find(|instrument| instrument.as_str() == name));
                UnknownInstrument { asked: text.to_owned(), near }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instrument_reads_back_by_its_name() {
        for instrument in Instrument::ALL {
            assert_eq!(instrument.as_str().to_lowercase().parse(), Ok(instrument));
        }
    }

    #[test]
    fn an_unknown_instrument_gets_the_nearest_or_all() {
        let near = |text: &str| text.parse::<Instrument>().unwrap_err().to_string();
        assert!(near("CPPNM-B").contains("did you mean CPPNM"), "{}", near("CPPNM-B"));
        assert!(near("ICSAND").contains("did you mean ICSANT"));
        assert!(near("Geneva").contains("use one of CPPNM, CPPNM-A"));
    }

    #[test]
    fn accessions_bring_icsant_into_force_but_not_the_cppnm() {
        let counts_accession = |instrument: Instrument| match instrument.entry_rule() {
            EntryRule::NthDeposit { counting, .. } => counting.contains(&ActionKind::Accession),
            _ => panic!("not by number"),
        };
        assert!(!counts_accession(Instrument::Cppnm)); // Art. 19(1)
        assert!(counts_accession(Instrument::Icsant)); // Art. 25(1)
    }
}
