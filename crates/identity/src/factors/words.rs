//! What the pages and mails about second factors say.

use super::Kind;

crate::words! {
    pub(crate) struct FactorWords {
        title: "Seguridad", "Security";
        lead: "Además de la contraseña, pide algo que solo tú tienes.",
            "Besides your password, ask for something that only you have.";
        factors_title: "Segundo paso", "Second step";
        none: "Tu cuenta se abre solo con la contraseña.",
            "Your account opens with the password alone.";
        passkey: "Llave de acceso", "Passkey";
        totp: "Aplicación de códigos", "Authenticator app";
        mail: "Código por correo", "Code by mail";
        sms: "Código por SMS", "Code by SMS";
        recovery: "Códigos de recuperación", "Recovery codes";
        added: "Desde", "Added";
        used: "Último uso", "Last used";
        never: "nunca", "never";
        name: "Nombre", "Name";
        rename: "Cambiar nombre", "Rename";
        remove: "Quitar", "Remove";
        renamed: "Nombre guardado.", "Name saved.";
        removed: "Quitado. Cerramos tus otras sesiones.",
            "Removed. We ended your other sessions.";
        add_title: "Añadir un segundo paso", "Add a second step";
        add_passkey: "Añadir llave de acceso", "Add a passkey";
        added_now: "Añadido.", "Added.";
        add_mail: "Añadir códigos por correo", "Add codes by mail";
        add_phone: "Añadir un teléfono", "Add a phone";
        weaker: "Los códigos por correo o SMS protegen menos que una llave de acceso o una \
            aplicación, y no bastan para administrar.",
            "Codes by mail or SMS protect less than a passkey or an app, and are not enough for \
            administrators.";
        prefer: "Pedir primero", "Ask for it first";
        preferred: "Se pide primero", "Asked for first";
        prefer_strongest: "Pedir primero el más seguro", "Ask for the strongest first";
        preferred_now: "Guardado: será lo primero que pidamos.",
            "Saved: we will ask for it first.";
        known: "Ya lo tenías, o no cabe otro: no añadimos nada.",
            "You had it already, or there is no room for another: nothing was added.";
        off: "Apagado por quien administra Tertulia", "Switched off by whoever runs Tertulia";
        add_totp: "Añadir aplicación de códigos", "Add an authenticator app";
        totp_title: "Aplicación de códigos", "Authenticator app";
        totp_lead: "Escanea esta imagen con tu aplicación (por ejemplo Aegis, 2FAS o Google \
            Authenticator) y escribe el código que muestra.",
            "Scan this picture with your app (for example Aegis, 2FAS or Google Authenticator) \
            and type the code that it shows.";
        qr: "Código QR con la clave", "QR code with the key";
        secret: "O escribe esta clave en la aplicación:", "Or type this key into the app:";
        totp_name: "Mi teléfono", "My phone";
        code: "Código de seis cifras", "Six-digit code";
        confirm: "Confirmar", "Confirm";
        wrong_code: "El código no es correcto, o ya se usó. Prueba con el siguiente.",
            "The code is not right, or was used already. Try the next one.";
        too_many_misses: "Hubo demasiados códigos equivocados. Usa un código de recuperación o una \
            llave de acceso, o habla con quien administra Tertulia.",
            "There were too many wrong codes. Use a recovery code or a passkey, or talk to \
            whoever runs Tertulia.";
        mail_guessed_subject: "Alguien sabe tu contraseña de Tertulia",
            "Somebody knows your Tertulia password";
        mail_guessed_text: "Alguien escribió tu contraseña y después diez códigos equivocados en \
            el segundo paso. Si no fuiste tú, cambia la contraseña ahora.",
            "Somebody typed your password and then ten wrong codes at the second step. If that \
            was not you, change your password now.";
        mail_guessed_out_text: "Alguien escribió tu contraseña y después cien códigos equivocados, \
            y ya no aceptamos ninguno. Cambia la contraseña, y entra con un código de \
            recuperación o una llave de acceso, o habla con quien administra Tertulia.",
            "Somebody typed your password and then a hundred wrong codes, and we take no more of \
            them. Change your password, and sign in with a recovery code or a passkey, or talk \
            to whoever runs Tertulia.";
        stale_setup: "Pasó demasiado tiempo. Escanea esta imagen nueva.",
            "That took too long. Scan this new picture.";
        recovery_title: "Códigos de recuperación", "Recovery codes";
        recovery_lead: "Guárdalos donde no se pierdan: no los volveremos a mostrar. Cada uno \
            abre tu cuenta una vez, con la contraseña, si te falta tu segundo paso.",
            "Keep them where they are not lost: we will not show them again. Each opens your \
            account once, together with the password, when you lack your second step.";
        recovery_new: "Crear códigos nuevos", "Make new codes";
        recovery_replaces: "Los códigos que tienes ahora dejan de servir.",
            "The codes that you have now stop working.";
        kept: "Ya los guardé", "I have kept them";
        second_title: "Un paso más", "One more step";
        second_totp: "Escribe el código que muestra tu aplicación de códigos.",
            "Type the code that your authenticator app shows.";
        second_recovery: "Escribe uno de tus códigos de recuperación. Sirve una sola vez.",
            "Type one of your recovery codes. It works once only.";
        recovery_code: "Código de recuperación", "Recovery code";
        instead: "Otra forma:", "Another way:";
        go_on: "Continuar", "Continue";
        mail_action: "Ver la seguridad de tu cuenta", "See your account's security";
        mail_added_subject: "Nuevo segundo paso en tu cuenta",
            "A new second step in your account";
        mail_added_text: "Se añadió a tu cuenta: {}. Si no fuiste tú, quítalo y cambia tu \
            contraseña ahora mismo.",
            "Added to your account: {}. If it was not you, remove it and replace your password \
            right now.";
        mail_removed_subject: "Se quitó un segundo paso de tu cuenta",
            "A second step was removed from your account";
        mail_removed_text: "Se quitó de tu cuenta: {}. Si no fuiste tú, cambia tu contraseña \
            ahora mismo.",
            "Removed from your account: {}. If it was not you, replace your password right now.";
        mail_removed_all_text: "Quien administra Tertulia quitó todos los segundos pasos de tu \
            cuenta. Si no se lo pediste, avísale y cambia tu contraseña ahora mismo.",
            "Whoever runs Tertulia removed all second steps from your account. If you did not \
            ask for it, tell them and replace your password right now.";
        mail_changed_subject: "Cambió un segundo paso de tu cuenta",
            "A second step of your account was changed";
        mail_renamed_text: "Tiene otro nombre en tu cuenta: {}. Si no fuiste tú, cambia tu \
            contraseña ahora mismo.",
            "Has another name in your account: {}. If it was not you, replace your password \
            right now.";
        mail_preferred_text: "Ahora se pide primero al entrar en tu cuenta: {}. Si no fuiste tú, \
            cambia tu contraseña ahora mismo.",
            "Is now asked for first when you sign in: {}. If it was not you, replace your \
            password right now.";
        mail_used_subject: "Se usó un código de recuperación",
            "A recovery code was used";
        mail_used_text: "Alguien entró en tu cuenta con: {}. Si no fuiste tú, cambia tu \
            contraseña ahora mismo.",
            "Somebody signed in to your account with: {}. If it was not you, replace your \
            password right now.";
    }
}

impl FactorWords {
    /// What a kind of factor is called.
    pub(crate) fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Passkey => self.passkey,
            Kind::Totp => self.totp,
            Kind::Mail => self.mail,
            Kind::Sms => self.sms,
            Kind::Recovery => self.recovery,
        }
    }
}
