//! Makes an authority and a server's certificate with openssl, for tests of TLS.
//! It asserts nothing but that openssl does what it is asked for.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// An authority of its own and a certificate, made anew in a directory.
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// For these names, as in `DNS:localhost,IP:127.0.0.1`; `None` where there is no openssl to make them with.
    pub(crate) fn make(directory: &Path, names: &str) -> Option<Self> {
        let mut arguments = vec!["req", "-x509", "-newkey", "ec", "-pkeyopt", CURVE, "-nodes", "-days", "2"];
        arguments.extend(["-subj", "/CN=Test authority", "-keyout", "ca.key", "-out", "ca.pem"]);
        openssl(directory, &arguments)?;
        Self::issue(directory, "leaf", names)
    }

    /// One more, of the authority that was made in this directory.
    pub(crate) fn issue(directory: &Path, called: &str, names: &str) -> Option<Self> {
        let [settings, key, request, certificate] =
            ["cnf", "key", "csr", "pem"].map(|extension| format!("{called}.{extension}"));
        std::fs::write(directory.join(&settings), format!("subjectAltName={names}\nbasicConstraints=CA:FALSE\n"))
            .ok()?;
        let mut arguments = vec!["req", "-newkey", "ec", "-pkeyopt", CURVE, "-nodes", "-subj", "/CN=localhost"];
        arguments.extend(["-keyout", &key, "-out", &request]);
        openssl(directory, &arguments)?;
        let mut arguments =
            vec!["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
        arguments.extend(["-days", "2", "-extfile", &settings, "-out", &certificate]);
        openssl(directory, &arguments)?;
        let file = |name: &str| directory.join(name);
        Some(Self { authority: file("ca.pem"), certificate: file(&certificate), key: file(&key) })
    }

    /// A server's side of TLS with this certificate.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let chain = vec![CertificateDer::from_pem_file(&self.certificate).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(&self.key).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("a certificate and its key");
        TlsAcceptor::from(Arc::new(config))
    }
}

const CURVE: &str = "ec_paramgen_curve:P-256";

/// Runs it in this directory; `None` where it is not installed.
fn openssl(directory: &Path, arguments: &[&str]) -> Option<()> {
    let output = Command::new("openssl").args(arguments).current_dir(directory).stdin(Stdio::null()).output().ok()?;
    assert!(output.status.success(), "openssl: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}
