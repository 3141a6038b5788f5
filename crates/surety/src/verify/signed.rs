//! What the signed statements among the files say of registers, compared with what the files themselves show.

use surety_core::{Date, PartialDate, StateCode};
use surety_data::embedded;
use surety_proof::verify::Shown;
use surety_proof::{Anchor, FileKind, Header, Package, Review, Root, Scope};
use surety_statement::{
    Body, Content, Digest, Explanation, IssuerId, IssuerKind, ProvenClaim, Reference, ReviewFinding, Subject,
};
use surety_world::{media_type, says_what_is_proven, says_what_was_reviewed};

use super::{Known, OfRegister, Verified};

/// The roots that States have signed, in the statements that were verified.
#[derive(Default)]
pub(super) struct SignedRoots(Vec<SignedRoot>);

struct SignedRoot {
    state: StateCode,
    /// The day; none where the statement gives no day.
    day: Option<Date>,
    /// Whether it is in a log, so that everybody sees the same.
    logged: bool,
    root: Digest,
    issuer: IssuerId,
    number: u64,
    corrects: Option<Reference>,
}

impl SignedRoot {
    /// Whether it takes the place of another.
    fn corrects(&self, other: &Self) -> bool {
        let named = self.corrects.as_ref();
        named.is_some_and(|named| named.issuer == other.issuer && named.number == other.number)
    }
}

impl SignedRoots {
    pub(super) fn take(&mut self, verified: &Verified) {
        let Ok(Known::Said(said)) = &verified.shown else { return };
        // Others may say it too, and it is no word of the State.
        let Some(state) = own_state(said) else { return };
        if let Content::Fact(Body::RegisterRoot(says)) = &said.payload.content {
            self.0.push(SignedRoot {
                state,
                day: match said.payload.date.date {
                    PartialDate::Day(day) => Some(day),
                    _ => None,
                },
                logged: said.logged.is_some(),
                root: says.root,
                issuer: said.id.clone(),
                number: said.payload.number,
                corrects: said.payload.corrects.clone(),
            });
        }
    }

    /// Compares what is made of registers with them: it is of a root that the State signed, or of none that is here, or of
    /// another than the State signed for that day, and then it shows nothing.
    pub(super) fn compare(&self, verified: &mut Verified) {
        let Ok(Known::Shown(known)) = &mut verified.shown else { return };
        let anchors = known.shown.anchors();
        let is_it = |signed: &SignedRoot, anchor: &Anchor| {
            signed.root.0 == anchor.root.0 && signed.day == Some(anchor.date)
        };
        let is_signed = |anchor: &Anchor| self.of(anchor).any(|signed| is_it(signed, anchor));
        let is_logged =
            |anchor: &Anchor| self.of(anchor).any(|signed| is_it(signed, anchor) && signed.logged);
        let other = anchors.iter().filter(|anchor| !is_signed(anchor)).find_map(|anchor| {
            self.of(anchor).find(|signed| signed.day == Some(anchor.date)).map(|signed| (anchor, signed.root))
        });
        if let Some((Anchor { state, date, root }, signed)) = other {
            let why = format!("it is of the root {root}, and {state} signed another for {date}: {signed}");
            verified.shown = Err(why);
            return;
        }
        (known.signed, known.published) = (anchors.iter().all(is_signed), anchors.iter().all(is_logged));
        let notes = anchors.iter().flat_map(|anchor| self.other_roots(anchor.state, Digest(anchor.root.0)));
        verified.notes.extend(notes);
    }

    /// What is to be known of a signed root: which others the State signed for the same day.
    pub(super) fn compare_root(&self, verified: &mut Verified) {
        let Ok(Known::Said(said)) = &verified.shown else { return };
        if let (Content::Fact(Body::RegisterRoot(says)), Some(state)) =
            (&said.payload.content, own_state(said))
        {
            let notes = self.other_roots(state, says.root);
            verified.notes.extend(notes);
        }
    }

    /// Which other roots a State signed for the day of this one. A State has one register: where it signed two, each says
    /// nothing of what was claimed on the other.
    fn other_roots(&self, state: StateCode, root: Digest) -> Vec<String> {
        let of_state = || self.0.iter().filter(|signed| signed.state == state);
        let Some(this) = of_state().find(|signed| signed.root == root) else { return Vec::new() };
        let Some(day) = this.day else { return Vec::new() };
        let others = of_state().filter(|other| other.day == this.day && other.root != root);
        others
            .map(|other| {
                if this.corrects(other) {
                    format!("{root} takes the place of the root {} that {state} signed for {day} before", other.root)
                } else if other.corrects(this) {
                    format!(
                        "{root} counts no more: {state} corrected it, and its root for {day} is now {}",
                        other.root
                    )
                } else {
                    format!(
                        "{state} signed another root for {day} than {root}: {}. What is claimed of one says nothing of the \
                         other, and in a log the last of them counts",
                        other.root
                    )
                }
            })
            .collect()
    }

    fn of(&self, anchor: &Anchor) -> impl Iterator<Item = &SignedRoot> {
        let state = anchor.state;
        self.0.iter().filter(move |signed| signed.state == state)
    }
}

/// What a statement says to be proven.
fn claim_of(verified: &Verified) -> Option<&ProvenClaim> {
    let Ok(Known::Said(said)) = &verified.shown else { return None };
    let Content::Fact(Body::Proof(claim)) = &said.payload.content else { return None };
    Some(claim)
}

