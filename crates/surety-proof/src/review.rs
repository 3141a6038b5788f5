//! What a reviewer signs: that it examined a sample under a root, how, when, and what it found.
//!
//! The file is what is signed, byte for byte; the signature, and who the reviewer is, are known elsewhere.

use std::fmt;

use surety_core::Date;

use crate::Anchor;
use crate::commitment::{Assignment, Package, Record, read_date};
use crate::disclosure::Disclosure;
use crate::encoding::{DecodeError, FileKind, Reader, Writer, is_label};
use crate::register::Scope;
use crate::sample::{Challenge, detection_probability};

/// A sample and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// What decided which leaves.
    pub challenge: Challenge,
    /// Of which classes.
    pub scope: Scope,
    /// Among how many leaves, padding included.
    pub leaves: u64,
    /// How many leaves were examined.
    pub examined: u64,
    /// How many of them were found false: not as the register has them.
    pub found_false: u64,
}

impl Sampled {
    /// With what probability this sample would have found one of so many false leaves.
    pub fn detection_probability(&self, false_leaves: u64) -> f64 {
        detection_probability(self.leaves, false_leaves, self.examined)
    }
}

/// A sample that is not what the challenge asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// The parts are about different roots.
    #[error("challenge, package, disclosure and assignment must be about one root")]
    OtherRoot,
    /// More leaves than there are, or a class without a section.
    #[error("there are not so many leaves of these classes to choose from")]
    Choice,
    /// A chosen leaf was not opened.
    #[error("leaf {0} was chosen and is not opened")]
    NotOpened(u64),
    /// A leaf names another holder than the assignment.
    #[error("leaf {0} names another site or balance area than the assignment: the commitment is false")]
    Assignment(u64),
}

/// A reviewer's finding on a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What was reviewed.
    pub anchor: Anchor,
    /// When.
    pub date: Date,
    /// How, in a few words, such as `items weighed and measured`.
    pub method: String,
    /// The samples.
    pub samples: Vec<Sampled>,
    /// Whether every sum of every holder was checked against the assignment.
    pub assignment_checked: bool,
}

/// The most samples of one review.
const SAMPLES_MAX: usize = 64;

impl Review {
    /// Whether nothing false was found, in at least one leaf.
    pub fn is_consistent(&self) -> bool {
        let examined = self.samples.iter().any(|sample| sample.examined > 0);
        examined && self.samples.iter().all(|sample| sample.found_false == 0)
    }

    /// The file to sign.
    ///
    /// # Errors
    /// When it has no method, or more samples than a file has room for.
    pub fn encode(&self) -> Result<Vec<u8>, DecodeError> {
        let mut writer = Writer::file(FileKind::Review);
        self.anchor.write(&mut writer);
        writer.label(&self.date.to_string()).label(&self.method);
        writer.u8(u8::from(self.assignment_checked));
        writer.u8(u8::try_from(self.samples.len()).unwrap_or(u8::MAX));
        for sample in &self.samples {
            sample.challenge.write(&mut writer);
            sample.scope.write(&mut writer);
            writer.u64(sample.leaves).u64(sample.examined).u64(sample.found_false);
        }
        let bytes = writer.finish();
        if is_label(&self.method) {
            Self::read(&bytes).map(|_| bytes)
        } else {
            Err(DecodeError { what: "review", at: 0, problem: "its method is a label of 1 to 64 bytes" })
        }
    }

    /// Reads a review. Whose it is must be known from a signature over these bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::file(FileKind::Review, bytes)?;
        let anchor = Anchor::read(&mut reader)?;
        let date = read_date(&mut reader)?;
        let method = reader.label()?.to_owned();
        let assignment_checked = match reader.u8()? {
            0 => false,
            1 => true,
            _ => return Err(reader.error("the assignment was checked or not")),
        };
        let count = usize::from(reader.u8()?);
        if count > SAMPLES_MAX {
            return Err(reader.error("there are more than 64 samples"));
        }
        let mut samples = Vec::new();
        for _ in 0..count {
            let sample = Sampled {
                challenge: Challenge::read(anchor.root, &mut reader)?,
                scope: Scope::read(&mut reader)?,
                leaves: reader.u64()?,
                examined: reader.u64()?,
                found_false: reader.u64()?,
            };
            if sample.leaves > crate::LEAVES_MAX.into()
                || sample.examined > sample.leaves
                || sample.found_false > sample.examined
            {
                return Err(
                    reader.error("more leaves were examined than there are, or found false than examined")
                );
            }
            samples.push(sample);
        }
        reader.finish()?;
        Ok(Self { anchor, date, method, samples, assignment_checked })
    }
}

