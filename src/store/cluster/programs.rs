//! Finds the Postgres server programs on this machine and their major version.
//! It runs nothing but `--version` and `pg_config --bindir`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::account::RunAs;
use super::error::ClusterError;

/// The oldest major version whose SQL depeche is written for.
pub(super) const OLDEST: u32 = 14;

/// Below each of these, directories that may hold a `bin`: a prefix of the directory's name and the way down from it.
const SHELVES: [(&str, &str, &str); 5] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
];

/// A directory with `initdb` and `postgres` of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) bin: PathBuf,
    pub(super) major: u32,
}

impl Programs {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.bin.join(name)
    }
}

/// Every set of programs that `run_as` may run, the preferred first. `only` restricts the search to one directory.
pub(super) async fn installed(only: Option<&Path>, run_as: &RunAs) -> Vec<Programs> {
    let directories = match only {
        Some(bin) => vec![bin.to_owned()],
        None => directories(run_as).await,
    };
    let mut found: Vec<Programs> = Vec::new();
    for bin in directories {
        if !bin.join("initdb").is_file() || found.iter().any(|known| known.bin == bin) {
            continue;
        }
        // Asked as the account that will run it: programs under a closed directory do not count.
        let asked = run_as.command(&bin.join("postgres")).arg("--version").output().await;
        if let Some(major) = asked.ok().and_then(|answer| major(&String::from_utf8_lossy(&answer.stdout))) {
            found.push(Programs { bin, major });
        }
    }
    found
}

/// Picks the programs for data of version `data`, or for new data.
pub(super) fn choose(found: Vec<Programs>, data: Option<u32>, only: Option<&Path>) -> Result<Programs, ClusterError> {
    let Some(newest) = found.iter().max_by_key(|programs| programs.major).cloned() else {
        return Err(ClusterError::NoPrograms { looked: looked(only) });
    };
    match data {
        None if newest.major < OLDEST => Err(ClusterError::TooOld { bin: newest.bin, major: newest.major }),
        None => Ok(found.into_iter().find(|programs| programs.major >= OLDEST).unwrap_or(newest)),
        Some(data) => found.into_iter().find(|programs| programs.major == data).ok_or(ClusterError::OtherVersion {
            data,
            installed: newest.major,
            bin: newest.bin,
            commands: String::new(),
        }),
    }
}

fn looked(only: Option<&Path>) -> String {
    match only {
        Some(bin) => bin.display().to_string(),
        None => "PATH, pg_config --bindir, /usr/lib/postgresql/*/bin and Homebrew".to_owned(),
    }
}

async fn directories(run_as: &RunAs) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = on_path(env::var_os("PATH"));
    if let Ok(answer) = run_as.command(Path::new("pg_config")).arg("--bindir").output().await {
        directories.push(PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()));
    }
    for (shelf, prefix, bin) in SHELVES {
        directories.extend(on_shelf(Path::new(shelf), prefix).into_iter().map(|version| version.join(bin)));
    }
    directories
}

fn on_path(path: Option<OsString>) -> Vec<PathBuf> {
    path.map(|path| env::split_paths(&path).filter(|directory| directory.is_absolute()).collect()).unwrap_or_default()
}

/// The newest version first: `postgresql@17` before `postgresql@9.6`, `15` before `9`.
fn on_shelf(shelf: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(shelf) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.starts_with(prefix))
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(leading_number(name.trim_start_matches(|c: char| !c.is_ascii_digit()))));
    names.into_iter().map(|name| shelf.join(name)).collect()
}

/// Reads `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)`.
fn major(version: &str) -> Option<u32> {
    leading_number(version.split(')').nth(1)?.trim_start())
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(majors: &[u32]) -> Vec<Programs> {
        majors.iter().map(|&major| Programs { bin: PathBuf::from(format!("/pg/{major}")), major }).collect()
    }

    #[test]
    fn the_major_version_is_read_from_every_kind_of_build() {
        let check = |line: &str, expected: Option<u32>| assert_eq!(major(line), expected, "{line}");
        check("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n", Some(15));
        check("postgres (PostgreSQL) 17.2\n", Some(17));
        check("postgres (PostgreSQL) 18beta1\n", Some(18));
        check("postgres (PostgreSQL) 9.6.24\n", Some(9));
        check("", None);
        check("sh: not found", None);
    }

    #[test]
    fn existing_data_takes_its_own_version_and_new_data_the_first_that_is_new_enough() {
        let major = |found: &[u32], data| choose(programs(found), data, None).map(|programs| programs.major);
        assert_eq!(major(&[17, 15], Some(15)).ok(), Some(15));
        assert_eq!(major(&[13, 16, 17], None).ok(), Some(16));
        assert!(matches!(major(&[17], Some(15)), Err(ClusterError::OtherVersion { data: 15, installed: 17, .. })));
        assert!(matches!(major(&[13], None), Err(ClusterError::TooOld { major: 13, .. })));
    }

    #[test]
    fn nothing_found_is_one_line_that_says_what_to_install() {
        let error = choose(Vec::new(), None, None).expect_err("nothing is installed").to_string();
        assert!(error.contains("apt install postgresql") && error.contains("DATABASE_URL"), "{error}");
        assert_eq!(error.lines().count(), 1);
    }

    #[test]
    fn a_shelf_is_read_newest_first() {
        let shelf = tempfile::tempdir().expect("a temporary directory");
        for name in ["postgresql@9.6", "postgresql@17", "postgresql@14", "redis"] {
            fs::create_dir(shelf.path().join(name)).expect("a directory");
        }
        let found = on_shelf(shelf.path(), "postgresql");
        assert_eq!(found, ["postgresql@17", "postgresql@14", "postgresql@9.6"].map(|name| shelf.path().join(name)));
    }
}
