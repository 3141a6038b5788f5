//! A store in a bucket of S3-compatible object storage.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions,
    PutPayload, RetryConfig, UpdateVersion,
};
use sha2::{Digest as _, Sha256};
use tokio::runtime::{Builder, Runtime};

use crate::served::Served;
use crate::store::{Object, Store, StoreError, check_key};

/// How many objects are written at the same time.
const PUTS_AT_ONCE: usize = 32;

/// How long one request may take.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// How long a request is tried again, should the storage be busy or out of reach.
const RETRY_TIME_MAX: Duration = Duration::from_mins(1);

/// How often.
const RETRIES_MAX: usize = 6;

/// A store under a prefix of a bucket, of any object storage that speaks S3 and honours `If-Match` and
/// `If-None-Match` when it writes: AWS, Cloudflare R2, `MinIO`, Ceph and others do.
///
/// No lock is held: each conditional write is one. Whoever writes after somebody else has written is refused
/// with [`StoreError::Conflict`]. So two writers cannot both append to a log, and neither overwrites the other.
///
/// Files carry the headers with which any cache or CDN can serve them: see [`Served`].
pub struct S3Store {
    bucket: Arc<dyn ObjectStore>,
    /// Such as `s3://bucket/prefix`.
    place: String,
    prefix: Path,
    /// What was last written here by [`Store::swap`]: to know an object again without reading it.
    known: Mutex<HashMap<String, Known>>,
    threads: Arc<Threads>,
}

/// Where requests are made. None only while it is dropped.
struct Threads(Option<Runtime>);

/// An object as it was last seen.
#[derive(Clone)]
struct Known {
    digest: [u8; 32],
    version: UpdateVersion,
}

impl S3Store {
    /// Opens a store at an address such as `s3://bucket/prefix`. Settings are names and values as AWS calls
    /// its environment variables, such as `AWS_ENDPOINT`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP`; names that mean nothing are passed over.
    ///
    /// Nothing is read or written yet.
    ///
    /// # Errors
    /// When the address or a setting cannot be right, or the system gives no threads.
    pub fn new(
        address: &str,
        settings: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, StoreError> {
        let (bucket, prefix) =
            split_address(address).ok_or_else(|| StoreError::Address(address.to_owned()))?;
        let place = format!("s3://{bucket}/{prefix}").trim_end_matches('/').to_owned();
        let failed = |source: io::Error| StoreError::Io { doing: "open", place: place.clone(), source };

        // Another part of the program may have chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = AmazonS3Builder::new();
        for (name, value) in settings {
            let key =
                name.strip_prefix("AWS_").map(|_| name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>());
            if let Some(Ok(key)) = key {
                builder = builder.with_config(key, value);
            }
        }
        let retry =
            RetryConfig { max_retries: RETRIES_MAX, retry_timeout: RETRY_TIME_MAX, ..RetryConfig::default() };
        let allow_http = builder.get_config_value(&ALLOW_HTTP).is_some_and(|value| value == "true");
        let client = ClientOptions::new().with_timeout(REQUEST_TIME_MAX).with_allow_http(allow_http);
        let bucket =
            builder
                .with_bucket_name(bucket)
                .with_retry(retry)
                .with_client_options(client)
                .build()
                .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error.to_string())))?;
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("s3").enable_all().build();
        Ok(Self {
            bucket: Arc::new(bucket),
            prefix: Path::from(prefix),
            known: Mutex::default(),
            threads: Arc::new(Threads(Some(runtime.map_err(failed)?))),
            place,
        })
    }

    /// The store under a folder of this one, such as `public`. It shares connections with this one.
    ///
    /// # Errors
    /// When the folder is no plain path.
    pub fn under(&self, folder: &str) -> Result<Self, StoreError> {
        Ok(Self {
            bucket: Arc::clone(&self.bucket),
            prefix: self.path(folder)?,
            known: Mutex::default(),
            threads: Arc::clone(&self.threads),
            place: format!("{}/{folder}", self.place),
        })
    }

    /// Where it is, such as `s3://bucket/prefix`.
    pub fn place(&self) -> &str {
        &self.place
    }

    fn path(&self, key: &str) -> Result<Path, StoreError> {
        check_key(key)?;
        let parts = self.prefix.parts().map(|part| part.as_ref().to_owned());
        Ok(parts.chain(key.split('/').map(str::to_owned)).collect())
    }

    /// Waits for work that is done on the store's own threads. It may be called from anywhere, also where
    /// waiting for a runtime is forbidden.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::Io {
            doing: "reach",
            place: self.place.clone(),
            source: io::Error::other("the store is closed"),
        };
        let runtime = self.threads.0.as_ref().ok_or_else(closed)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        runtime.spawn(async move { drop(sender.send(work.await)) });
        receiver.recv().unwrap_or_else(|_| Err(closed()))
    }

    fn known(&self, key: &str) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn remember(&self, key: &str, known: Option<Known>) {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known {
            Some(known) => drop(all.insert(key.to_owned(), known)),
            None => drop(all.remove(key)),
        }
    }

    /// The version of an object, if it has these bytes: as remembered, or else as read.
    fn version_of(&self, key: &str, bytes: &[u8]) -> Result<Option<UpdateVersion>, StoreError> {
        let digest = digest(bytes);
        if let Some(known) = self.known(key).filter(|known| known.digest == digest) {
            return Ok(Some(known.version));
        }
        let found = match self.read(key, bytes.len() as u64) {
            Err(StoreError::TooLong { .. }) => None,
            other => other?,
        };
        Ok(found.filter(|(found, _)| found == bytes).map(|(_, version)| version))
    }

    fn read(&self, key: &str, len_max: u64) -> Result<Option<(Vec<u8>, UpdateVersion)>, StoreError> {
        let (path, bucket) = (self.path(key)?, Arc::clone(&self.bucket));
        let (key, place) = (key.to_owned(), format!("{}/{key}", self.place));
        self.wait(async move {
            let failed = |error| io_error("read", &place, &error);
            let found = match bucket.get(&path).await {
                Err(Error::NotFound { .. }) => return Ok(None),
                other => other.map_err(failed)?,
            };
            let version =
                UpdateVersion { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            let mut bytes = Vec::new();
            let mut parts = found.into_stream();
            while let Some(part) = parts.try_next().await.map_err(failed)? {
                if (bytes.len() + part.len()) as u64 > len_max {
                    return Err(StoreError::TooLong { key, len_max });
                }
                bytes.extend_from_slice(&part);
            }
            Ok(Some((bytes, version)))
        })
    }

    /// Writes under a condition. None when the condition does not hold.
    fn write_if(&self, key: &str, mode: PutMode, bytes: &[u8]) -> Result<Option<UpdateVersion>, StoreError> {
        let (path, bucket) = (self.path(key)?, Arc::clone(&self.bucket));
        let (options, payload) = (options(key, mode), PutPayload::from(bytes.to_vec()));
        let place = format!("{}/{key}", self.place);
        self.wait(async move {
            match bucket.put_opts(&path, payload, options).await {
                Ok(put) => Ok(Some(UpdateVersion { e_tag: put.e_tag, version: put.version })),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(None),
                Err(error) => Err(io_error("write", &place, &error)),
            }
        })
    }
}

