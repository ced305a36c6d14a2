//! Names of blobs: where, and a hash.

use std::fmt;
use std::fmt::Write as _;

use object_store::path::Path;
use sha2::{Digest as _, Sha256};

/// Whether the bytes are as they are, or sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Folder {
    /// Plain: a CDN may read it.
    Public,
    /// Sealed by the writer.
    Sealed,
}

/// The name of a blob: `public/3f/3fa9…`. Nothing that a person wrote is ever part of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobName(Path);

impl BlobName {
    /// The name of a blob by a hash of what it is of: 32 bytes. For what is sealed the hash must
    /// be a keyed one, or the name would tell the content.
    pub fn of_hash(folder: Folder, hash: &[u8; 32]) -> Self {
        let folder = match folder {
            Folder::Public => "public",
            Folder::Sealed => "sealed",
        };
        let hex = hash.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(Path::from(format!("{folder}/{}/{hex}", &hex[..2])))
    }

    /// The name of these bytes in the public folder, by their SHA-256.
    pub fn of_content(bytes: &[u8]) -> Self {
        Self::of_hash(Folder::Public, &Sha256::digest(bytes).into())
    }

    /// A name as a row keeps it; nothing when it is not one that this type wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (folder, short, hex) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        let good = parts.next().is_none()
            && matches!(folder, "public" | "sealed")
            && hex.len() == 64
            && hex.as_bytes().iter().all(digits)
            && short == &hex[..2];
        good.then(|| Self(Path::from(text)))
    }

    /// In which folder it is.
    pub fn folder(&self) -> Folder {
        if self.as_str().starts_with("sealed/") { Folder::Sealed } else { Folder::Public }
    }

    /// The name as a row keeps it, and as it follows the bucket's address.
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_no_other_path_is_one() {
        let name = BlobName::of_content(b"hola");
        assert_eq!(BlobName::parse(name.as_str()), Some(name.clone()));
        assert_eq!(name.folder(), Folder::Public);
        assert_eq!(BlobName::of_hash(Folder::Sealed, &[7; 32]).folder(), Folder::Sealed);
        let hex = "ab".repeat(32);
        let wrong = [
            String::new(),
            "public".to_owned(),
            format!("public/../{hex}"),
            format!("public/ab/{hex}/x"),
            format!("elsewhere/ab/{hex}"),
            format!("public/cd/{hex}"),
            format!("public/AB/{}", hex.to_uppercase()),
            format!("public/ab/{}", "é".repeat(32)),
        ];
        for text in wrong {
            assert_eq!(BlobName::parse(&text), None, "{text}");
        }
    }
}
