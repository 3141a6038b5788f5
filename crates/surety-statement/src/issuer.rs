//! Who says it, and how far that carries.

use serde::Serialize;
use surety_core::{Level, StateCode, words};

words! {
    /// What an issuer is.
    pub enum IssuerKind("kind of issuer") {
        /// The depositary of a treaty.
        Depositary = "depositary",
        /// An authority of the State concerned.
        StateAuthority = "state-authority",
        /// The IAEA, the United Nations or another international organisation.
        InternationalOrganisation = "international-organisation",
        /// An independent reviewer: an inspection team or a peer review.
        Reviewer = "reviewer",
        /// Someone who compiles open sources.
        Observer = "observer",
    }
}

/// What a statement is about, as far as standing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Deposits and signatures.
    Deposit,
    /// A State's own commitments, policies and stocks.
    OwnAffairs,
    /// What a reviewer examined.
    Reviewed,
}

impl IssuerKind {
    /// The standing of a kind of issuer for a kind of fact, about itself.
    fn standing(self, topic: Topic) -> u8 {
        match (topic, self) {
            (Topic::Deposit, Self::Depositary)
            | (Topic::OwnAffairs, Self::StateAuthority)
            | (Topic::Reviewed, Self::Reviewer) => 3,
            (_, Self::Observer) => 0,
            (Topic::OwnAffairs, Self::Reviewer) | (Topic::Reviewed, Self::StateAuthority) => 2,
            _ => 1,
        }
    }
}

/// Who says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Issuer {
    /// What the issuer is.
    pub kind: IssuerKind,
    /// The name it goes by.
    pub name: String,
    /// Of a State's authority, the State.
    pub state: Option<StateCode>,
}

impl Issuer {
    /// The observer that is built into Surety: it says what the embedded dataset says.
    pub fn built_in_observer() -> Self {
        Self { kind: IssuerKind::Observer, name: "surety".to_owned(), state: None }
    }
}

impl Issuer {
    /// The standing of this issuer for a kind of fact about a State: the higher prevails. The depositary for
    /// deposits, the State for its own affairs, the reviewer for what it reviewed, the observer last. A State's
    /// authority that speaks of another State is an observer.
    pub fn standing(&self, topic: Topic, subject: Option<StateCode>) -> u8 {
        let of_itself =
            self.kind != IssuerKind::StateAuthority || (self.state.is_some() && self.state == subject);
        if of_itself { self.kind.standing(topic) } else { IssuerKind::Observer.standing(topic) }
    }
}

/// What backs a statement, besides the word of its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Nothing more.
    WordAlone,
    /// The depositary's record.
    DepositaryRecord,
    /// A published document whose digest the statement carries.
    DocumentWithDigest,
    /// A proof against a root that a reviewer signed.
    ProofAgainstReviewedRoot,
}

/// The assurance level of a statement: from who says it, and what backs it.
///
/// ```
/// use surety_core::Level;
/// use surety_statement::{Evidence, IssuerKind, assurance};
///
/// assert_eq!(assurance(IssuerKind::Observer, Evidence::WordAlone), Level::Reported);
/// assert_eq!(assurance(IssuerKind::Observer, Evidence::DepositaryRecord), Level::Evidenced);
/// assert_eq!(assurance(IssuerKind::StateAuthority, Evidence::WordAlone), Level::Declared);
/// assert_eq!(assurance(IssuerKind::StateAuthority, Evidence::ProofAgainstReviewedRoot), Level::Proven);
/// ```
pub fn assurance(issuer: IssuerKind, evidence: Evidence) -> Level {
    let by_evidence = match evidence {
        Evidence::WordAlone => Level::None,
        Evidence::DepositaryRecord | Evidence::DocumentWithDigest => Level::Evidenced,
        Evidence::ProofAgainstReviewedRoot => Level::Proven,
    };
    let by_issuer = match issuer {
        IssuerKind::Observer => Level::Reported,
        IssuerKind::StateAuthority | IssuerKind::InternationalOrganisation => Level::Declared,
        IssuerKind::Depositary => Level::Evidenced,
        IssuerKind::Reviewer => Level::Reviewed,
    };
    by_evidence.max(by_issuer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_issuer_prevails_on_its_own_ground_and_the_observer_nowhere() {
        for (topic, best) in [
            (Topic::Deposit, IssuerKind::Depositary),
            (Topic::OwnAffairs, IssuerKind::StateAuthority),
            (Topic::Reviewed, IssuerKind::Reviewer),
        ] {
            for other in IssuerKind::ALL.iter().copied().filter(|kind| *kind != best) {
                assert!(best.standing(topic) > other.standing(topic), "{best} over {other} on {topic:?}");
                assert!(other.standing(topic) >= IssuerKind::Observer.standing(topic));
            }
        }
    }

    #[test]
    fn a_state_that_speaks_of_another_is_an_observer() {
        let (own, other) = ("XAA".parse().ok(), "XAB".parse().ok());
        let authority = Issuer { kind: IssuerKind::StateAuthority, name: "authority".to_owned(), state: own };
        assert_eq!(authority.standing(Topic::OwnAffairs, own), 3);
        assert_eq!(authority.standing(Topic::OwnAffairs, other), 0);
    }

    #[test]
    fn words_alone_end_at_declared() {
        for issuer in
            [IssuerKind::Observer, IssuerKind::StateAuthority, IssuerKind::InternationalOrganisation]
        {
            assert!(assurance(issuer, Evidence::WordAlone) <= Level::Declared);
        }
    }
}
