use std::collections::HashMap;

use crate::{Answer, Refusal};

/// What a program keeps under the numbers that it hands out.
pub struct States<T> {
    next: u32,
    states: HashMap<u32, T>,
}

impl<T> Default for States<T> {
    fn default() -> Self {
        Self { next: 1, states: HashMap::new() }
    }
}

impl<T> States<T> {
    pub fn add(&mut self, state: T) -> u32 {
        let id = self.next;
        self.next += 1;
        self.states.insert(id, state);
        id
    }

    pub fn get(&mut self, id: u32) -> Answer<&mut T> {
        self.states.get_mut(&id).ok_or_else(|| absent(id))
    }

    pub fn take(&mut self, id: u32) -> Answer<T> {
        self.states.remove(&id).ok_or_else(|| absent(id))
    }
}

fn absent(id: u32) -> Refusal {
    Refusal::misuse(format!("no state {id}"))
}
