//! In which language a text is written.

use whatlang::{Detector, Lang};

/// The one of `languages` (ISO 639-1) that `text` is most likely written in; the first of them
/// when nothing tells.
pub(super) fn most_likely<'l>(text: &str, languages: &'l [String]) -> Option<&'l str> {
    let known: Vec<(Lang, &str)> =
        languages.iter().filter_map(|code| Some((lang(code)?, code.as_str()))).collect();
    let detector = Detector::with_allowlist(known.iter().map(|(lang, _)| *lang).collect());
    let found = detector.detect_lang(text);
    let code = known.iter().find(|(lang, _)| Some(*lang) == found).map(|(_, code)| *code);
    code.or_else(|| languages.first().map(String::as_str))
}

/// The languages that can be told apart.
fn lang(code: &str) -> Option<Lang> {
    Some(match code {
        "ca" => Lang::Cat,
        "cs" => Lang::Ces,
        "da" => Lang::Dan,
        "de" => Lang::Deu,
        "el" => Lang::Ell,
        "en" => Lang::Eng,
        "es" => Lang::Spa,
        "fi" => Lang::Fin,
        "fr" => Lang::Fra,
        "hu" => Lang::Hun,
        "it" => Lang::Ita,
        "nl" => Lang::Nld,
        "pl" => Lang::Pol,
        "pt" => Lang::Por,
        "ro" => Lang::Ron,
        "ru" => Lang::Rus,
        "sv" => Lang::Swe,
        "tr" => Lang::Tur,
        "uk" => Lang::Ukr,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::most_likely;

    fn check(text: &str, expected: &str) {
        let languages = ["en".to_owned(), "es".to_owned()];
        assert_eq!(most_likely(text, &languages), Some(expected), "{text}");
    }

    #[test]
    fn what_people_write_is_told_apart() {
        check("Hola a todas, ¿quedamos mañana a las diez en la cocina?", "es");
        check("El informe está listo, lo envío esta tarde.", "es");
        check("Shall we meet tomorrow at ten in the kitchen?", "en");
        check("The report is ready, I will send it this afternoon.", "en");
        check("Buenos días, equipo", "es");
        check("Good morning, team", "en");
    }

    #[test]
    fn without_a_hint_it_is_the_first_and_without_voices_none() {
        check("123", "en");
        assert_eq!(most_likely("hola", &[]), None);
        let unknown = ["xx".to_owned()];
        assert_eq!(most_likely("hola", &unknown), Some("xx"));
    }
}
