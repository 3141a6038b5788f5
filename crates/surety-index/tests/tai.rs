//! The Technology Achievement Index of the OECD and JRC *Handbook on Constructing Composite Indicators* (2008):
//! 23 countries, 8 indicators (table A.2), and the ranks published for equal weights (table 23).
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use surety_index::{Data, Framework};

/// Goalposts are those that the UN used in 2001; telephones and electricity are printed as logarithms.
const FRAMEWORK: &str = r#"
    [[group]]
    code = "tai"
    name = "Technology Achievement Index"
    aggregate = "arithmetic"

    [[indicator]]
    code = "patents"
    parent = "tai"
    normalise = { goalposts = { lower = 0, upper = 994 } }

    [[indicator]]
    code = "royalties"
    parent = "tai"
    normalise = { goalposts = { lower = 0, upper = 272.6 } }

    [[indicator]]
    code = "internet"
    parent = "tai"
    normalise = { goalposts = { lower = 0, upper = 232.4 } }

    [[indicator]]
    code = "exports"
    parent = "tai"
    normalise = { goalposts = { lower = 0, upper = 80.8 } }

    [[indicator]]
    code = "telephones"
    parent = "tai"
    normalise = { goalposts = { lower = 0, upper = 2.954724790979063 } }

    [[indicator]]
    code = "electricity"
    parent = "tai"
    normalise = { goalposts = { lower = 1.3424226808222062, upper = 3.843170464519898 } }

    [[indicator]]
    code = "schooling"
    parent = "tai"
    normalise = { goalposts = { lower = 0.8, upper = 12 } }

    [[indicator]]
    code = "university"
    parent = "tai"
    normalise = { goalposts = { lower = 0.1, upper = 27.4 } }
"#;

const DATA: &str = r#"unit,patents,royalties,internet,exports,telephones,electricity,schooling,university
Finland,187,125.6,200.2,50.7,3.08,4.15,10,27.4
United States,289,130,179.1,66.2,3.00,4.07,12,13.9
Sweden,271,156.6,125.8,59.7,3.10,4.14,11.4,15.3
Japan,994,64.6,49,80.8,3.00,3.86,9.5,10
"Korea, Rep. of",779,9.8,4.8,66.7,2.97,3.65,10.8,23.2
Netherlands,189,151.2,136,50.9,3.02,3.77,9.4,9.5
United Kingdom,82,134,57.4,61.9,3.02,3.73,9.4,14.9
Canada,31,38.6,108,48.7,2.94,4.18,11.6,14.2
Australia,75,18.2,125.9,16.2,2.94,3.94,10.9,25.3
Singapore,8,25.5,72.3,74.9,2.95,3.83,7.1,24.2
Germany,235,36.8,41.2,64.2,2.94,3.75,10.2,14.4
Norway,103,20.2,193.6,19,3.12,4.39,11.9,11.2
Ireland,106,110.3,48.6,53.6,2.97,3.68,9.4,12.3
Belgium,72,73.9,58.9,47.6,2.91,3.86,9.3,13.6
New Zealand,103,13,146.7,15.4,2.86,3.91,11.7,13.1
Austria,165,14.8,84.2,50.3,2.99,3.79,8.4,13.6
France,205,33.6,36.4,58.9,2.97,3.80,7.9,12.6
Israel,74,43.6,43.2,45,2.96,3.74,9.6,11
Spain,42,8.6,21,53.4,2.86,3.62,7.3,15.6
Italy,13,9.8,30.4,51,3.00,3.65,7.2,13
Czech Republic,28,4.2,25,51.7,2.75,3.68,9.5,8.2
Hungary,26,6.2,21.6,63.5,2.73,3.46,9.1,7.7
Slovenia,105,4,20.3,49.5,2.84,3.71,7.1,10.6
"#;

/// The published ranks with equal weights.
const PUBLISHED: [(&str, u32); 23] = [
    ("Finland", 1),
    ("United States", 2),
    ("Sweden", 3),
    ("Japan", 4),
    ("Korea, Rep. of", 5),
    ("Netherlands", 6),
    ("United Kingdom", 7),
    ("Canada", 9),
    ("Australia", 10),
    ("Singapore", 8),
    ("Germany", 11),
    ("Norway", 12),
    ("Ireland", 13),
    ("Belgium", 14),
    ("New Zealand", 15),
    ("Austria", 16),
    ("France", 17),
    ("Israel", 18),
    ("Spain", 19),
    ("Italy", 20),
    ("Czech Republic", 21),
    ("Hungary", 22),
    ("Slovenia", 23),
];

fn ranks(framework: &str) -> Vec<(String, u32)> {
    let framework = Framework::from_toml("tai.toml", framework).unwrap();
    let data = Data::from_csv("tai.csv", DATA, &framework).unwrap();
    let ranks = framework.compute(&data).unwrap().ranks("tai").unwrap();
    data.units().iter().cloned().zip(ranks.into_iter().map(Option::unwrap)).collect()
}

#[test]
fn every_published_rank_follows_with_goalposts_and_equal_weights() {
    for ((unit, rank), (published_unit, published)) in ranks(FRAMEWORK).into_iter().zip(PUBLISHED) {
        assert_eq!((unit.as_str(), rank), (published_unit, published));
    }
}

#[test]
fn with_the_range_of_the_countries_as_goalposts_twelve_do_not_follow() {
    let without: Vec<&str> = FRAMEWORK.lines().filter(|line| !line.contains("goalposts")).collect();
    let differ = ranks(&without.join("\n"))
        .iter()
        .zip(PUBLISHED)
        .filter(|((_, rank), (_, published))| rank != published)
        .count();
    assert_eq!(differ, 12);
}

#[test]
fn some_country_is_best_with_the_weights_that_suit_it() {
    let own = FRAMEWORK.replace("aggregate = \"arithmetic\"", "weights = \"benefit-of-the-doubt\"");
    let framework = Framework::from_toml("tai.toml", &own).unwrap();
    let data = Data::from_csv("tai.csv", DATA, &framework).unwrap();
    let scores = framework.compute(&data).unwrap().scores().column("tai").unwrap();
    assert!(scores.iter().all(|score| score.is_some_and(|score| score > 0.5 && score < 1.0 + 1e-9)));
    assert!(scores.iter().flatten().filter(|score| **score > 1.0 - 1e-9).count() >= 3);
}
