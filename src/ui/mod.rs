//! The view: a pure function of the state.
