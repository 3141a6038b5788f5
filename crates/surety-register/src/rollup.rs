//! What is held: item by item on any date, and added up by site, area, material, purpose and category.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;
use rusqlite::{Connection, params};
use serde::Serialize;
use surety_core::{Date, words};
use surety_material::{
    Amount, Category, ChangeCode, Irradiation, Material, MaterialKind, Policy, Purpose, Rollup,
    irradiation_word, significant_quantities, significant_quantity_mg,
};
use surety_standards::Regime;

use crate::book::{category_of, category_of_number, policy};
use crate::item::{irradiation_of_number, material_of_number, number_of_day, purpose_of_number};
use crate::register::from_json;
use crate::{BatchForm, Error, Record, Register, Result, Site};

/// One item that is held on a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Holding {
    /// The number of the item in the register.
    pub item: i64,
    /// The site.
    pub site: String,
    /// Under which regime the site stands.
    pub regime: Regime,
    /// The material balance area.
    pub area: String,
    /// The name of the batch.
    pub batch: String,
    /// What it consists of.
    pub material: MaterialKind,
    /// Its physical and chemical form.
    pub form: String,
    /// Whether it is irradiated, with more than 1 Gy/h at 1 m.
    #[serde(serialize_with = "as_irradiation_word")]
    pub irradiation: Irradiation,
    /// What it is for.
    pub purpose: Purpose,
    /// How much.
    #[serde(flatten)]
    pub amount: Amount,
    /// Its category.
    pub category: Category,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn as_irradiation_word<S: serde::Serializer>(irradiation: &Irradiation, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(irradiation_word(*irradiation))
}

words! {
    /// What holdings are added up by.
    pub enum By("way to add up") {
        /// The site.
        Site = "site",
        /// The material balance area.
        Area = "mba",
        /// The material and its grade.
        Material = "material",
        /// What it is for.
        Purpose = "purpose",
        /// The category of the item.
        Category = "category",
        /// Civil or military.
        Regime = "regime",
    }
}

words! {
    /// Materials as categories and significant quantities tell them apart.
    pub enum Grade("grade of material") {
        /// Plutonium with at most 80 % Pu-238.
        Plutonium = "Pu",
        /// Plutonium with more than 80 % Pu-238.
        Plutonium238 = "Pu-238",
        /// 20 % U-235 or more.
        Heu = "HEU",
        /// 10 % to less than 20 % U-235.
        LeuFrom10 = "LEU-10-20",
        /// Less than 10 % U-235.
        LeuBelow10 = "LEU-below-10",
        /// Uranium-233.
        Uranium233 = "U-233",
        /// Natural uranium.
        NaturalUranium = "natural-U",
        /// Depleted uranium.
        DepletedUranium = "depleted-U",
        /// Thorium.
        Thorium = "Th",
    }
}

impl Grade {
    /// The grade of an item.
    pub fn of(material: MaterialKind, amount: Amount) -> Self {
        match material.material(amount.element_mg, amount.isotope_mg) {
            Material::Plutonium { pu238_ppm } if pu238_ppm >= 800_000 => Self::Plutonium238,
            Material::Plutonium { .. } => Self::Plutonium,
            material @ Material::EnrichedUranium { .. } if material.is_heu() => Self::Heu,
            Material::EnrichedUranium { u235_ppm } if u235_ppm >= 100_000 => Self::LeuFrom10,
            Material::EnrichedUranium { .. } => Self::LeuBelow10,
            Material::Uranium233 => Self::Uranium233,
            Material::NaturalUranium => Self::NaturalUranium,
            Material::DepletedUranium => Self::DepletedUranium,
            Material::Thorium => Self::Thorium,
        }
    }

    /// A material that stands for the grade.
    pub fn material(self) -> Material {
        match self {
            Self::Plutonium => Material::Plutonium { pu238_ppm: 0 },
            Self::Plutonium238 => Material::Plutonium { pu238_ppm: 1_000_000 },
            Self::Heu => Material::EnrichedUranium { u235_ppm: 1_000_000 },
            Self::LeuFrom10 => Material::EnrichedUranium { u235_ppm: 100_000 },
            Self::LeuBelow10 => Material::EnrichedUranium { u235_ppm: 50_000 },
            Self::Uranium233 => Material::Uranium233,
            Self::NaturalUranium => Material::NaturalUranium,
            Self::DepletedUranium => Material::DepletedUranium,
            Self::Thorium => Material::Thorium,
        }
    }

