//! What pages and mails say, in Spanish and English.

/// Declares a struct of texts with one value per language: `name: "español", "English";`.
#[macro_export]
macro_rules! words {
    ($vis:vis struct $name:ident { $($key:ident: $es:expr, $en:expr;)* }) => {
        #[derive(Debug)]
        $vis struct $name { $($vis $key: &'static str,)* }

        impl $name {
            /// The texts in `lang`.
            $vis fn of(lang: $crate::pages::Lang) -> &'static Self {
                static ES: $name = $name { $($key: $es,)* };
                static EN: $name = $name { $($key: $en,)* };
                match lang {
                    $crate::pages::Lang::Es => &ES,
                    $crate::pages::Lang::En => &EN,
                }
            }
        }
    };
}

words! {
    pub(crate) struct Words {
        brand_headline: "Conversaciones que el equipo puede seguir.",
            "Conversations a team can follow.";
        brand_pitch: "Una sola cuenta para el chat y las aplicaciones que conectes.",
            "One account for the chat and the apps you connect.";
        about: "Presentación", "About";
        skip: "Ir al contenido", "Skip to content";
        other_language: "English", "Español";
        other_language_code: "en", "es";

        sign_in_title: "Entra en Tertulia", "Sign in to Tertulia";
        sign_in_lead: "Usa tu nombre de usuario o tu correo.",
            "Use your user name or your e-mail address.";
        once_more_title: "Confirma que eres tú", "Confirm that it is you";
        once_more_lead: "Entraste hace un rato, y lo que sigue protege tu cuenta: entra una vez \
            más.",
            "You signed in a while ago, and what follows guards your account: sign in once more.";
        sign_in_for: "Para seguir a", "To continue to";
        not_ours: "Esta aplicación no es nuestra.", "This app is not one of ours.";
        name_or_email: "Usuario o correo", "User name or e-mail";
        password: "Contraseña", "Password";
        keep_me: "Mantener la sesión en este equipo por 30 días",
            "Stay signed in on this device for 30 days";
        sign_in: "Entrar", "Sign in";
        forgot: "¿Olvidaste tu contraseña?", "Forgot your password?";
        no_account: "¿Aún no tienes cuenta?", "No account yet?";
        create_account: "Crear cuenta", "Create account";
        go_to_sign_in: "Ir a entrar", "Go to sign in";
        wrong: "El usuario o la contraseña no son correctos.",
            "The user name or the password is not right.";
        blocked: "Esta cuenta está bloqueada. Habla con quien administra Tertulia.",
            "This account is blocked. Talk to whoever runs Tertulia.";
        unverified: "Antes de entrar, confirma tu correo: te enviamos otra vez el enlace.",
            "Confirm your e-mail address before you sign in: we sent you the link again.";
        reset_needed: "Hubo demasiados intentos. Para entrar, cambia la contraseña por correo.",
            "There were too many attempts. To sign in, replace your password by mail.";
        expired_interaction: "La aplicación esperó demasiado. Entra y vuelve a ella.",
            "The app waited too long. Sign in and go back to it.";

        sign_up_title: "Crea tu cuenta", "Create your account";
        sign_up_lead: "Te enviaremos un correo para confirmar tu dirección.",
            "We will send you a mail to confirm your address.";
        email: "Correo electrónico", "E-mail";
        username: "Nombre de usuario", "User name";
        username_hint: "De 2 a 32: letras sin acento, números, punto, guion y guion bajo.",
            "2 to 32: letters without accents, digits, dot, hyphen and underscore.";
        display_name: "Nombre visible", "Display name";
        display_name_hint: "Como te verán los demás.", "How others will see you.";
        password_hint: "15 caracteres o más. Varias palabras al azar son fáciles de recordar.",
            "15 characters or more. A few random words are easy to remember.";
        have_account: "¿Ya tienes cuenta?", "Already have an account?";
        form_errors: "Revisa los campos marcados.", "Check the marked fields.";
        email_invalid: "Escribe una dirección de correo completa.",
            "Write a complete e-mail address.";
        username_invalid: "Usa de 2 a 32 letras sin acento, números, punto, guion o guion bajo, \
            y empieza con una letra o un número.",
            "Use 2 to 32 letters without accents, digits, dot, hyphen or underscore, and begin \
            with a letter or a digit.";
        username_taken: "Ese nombre ya está en uso. Prueba con otro.",
            "That name is taken. Try another.";
        display_name_invalid: "Escribe un nombre de 1 a 80 caracteres.",
            "Write a name of 1 to 80 characters.";
        password_short: "Usa 15 caracteres o más. Una frase de varias palabras sirve muy bien.",
            "Use 15 characters or more. A phrase of several words works very well.";
        password_long: "Usa a lo más 256 caracteres.", "Use at most 256 characters.";
        password_common: "Es muy fácil de adivinar. Prueba con varias palabras al azar.",
            "It is too easy to guess. Try a few random words.";
        password_personal: "No uses tu nombre ni tu correo como contraseña.",
            "Do not use your name or your address as a password.";

        sent_title: "Revisa tu correo", "Check your mail";
        sent_text: "Enviamos un enlace a", "We sent a link to";
        sent_next: "Ábrelo en este navegador para continuar. Vence en 24 horas.",
            "Open it in this browser to go on. It expires in 24 hours.";
        sent_nothing: "¿No llegó? Revisa el correo no deseado o vuelve a crear la cuenta.",
            "Nothing arrived? Look in the spam folder, or create the account again.";
        development: "Modo de desarrollo", "Development mode";
        development_text: "Los correos quedan en la carpeta de datos y el enlace se muestra aquí.",
            "Mails stay in the data folder, and the link is shown here.";
        development_folder: "Los correos quedan en la carpeta «mail» de los datos, y el enlace se \
            muestra en la terminal.",
            "Mails stay in the folder “mail” of the data folder, and the link is shown in the \
            terminal.";
        open_link: "Abrir el enlace", "Open the link";

        verify_title: "Confirma tu correo", "Confirm your e-mail";
        verify_text: "Estás por activar esta cuenta. Si no la creaste tú, cierra esta página.",
            "You are about to activate this account. If you did not create it, close this page.";
        verify: "Confirmar y entrar", "Confirm and sign in";
        verify_elsewhere: "La cuenta se creó en otro navegador. Escribe la contraseña que se \
            eligió al crearla.",
            "The account was made in another browser. Type the password that was chosen there.";
        verify_same_browser: "La cuenta se creó en otro navegador, y solo allí se confirma. Abre \
            en él este enlace.",
            "The account was made in another browser, and is confirmed only there. Open this \
            link in it.";
        verify_wrong: "Esa no es la contraseña que se eligió al crear la cuenta.",
            "That is not the password that was chosen when the account was made.";
        verify_stranger: "¿No fuiste tú, o quieres empezar de nuevo?",
            "Was it not you, or do you want to begin anew?";
        verify_anew: "Crea tu cuenta con esta dirección y esta desaparece",
            "Create your own account with this address, and this one is gone";
        known_title: "Ya tienes una cuenta", "You already have an account";
        known_text: "Esta dirección de correo ya pertenece a una cuenta. Entra con ella, o cambia \
            la contraseña si la olvidaste.",
            "This e-mail address already belongs to an account. Sign in with it, or replace the \
            password if you forgot it.";
        link_over_title: "Este enlace ya no sirve", "This link no longer works";
        link_over_text: "Venció, ya se usó o le falta una parte. Pide uno nuevo.",
            "It expired, was used already, or a part of it is missing. Ask for a new one.";

        recover_title: "Cambia una contraseña olvidada", "Replace a forgotten password";
        recover_lead: "Escribe tu correo y te enviaremos un enlace. Sirve 30 minutos.",
            "Write your e-mail address and we will send you a link. It works for 30 minutes.";
        recover: "Enviar enlace", "Send link";
        recover_sent: "Si esa dirección tiene una cuenta, recibirá un enlace que sirve 30 minutos.",
            "If that address has an account, it will receive a link that works for 30 minutes.";
        back_to_sign_in: "Volver a entrar", "Back to sign in";
        reset_title: "Elige una contraseña nueva", "Choose a new password";
        reset_lead: "Al guardarla se cierran todas tus sesiones, en todos los equipos.",
            "Saving it ends all your sessions, on all devices.";
        new_password: "Contraseña nueva", "New password";
        save_password: "Guardar contraseña", "Save password";
        reset_done_title: "Tu contraseña cambió", "Your password is changed";
        reset_done_text: "Cerramos todas tus sesiones. Entra con la contraseña nueva.",
            "We ended all your sessions. Sign in with the new password.";

        account_title: "Tu cuenta", "Your account";
        profile: "Perfil", "Profile";
        save: "Guardar", "Save";
        saved: "Guardado.", "Saved.";
        change_password: "Cambiar contraseña", "Change password";
        change_password_text: "Al cambiarla se cierran tus otras sesiones.",
            "Changing it ends your other sessions.";
        current_password: "Contraseña actual", "Current password";
        current_wrong: "La contraseña actual no es correcta.",
            "The current password is not right.";
        password_changed: "Tu contraseña cambió y tus otras sesiones se cerraron.",
            "Your password is changed and your other sessions are ended.";
        sessions: "Sesiones", "Sessions";
        sessions_text: "Cierra la sesión en este y todos los demás equipos.",
            "End the session on this device and on all others.";
        sign_out_everywhere: "Cerrar todas las sesiones", "Sign out everywhere";
        sign_out: "Cerrar sesión", "Sign out";
        signed_out_title: "Cerraste la sesión", "You are signed out";
        signed_out_text: "Hasta pronto.", "See you soon.";
        signed_out_everywhere_text: "Cerramos todas tus sesiones, en todos los equipos.",
            "We ended all your sessions, on all devices.";
        session_over_title: "Tu sesión terminó", "Your session has ended";
        session_over_text: "No cambiamos nada. Entra otra vez.",
            "Nothing was changed. Sign in again.";
        back_to_chat: "Ir a Tertulia", "Go to Tertulia";
        role_owner: "Cuenta propietaria", "Owner";
        role_admin: "Administración", "Administrator";
        role_moderator: "Moderación", "Moderator";
        role_member: "Integrante", "Member";

        throttled_title: "Espera un momento", "Wait a moment";
        forged_title: "Este formulario venció", "This form expired";
        forged_text: "Vuelve a abrir la página e inténtalo otra vez. Hace falta aceptar cookies.",
            "Open the page again and try once more. Cookies must be allowed.";
        malformed_title: "No entendimos el formulario", "We did not understand the form";
        malformed_text: "Vuelve atrás e inténtalo otra vez.", "Go back and try once more.";
        not_found_title: "Aquí no hay nada", "There is nothing here";
        not_found_text: "La dirección no existe o ya no sirve.",
            "The address does not exist or no longer works.";
        busy_title: "Hay mucha gente entrando", "Many people are signing in";
        busy_text: "Inténtalo otra vez en unos segundos.", "Try again in a few seconds.";
        broken_title: "Algo falló de nuestro lado", "Something broke on our side";
        broken_text: "Inténtalo otra vez. Si se repite, avisa a quien administra Tertulia.",
            "Try again. If it happens again, tell whoever runs Tertulia.";
        wait_seconds: "Demasiados intentos. Vuelve a probar en {} s.",
            "Too many attempts. Try again in {} s.";
        wait_minutes: "Demasiados intentos. Vuelve a probar en {} min.",
            "Too many attempts. Try again in {} min.";

        mail_hello: "Hola, {}:", "Hello {},";
        mail_ignore: "Si no fuiste tú, no hagas nada.", "If this was not you, do nothing.";
        mail_verify_subject: "Confirma tu correo en Tertulia",
            "Confirm your e-mail address for Tertulia";
        mail_verify_text: "Abre este enlace para confirmar tu dirección. Vence en 24 horas.",
            "Open this link to confirm your address. It expires in 24 hours.";
        mail_known_subject: "Ya tienes una cuenta en Tertulia",
            "You already have a Tertulia account";
        mail_known_text: "Alguien quiso crear una cuenta con esta dirección, que ya tiene una. \
            Si fuiste tú, entra con ella o cambia la contraseña.",
            "Somebody tried to create an account with this address, which already has one. If it \
            was you, sign in with it or replace your password.";
        mail_known_action: "Ver opciones", "See what to do";
        mail_reset_subject: "Cambia tu contraseña de Tertulia", "Replace your Tertulia password";
        mail_reset_text: "Abre este enlace para elegir una contraseña nueva. Vence en 30 minutos.",
            "Open this link to choose a new password. It expires in 30 minutes.";
        mail_forced_text: "Quien administra Tertulia pide que elijas una contraseña nueva: la \
            anterior ya no sirve. Abre este enlace para elegirla. Vence en 24 horas.",
            "Whoever runs Tertulia asks you to choose a new password: the old one no longer works. \
            Open this link to choose it. It expires in 24 hours.";
        mail_invited_subject: "Tu cuenta de Tertulia", "Your Tertulia account";
        mail_invited_text: "Se creó una cuenta para ti. Abre este enlace para elegir tu contraseña \
            y activarla. Vence en 24 horas.",
            "An account was made for you. Open this link to choose your password and activate it. \
            It expires in 24 hours.";
        mail_changed_subject: "Tu contraseña de Tertulia cambió",
            "Your Tertulia password was changed";
        mail_changed_text: "La contraseña de tu cuenta acaba de cambiar y las demás sesiones se \
            cerraron. Si no fuiste tú, cámbiala por correo ahora mismo.",
            "The password of your account was just changed and other sessions were ended. If it \
            was not you, replace it by mail right now.";
    }
}

impl Words {
    /// How long to wait, in words.
    pub(crate) fn wait(&self, seconds: u64) -> String {
        match seconds {
            0..=90 => self.wait_seconds.replace("{}", &seconds.max(1).to_string()),
            more => self.wait_minutes.replace("{}", &more.div_ceil(60).to_string()),
        }
    }

    /// A role's name.
    pub(crate) fn role(&self, role: &str) -> &'static str {
        match role {
            "owner" => self.role_owner,
            "admin" => self.role_admin,
            "moderator" => self.role_moderator,
            _ => self.role_member,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Lang;

    #[test]
    fn a_long_wait_is_told_in_minutes() {
        let w = Words::of(Lang::En);
        assert!(w.wait(0).contains(" 1 s"), "{}", w.wait(0));
        assert!(w.wait(90).contains("90 s"));
        assert!(w.wait(91).contains("2 min"));
    }
}
