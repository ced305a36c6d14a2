//! What the pages and mails about passkeys say.

crate::words! {
    pub(crate) struct PasskeyWords {
        title: "Llave de acceso", "Passkey";
        lead: "Entra con tu huella, tu cara o tu PIN, sin contraseña. La llave queda en este \
            dispositivo, en tu gestor de contraseñas o en una llave de seguridad, y solo sirve \
            en este sitio.",
            "Sign in with your finger, your face or your PIN, without a password. The passkey \
            stays on this device, in your password manager or on a security key, and works on \
            this site only.";
        name: "Nombre", "Name";
        default_name: "Mi dispositivo", "My device";
        add: "Crear llave de acceso", "Make a passkey";
        without: "Este navegador no puede usar llaves de acceso, o tiene JavaScript apagado.",
            "This browser cannot use passkeys, or has JavaScript turned off.";
        sign_in: "Usar una llave de acceso", "Use a passkey";
        second_title: "Un paso más", "One more step";
        second_lead: "Confirma con tu llave de acceso que eres tú.",
            "Confirm with your passkey that it is you.";
        refused: "Esa llave de acceso no sirve aquí, o ya la quitaste. Entra de otra forma.",
            "That passkey does not work here, or you have removed it. Sign in another way.";
        refused_new: "El navegador no creó una llave de acceso que sirva aquí. Prueba otra vez.",
            "The browser did not make a passkey that works here. Try again.";
        blocked: "Esta cuenta está bloqueada.", "This account is blocked.";
        stale: "Pasó demasiado tiempo. Prueba otra vez.", "That took too long. Try again.";
        wait: "Demasiados intentos. Espera un poco y prueba otra vez.",
            "Too many attempts. Wait a little and try again.";
        known: "Ese dispositivo ya tiene una llave de acceso de esta cuenta.",
            "That device already has a passkey of this account.";
        too_many: "Esta cuenta ya tiene 20 llaves de acceso. Quita una antes de crear otra.",
            "This account has 20 passkeys already. Remove one before you make another.";
        cancelled: "No se usó ninguna llave de acceso.", "No passkey was used.";
        failed: "No pudimos hablar con el servidor. Prueba otra vez.",
            "We could not talk to the server. Try again.";
        mail_copy_subject: "Puede haber una copia de tu llave de acceso",
            "There may be a copy of your passkey";
        mail_copy_text: "Alguien usó una llave de acceso de tu cuenta con un contador que ya \
            habíamos visto. No la aceptamos. Si no tienes una copia de esa llave, quítala y \
            crea una nueva.",
            "Somebody used a passkey of your account with a count that we had seen before. We \
            did not accept it. If you have no copy of that passkey, remove it and make a new \
            one.";
    }
}
