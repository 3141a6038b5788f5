//! Records: the small things of a register, each kept whole under an id. A new version takes the place of the one
//! before; the journal keeps both.

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;

use surety_material::{ChangeCode, MaterialKind};
use surety_standards::{Action, Assessment, Finding, Regime};

use crate::item::check_name;
use crate::register::from_json;
use crate::{
    ClaimMade, Commitment, CommittedPart, CommittedRoot, DisclosureMade, Error, Register, Regulation, Result,
    Review,
};

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned {
    /// The kind of its entries in the journal.
    const KIND: &'static str;

    /// Its id, unique in its kind.
    fn id(&self) -> String;

    /// Whether it fits to what the register holds.
    fn check(&self, register: &Register) -> Result<()>;
}

/// A site. Its id should tell nothing: neither a place nor a purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// The id, such as `S1`.
    pub id: String,
    /// Under which regime it stands.
    pub regime: Regime,
    /// What the register's keepers want to remember.
    #[serde(default)]
    pub note: String,
}

impl Record for Site {
    const KIND: &'static str = "site";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "a site")?;
        short(&self.note)
    }
}

/// A material balance area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// Its code, such as `XA01`.
    pub code: String,
    /// The site that it is part of.
    pub site: String,
    /// The code of the facility, where reports need one.
    #[serde(default)]
    pub facility: String,
    /// What the register's keepers want to remember.
    #[serde(default)]
    pub note: String,
}

impl Record for Area {
    const KIND: &'static str = "area";

    fn id(&self) -> String {
        self.code.clone()
    }

    fn check(&self, register: &Register) -> Result<()> {
        named(&self.code, "a material balance area")?;
        if !self.facility.is_empty() {
            named(&self.facility, "a facility")?;
        }
        register.require::<Site>(&self.site, "site")?;
        short(&self.note)
    }
}

/// What the State chose where the rules leave it a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// Fuel that was I or II before irradiation goes down one level while its dose rate exceeds 1 Gy/h at 1 m.
    pub reduce_irradiated: bool,
}

impl Choices {
    /// The policy for categories.
    pub fn policy(&self) -> surety_material::Policy {
        surety_material::Policy { reduce_irradiated: self.reduce_irradiated }
    }
}

impl Record for Choices {
    const KIND: &'static str = "choices";

    fn id(&self) -> String {
        String::new()
    }

    fn check(&self, _: &Register) -> Result<()> {
        Ok(())
    }
}

/// How well something is measured in an area: relative standard deviations, 0.01 for 1 %.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The material balance area.
    pub area: String,
    /// The material.
    pub material: String,
    /// What is measured: an inventory change code, or `inventory`.
    pub location: String,
    /// Of what is new in every balance period: of the total of the code, or of the whole inventory. Twelve independent
    /// measurements of the same amount, each of 0.5 %, have 0.5 %/√12 together.
    pub random_sd: f64,
    /// Of what all measurements have in common.
    pub systematic_sd: f64,
}

impl Measurement {
    /// The id of the measurement of something in an area.
    pub fn id_of(area: &str, material: MaterialKind, location: &str) -> String {
        format!("{area} {material} {location}")
    }
}

impl Record for Measurement {
    const KIND: &'static str = "measurement";

    fn id(&self) -> String {
        format!("{} {} {}", self.area, self.material, self.location)
    }

    fn check(&self, register: &Register) -> Result<()> {
        register.require::<Area>(&self.area, "material balance area")?;
        let refuse = |error: surety_core::UnknownWord| Error::Refused(error.to_string());
        self.material.parse::<MaterialKind>().map_err(refuse)?;
        if self.location != "inventory" {
            self.location.parse::<ChangeCode>().map_err(refuse)?;
        }
        let is_share = |sd: f64| (0.0..=1.0).contains(&sd);
        if is_share(self.random_sd) && is_share(self.systematic_sd) {
            Ok(())
        } else {
            Err(Error::Refused("a relative standard deviation is from 0 to 1: write 0.01 for 1 %".to_owned()))
        }
    }
}

/// What the form of a batch is, in place of the one that it came with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchForm {
    /// The material balance area.
    pub area: String,
    /// The name of the batch.
    pub batch: String,
    /// What it consists of.
    pub material: String,
    /// Its physical and chemical form.
    pub form: String,
}

impl Record for BatchForm {
    const KIND: &'static str = "form";

    fn id(&self) -> String {
        format!("{} {} {}", self.area, self.batch, self.material)
    }

    fn check(&self, register: &Register) -> Result<()> {
        let refuse = |error: surety_core::UnknownWord| Error::Refused(error.to_string());
        let material = self.material.parse::<MaterialKind>().map_err(refuse)?;
        named(&self.form, "a form")?;
        register.require::<Area>(&self.area, "material balance area")?;
        if register.has_item(&self.area, &self.batch, material)? {
            return Ok(());
        }
        Err(Error::Refused(format!("{} knows no batch `{}` of {material}", self.area, self.batch)))
    }
}

/// The id of a record of some kind, from its JSON.
pub(crate) fn id_of(kind: &str, body: &str) -> Result<String> {
    fn id<T: Record>(body: &str) -> Result<String> {
        from_json::<T>(body).map(|record| record.id())
    }
    match kind {
        Site::KIND => id::<Site>(body),
        Area::KIND => id::<Area>(body),
        Choices::KIND => id::<Choices>(body),
        Measurement::KIND => id::<Measurement>(body),
        BatchForm::KIND => id::<BatchForm>(body),
        Assessment::KIND => id::<Assessment>(body),
        Finding::KIND => id::<Finding>(body),
        Action::KIND => id::<Action>(body),
        Commitment::KIND => id::<Commitment>(body),
        Regulation::KIND => id::<Regulation>(body),
        Review::KIND => id::<Review>(body),
        CommittedRoot::KIND => id::<CommittedRoot>(body),
        CommittedPart::KIND => id::<CommittedPart>(body),
        ClaimMade::KIND => id::<ClaimMade>(body),
        DisclosureMade::KIND => id::<DisclosureMade>(body),
        other => Err(Error::Damaged(format!("`{other}` is no kind of record"))),
    }
}

pub(crate) fn named(text: &str, what: &str) -> Result<()> {
    check_name(text, what).map_err(Error::Refused)
}

/// A text of at most 2,000 bytes that a terminal only shows.
pub(crate) fn short(text: &str) -> Result<()> {
    const LENGTH_MAX: usize = 2_000;
    if text.len() > LENGTH_MAX || text.contains(|c: char| c.is_control() && c != '\n') {
        return Err(Error::Refused(format!(
            "a text has at most {LENGTH_MAX} bytes and no control characters"
        )));
    }
    Ok(())
}

/// A text that says something.
pub(crate) fn said(text: &str, what: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::Refused(format!("{what} is missing")));
    }
    short(text)
}
