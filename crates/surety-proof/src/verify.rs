//! Many files at once: bytes in, plain facts out, with everything in one batch.
//!
//! Packages are read first, then the range proofs of their leaves, then all else. A file that does not hold takes
//! nothing else with it, except what rests on it.

use std::collections::BTreeMap;
use std::fmt;

use surety_core::Level;

use crate::claims::{ClaimError, ProvenClaim};
use crate::commitment::{Assignment, Package, PackageError, Ranges};
use crate::disclosure::{Disclosure, DisclosureError};
use crate::encoding::{DecodeError, FileKind};
use crate::range::Batch;
use crate::register::Class;
use crate::review::Review;
use crate::{Anchor, AssignmentError, Root};

/// The most files at once.
pub const FILES_MAX: usize = 10_000;

/// That no site was left out can never be proven by mathematics.
pub const ONLY_INSPECTION: &str = "that the register is true and nothing was left out of it: no proof can show that \
                                   no site or item is missing, only inspection can";

/// A file carries its root; that it is the State's, only the public statement shows.
pub const PUBLISHED: &str = "that each root is the one that the State published";

/// Why a file shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is no file of assurance.
    #[error("this is none of the files that are made of a register: its first line does not name a kind")]
    Unknown,
    /// Too many at once.
    #[error("more than {FILES_MAX} files at once")]
    Many,
    /// The package is missing that it is about.
    #[error("it is about root {0}, and no package here is of it: give that package, or a whole copy of it")]
    NoPackage(Root),
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A package.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// A claim, or range proofs.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// An assignment.
    #[error(transparent)]
    Assignment(#[from] AssignmentError),
    /// A disclosure.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
}

/// What a file shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// A commitment, consistent in itself.
    Package(Anchor),
    /// Every leaf of a class is a mass.
    Ranges(Anchor, Class),
    /// Every sum of every holder is that of its leaves.
    Assignment(Anchor),
    /// Entries were opened.
    Disclosure(Box<Disclosure>),
    /// A claim holds.
    Claim(Box<ProvenClaim>),
    /// A reviewer's finding, on the word of whoever signed it.
    Review(Box<Review>),
}

impl Shown {
    /// About which roots it is, the older first.
    pub fn anchors(&self) -> Vec<Anchor> {
        match self {
            Self::Package(anchor) | Self::Ranges(anchor, _) | Self::Assignment(anchor) => vec![*anchor],
            Self::Disclosure(disclosure) => vec![disclosure.anchor()],
            Self::Claim(claim) => claim.anchors().to_vec(),
            Self::Review(review) => vec![review.anchor],
        }
    }

    /// On whose word it is known.
    pub fn on_whose_word(&self) -> &'static str {
        match self {
            Self::Package(_) => "nobody's: the file shows it",
            Self::Ranges(..) | Self::Assignment(_) | Self::Claim(_) => {
                "nobody's: the proof shows it, of the register as the State committed to it"
            }
            Self::Disclosure(_) => "the State's, which committed to it before",
            Self::Review(_) => "the reviewer's, whose signature over this file must be checked",
        }
    }

    /// What remains assumed.
    pub fn assumed(&self) -> Vec<&'static str> {
        match self {
            Self::Package(_) => vec![PUBLISHED],
            Self::Ranges(..) | Self::Assignment(_) | Self::Disclosure(_) => vec![PUBLISHED, ONLY_INSPECTION],
            Self::Claim(claim) => {
                let not_proven = claim.claim().not_proven().iter().copied();
                let mut assumed = vec![PUBLISHED];
                assumed.extend(not_proven);
                assumed.push(ONLY_INSPECTION);
                assumed
            }
            Self::Review(_) => vec!["that the reviewer saw what it says it saw"],
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, anchor) in self.anchors().iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " and " })?;
            write!(f, "{} on {}", anchor.state, anchor.date)?;
        }
        f.write_str(": ")?;
        match self {
            Self::Package(anchor) => write!(f, "a register is committed to, root {}", anchor.root),
            Self::Ranges(_, class) => write!(f, "every leaf of {class} is a mass from 0 to 4,294 kg"),
            Self::Assignment(_) => f.write_str("every sum of every site and MBA is that of its leaves"),
            Self::Disclosure(disclosure) => {
                write!(f, "{} entries are what was committed to", disclosure.openings().len())
            }
            Self::Claim(claim) => claim.claim().fmt(f),
            Self::Review(review) => review.fmt(f),
        }
    }
}

/// What all files show, each by its place in the list.
#[derive(Debug, Clone)]
pub struct Report {
    files: Vec<Result<Shown, FileError>>,
}

impl Report {
    /// What each file shows, in the order in which they were given.
    pub fn files(&self) -> &[Result<Shown, FileError>] {
        &self.files
    }