    /// Whether it is usable in weapons as it stands.
    pub fn is_weapons_usable(self) -> bool {
        matches!(self, Self::Plutonium | Self::Heu | Self::Uranium233)
    }
}

/// Holdings of one grade and state, added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// What.
    pub grade: Grade,
    /// Whether it is irradiated.
    #[serde(serialize_with = "as_irradiation_word")]
    pub irradiation: Irradiation,
    /// Of the element, in milligrams.
    pub element_mg: i128,
    /// Of the isotope, in milligrams.
    pub isotope_mg: i128,
    /// The mass that categories and significant quantities count, in milligrams.
    pub counted_mg: i128,
    /// How many items.
    pub items: u64,
    /// The highest category of any one of the items.
    pub item_category: Category,
    /// The category of the whole, as if it were one item.
    pub category: Category,
}

impl Sum {
    /// How many significant quantities it is; none where there is no such quantity.
    pub fn significant_quantities(&self) -> Option<f64> {
        let mass = u64::try_from(self.counted_mg).ok()?;
        significant_quantity_mg(self.grade.material())?;
        significant_quantities(self.grade.material(), mass)
    }
}

/// Sums that share a place: a site, an area, a purpose ….
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Its words, in the order that was asked for.
    pub key: Vec<String>,
    /// Its category: of everything in it together, as [`Rollup`] says.
    pub category: Category,
    /// How many significant quantities it holds.
    pub significant_quantities: f64,
    /// Grade by grade.
    pub sums: Vec<Sum>,
}

/// What the items have in common that are added up first.
type Cell = (i64, Grade, i64, i64, i64);

/// Totals by grade and irradiation, each with the highest category of an item.
type Grades = BTreeMap<(Grade, i64), (Total, i64)>;

#[derive(Default, Clone, Copy)]
struct Total {
    element_mg: i128,
    isotope_mg: i128,
    counted_mg: i128,
    items: u64,
}

impl Register {
    /// Every item held today, or at the end of a day, in order of its number. Items of which nothing is left are none.
    pub fn holdings(&self, on: Option<Date>) -> Result<Vec<Holding>> {
        let places = places(&self.connection)?;
        let forms = forms(&self.connection)?;
        let policy = policy(&self.connection)?;
        let earlier =
            self.before_the_last_entry(on)?.map(|day| amounts_on(&self.connection, day, None)).transpose()?;
        let mut statement = self.connection.prepare(
            "SELECT item.id, item.area, batch, item.material, form, item.irradiation, item.purpose, \
             element_mg, isotope_mg, pieces FROM item JOIN holding ON holding.item = item.id ORDER BY item.id",
        )?;
        let mut rows = statement.query([])?;
        let mut holdings = Vec::new();
        while let Some(row) = rows.next()? {
            let item: i64 = row.get(0)?;
            let amount = match &earlier {
                Some(amounts) => amounts.get(&item).copied().unwrap_or_default(),
                None => Amount { element_mg: row.get(7)?, isotope_mg: row.get(8)?, pieces: row.get(9)? },
            };
            if amount == Amount::default() {
                continue;
            }
            let place = place(&places, row.get(1)?)?;
            let (material, irradiation) =
                (material_of_number(row.get(3)?)?, irradiation_of_number(row.get(5)?)?);
            holdings.push(Holding {
                item,
                site: place.site.clone(),
                regime: place.regime,
                area: place.area.clone(),
                batch: row.get(2)?,
                material,
                form: form_of(&forms, item, row.get(4)?),
                irradiation,
                purpose: purpose_of_number(row.get(6)?)?,
                amount,
                category: category_of(material, amount, irradiation, policy),
            });
        }
        Ok(holdings)
    }

