//! What the pages and mails about another address say.

crate::words! {
    pub(crate) struct AddressWords {
        title: "Cambiar tu correo", "Change your e-mail address";
        lead: "Tu dirección de ahora es", "Your address now is";
        explained: "Enviaremos un enlace a la dirección nueva y un aviso a la de ahora. Hasta que \
            abras el enlace no cambia nada; después volverás a entrar en todas partes.",
            "We will send a link to the new address and a notice to the present one. Nothing \
            changes until you open the link; after that you sign in again everywhere.";
        new_email: "Correo nuevo", "New e-mail address";
        new_hint: "Una dirección que solo tú leas.", "An address that nobody but you reads.";
        send: "Enviar el enlace", "Send the link";
        same: "Esa ya es tu dirección.", "That is your address already.";
        sent: "Enviamos un correo a la dirección nueva. El enlace vence en 24 horas.",
            "We sent a mail to the new address. The link expires in 24 hours.";
        confirm_title: "Confirma tu correo nuevo", "Confirm your new e-mail address";
        confirm_text: "Desde ahora los enlaces y códigos de esta cuenta irán a esta dirección, y \
            se cerrarán todas las sesiones.",
            "From now on links and codes of this account go to this address, and all sessions \
            are ended.";
        confirm: "Usar esta dirección", "Use this address";
        confirm_elsewhere: "Pediste el cambio en otro navegador: escribe la contraseña de la \
            cuenta.",
            "The change was asked for in another browser: type the password of the account.";
        confirm_signed_in: "Abre este enlace en el navegador en el que tienes abierta la cuenta.",
            "Open this link in the browser in which you are signed in.";
        taken: "Otra cuenta ya usa esta dirección. La tuya sigue como estaba.",
            "Another account uses this address now. Yours is as it was.";
        taken_title: "No se pudo cambiar", "It could not be changed";
        done_title: "Tu correo cambió", "Your e-mail address was changed";
        done_text: "Cerramos todas las sesiones. Entra de nuevo con tu contraseña de siempre.",
            "All sessions were ended. Sign in again with the password that you have.";
        undo_title: "Recupera tu cuenta", "Take your account back";
        undo_text: "La cuenta vuelve a esta dirección, se cierran todas las sesiones, se quitan \
            los segundos pasos y las cuentas vinculadas que se añadieron desde que se pidió el \
            cambio y eliges una contraseña nueva. Después mira en Seguridad si sobra algún segundo \
            paso.",
            "The account goes back to this address, all sessions are ended, second steps and \
            linked accounts that were added since the change was asked for are removed, and you \
            choose a new password. Then look in Security for second steps that are not yours.";
        undo_stop: "No se usará la dirección nueva, se cierran todas las sesiones, se quitan los \
            segundos pasos y las cuentas vinculadas que se añadieron desde que se pidió el cambio \
            y eliges una contraseña nueva. Después mira en Seguridad si sobra algún segundo paso.",
            "The new address will not be used, all sessions are ended, second steps and linked \
            accounts that were added since the change was asked for are removed, and you choose a \
            new password. Then look in Security for second steps that are not yours.";
        undo: "No fui yo: recuperar la cuenta", "It was not me: take the account back";
        mail_confirm_subject: "Confirma tu correo nuevo de Tertulia",
            "Confirm your new e-mail address for Tertulia";
        mail_confirm_text: "Alguien pidió que una cuenta de Tertulia use esta dirección. Si fuiste \
            tú, abre el enlace y confírmalo. Vence en 24 horas.",
            "Somebody asked for a Tertulia account to use this address. If it was you, open the \
            link and confirm. It expires in 24 hours.";
        mail_confirm_for_text: "Quien administra Tertulia pidió que tu cuenta use esta dirección. \
            Si la cuenta es tuya, abre el enlace y confírmalo. Vence en 24 horas.",
            "An administrator of Tertulia asked for your account to use this address. If the \
            account is yours, open the link and confirm. It expires in 24 hours.";
        mail_tried_subject: "Alguien quiso usar tu correo en Tertulia",
            "Somebody tried to use your e-mail address in Tertulia";
        mail_tried_text: "Alguien pidió que su cuenta de Tertulia use esta dirección, que ya es de \
            la tuya. Nada ha cambiado. Si fuiste tú, tienes dos cuentas: entra en la que usa esta \
            dirección.",
            "Somebody asked for their Tertulia account to use this address, which is your \
            account's. Nothing has changed. If it was you, you have two accounts: sign in to the \
            one with this address.";
        mail_asked_subject: "Se pidió cambiar tu correo de Tertulia",
            "A change of your Tertulia e-mail address was asked for";
        mail_asked_text: "Alguien que entró en tu cuenta pidió pasarla a {email}. Si fuiste tú, no \
            hagas nada. Si no, abre este enlace ahora mismo y recupera la cuenta.",
            "Somebody who is signed in to your account asked to move it to {email}. If it was \
            you, do nothing. If not, open this link right now and take the account back.";
        mail_asked_for_text: "Quien administra Tertulia pidió pasar tu cuenta a {email}. Si te \
            parece bien, no hagas nada aquí. Si no, abre este enlace y lo detienes.",
            "An administrator of Tertulia asked to move your account to {email}. If that is \
            fine, there is nothing to do here. If not, open this link to stop it.";
        mail_done_subject: "Tu correo de Tertulia cambió",
            "Your Tertulia e-mail address was changed";
        mail_done_text: "Tu cuenta usa ahora {email}, y esta dirección ya no sirve para entrar. Si \
            no fuiste tú, este enlace la recupera durante 7 días.",
            "Your account now uses {email}, and this address no longer opens it. If it was not \
            you, this link takes it back for 7 days.";
    }
}
