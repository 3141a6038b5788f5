//! The roots that a State logged: at which entry each stands, and how another statement refers to it.

use anyhow::Context as _;
use surety_core::{Date, PartialDate, StateCode};
use surety_log::tile::Edge;
use surety_log::{Hash, Origin, Reader, VisitError};
use surety_statement::{Body, Content, Digest, IssuerKind, Payload, Reference, SignedStatement, Subject};

use crate::log::Place;
use crate::source::SourceArgs;

/// A root that the State's own authority logged.
pub(crate) struct LoggedRoot {
    /// At which entry.
    pub(crate) index: u64,
    pub(crate) root: Digest,
    pub(crate) day: Option<Date>,
    pub(crate) reference: Reference,
}

/// What a log has of a State's roots.
pub(crate) struct LoggedRoots {
    pub(crate) origin: Origin,
    /// How many entries it has.
    pub(crate) size: u64,
    /// In the order of the log.
    pub(crate) roots: Vec<LoggedRoot>,
    /// The root of its first entries, as many as were asked for; none where it has not so many.
    pub(crate) tree: Option<Hash>,
}

/// Reads a log, verifies it, and finds the roots of a State.
pub(crate) fn logged_roots(
    source: &SourceArgs,
    place: &Place,
    state: StateCode,
    tree_of: u64,
) -> anyhow::Result<LoggedRoots> {
    let loaded = source.load(place)?;
    let counts = |index: u64| loaded.refused.iter().all(|(refused, _)| *refused != index);
    let is_own = |root: &LoggedRoot| {
        let issuer = loaded.registry.issuer(&root.reference.issuer).map(|record| &record.issuer);
        issuer.is_some_and(|issuer| issuer.kind == IssuerKind::StateAuthority && issuer.state == Some(state))
    };
    let (mut roots, mut edge, mut tree) = (Vec::new(), Edge::default(), None);
    let store = place.open()?;
    let visited = Reader::new(store.as_ref()).visit(&loaded.checkpoint, |index, leaf, entry| {
        edge.push(leaf, |_, _| ());
        if index + 1 == tree_of {
            tree = Some(edge.root());
        }
        roots.extend(root_of(index, entry, state).filter(|root| counts(index) && is_own(root)));
        Ok::<(), std::convert::Infallible>(())
    });
    match visited {
        Ok(()) => {}
        Err(VisitError::Read(error)) => return Err(error).with_context(|| format!("the log in {place}")),
        Err(VisitError::Visit(never)) => match never {},
    }
    let size = loaded.checkpoint.checkpoint().size();
    Ok(LoggedRoots { origin: loaded.origin, size, roots, tree })
}

fn root_of(index: u64, entry: &[u8], state: StateCode) -> Option<LoggedRoot> {
    let signed =
        SignedStatement::parse(entry).ok().filter(|signed| signed.subject() == Subject::State(state))?;
    let Payload { number, date, content: Content::Fact(Body::RegisterRoot(says)), .. } =
        signed.payload().ok()?
    else {
        return None;
    };
    let reference = Reference { issuer: signed.issuer().clone(), number, sha256: signed.payload_digest() };
    let day = match date.date {
        PartialDate::Day(day) => Some(day),
        _ => None,
    };
    Some(LoggedRoot { index, root: says.root, day, reference })
}
