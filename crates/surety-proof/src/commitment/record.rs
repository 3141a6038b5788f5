//! What an entry holds, and the salted hash that binds it.

use sha2::{Digest, Sha256};

use crate::encoding::{DecodeError, Reader, Writer};
use crate::register::{Balance, Class, Holder, Holding, MATURITY_MAX, Material, Regime};

use super::layout::{Layout, Region};

/// How a maturity that is not stated is committed to: so far from every other that no comparison holds.
pub(crate) const NOT_STATED: u8 = 100;

/// What one entry holds, in the clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A holding, with the slots of its site and its balance area.
    Holding {
        /// The item or batch.
        holding: Holding,
        /// The slot of its site.
        site: u16,
        /// The slot of its balance area.
        area: u16,
    },
    /// A leaf that holds nothing. It has a place with a site and a balance area all the same, to blur how many
    /// items those have.
    EmptyLeaf {
        /// The slot of a site.
        site: u16,
        /// The slot of a balance area.
        area: u16,
    },
    /// The sums of a site or balance area, one for each class of the layout; without a label it is padding.
    Holder {
        /// What the register calls it.
        label: Option<String>,
        /// Milligrams of each class.
        sums_mg: Vec<i64>,
    },
    /// The maturity of a requirement under one regime.
    Requirement {
        /// The requirement.
        id: String,
        /// The regime.
        regime: Regime,
        /// From 0 to 5; none when it is not stated.
        maturity: Option<u8>,
    },
    /// A balance; none is padding.
    Balance(Option<Balance>),
}

impl Record {
    /// The numbers that the commitments of the entry are to.
    pub(crate) fn values(&self) -> Vec<i64> {
        match self {
            // At most 32 bits, as the register sees to.
            Self::Holding { holding, .. } => vec![i64::try_from(holding.mass_mg).unwrap_or(i64::MAX)],
            Self::EmptyLeaf { .. } => vec![0],
            Self::Holder { sums_mg, .. } => sums_mg.clone(),
            Self::Requirement { maturity, .. } => vec![i64::from(maturity.unwrap_or(NOT_STATED))],
            Self::Balance(Some(balance)) => vec![balance.muf_mg, balance.threshold_mg],
            Self::Balance(None) => vec![0, 0],
        }
    }

    /// The slots of site and balance area of a leaf; none for other records.
    pub(crate) fn slots(&self) -> Option<[u16; 2]> {
        match self {
            Self::Holding { site, area, .. } | Self::EmptyLeaf { site, area } => Some([*site, *area]),
            _ => None,
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        match self {
            Self::EmptyLeaf { site, area } => writer.u8(0).u16(*site).u16(*area),
            Self::Holding { holding, site, area } => writer
                .u8(1)
                .u16(*site)
                .u16(*area)
                .label(&holding.id)
                .label(&holding.site)
                .label(&holding.area)
                .u8(holding.class.code())
                .u64(holding.mass_mg),
            Self::Holder { label, sums_mg } => {
                match label {
                    None => writer.u8(2),
                    Some(label) => writer.u8(3).label(label),
                };
                for sum_mg in sums_mg {
                    writer.i64(*sum_mg);
                }
                &mut writer
            }
            Self::Requirement { id, regime, maturity } => {
                writer.u8(4).label(id).u8(*regime as u8).u8(maturity.unwrap_or(NOT_STATED))
            }
            Self::Balance(None) => writer.u8(5),
            Self::Balance(Some(balance)) => writer
                .u8(6)
                .label(&balance.area)
                .u8(balance.material as u8)
                .label(&balance.period)
                .i64(balance.muf_mg)
                .i64(balance.threshold_mg),
        };
        writer.finish()
    }

    /// Reads a record that belongs into a region.
    pub(crate) fn decode(bytes: &[u8], region: Region, layout: &Layout) -> Result<Self, DecodeError> {
        let mut reader = Reader::new("record", bytes);
        let record = Self::read(&mut reader, layout)?;
        if !record.belongs(region, layout) {
            return Err(reader.error("this record does not belong at its place"));
        }
        reader.finish()?;
        Ok(record)
    }

    fn read(reader: &mut Reader<'_>, layout: &Layout) -> Result<Self, DecodeError> {
        Ok(match reader.u8()? {
            0 => Self::EmptyLeaf { site: reader.u16()?, area: reader.u16()? },
            1 => {
                let (site, area) = (reader.u16()?, reader.u16()?);
                Self::Holding { holding: read_holding(reader)?, site, area }
            }
            2 => Self::Holder { label: None, sums_mg: read_sums(reader, layout)? },
            3 => {
                let label = Some(reader.label()?.to_owned());
                Self::Holder { label, sums_mg: read_sums(reader, layout)? }
            }
            4 => Self::Requirement {
                id: reader.label()?.to_owned(),
                regime: pick(Regime::ALL, reader)?,
                maturity: read_maturity(reader)?,
            },
            5 => Self::Balance(None),
            6 => Self::Balance(Some(Balance {
                area: reader.label()?.to_owned(),
                material: pick(Material::ALL, reader)?,
                period: reader.label()?.to_owned(),
                muf_mg: reader.i64()?,
                threshold_mg: reader.i64()?,
            })),
            _ => return Err(reader.error("there is no such record")),
        })
    }

    /// Whether a record of this kind, about this, may stand there.
    fn belongs(&self, region: Region, layout: &Layout) -> bool {
        let slots_exist = |site: u16, area: u16| {
            u32::from(site) < layout.holders(Holder::Site) && u32::from(area) < layout.holders(Holder::Area)
        };
        match (self, region) {
            (Self::EmptyLeaf { site, area }, Region::Leaf(_)) => slots_exist(*site, *area),
            (Self::Holding { holding, site, area }, Region::Leaf(class)) => {
                holding.class == class && slots_exist(*site, *area)
            }
            (Self::Holder { .. }, Region::Holder(..)) | (Self::Balance(_), Region::Balance) => true,
            (Self::Requirement { id, regime, .. }, Region::Requirement(number, expected)) => {
                layout.requirements().get(number) == Some(id) && *regime == expected
            }
            _ => false,
        }
    }
}

fn pick<T: Copy>(all: &[T], reader: &mut Reader<'_>) -> Result<T, DecodeError> {
    let at = usize::from(reader.u8()?);
    all.get(at).copied().ok_or_else(|| reader.error("there is no such word"))
}

fn read_holding(reader: &mut Reader<'_>) -> Result<Holding, DecodeError> {
    Ok(Holding {
        id: reader.label()?.to_owned(),
        site: reader.label()?.to_owned(),
        area: reader.label()?.to_owned(),
        class: Class::read(reader)?,
        mass_mg: u64::from(
            u32::try_from(reader.u64()?).map_err(|_| reader.error("a holding has at most 4,294 kg"))?,
        ),
    })
}

fn read_sums(reader: &mut Reader<'_>, layout: &Layout) -> Result<Vec<i64>, DecodeError> {
    layout.sections().map(|_| reader.i64()).collect()
}

fn read_maturity(reader: &mut Reader<'_>) -> Result<Option<u8>, DecodeError> {
    match reader.u8()? {
        NOT_STATED => Ok(None),
        maturity if maturity <= MATURITY_MAX => Ok(Some(maturity)),
        _ => Err(reader.error("a maturity is a number from 0 to 5")),
    }
}

/// The salted hash of a record at an index of the tree: SHA-256 of a fixed line, the salt, the index and the
/// record.
pub fn record_hash(salt: &[u8; 32], index: u64, record: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"surety-proof/1 record\n")
        .chain_update(salt)
        .chain_update(index.to_be_bytes())
        .chain_update(record)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commitment::Padding;
    use crate::register::Purpose;
    use crate::tests::xaa_year_1;
    use proptest::prelude::*;

