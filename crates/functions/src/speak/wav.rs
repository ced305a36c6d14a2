//! WAV files as programs write them into a pipe, and as browsers want them.

const HEAD_BYTES: usize = 12;
const CHUNK_HEAD_BYTES: usize = 8;

/// A WAV file.
pub(super) struct Clip {
    pub(super) file: Vec<u8>,
    pub(super) duration_ms: u64,
}

/// The same file with the sizes that it has: a program that writes into a pipe does not know them
/// when it writes the head. Nothing when it is no WAV file, or a silent one.
pub(super) fn whole(mut file: Vec<u8>) -> Option<Clip> {
    let (format, samples) = chunks(&file)?;
    let pcm = file.get(format..format + 2)? == [1, 0];
    if !pcm || file.get(samples..)?.iter().all(|byte| *byte == 0) {
        return None;
    }
    let size = u32::try_from(file.len() - samples).ok()?;
    file[samples - 4..samples].copy_from_slice(&size.to_le_bytes());
    let all = u32::try_from(file.len() - 8).ok()?;
    file[4..8].copy_from_slice(&all.to_le_bytes());
    let bytes_per_s = u32::from_le_bytes(file.get(format + 8..format + 12)?.try_into().ok()?);
    let duration_ms = (u64::from(size) * 1_000).checked_div(u64::from(bytes_per_s))?;
    Some(Clip { file, duration_ms })
}

/// A WAV file of 16-bit samples of one channel, least byte first.
pub(super) fn of_samples(per_second: u32, samples: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    file.extend(per_second.to_le_bytes());
    file.extend((2 * per_second).to_le_bytes());
    file.extend(b"\x02\0\x10\0data\xff\xff\xff\xff");
    file.extend(samples);
    file
}

/// Where the content of the chunk `fmt ` begins, and that of `data`, which is the last.
fn chunks(file: &[u8]) -> Option<(usize, usize)> {
    if !(file.get(..4)? == b"RIFF" && file.get(8..HEAD_BYTES)? == b"WAVE") {
        return None;
    }
    let (mut at, mut format) = (HEAD_BYTES, None);
    loop {
        let head = file.get(at..at + CHUNK_HEAD_BYTES)?;
        let (name, size) = head.split_at(4);
        let content = at + CHUNK_HEAD_BYTES;
        match name {
            b"data" => return Some((format?, content)),
            b"fmt " => format = Some(content),
            _ => {}
        }
        let size = u32::from_le_bytes(size.try_into().ok()?);
        // A chunk of an odd size has a byte more.
        at = content.checked_add(usize::try_from(size).ok()?.checked_next_multiple_of(2)?)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piped(samples: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\x24\xf0\xff\x7fWAVELIST\x03\0\0\0abc\0fmt \x10\0\0\0".to_vec();
        file.extend([1, 0, 1, 0, 0x22, 0x56, 0, 0, 0x44, 0xac, 0, 0, 2, 0, 16, 0]);
        file.extend(b"data\0\xf0\xff\x7f");
        file.extend(samples);
        file
    }

    #[test]
    fn the_sizes_are_those_of_what_came() {
        let samples = [1, 0].repeat(11_025);
        let Clip { file, duration_ms } = whole(piped(&samples)).unwrap();
        assert_eq!(duration_ms, 500);
        assert_eq!(file[4..8], u32::try_from(file.len() - 8).unwrap().to_le_bytes());
        let data = file.len() - samples.len();
        assert_eq!(file[data - 4..data], 22_050_u32.to_le_bytes());
    }

    #[test]
    fn samples_become_a_file_of_their_length() {
        let Clip { file, duration_ms } = whole(of_samples(16_000, &[1, 0].repeat(8_000))).unwrap();
        assert_eq!((file.len(), duration_ms), (44 + 16_000, 500));
    }

    #[test]
    fn silence_and_other_files_are_no_speech() {
        assert!(whole(piped(&[])).is_none());
        assert!(whole(piped(&[0; 100])).is_none());
        assert!(whole(b"ID3 something else entirely".to_vec()).is_none());
        assert!(whole(piped(&[1, 0])[..40].to_vec()).is_none());
        assert!(whole(Vec::new()).is_none());
    }
}
