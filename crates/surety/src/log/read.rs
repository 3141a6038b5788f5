//! `surety log checkpoint`, `prove`, `export`, `fsck`: what is published, read and checked.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;
use surety_log::tile::{ENTRY_LEN_MAX, Tile, row};
use surety_log::tree::leaf_hash;
use surety_log::{
    CHECKPOINT_KEY, FolderStore, Hash, Reader, SignedCheckpoint, Store, VerifierKey, VisitError, fsck,
};
use surety_statement::SignedStatement;

use super::args::Published;
use super::place::PRIVATE;
use crate::files::{self, write_whole};
use crate::output::{Format, say, show};
use crate::progress::Progress;
use crate::statement::show::Shown;

/// The most levels of tiles that a tree has.
const LEVELS: u8 = 8;

/// Prints the checkpoint as it is published, once its signature is found good.
pub(crate) fn checkpoint(log: &Published, format: Format) -> anyhow::Result<()> {
    let (_, _, signed) = open(log)?;
    let checkpoint = signed.checkpoint();
    let signatures: Vec<_> = signed.note().signatures().iter().map(|by| by.name.to_string()).collect();
    say(
        signed.to_string().trim_end(),
        &json!({
            "origin": checkpoint.origin().as_str(),
            "size": checkpoint.size(),
            "root": checkpoint.root().to_string(),
            "signed_by": signatures,
        }),
        format,
    )
}

/// Shows what an entry says.
pub(crate) fn entry(
    log: &Published,
    entry: &str,
    output: Option<&Path>,
    format: Format,
) -> anyhow::Result<()> {
    let (store, _, signed) = open(log)?;
    let reader = Reader::new(store.as_ref());
    let index = find(&reader, &signed, entry)?;
    let bytes = reader.entry(index, &signed)?;
    let statement = SignedStatement::parse(&bytes).with_context(|| format!("entry {index}"))?;
    let payload = statement.payload().with_context(|| format!("entry {index}"))?;
    if let Some(path) = output {
        files::write_new(path, &bytes)?;
    }
    show(&Shown { payload, signed: Some(statement) }, format)
}

/// Makes the proof file of an entry.
pub(crate) fn prove(
    log: &Published,
    entry: &str,
    output: Option<&Path>,
    format: Format,
) -> anyhow::Result<()> {
    let (store, _, signed) = open(log)?;
    let reader = Reader::new(store.as_ref());
    let index = find(&reader, &signed, entry)?;
    let proof = reader.prove(index, &signed)?.to_string();
    match output {
        None => say(proof.trim_end(), &json!({ "index": index, "proof": proof }), format),
        Some(path) => {
            write_whole(path, proof.as_bytes())?;
            let text = format!("Entry {index} is in the log: the proof is in {}", path.display());
            say(&text, &json!({ "index": index, "proof_file": path }), format)
        }
    }
}

/// The place of an entry that is named by its place, its hash or its file.
fn find(reader: &Reader<'_>, signed: &SignedCheckpoint, entry: &str) -> anyhow::Result<u64> {
    if let Ok(index) = entry.parse() {
        return Ok(index);
    }
    let wanted = match parse_hash(entry) {
        Some(hash) => hash,
        None => leaf_hash(&read_statement(Path::new(entry))?),
    };
    let size = signed.checkpoint().size();
    let progress = Progress::new(size);
    let found = reader.visit(signed, |index, leaf, _| {
        progress.at(index);
        if leaf == wanted { Err(index) } else { Ok(()) }
    });
    match found {
        Err(VisitError::Visit(index)) => Ok(index),
        Err(VisitError::Read(error)) => Err(error.into()),
        Ok(()) => bail!("the log has {size} entries, and {entry} is none of them"),
    }
}

/// A signed statement in a file, no longer than a log entry can be.
pub(crate) fn read_statement(path: &Path) -> anyhow::Result<Vec<u8>> {
    let shown = path.display();
    let len = fs::metadata(path).with_context(|| format!("cannot read {shown}"))?.len();
    if len > ENTRY_LEN_MAX as u64 {
        bail!("{shown} has {len} bytes, and a signed statement has at most {ENTRY_LEN_MAX}");
    }
    fs::read(path).with_context(|| format!("cannot read {shown}"))
}

fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(Hash(hash))
}

/// Copies all files of a log, and checks the copy. The checkpoint comes last: a copy that was broken off is none.
pub(crate) fn export(log: &Published, to: &Path, format: Format) -> anyhow::Result<()> {
    let (store, key, signed) = open(log)?;
    let size = signed.checkpoint().size();
    let copy = FolderStore::writer(to)?;
    let tiles = (0..LEVELS).map(Some).chain([None]).flat_map(|level| row(level, size));
    let progress = Progress::new(size.div_ceil(256) * 2);
    let mut files = 0;
    for tile in tiles {
        copy.put(&[(tile.to_string(), read(store.as_ref(), tile)?)])?;
        files += 1;
        progress.at(files);
    }
    copy.put(&[(CHECKPOINT_KEY.to_owned(), signed.to_string().into_bytes())])?;
    drop(progress);
    let sound = check(&copy, &key, size)?;
    let text = format!(
        "Copied {files} files with {size} entries ({} bytes) to {to}, and every hash is good.\n\
         Whoever gets it checks it with: surety log fsck {to} --key {key}",
        sound.entry_bytes,
        to = to.display()
    );
    say(&text, &json!({ "entries": size, "files": files, "entry_bytes": sound.entry_bytes }), format)
}

/// A tile as it was when the checkpoint was signed, also where the log has grown since.
fn read(store: &dyn Store, tile: Tile) -> anyhow::Result<Vec<u8>> {
    if let Some(bytes) = store.get(&tile.to_string(), tile.len_max())? {
        return Ok(bytes);
    }
    let full = store.get(&tile.full().to_string(), tile.len_max())?;
    let full = full.with_context(|| format!("{tile} is missing: check the log with `surety log fsck`"))?;
    let len = match tile.level() {
        Some(_) => usize::try_from(tile.width())? * surety_log::tree::HASH_LEN,
        None => full.len() - surety_log::tile::decode_first_entries(&full, tile.width())?.1.len(),
    };
    Ok(full[..len.min(full.len())].to_vec())
}

/// Checks all of a log.
pub(crate) fn fsck(log: &Published, format: Format) -> anyhow::Result<()> {
    let (store, key, signed) = open(log)?;
    let sound = check(store.as_ref(), &key, signed.checkpoint().size())?;
    let private = log.place.file(PRIVATE).filter(|folder| folder.is_dir());
    if let Some(folder) = &private {
        let head = FolderStore::read_only(folder)?;
        fsck::check_head(&head, store.as_ref(), std::slice::from_ref(&key))
            .with_context(|| format!("the head in {}", folder.display()))?;
    }
    let (checkpoint, bytes) = (sound.checkpoint.checkpoint().clone(), sound.entry_bytes);
    let text = format!(
        "{} is sound: {} entries, {bytes} bytes, root {}{}",
        checkpoint.origin(),
        checkpoint.size(),
        checkpoint.root(),
        if private.is_some() { "; its head belongs to it" } else { "" }
    );
    say(
        &text,
        &json!({
            "origin": checkpoint.origin().as_str(),
            "entries": checkpoint.size(),
            "entry_bytes": bytes,
            "root": checkpoint.root().to_string(),
            "head": private.is_some(),
        }),
        format,
    )
}

fn check(store: &dyn Store, key: &VerifierKey, size: u64) -> anyhow::Result<fsck::Sound> {
    let progress = Progress::new(size);
    Ok(fsck::check(store, std::slice::from_ref(key), |index, _| progress.at(index))?)
}

/// Opens a log for reading. Its checkpoint is signed by the key.
fn open(log: &Published) -> anyhow::Result<(std::sync::Arc<dyn Store>, VerifierKey, SignedCheckpoint)> {
    let key = log.place.verifier(log.key.as_deref())?;
    let store = log.place.open()?;
    let signed = Reader::new(store.as_ref()).checkpoint()?;
    signed.verify([&key])?;
    Ok((store, key, signed))
}
