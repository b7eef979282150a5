//! Writes out the commands that carry data from one major version of Postgres to another.
//! It runs none of them: such a move is a person's decision.

use std::path::Path;

use super::account::RunAs;
use super::server::NAME;

/// Shell lines, one command each: dump with the old programs, set the old data aside, make new data, load.
pub(super) fn dump_and_load(data: &Path, old: &str, new: &Path, run_as: &RunAs) -> String {
    let data = quoted(&data.display().to_string());
    let dump = "/var/tmp/depeche.dump";
    let new = quoted(&new.display().to_string());
    let server =
        "-l /var/tmp/depeche-move.log -w -o '-c listen_addresses= -c unix_socket_directories=/var/tmp -c port=54321'";
    let client = format!("-h /var/tmp -p 54321 -U {NAME}");
    let locale = "--encoding=UTF8 --locale=C.UTF-8";
    // Only the two commands about the directory itself need rights on the one above, which the server's account may not have.
    let (server_account, owner) = match run_as {
        RunAs::Ourselves => (String::new(), String::new()),
        RunAs::Other(account) => {
            (format!("runuser -u {} -- ", account.name), format!(" -o {} -g {}", account.uid, account.gid))
        }
    };
    let by_server = |command: String| format!("{server_account}{command}");
    let commands = [
        by_server(format!("{old}/pg_ctl -D {data} {server} start")),
        by_server(format!("{old}/pg_dump {client} -Fc -f {dump} {NAME}")),
        by_server(format!("{old}/pg_ctl -D {data} -w stop")),
        format!("mv {data} {data}.old"),
        format!("install -d -m 700{owner} {data}"),
        by_server(format!("{new}/initdb -D {data} {locale} -U {NAME} --auth-local=trust --auth-host=reject")),
        by_server(format!("{new}/pg_ctl -D {data} {server} start")),
        by_server(format!("{new}/createdb {client} {NAME}")),
        by_server(format!("{new}/pg_restore {client} -d {NAME} {dump}")),
        by_server(format!("{new}/pg_ctl -D {data} -w stop")),
    ];
    commands.map(|command| format!("  {command}")).join("\n")
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-@+".contains(c);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
