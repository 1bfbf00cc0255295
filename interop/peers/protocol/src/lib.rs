//! The line protocol between the interoperability runner and a program that holds members of another
//! implementation. A line of JSON each way: `{"method": "createGroup", "request": {…}}` in, `{"answer": {…}}` or
//! `{"error": {"kind": …, "message": …}}` out, in the order of the requests. Methods and fields are those of
//! `InteropClient` in `interop/client.ts`; byte strings are lower-case hex, 64-bit integers are decimal strings.
//! A call that fails is answered; a program that panics ends, and the runner reports what it wrote to stderr.

mod bytes;
mod calls;
mod refusal;
mod serve;
mod states;

pub use bytes::{Bytes, Epoch};
pub use calls::*;
pub use refusal::{Answer, Refusal};
pub use serve::serve;
pub use states::States;
