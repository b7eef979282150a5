//! Secrets and where they come from: files of their own, or systemd's credentials; never the config file itself.
//! It does not know what a secret is for.

use std::{
    collections::BTreeMap,
    fmt, fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::subscriber::token::{Keys, KeysError, SECRET_LENGTH};

/// Longest secret file that is read, in octets; beyond it somebody named the wrong file.
const LARGEST: u64 = 64 * 1024;

/// Permission bits that let every account of the machine read a file.
const READABLE_BY_ALL: u32 = 0o004;

/// A text that nobody but its user sees: it has no `Display`, and its `Debug` is masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, to be handed to who needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The variables that a process was started with; read once, so that tests can bring their own.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// That of this process; variables that are not UTF-8 are left out.
    pub fn of_process() -> Self {
        std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect()
    }

    /// A variable that is set and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// systemd's file for a credential (`LoadCredential=NAME:PATH`), where there is one.
    pub fn credential(&self, name: &str) -> Option<PathBuf> {
        let path = Path::new(self.get("CREDENTIALS_DIRECTORY")?).join(name);
        path.is_file().then_some(path)
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// Reads a secret's file without the line end that editors add. The answer also holds a warning where all may read the file.
pub(super) fn read(path: &Path) -> Result<(Secret, Option<String>), String> {
    let (text, warning) = read_text(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(format!("{} is empty; write the secret into it", path.display()));
    }
    if secret.contains(['\r', '\n']) {
        return Err(format!("{} holds more than one line; a secret is one line", path.display()));
    }
    Ok((Secret::new(secret), warning))
}

fn read_text(path: &Path) -> io::Result<(String, Option<String>)> {
    let metadata = fs::metadata(path)?;
    if metadata.len() > LARGEST || !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not a small file"));
    }
    let open = metadata.permissions().mode() & READABLE_BY_ALL != 0;
    let warning = open.then(|| {
        format!("{0} can be read by every account of this machine; `chmod 600 {0}` ends that", path.display())
    });
    Ok((fs::read_to_string(path)?, warning))
}

/// Why the ring of link keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Not readable.
    #[error("cannot read the key file {path}: {cause}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// Not writable.
    #[error("cannot write the key file {path}: {cause}; make its directory writable, or set `secrets.key_file`", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// No random octets.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// Not a key file.
    #[error("the key file {path} is damaged: {cause}", path = path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: KeysError,
    },
}

/// Reads the ring of link keys; a file that is not there yet is made, readable by its owner only.
pub fn load_or_create_keys(path: &Path) -> Result<Keys, KeyFileError> {
    match read_text(path) {
        Ok((text, _)) => Keys::parse(&text).map_err(|cause| KeyFileError::Keys { path: path.to_owned(), cause }),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => create(path),
        Err(cause) => Err(KeyFileError::Read { path: path.to_owned(), cause }),
    }
}

/// Puts a new signing key before the old ones; links of old mails stay good.
pub fn rotate_keys(path: &Path) -> Result<Keys, KeyFileError> {
    let keys = load_or_create_keys(path)?.rotated(random()?);
    // Renamed into place, so that a crash leaves the old file or the new one, never half of it.
    let fresh = path.with_extension("new");
    let write = || {
        remove_if_there(&fresh)?;
        write_new(&fresh, &keys.to_file())?;
        fs::rename(&fresh, path)
    };
    write().map_err(|cause| KeyFileError::Write { path: path.to_owned(), cause })?;
    Ok(keys)
}

fn create(path: &Path) -> Result<Keys, KeyFileError> {
    let keys = Keys::new(random()?);
    match write_new(path, &keys.to_file()) {
        Ok(()) => Ok(keys),
        // Another node made it in the meantime; its keys are the right ones.
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            let (text, _) = read_text(path).map_err(|cause| KeyFileError::Read { path: path.to_owned(), cause })?;
            Keys::parse(&text).map_err(|cause| KeyFileError::Keys { path: path.to_owned(), cause })
        }
        Err(cause) => Err(KeyFileError::Write { path: path.to_owned(), cause }),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn random() -> Result<[u8; SECRET_LENGTH], KeyFileError> {
    let mut secret = [0; SECRET_LENGTH];
    getrandom::fill(&mut secret).map_err(KeyFileError::Random)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscriber::token::Purpose;

    #[test]
    fn a_key_file_is_made_once_for_its_owner_only_and_survives_rotation() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("deep").join("keys");
        let keys = load_or_create_keys(&path).expect("made");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let token = keys.sign(Purpose::Web, 1, 2);
        assert_eq!(load_or_create_keys(&path).expect("read").sign(Purpose::Web, 1, 2), token);
        let rotated = rotate_keys(&path).expect("rotated");
        assert_ne!(rotated.sign(Purpose::Web, 1, 2), token);
        let now = chrono::DateTime::UNIX_EPOCH;
        assert!(load_or_create_keys(&path).expect("read").verify(Purpose::Web, token.as_str(), now).is_ok());
        fs::write(&path, "rubbish").expect("written");
        assert!(matches!(load_or_create_keys(&path), Err(KeyFileError::Keys { .. })));
    }

    #[test]
    fn a_secret_file_is_one_line_and_warns_when_all_may_read_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("password");
        let check = |text: &str, mode: u32| {
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            read(&path)
        };
        assert_eq!(check("s3cret\n", 0o600), Ok((Secret::new("s3cret"), None)));
        let (_, warning) = check(" s3cret ", 0o644).expect("read");
        assert!(warning.expect("a warning").contains("chmod 600"));
        assert!(check("\n", 0o600).expect_err("empty").contains("is empty"));
        assert!(check("a\nb\n", 0o600).expect_err("two").contains("more than one line"));
        assert!(read(directory.path()).expect_err("a directory").contains("not a small file"));
        assert!(read(&directory.path().join("none")).expect_err("none").contains("cannot read"));
        assert_eq!(format!("{:?}", Secret::new("s3cret")), "Secret(…)");
    }
}
