//! Tests of the whole way: scripted servers on this machine.
