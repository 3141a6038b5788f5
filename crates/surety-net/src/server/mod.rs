//! Serving a log: static files for everybody, submission for admitted issuers.
