//! Pictures of every screen, styles included: keys go in, the real state machine answers, the screen is kept.

mod extras;
mod images;
mod local;
mod mouse;
mod popups;
mod samples;
mod screens;
mod story;
