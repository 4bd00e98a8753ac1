//! The state machine: `App::update(Event) -> Vec<Effect>`.
