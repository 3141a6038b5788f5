//! Which kind of issuer may say what.

use surety_law::{Instrument, InstrumentKind};

use crate::admission::Entitlement;
use crate::body::Body;
use crate::content::{Content, Kind};
use crate::issuer::{Issuer, IssuerKind};
use crate::payload::Payload;
use crate::signed::Subject;

/// What an issuer of each kind may say. A depositary tells of deposits; a State of itself; a reviewer of what it
/// reviewed; an observer of anything, and nobody need believe it.
fn kinds(kind: IssuerKind, said: Kind) -> Result<(), &'static str> {
    use Kind::{
        Assessment, Comment, Compilation, Disclosure, DisclosureReceipt, Endorsement, ListCoverage,
        OfficialCount, Parity, PeerReview, Proof, RegisterRoot, ReviewFinding, Territory, TreatyAction,
        Withdrawal,
    };
    match kind {
        IssuerKind::Depositary => match said {
            TreatyAction | Territory | ListCoverage | OfficialCount | Endorsement | Withdrawal => Ok(()),
            _ => Err("a depositary tells of deposits and of how far treaties extend"),
        },
        IssuerKind::Reviewer => match said {
            PeerReview | ReviewFinding | Assessment | Parity | DisclosureReceipt | Endorsement
            | Withdrawal => Ok(()),
            _ => Err("a reviewer tells of what it reviewed"),
        },
        IssuerKind::StateAuthority => match said {
            ReviewFinding => Err("a State does not review itself"),
            ListCoverage | OfficialCount | Compilation => {
                Err("a State tells of itself, not of lists of States")
            }
            _ => Ok(()),
        },
        IssuerKind::InternationalOrganisation => match said {
            RegisterRoot | Proof | Disclosure => Err("only a State tells of its own register"),
            ReviewFinding => Err("only a reviewer signs what a review found"),
            Comment => Err("only the State concerned comments"),
            _ => Ok(()),
        },
        IssuerKind::Observer => match said {
            Comment => Err("only the State concerned comments"),
            _ => Ok(()),
        },
    }
}

/// Whether an admitted issuer may say this.
pub(crate) fn may_say(issuer: &Issuer, may_say: &Entitlement, payload: &Payload) -> Result<(), String> {
    let kind = payload.kind();
    kinds(issuer.kind, kind)?;
    check_subject(issuer, payload)?;
    let Entitlement { kinds, about, instruments } = may_say;
    if let Content::ListCoverage(coverage) = &payload.content {
        check_list(issuer, may_say, &coverage.list)?;
    }
    if !kinds.is_empty() && !kinds.contains(&kind) && kind != Kind::Withdrawal {
        return Err("its admission does not name this kind of statement".to_owned());
    }
    match payload.subject {
        _ if about.is_empty() => {}
        Subject::State(state) if about.contains(&state) => {}
        subject => return Err(format!("its admission does not let it speak about {subject}")),
    }
    match &payload.content {
        Content::Fact(Body::TreatyAction { instrument, .. } | Body::Territory { instrument, .. })
            if !instruments.is_empty() && !instruments.contains(instrument) =>
        {
            Err(format!("its admission does not let it speak about {instrument}"))
        }
        _ => Ok(()),
    }
}

/// Where a list is complete, silence is a no. So nobody says it of a list that it does not keep: a depositary of its
/// treaties, others only when their admission names this kind of statement.
fn check_list(issuer: &Issuer, may_say: &Entitlement, list: &str) -> Result<(), String> {
    let Entitlement { kinds, instruments, .. } = may_say;
    let treaty = list.parse::<Instrument>().ok().filter(|treaty| treaty.kind() == InstrumentKind::Treaty);
    match (issuer.kind, treaty) {
        (IssuerKind::Depositary, None) => Err(format!("a depositary keeps no list called {list}")),
        (IssuerKind::Depositary, Some(treaty))
            if !instruments.is_empty() && !instruments.contains(&treaty) =>
        {
            Err(format!("its admission does not let it speak about {treaty}"))
        }
        (IssuerKind::Depositary, Some(_)) => Ok(()),
        _ if kinds.contains(&Kind::ListCoverage) => Ok(()),
        _ => Err("how far a list is complete decides what silence means: its admission must name this kind"
            .to_owned()),
    }
}

impl Entitlement {
    /// Every kind of statement that an issuer of this kind may make, by name: what is not named silently, such as how
    /// far a list is complete, too.
    pub fn by_name(issuer: IssuerKind) -> Self {
        let may = |said: &Kind| !said.is_trust() && kinds(issuer, *said).is_ok();
        Self { kinds: Kind::ALL.iter().copied().filter(may).collect(), ..Self::default() }
    }
}

/// A State's authority speaks for its own State. It may confirm what another State disclosed to it: that is its own
/// act.
fn check_subject(issuer: &Issuer, payload: &Payload) -> Result<(), String> {
    if issuer.kind != IssuerKind::StateAuthority || payload.kind() == Kind::DisclosureReceipt {
        return Ok(());
    }
    match issuer.state {
        Some(own) if payload.subject.state() == Some(own) => Ok(()),
        Some(own) => {
            Err(format!("an authority of {own} speaks for {own} only, not about {}", payload.subject))
        }
        None => Err("an authority of no State speaks for nobody".to_owned()),
    }
}
