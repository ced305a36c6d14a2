//! What somebody has proved so far, and what one proof more makes of it.

use super::Acr;

/// The mark among the means that a recovery code was one of them. It is ours: RFC 8176 has no word
/// for it, so applications read `otp`.
const RECOVERED: &str = "recovery";

/// Something that a person has just shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The right password.
    Password,
    /// A code of their authenticator app.
    Totp,
    /// A code that was sent by mail.
    Mail,
    /// A code that was sent by SMS.
    Sms,
    /// A recovery code.
    Recovery,
    /// The signature of a passkey.
    Passkey {
        /// The authenticator made sure, by finger, face or PIN, who holds it.
        verified: bool,
        /// It may be on several devices of its person, and so in software.
        synced: bool,
    },
}

impl Proof {
    /// What this proof alone is worth; nothing for what is only a second step.
    fn alone(self) -> Option<Acr> {
        match self {
            Self::Password => Some(Acr::Pwd),
            Self::Passkey { verified: true, .. } => Some(Acr::Phr),
            Self::Passkey { .. } | Self::Totp | Self::Mail | Self::Sms | Self::Recovery => None,
        }
    }

    /// What it is worth after something else was proved.
    fn second(self) -> Acr {
        match self {
            Self::Password => Acr::Pwd,
            Self::Mail | Self::Sms | Self::Recovery => Acr::TwoSteps,
            Self::Passkey { verified: true, .. } => Acr::Phr,
            Self::Passkey { .. } | Self::Totp => Acr::Mfa,
        }
    }

    /// Its means as RFC 8176 names them.
    fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Totp => "otp",
            Self::Recovery => "otp recovery",
            Self::Mail => "otp mca",
            Self::Sms => "otp sms",
            Self::Passkey { verified: true, synced: true } => "swk user mfa",
            Self::Passkey { verified: true, synced: false } => "hwk user mfa",
            Self::Passkey { verified: false, synced: true } => "swk user",
            Self::Passkey { verified: false, synced: false } => "hwk user",
        }
    }
}

/// What was proved so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Proved {
    /// The level reached; none while nobody has said who they are.
    pub(crate) acr: Option<Acr>,
    /// By which means, separated by spaces.
    pub(crate) amr: String,
    /// When, milliseconds, if that was not just now: another provider may say so.
    pub(crate) at: Option<i64>,
}

impl Proved {
    /// Whether a recovery code was among it.
    pub(super) fn recovered(&self) -> bool {
        self.amr.split_ascii_whitespace().any(|word| word == RECOVERED)
    }

    /// The same with one proof more. A second step without a first is worth nothing.
    pub(crate) fn with(&self, proof: Proof) -> Self {
        let worth = match self.acr {
            Some(acr) => Some(acr.max(proof.second())),
            None => proof.alone(),
        };
        if worth.is_none() {
            return self.clone();
        }
        let mut words: Vec<&str> = self.amr.split_ascii_whitespace().collect();
        for word in proof.amr().split_ascii_whitespace() {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        Self { acr: worth, amr: words.join(" "), at: None }
    }
}

/// The means as applications are told them, and whether a recovery code was among them.
pub(super) fn told(amr: &str) -> (String, bool) {
    let words = || amr.split_ascii_whitespace();
    let told: Vec<&str> = words().filter(|word| *word != RECOVERED).collect();
    (told.join(" "), words().any(|word| word == RECOVERED))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(proofs: &[Proof]) -> (Option<Acr>, String) {
        let proved = proofs.iter().fold(Proved::default(), |proved, proof| proved.with(*proof));
        (proved.acr, proved.amr)
    }

    #[test]
    fn a_second_step_raises_the_level_and_names_its_means() {
        let check = |proofs: &[Proof], acr: Acr, amr: &str| {
            assert_eq!(all(proofs), (Some(acr), amr.to_owned()), "{proofs:?}");
        };
        check(&[Proof::Password], Acr::Pwd, "pwd");
        check(&[Proof::Password, Proof::Totp], Acr::Mfa, "pwd otp");
        check(&[Proof::Password, Proof::Recovery], Acr::TwoSteps, "pwd otp recovery");
        check(&[Proof::Password, Proof::Mail], Acr::TwoSteps, "pwd otp mca");
        check(&[Proof::Password, Proof::Sms], Acr::TwoSteps, "pwd otp sms");
        let verified = Proof::Passkey { verified: true, synced: true };
        let present = Proof::Passkey { verified: false, synced: false };
        check(&[verified], Acr::Phr, "swk user mfa");
        check(&[Proof::Password, verified], Acr::Phr, "pwd swk user mfa");
        check(&[Proof::Password, present], Acr::Mfa, "pwd hwk user");
        check(&[Proof::Password, Proof::Totp, Proof::Password], Acr::Mfa, "pwd otp");
    }

    #[test]
    fn applications_are_not_told_of_a_recovery_code() {
        assert_eq!(told("pwd otp recovery"), ("pwd otp".to_owned(), true));
        assert_eq!(told("pwd otp"), ("pwd otp".to_owned(), false));
    }

    #[test]
    fn what_is_only_a_second_step_signs_nobody_in() {
        let present = Proof::Passkey { verified: false, synced: true };
        for proof in [Proof::Totp, Proof::Mail, Proof::Sms, Proof::Recovery, present] {
            assert_eq!(all(&[proof]), (None, String::new()), "{proof:?}");
        }
    }
}