/// The State whose own authority speaks of it.
fn own_state(said: &Explanation) -> Option<StateCode> {
    let Subject::State(state) = said.payload.subject else { return None };
    let issuer = said.issuer.as_ref()?;
    (issuer.kind == IssuerKind::StateAuthority && issuer.state == Some(state)).then_some(state)
}

/// What is made of registers, with what each file shows.
pub(super) struct Files<'a> {
    given: &'a [OfRegister],
    shown: &'a [Verified],
}

impl<'a> Files<'a> {
    pub(super) fn new(given: &'a [OfRegister], shown: &'a [Verified]) -> Self {
        Self { given, shown }
    }

    /// Compares a statement with the claim or review that it names: it says what that shows, or it is not verified.
    pub(super) fn compare(&self, verified: &mut Verified) {
        let Ok(Known::Said(said)) = &mut verified.shown else { return };
        let compared = match &said.payload.content {
            Content::Fact(Body::Proof(claim)) => match self.claim(claim.proof.sha256) {
                Ok(proven) => self.agrees(said, claim, proven),
                Err(why) => {
                    said.assumed.push(format!("That it is proven: {why}."));
                    Ok(())
                }
            },
            Content::Fact(Body::ReviewFinding(finding)) => {
                let (about, dated) = (said.payload.subject.state(), said.payload.date.date);
                match (self.review(finding), &finding.review) {
                    (Some(review), _) => says_what_was_reviewed(finding, about, dated, review),
                    (None, named) => {
                        let what = named.as_ref().map_or_else(
                            || "it carries no review".to_owned(),
                            |named| format!("its review, {}, is not here, or is none", named.sha256),
                        );
                        said.assumed.push(format!("That a sample was examined: {what}."));
                        Ok(())
                    }
                }
            }
            _ => Ok(()),
        };
        if let Err(why) = compared {
            verified.shown = Err(why);
        }
    }

    /// The review that a finding names, where it is here and can be read.
    fn review(&self, finding: &ReviewFinding) -> Option<&'a Review> {
        let digest = finding.review.as_ref()?.sha256;
        let at = self.given.iter().position(|given| given.digest == digest)?;
        match &self.shown[at].shown {
            Ok(Known::Shown(known)) => match &known.shown {
                Shown::Review(review) => Some(review),
                _ => None,
            },
            _ => None,
        }
    }

    /// The claim with a digest, once it is verified.
    fn claim(&self, digest: Digest) -> Result<&'a surety_proof::ProvenClaim, String> {
        let at = self.given.iter().position(|given| given.digest == digest);
        let at = at.ok_or_else(|| {
            format!("the {} that it names, {digest}, is not among these files", media_type(FileKind::Claim))
        })?;
        match &self.shown[at].shown {
            Ok(Known::Shown(known)) => match &known.shown {
                Shown::Claim(proven) => Ok(proven),
                _ => Err("the file that it names is no claim".to_owned()),
            },
            _ => {
                Err(format!("the claim that it names is not verified: see {}", self.given[at].file.display()))
            }
        }
    }

    /// Whether a statement says what its proof shows, no more and no less.
    fn agrees(
        &self,
        said: &Explanation,
        claim: &ProvenClaim,
        proven: &surety_proof::ProvenClaim,
    ) -> Result<(), String> {
        let newest = proven.anchors().last().ok_or("its proof is about no root")?;
        if Subject::State(newest.state) != said.payload.subject {
            return Err(format!(
                "it is about {}, and its proof about {}",
                said.payload.subject, newest.state
            ));
        }
        let header = self.header(newest.root);
        says_what_is_proven(claim, said.payload.date.date, proven, header.as_ref(), &embedded().catalogue)
    }

    /// Where statements rest on range proofs of the same root and class, and none of them on this file: what to know of it.
    pub(super) fn not_named(&self, said: &[Verified]) -> Vec<(usize, String)> {
        let claims: Vec<&ProvenClaim> = said.iter().filter_map(claim_of).collect();
        let is_not_named = |(at, of): (usize, &OfRegister)| {
            let Ok(Known::Shown(known)) = &self.shown[at].shown else { return None };
            let Shown::Ranges(anchor, class) = &known.shown else { return None };
            let rests_on = |claim: &&&ProvenClaim| {
                claim.roots.contains(&Digest(anchor.root.0))
                    && self.claim(claim.proof.sha256).is_ok_and(|proven| {
                        proven.claim().scope().is_some_and(|scope| scope.contains(Scope::class(*class)))
                    })
            };
            let mut of_class = claims.iter().filter(rests_on).peekable();
            of_class.peek()?;
            let named = of_class.flat_map(|claim| &claim.rests_on).any(|named| named.sha256 == of.digest);
            (!named).then(|| {
                let note = format!(
                    "it holds, but no statement here names it (its digest is {}): whoever reads the log takes the range \
                     proofs that statements name, and not these",
                    of.digest
                );
                (at, note)
            })
        };
        self.given.iter().enumerate().filter_map(is_not_named).collect()
    }

    fn header(&self, root: Root) -> Option<Header> {
        let is_its = |verified: &Verified| {
            matches!(&verified.shown, Ok(Known::Shown(known))
                if matches!(&known.shown, Shown::Package(anchor) if anchor.root == root))
        };
        let at = self.shown.iter().position(is_its)?;
        Package::read(&self.given[at].bytes).ok().map(|package| package.header().clone())
    }
}