impl Store for S3Store {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.read(key, len_max)?.map(|(bytes, _)| bytes))
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let puts = objects.iter().map(|(key, bytes)| {
            let place = format!("{}/{key}", self.place);
            let payload = PutPayload::from(bytes.clone());
            Ok((self.path(key)?, options(key, PutMode::Overwrite), payload, place))
        });
        let puts = puts.collect::<Result<Vec<_>, StoreError>>()?;
        for (key, _) in objects {
            self.remember(key, None);
        }
        let bucket = Arc::clone(&self.bucket);
        self.wait(async move {
            let puts = puts.into_iter().map(|(path, options, payload, place)| {
                let bucket = Arc::clone(&bucket);
                async move {
                    let put = bucket.put_opts(&path, payload, options).await;
                    put.map(drop).map_err(|error| io_error("write", &place, &error))
                }
            });
            stream::iter(puts).buffer_unordered(PUTS_AT_ONCE).try_collect::<()>().await
        })
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        let conflict = || StoreError::Conflict { key: key.to_owned() };
        let mode = match expected {
            None => PutMode::Create,
            Some(expected) => PutMode::Update(self.version_of(key, expected)?.ok_or_else(conflict)?),
        };
        self.remember(key, None);
        let version = match self.write_if(key, mode, bytes)? {
            Some(version) => version,
            // A first try whose answer was lost may have written it: then it is as it should be.
            None => self.version_of(key, bytes).ok().flatten().ok_or_else(conflict)?,
        };
        self.remember(key, Some(Known { digest: digest(bytes), version }));
        Ok(())
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        let prefix = self.path(folder.strip_suffix('/').unwrap_or(folder))?;
        let (bucket, place) = (Arc::clone(&self.bucket), format!("{}/{folder}", self.place));
        self.wait(async move {
            let found = bucket.list(Some(&prefix)).map_ok(|meta| meta.location).boxed();
            let removed = bucket.delete_stream(found).try_for_each(|_| async { Ok(()) }).await;
            removed.map_err(|error| io_error("remove", &place, &error))
        })
    }
}

/// A runtime must not be waited for where the store may be dropped.
impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

const ALLOW_HTTP: AmazonS3ConfigKey = AmazonS3ConfigKey::Client(object_store::ClientConfigKey::AllowHttp);

fn split_address(address: &str) -> Option<(&str, &str)> {
    let rest = address.strip_prefix("s3://")?;
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    let plain = !bucket.is_empty() && (prefix.is_empty() || check_key(prefix).is_ok());
    plain.then_some((bucket, prefix))
}

fn options(key: &str, mode: PutMode) -> PutOptions {
    let served = Served::file(key);
    let attributes = Attributes::from_iter([
        (Attribute::ContentType, served.content_type),
        (Attribute::CacheControl, served.cache_control),
    ]);
    PutOptions { mode, attributes, ..PutOptions::default() }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn io_error(doing: &'static str, place: &str, error: &Error) -> StoreError {
    let kind = match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => io::ErrorKind::PermissionDenied,
        _ => io::ErrorKind::Other,
    };
    StoreError::Io { doing, place: place.to_owned(), source: io::Error::new(kind, error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_plain_prefix() {
        for (address, expected) in [
            ("s3://bucket", Some(("bucket", ""))),
            ("s3://bucket/", Some(("bucket", ""))),
            ("s3://bucket/logs/one", Some(("bucket", "logs/one"))),
            ("s3://bucket/logs/one/", Some(("bucket", "logs/one"))),
            ("s3:///logs", None),
            ("s3://bucket/../other", None),
            ("s3://bucket//x", None),
            ("https://bucket", None),
        ] {
            assert_eq!(split_address(address), expected, "{address}");
        }
        let error = S3Store::new("bucket/logs", []).err().unwrap().to_string();
        assert!(error.contains("s3://bucket/prefix"), "{error}");
    }
}