    /// Holdings added up, grade by grade, for each combination of what is asked.
    pub fn roll_up(&self, by: &[By], on: Option<Date>) -> Result<Vec<Group>> {
        let cells = match self.before_the_last_entry(on)? {
            None => cells_today(&self.connection)?,
            Some(day) => cells_on(&self.connection, day)?,
        };
        let places = places(&self.connection)?;
        let policy = policy(&self.connection)?;
        let mut groups: BTreeMap<Vec<String>, Grades> = BTreeMap::new();
        for ((area, grade, irradiation, purpose, category), total) in cells {
            let place = place(&places, area)?;
            let word = |by: &By| -> Result<String> {
                Ok(match by {
                    By::Site => place.site.clone(),
                    By::Area => place.area.clone(),
                    By::Material => grade.to_string(),
                    By::Purpose => purpose_of_number(purpose)?.to_string(),
                    By::Category => category_of_number(category)?.to_string(),
                    By::Regime => place.regime.as_str().to_owned(),
                })
            };
            let key = by.iter().map(word).collect::<Result<Vec<_>>>()?;
            let (sum, highest) = groups
                .entry(key)
                .or_default()
                .entry((grade, irradiation))
                .or_insert((Total::default(), category));
            sum.element_mg += total.element_mg;
            sum.isotope_mg += total.isotope_mg;
            sum.counted_mg += total.counted_mg;
            sum.items += total.items;
            *highest = category.min(*highest);
        }
        groups.into_iter().map(|(key, sums)| group(key, sums, policy)).collect()
    }
}

impl Register {
    /// A day on which less may be known than today: no change is dated after the day of its entry.
    fn before_the_last_entry(&self, on: Option<Date>) -> Result<Option<Date>> {
        let last = self.head()?.at.to_zoned(TimeZone::UTC).date();
        Ok(on.filter(|day| *day < last))
    }
}

fn group(key: Vec<String>, sums: Grades, policy: Policy) -> Result<Group> {
    let mut together = Rollup::default();
    let mut highest = Category::BelowIII;
    let sums = sums
        .into_iter()
        .map(|((grade, irradiation), (total, item_category))| {
            let irradiation = irradiation_of_number(irradiation)?;
            let counted = u64::try_from(total.counted_mg).unwrap_or(0);
            let mut alone = Rollup::default();
            alone.add(grade.material(), counted, irradiation);
            together.join(&alone);
            let item_category = category_of_number(item_category)?;
            highest = highest.max(item_category);
            Ok(Sum {
                grade,
                irradiation,
                element_mg: total.element_mg,
                isotope_mg: total.isotope_mg,
                counted_mg: total.counted_mg,
                items: total.items,
                item_category,
                category: alone.category(policy),
            })
        })
        .collect::<Result<Vec<Sum>>>()?;
    let category = together.category(policy).max(highest);
    Ok(Group { key, category, significant_quantities: together.significant_quantities(), sums })
}

fn cells_today(connection: &Connection) -> Result<HashMap<Cell, Total>> {
    let mut statement = connection.prepare(
        "SELECT area, material, irradiation, purpose, category, element_mg, isotope_mg FROM holding \
         WHERE element_mg <> 0",
    )?;
    let mut rows = statement.query([])?;
    let mut cells = HashMap::new();
    while let Some(row) = rows.next()? {
        let material = material_of_number(row.get(1)?)?;
        let amount = Amount { element_mg: row.get(5)?, isotope_mg: row.get(6)?, pieces: 0 };
        add(&mut cells, (row.get(0)?, row.get(2)?, row.get(3)?, row.get(4)?), material, amount);
    }
    Ok(cells)
}

fn cells_on(connection: &Connection, day: Date) -> Result<HashMap<Cell, Total>> {
    let policy = policy(connection)?;
    let amounts = amounts_on(connection, day, None)?;
    let mut statement =
        connection.prepare("SELECT item, area, material, irradiation, purpose FROM holding")?;
    let mut rows = statement.query([])?;
    let mut cells = HashMap::new();
    while let Some(row) = rows.next()? {
        let Some(amount) = amounts.get(&row.get(0)?).filter(|amount| amount.element_mg != 0) else {
            continue;
        };
        let material = material_of_number(row.get(2)?)?;
        let irradiation: i64 = row.get(3)?;
        let category = category_of(material, *amount, irradiation_of_number(irradiation)?, policy);
        let at = (row.get(1)?, irradiation, row.get(4)?, crate::book::number_of_category(category));
        add(&mut cells, at, material, *amount);
    }
    Ok(cells)
}