    fn layout() -> Layout {
        Layout::fitting(&xaa_year_1(), Padding::PerClass).unwrap()
    }

    const HEU: Class = Class { material: Material::Heu, purpose: Purpose::Military };

    fn holding(class: Class) -> Record {
        let holding =
            Holding { id: "i".to_owned(), site: "s".to_owned(), area: "a".to_owned(), class, mass_mg: 5_000 };
        Record::Holding { holding, site: 1, area: 2 }
    }

    #[test]
    fn records_read_back_where_they_belong() {
        let layout = layout();
        let id = layout.requirements()[0].clone();
        let sums_mg = vec![3; layout.sections().len()];
        let balance = Balance {
            area: "a".to_owned(),
            material: Material::Plutonium,
            period: "2026".to_owned(),
            muf_mg: -7,
            threshold_mg: 9,
        };
        for (record, region) in [
            (holding(HEU), Region::Leaf(HEU)),
            (Record::EmptyLeaf { site: 0, area: 0 }, Region::Leaf(HEU)),
            (Record::Holder { label: None, sums_mg: sums_mg.clone() }, Region::Holder(Holder::Site, 0)),
            (Record::Holder { label: Some("s".to_owned()), sums_mg }, Region::Holder(Holder::Area, 1)),
            (
                Record::Requirement { id, regime: Regime::Military, maturity: None },
                Region::Requirement(0, Regime::Military),
            ),
            (Record::Balance(Some(balance)), Region::Balance),
            (Record::Balance(None), Region::Balance),
        ] {
            let bytes = record.encode();
            assert_eq!(Record::decode(&bytes, region, &layout), Ok(record.clone()));
            for other in [
                Region::Leaf(Class { purpose: Purpose::Civil, ..HEU }),
                Region::Requirement(1, Regime::Civil),
            ] {
                let elsewhere = Record::decode(&bytes, other, &layout);
                assert!(elsewhere.is_err() || matches!(record, Record::EmptyLeaf { .. }), "{record:?}");
            }
            for len in 0..bytes.len() {
                assert!(Record::decode(&bytes[..len], region, &layout).is_err(), "{record:?}, {len} bytes");
            }
        }
    }

    #[test]
    fn the_hash_depends_on_salt_place_and_record() {
        let hash = record_hash(&[1; 32], 1, b"a");
        assert_ne!(hash, record_hash(&[2; 32], 1, b"a"));
        assert_ne!(hash, record_hash(&[1; 32], 2, b"a"));
        assert_ne!(hash, record_hash(&[1; 32], 1, b"b"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let layout = layout();
            for region in [Region::Leaf(HEU), Region::Holder(Holder::Site, 0), Region::Balance] {
                if let Ok(record) = Record::decode(&bytes, region, &layout) {
                    prop_assert_eq!(record.encode(), bytes.clone());
                }
            }
        }
    }
}