    /// How well assured it is what a file shows, when these reviews are those of independent reviewers: the caller
    /// has checked their signatures.
    ///
    /// A claim is *proven* when every root it is about was found consistent; one that rests on the sums of holders
    /// only when the reviewer checked these too. Otherwise it is the State's word.
    pub fn level(&self, shown: &Shown, reviews: &[Review]) -> Level {
        let reviewed = shown.anchors().iter().all(|anchor| {
            let of_root: Vec<&Review> = reviews.iter().filter(|review| review.anchor == *anchor).collect();
            // One finding of something false outweighs any other; one that checked less takes nothing away.
            of_root.iter().all(|review| review.is_consistent())
                && of_root.iter().any(|review| review.assignment_checked || !rests_on_holders(shown))
        });
        match (shown, reviewed) {
            (Shown::Claim(_), true) => Level::Proven,
            (Shown::Package(_) | Shown::Disclosure(_), true) | (Shown::Review(_), _) => Level::Reviewed,
            _ => Level::Declared,
        }
    }
}

fn rests_on_holders(shown: &Shown) -> bool {
    matches!(shown, Shown::Claim(claim) if claim.claim().rests_on_holders())
}

/// Verifies files of any kind together.
///
/// A [`Disclosure`] comes decrypted: [`Disclosure::unseal`] needs the reader's key.
pub fn verify(files: &[&[u8]]) -> Report {
    if files.len() > FILES_MAX {
        return Report { files: vec![Err(FileError::Many); files.len()] };
    }
    let kinds: Vec<Option<FileKind>> = files.iter().map(|bytes| FileKind::of(bytes)).collect();
    let of_kind = |kind: FileKind| {
        let found = kinds.iter().zip(files).enumerate().filter(move |(_, (known, _))| **known == Some(kind));
        found.map(|(at, (_, bytes))| (at, *bytes))
    };
    let mut shown: BTreeMap<usize, Result<Shown, FileError>> = BTreeMap::new();

    let mut packages = BTreeMap::new();
    for (at, bytes) in of_kind(FileKind::Package) {
        let read = Package::read(bytes).map(|package| {
            let anchor = package.anchor();
            packages.entry(anchor.root).or_insert(package);
            Shown::Package(anchor)
        });
        shown.insert(at, read.map_err(FileError::from));
    }

    let mut batch = Batch::default();
    for (at, bytes) in of_kind(FileKind::Ranges) {
        shown.insert(at, read_ranges(bytes, &packages, at, &mut batch));
    }
    strike_false(&mut shown, &batch);
    for ranges in shown.values() {
        if let Ok(Shown::Ranges(anchor, class)) = ranges
            && let Some(package) = packages.get_mut(&anchor.root)
        {
            package.mark_ranged(*class);
        }
    }

    let mut batch = Batch::default();
    let known: Vec<&Package> = packages.values().collect();
    for (at, bytes) in of_kind(FileKind::Claim) {
        let read = ProvenClaim::read(bytes).and_then(|claim| {
            claim.check(&known, at, &mut batch)?;
            Ok(Shown::Claim(Box::new(claim)))
        });
        shown.insert(at, read.map_err(FileError::from));
    }
    strike_false(&mut shown, &batch);

    for (at, bytes) in of_kind(FileKind::Assignment) {
        shown.insert(at, read_assignment(bytes, &packages));
    }
    for (at, bytes) in of_kind(FileKind::Disclosure) {
        let read = Disclosure::read(bytes).map(|disclosure| Shown::Disclosure(Box::new(disclosure)));
        shown.insert(at, read.map_err(FileError::from));
    }
    for (at, bytes) in of_kind(FileKind::Review) {
        let read = Review::read(bytes).map(|review| Shown::Review(Box::new(review)));
        shown.insert(at, read.map_err(FileError::from));
    }
    let file = |at: usize| shown.remove(&at).unwrap_or(Err(FileError::Unknown));
    Report { files: (0..files.len()).map(file).collect() }
}

fn read_ranges(
    bytes: &[u8],
    packages: &BTreeMap<Root, Package>,
    at: usize,
    batch: &mut Batch,
) -> Result<Shown, FileError> {
    let root = Root(Ranges::root(bytes)?);
    let package = packages.get(&root).ok_or(FileError::NoPackage(root))?;
    Ok(Shown::Ranges(package.anchor(), Ranges::read(bytes, package, at, batch)?))
}

fn read_assignment(bytes: &[u8], packages: &BTreeMap<Root, Package>) -> Result<Shown, FileError> {
    let root = Root(Assignment::root_of(bytes)?);
    let package = packages.get(&root).ok_or(FileError::NoPackage(root))?;
    Assignment::read(bytes, package)?;
    Ok(Shown::Assignment(package.anchor()))
}

/// Takes back what the batch found false.
fn strike_false(shown: &mut BTreeMap<usize, Result<Shown, FileError>>, batch: &Batch) {
    for file in batch.false_files() {
        shown.insert(file, Err(ClaimError::False.into()));
    }
}
