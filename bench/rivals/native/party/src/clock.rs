use std::time::{Duration, Instant};

use cpu_time::ProcessTime;

/// The time of day, or the time that processors spent on this process.
pub enum Clock {
    Day(Instant),
    Processor(ProcessTime),
}

impl Clock {
    pub fn start() -> Self {
        match std::env::var("GROVE_BENCH_CLOCK").as_deref() {
            Ok("processor") => Self::Processor(ProcessTime::now()),
            _ => Self::Day(Instant::now()),
        }
    }

    pub fn elapsed(&self) -> Duration {
        match self {
            Self::Day(start) => start.elapsed(),
            Self::Processor(start) => start.elapsed(),
        }
    }
}
