//! What the register has where a claim is not true of it: told to its keeper, on the keeper's own machine.

use std::collections::BTreeMap;

use surety_core::Date;
use surety_proof::{Claim, Holder, Register, Scope};

use crate::assurance::{counted, kg};

/// What stands in the register on the day of the newer commitment, and of the older one where there is one.
pub(super) fn truth(claim: &Claim, newer: &Register, older: Option<&Register>) -> Option<String> {
    let day = newer.date();
    Some(match claim {
        Claim::Total(total) => has(newer, total.scope),
        Claim::Elimination(elimination) => has(newer, elimination.scope),
        Claim::Decrease(decrease) => {
            format!("{}; {}", has(older?, decrease.scope), has(newer, decrease.scope))
        }
        Claim::Category(category) => {
            let all = by_holder(newer, category.holder, category.scope);
            let (name, mg) = all.into_iter().max_by_key(|(_, mg)| *mg)?;
            format!("{} {name} has {}{} on {day}", category.holder, kg(mg), counted(category.scope))
        }
        Claim::Sites(sites) => how_many(newer, sites.holder, sites.scope),
        Claim::FewerSites(fewer) => format!(
            "{}; {}",
            how_many(older?, fewer.holder, fewer.scope),
            how_many(newer, fewer.holder, fewer.scope)
        ),
        Claim::Balance(_) => balances(newer)?,
        Claim::Parity(_) => return None,
    })
}

fn has(register: &Register, scope: Scope) -> String {
    let mg: u64 = held(register, scope).map(|holding| holding.mass_mg).sum();
    format!("the register has {}{} on {}", kg(mg), counted(scope), register.date())
}

fn how_many(register: &Register, holder: Holder, scope: Scope) -> String {
    let count = by_holder(register, holder, scope).len();
    let day: Date = register.date();
    match count {
        1 => format!("1 {holder} holds any on {day}"),
        _ => format!("{count} {holder}s hold any on {day}"),
    }
}

fn by_holder(register: &Register, holder: Holder, scope: Scope) -> BTreeMap<&str, u64> {
    let mut all = BTreeMap::new();
    for holding in held(register, scope) {
        let name = match holder {
            Holder::Site => &holding.site,
            Holder::Area => &holding.area,
        };
        *all.entry(name.as_str()).or_default() += holding.mass_mg;
    }
    all
}

fn held(register: &Register, scope: Scope) -> impl Iterator<Item = &surety_proof::Holding> {
    register.holdings().iter().filter(move |holding| scope.contains(Scope::class(holding.class)))
}

/// The balance with the alarm, or else the one with the highest threshold.
fn balances(register: &Register) -> Option<String> {
    let all = register.balances();
    let alarm = all.iter().find(|balance| balance.muf_mg.abs() > balance.threshold_mg);
    let worst = alarm.or_else(|| all.iter().max_by_key(|balance| balance.threshold_mg))?;
    let of = counted(Scope::material(worst.material));
    Some(format!(
        "the balance of {} in {} to {} has |MUF| {} and the threshold {}{of}",
        worst.material,
        worst.area,
        worst.period,
        kg(worst.muf_mg.unsigned_abs()),
        kg(worst.threshold_mg.unsigned_abs()),
    ))
}