fn add(cells: &mut HashMap<Cell, Total>, at: (i64, i64, i64, i64), material: MaterialKind, amount: Amount) {
    let (area, irradiation, purpose, category) = at;
    let total = cells.entry((area, Grade::of(material, amount), irradiation, purpose, category)).or_default();
    total.element_mg += i128::from(amount.element_mg);
    total.isotope_mg += i128::from(amount.isotope_mg);
    total.counted_mg += i128::from(material.counted_mg(amount.element_mg, amount.isotope_mg));
    total.items += 1;
}

/// What each item held at the end of a day, by the changes known today: a change that was corrected counts as corrected.
pub(crate) fn amounts_on(
    connection: &Connection,
    day: Date,
    area: Option<i64>,
) -> Result<HashMap<i64, Amount>> {
    let mut statement = connection.prepare(
        "SELECT change.item, item.material, code, element_mg, isotope_mg, pieces FROM change \
         JOIN item ON item.id = change.item \
         WHERE day <= ?1 AND (?2 IS NULL OR item.area = ?2) \
         AND NOT EXISTS (SELECT 1 FROM change AS later WHERE later.corrects = change.id)",
    )?;
    let mut rows = statement.query(params![number_of_day(day), area])?;
    let mut amounts: HashMap<i64, Amount> = HashMap::new();
    while let Some(row) = rows.next()? {
        let material = material_of_number(row.get(1)?)?;
        let code = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let direction = code.parse::<ChangeCode>().ok().and_then(|code| code.direction(material));
        let direction =
            direction.ok_or_else(|| Error::Damaged(format!("`{code}` is no change of {material}")))?;
        let amount = Amount { element_mg: row.get(3)?, isotope_mg: row.get(4)?, pieces: row.get(5)? };
        let held = amounts.entry(row.get(0)?).or_default();
        *held = held
            .plus(amount.moved(direction))
            .ok_or_else(|| Error::Damaged("a sum is more than 64 bits hold".to_owned()))?;
    }
    Ok(amounts)
}

/// The forms that were set after their batches came, by the number of the item.
pub(crate) fn forms(connection: &Connection) -> Result<HashMap<i64, String>> {
    let mut statement = connection.prepare(
        "SELECT item.id, item.material, record.body FROM record JOIN area ON area.code = record.body ->> '$.area' \
         JOIN item ON item.area = area.id AND item.batch = record.body ->> '$.batch' WHERE record.kind = ?1",
    )?;
    let mut rows = statement.query([BatchForm::KIND])?;
    let mut forms = HashMap::new();
    while let Some(row) = rows.next()? {
        let set: BatchForm = from_json(&row.get::<_, String>(2)?)?;
        if set.material == material_of_number(row.get(1)?)?.as_str() {
            forms.insert(row.get(0)?, set.form);
        }
    }
    Ok(forms)
}

/// The form of an item: the one that was set, or else the one that it came with.
pub(crate) fn form_of(forms: &HashMap<i64, String>, item: i64, came_with: String) -> String {
    forms.get(&item).cloned().unwrap_or(came_with)
}

/// Where an area is.
pub(crate) struct Place {
    pub(crate) area: String,
    pub(crate) site: String,
    pub(crate) regime: Regime,
}

/// Every area by its number.
pub(crate) fn places(connection: &Connection) -> Result<HashMap<i64, Place>> {
    let mut statement = connection.prepare(
        "SELECT area.id, area.code, record.body FROM area JOIN record ON record.kind = ?1 AND record.id = area.site",
    )?;
    let rows = statement.query_map([Site::KIND], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.map(|row| {
        let (id, area, body) = row?;
        let site: Site = from_json(&body)?;
        Ok((id, Place { area, site: site.id, regime: site.regime }))
    })
    .collect()
}

pub(crate) fn place(places: &HashMap<i64, Place>, area: i64) -> Result<&Place> {
    places.get(&area).ok_or_else(|| Error::Damaged(format!("area {area} has no site")))
}