impl Sampled {
    /// Takes a disclosure as the sample that a challenge asks for. How many leaves are false, the reviewer knows.
    ///
    /// # Errors
    /// When a chosen leaf is missing, or one names another holder than the assignment.
    pub fn of_disclosure(
        challenge: Challenge,
        scope: Scope,
        examined: u64,
        package: &Package,
        disclosure: &Disclosure,
        assignment: Option<&Assignment>,
    ) -> Result<Self, SampleError> {
        let root = package.anchor().root;
        let roots =
            [Some(challenge.root()), Some(disclosure.anchor().root), assignment.map(Assignment::root)];
        if roots.into_iter().flatten().any(|other| other != root) {
            return Err(SampleError::OtherRoot);
        }
        let layout = &package.header().layout;
        let chosen = challenge.choose(layout, scope, examined).ok_or(SampleError::Choice)?;
        for leaf in chosen {
            let opening = disclosure.openings().iter().find(|opening| opening.index() == leaf);
            let record = opening.map(crate::Opening::record).ok_or(SampleError::NotOpened(leaf))?;
            let expected = assignment.and_then(|assignment| assignment.slots(leaf));
            if expected.is_some() && record.slots() != expected {
                return Err(SampleError::Assignment(leaf));
            }
            debug_assert!(matches!(record, Record::Holding { .. } | Record::EmptyLeaf { .. }));
        }
        let sections = scope.classes().filter_map(|class| layout.leaf_entries(class));
        let leaves = sections.map(|section| section.end - section.start).sum();
        Ok(Self { challenge, scope, leaves, examined, found_false: 0 })
    }
}

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "examined on {} ({})", self.date, self.method)?;
        for sample in &self.samples {
            write!(
                f,
                "; {} of {} leaves of {}, {} of them false",
                sample.examined, sample.leaves, sample.scope, sample.found_false
            )?;
        }
        f.write_str(if self.assignment_checked { "; every sum of every site and MBA checked" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{HEU_MILITARY, committed_year_1, package};
    use proptest::prelude::*;

    fn sampled(examined: u64) -> (Challenge, Scope, Vec<u64>) {
        let committed = committed_year_1();
        let scope = Scope::class(HEU_MILITARY);
        let challenge = Challenge::new(committed.anchor().root, b"checkpoint", [9; 32]).unwrap();
        let chosen = challenge.choose(&committed.header().layout, scope, examined).unwrap();
        (challenge, scope, chosen)
    }

    fn review() -> Review {
        let committed = committed_year_1();
        let package = package(committed, &[]);
        let (challenge, scope, chosen) = sampled(6);
        let disclosure = Disclosure::new(committed, &chosen).unwrap();
        let assignment = Assignment::read(&committed.assignment(), &package).unwrap();
        let sample = Sampled::of_disclosure(challenge, scope, 6, &package, &disclosure, Some(&assignment));
        Review {
            anchor: committed.anchor(),
            date: "2027-03-01".parse().unwrap(),
            method: "items weighed".to_owned(),
            samples: vec![sample.unwrap()],
            assignment_checked: true,
        }
    }

    #[test]
    fn a_review_reads_back_and_says_what_it_found() {
        let review = review();
        assert!(review.is_consistent());
        let bytes = review.encode().unwrap();
        assert_eq!(Review::read(&bytes), Ok(review.clone()));
        assert_eq!(
            review.to_string(),
            "examined on 2027-03-01 (items weighed); 6 of 8 leaves of military HEU, 0 of them false; every sum of \
             every site and MBA checked"
        );
        for len in 0..bytes.len() {
            assert!(Review::read(&bytes[..len]).is_err(), "{len} bytes");
        }
        assert!(Review { method: String::new(), ..review }.encode().is_err());
    }

    #[test]
    fn a_review_that_found_something_false_or_examined_nothing_is_not_consistent() {
        let mut found = review();
        found.samples[0].found_false = 1;
        assert!(!found.is_consistent());
        assert!(!Review { samples: Vec::new(), ..found }.is_consistent());
    }

    #[test]
    fn a_chosen_leaf_that_is_not_opened_is_named() {
        let committed = committed_year_1();
        let (challenge, scope, chosen) = sampled(6);
        let disclosure = Disclosure::new(committed, &chosen[1..]).unwrap();
        let found = Sampled::of_disclosure(challenge, scope, 6, &package(committed, &[]), &disclosure, None);
        assert_eq!(found, Err(SampleError::NotOpened(chosen[0])));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(tail in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Review::read(&[FileKind::Review.first_line().as_bytes(), &tail].concat());
        }
    }
}
