//! The `depeche` binary: hands the command line to the library and its exit code to the system.
//! It holds nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    depeche::cli::main()
}
