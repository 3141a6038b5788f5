//! Fuzzes the decoder that the target is called after.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| surety_decoders::check(env!("CARGO_BIN_NAME"), bytes));
