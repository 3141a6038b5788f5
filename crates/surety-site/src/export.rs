//! The site as files: complete, on one date, without a server.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use surety_core::Date;
use surety_law::Instrument;
use surety_world::{ActionId, stock_series};

use crate::address::{Address, Query, Shown, instrument_slug};
use crate::api;
use crate::assets;
use crate::figure::series_slug;
use crate::proof;
use crate::site::{Cx, HTML, Links, Site};

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many files.
    pub files: usize,
    /// How many bytes together.
    pub bytes: u64,
}

/// Writes every page, figure and answer of the API on a date into a folder, which must be new or empty.
///
/// # Errors
/// When the folder holds something, when a file cannot be written, or when a link of a page leads nowhere.
pub fn write(site: &Site, date: Date, folder: &Path) -> anyhow::Result<Written> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        bail!("{} is not empty: name a new folder", folder.display());
    }
    let files = list(site, date);
    let known: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = files.len().div_ceil(threads).max(1);
    let known = &known;
    let shares: Vec<anyhow::Result<u64>> = std::thread::scope(|scope| {
        let work: Vec<_> = files
            .chunks(share)
            .map(|files| {
                scope.spawn(move || files.iter().map(|file| put(site, date, folder, file, known)).sum())
            })
            .collect();
        work.into_iter().map(|one| one.join().unwrap_or_else(|_| bail!("a page could not be made"))).collect()
    });
    let bytes = shares.into_iter().sum::<anyhow::Result<u64>>()?;
    Ok(Written { files: files.len(), bytes })
}

/// A file, and the address that it answers.
struct File {
    /// Its name below the folder, as links write it: escaped letters are part of it.
    name: String,
    path: String,
}

fn list(site: &Site, date: Date) -> Vec<File> {
    let query = Query::default();
    let cx = Cx::new(site, date, &query, Links::Written, "");
    let mut files: Vec<File> = addresses(&cx)
        .iter()
        .map(|address| {
            let path = address.path();
            let name = if path.is_empty() { "index.html".to_owned() } else { format!("{path}.html") };
            File { name, path }
        })
        .collect();
    files.extend(
        assets::names().map(|name| assets::address(&name)).map(|path| File { name: path.clone(), path }),
    );
    files.extend(figures(&cx).into_iter().map(|path| File { name: path.clone(), path }));
    if site.entries.signed.is_some() {
        let places = 0..site.entries.leaves.len();
        files.extend(places.flat_map(proof::files).map(|path| File { name: path.clone(), path }));
    }
    for (path, csv) in api::paths(&cx) {
        let extensions: &[&str] = if csv { &["json", "csv"] } else { &["json"] };
        files.extend(extensions.iter().map(|extension| {
            let path = format!("api/v1/{path}.{extension}");
            File { name: path.clone(), path }
        }));
    }
    files
}

/// Every page that is complete without a query.
fn addresses(cx: &Cx<'_>) -> Vec<Address> {
    let dataset = cx.context.dataset;
    let mut pages = vec![
        Address::World(None),
        Address::States,
        Address::Treaties,
        Address::Materials,
        Address::Commitments,
        Address::Reviews,
        Address::Reports,
        Address::Requirements,
        Address::Index,
        Address::Log,
        Address::Verify,
        Address::Compare,
        Address::Method,
        Address::Data,
        Address::Sources,
        Address::About,
    ];
    pages.extend(Shown::all().map(|shown| Address::World(Some(shown))));
    pages.extend(ActionId::ALL.iter().map(|id| Address::MethodOf(*id)));
    pages.extend(Instrument::ALL.map(Address::Treaty));
    for state in dataset.states.iter() {
        pages.push(Address::State(state.code));
        pages.extend(ActionId::ALL.iter().map(|id| Address::Why(state.code, *id)));
        pages.extend(ActionId::ALL.iter().map(|id| Address::Correct(format!("{}/{id}", state.code))));
    }
    pages.extend(
        dataset
            .catalogue
            .requirements
            .iter()
            .flat_map(|one| [Address::Requirement(one.id.clone()), Address::Correct(one.id.clone())]),
    );
    pages.extend(dataset.sources.iter().map(|one| Address::Source(one.id.to_string())));
    pages.extend(
        dataset
            .statements
            .iter()
            .flat_map(|one| [Address::Statement(one.id.clone()), Address::Correct(one.id.clone())]),
    );
    pages
}

fn figures(cx: &Cx<'_>) -> Vec<String> {
    let mut paths = vec!["figure/holders.svg".to_owned()];
    paths.extend(Shown::all().map(|shown| format!("figure/map/{}.svg", shown.as_str())));
    paths.extend(
        Instrument::ALL.map(|instrument| format!("figure/treaty/{}.svg", instrument_slug(instrument))),
    );
    let holders = cx.context.dataset.states.iter().map(|state| Some(state.code));
    for whose in std::iter::once(None).chain(holders) {
        let name = whose.map_or_else(|| "world".to_owned(), |code| code.to_string());
        for series in stock_series(&cx.context.base, cx.as_of(), whose) {
            paths.push(format!("figure/stock/{name}/{}.svg", series_slug(&series.key)));
        }
    }
    paths
}

fn put(site: &Site, date: Date, folder: &Path, file: &File, known: &BTreeSet<&str>) -> anyhow::Result<u64> {
    let reply = site.linked(&file.path, "", date, Links::Written);
    if reply.status != 200 {
        bail!("{}: {}", file.name, String::from_utf8_lossy(&reply.body));
    }
    if reply.content_type == HTML {
        check_links(&file.name, &String::from_utf8_lossy(&reply.body), known)?;
    }
    let target: PathBuf = file.name.split('/').fold(folder.to_path_buf(), |path, part| path.join(part));
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
    }
    fs::write(&target, &reply.body).with_context(|| format!("cannot write {}", target.display()))?;
    Ok(reply.body.len() as u64)
}

/// Every link of a page leads to another file that is written.
fn check_links(name: &str, page: &str, known: &BTreeSet<&str>) -> anyhow::Result<()> {
    let depth = name.matches('/').count();
    let up = "../".repeat(depth);
    for attribute in [" href=\"", " src=\"", " xlink:href=\""] {
        for (at, _) in page.match_indices(attribute) {
            let link = page[at + attribute.len()..].split('"').next().unwrap_or_default();
            let outside = ["http:", "https:", "mailto:", "#"].iter().any(|start| link.starts_with(start));
            if outside {
                continue;
            }
            let target = link.split('#').next().unwrap_or_default();
            let target = target
                .strip_prefix(&up)
                .with_context(|| format!("{name}: the link `{link}` leaves the site"))?;
            // A percent sign in the name of a file is escaped in a link to it.
            if !known.contains(target.replace("%25", "%").as_str()) {
                bail!("{name}: the link `{link}` leads nowhere");
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let known = BTreeSet::from(["index.html", "state/JPN.html", "source/a%2Fb.html"]);
        let check = |page: &str| check_links("state/JPN.html", page, &known);
        assert!(check(r#"<a href="../index.html#map"> <a href="https://example.org"> <a href="../source/a%252Fb.html">"#).is_ok());
        assert!(check(r#"<a href="../state/XXX.html">"#).unwrap_err().to_string().contains("leads nowhere"));
        assert!(check(r#"<a href="/state/JPN">"#).unwrap_err().to_string().contains("leaves the site"));
    }
}
